public import Attacks
public import Models
public import Robustness

/// The attacks of an evaluation in turn, cheap ones first, each with its options.
///
///     let suite = try Suite.standard(.infinity, outputCount: 10)
///     let outcomes = try await shell.run(suite.stages, on: problems)
public struct Suite: Sendable {
  /// One attack of a suite.
  public struct Member: Sendable {
    /// The name of the stage, such as `apgd-ce`.
    public let name: String
    /// The attack.
    public let attack: any ConfigurableAttack
    /// The options that are told: those that are not the standard ones, and those that the evaluation prescribes.
    public let options: [String: String]

    /// Creates a member.
    ///
    /// - Parameters:
    ///   - name: The name of the stage.
    ///   - attack: The attack.
    ///   - stated: Options that are told although they have their standard values.
    public init(
      _ name: String, _ attack: any ConfigurableAttack, stating stated: Set<String> = []
    ) {
      self.name = name
      self.attack = attack
      options = Dictionary(
        uniqueKeysWithValues: attack.settings(stating: stated).map { ($0.name, $0.text) })
    }

    /// The name of the attack in the catalogue.
    public var attackName: String { type(of: attack).name }

    /// What it needs to know of the model.
    public var knowledge: Knowledge { type(of: attack).knowledge }

    /// The attack with its options, such as `apgd (steps 100, targets 9)`.
    public var description: String {
      let settings = options.sorted { $0.key < $1.key }.map { name, text in
        "\(name) \(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)"
      }
      return settings.isEmpty ? attackName : "\(attackName) (\(settings.joined(separator: ", ")))"
    }

    fileprivate var stage: Stage { Stage(attack, named: name) }
  }

  /// The attacks.
  public let members: [Member]

  /// The attacks as the runner runs them.
  public var stages: [Stage] { members.map(\.stage) }

  /// What differs from the published evaluation because there are few classes, in sentences.
  public let remarks: [String]

  /// Creates a suite of members with different names; at least one.
  ///
  /// - Throws: `SuiteError` if a name occurs twice or there is none; `AttackError` if an attack is not written for the
  ///   norm.
  public init(_ members: [Member], norm: Norm, remarks: [String] = []) throws {
    guard !members.isEmpty else { throw SuiteError.empty }
    for member in members {
      guard members.count(where: { $0.name == member.name }) == 1 else {
        throw SuiteError.twice(member.name)
      }
      let norms = type(of: member.attack).norms
      guard norms.contains(norm) else {
        throw AttackError.norm(norm, attack: member.attackName, known: norms)
      }
    }
    self.init(members: members, remarks: remarks)
  }

  /// The attacks that look for the nearest change, with one start towards each of the three nearest classes: what a curve
  /// over the radii needs, for it attacks below what these find until it fails.
  public var nearestStages: [Stage] {
    members.filter { type(of: $0.attack).search == .minimumNorm }.map { member in
      guard var fab = member.attack as? FAB else { return member.stage }
      fab.starts = 1
      if member.options["target-classes"] != nil { fab.targets = min(fab.targets, 3) }
      return Stage(fab, named: member.name)
    }
  }

  /// The names of the standard attacks in their order.
  public static let standardNames = ["apgd-ce", "apgd-t", "fab-t", "square"]

  /// The published standard evaluation: APGD on the cross-entropy, targeted APGD, targeted FAB and Square.
  ///
  /// APGD: 100 steps (L1: 5 attempts); APGD-T: targeted DLR, 100 steps towards each of the 9 nearest classes (L1: 5);
  /// FAB-T: 100 steps towards each of 9, with three starts but for L-infinity; Square: 5,000 queries. With fewer than ten
  /// classes the targets are all the others; with fewer than four targeted DLR is not defined, and the margin takes its
  /// place; with two, classes or sides of a single logit, there is one target.
  ///
  /// What would not get there in time is given up, but for L1: APGD-T's targets and Square where the loss would stay below
  /// zero though it grew four times as fast as of late (`Outlook`); in L-infinity FAB-T's targets whose first hyperplanes
  /// are all beyond twice the radius, or which would not be inside though they came nearer four times as fast. Of 10,000
  /// examples of a robust network no record changed, and half of the passes were saved.
  ///
  /// Croce and Hein, 2020, https://arxiv.org/abs/2003.01690; for L1 2021, https://arxiv.org/abs/2103.01208.
  ///
  /// - Parameters:
  ///   - norm: The norm.
  ///   - outputCount: The number of outputs of the model.
  ///   - knowledge: What the model reveals. Where that is too little for some of the attacks, they are left out; for
  ///     all of them, one that makes do with labels takes their place.
  ///   - names: Which of the attacks, by the names of stages, or other attacks of the catalogue with their standard
  ///     options, whatever they need.
  ///   - isExhaustive: Whether nothing is given up, so that every attack spends the whole of its published budget.
  /// - Returns: The suite.
  /// - Throws: `SuiteError.norm` for L0, which has no published evaluation, unless `names` are given.
  public static func standard(
    _ norm: Norm, outputCount: Int, knowledge: Knowledge = .gradients, names: [String]? = nil,
    isExhaustive: Bool = false
  ) throws -> Suite {
    if norm == .zero, names == nil { throw SuiteError.norm }
    let revealed = names == nil ? knowledge : .graph
    let classes = max(2, outputCount)
    let targets = min(9, classes - 1)
    let aimed = norm == .one ? min(5, targets) : targets
    let names = names ?? standardNames(norm, knowledge)
    let givesUp = norm != .one && !isExhaustive
    let members = try names.map { name in
      switch name {
      case "apgd-ce":
        Member(
          name, APGD { $0.restarts = norm == .one ? 5 : 1 }, stating: ["steps", "restarts"])
      case "apgd-t":
        Member(
          name,
          APGD {
            $0.loss = .dlr
            $0.targets = aimed
            $0.givesUp = givesUp
          }, stating: ["steps", "give-up"])
      case "fab-t":
        Member(
          name, fab(norm, targets: targets, isExhaustive),
          stating: ["steps", "target-classes"])
      case "square":
        Member(
          name, Square { $0.patience = givesUp ? 500 : 0 }, stating: ["queries", "patience"])
      default: try Suite.member(name)
      }
    }
    return try Suite(
      members, norm: norm, remarks: remarks(classes, names: names) + remarks(revealed, names))
  }

  /// An attack of the catalogue with its standard options.
  private static func member(_ name: String) throws(OptionError) -> Member {
    do {
      return Member(name, try Catalogue.row(named: name).attack())
    } catch {
      guard case .attack(_, let known) = error else { throw error }
      throw .attack(name, known: standardNames + known)
    }
  }

  /// The standard attacks that need no more than a model reveals, or what stands for them.
  public static func standardNames(_ norm: Norm, _ knowledge: Knowledge) -> [String] {
    switch (knowledge, norm) {
    case (.gradients, _), (.graph, _): standardNames
    case (.scores, _): ["square"]
    case (.labels, .infinity): ["rays"]
    case (.labels, .two): ["hop-skip-jump"]
    case (.labels, .one), (.labels, .zero): ["geoda"]
    }
  }

  /// The same suite with a further remark.
  public func remarking(_ remark: String) -> Suite {
    Suite(members: members, remarks: remarks + [remark])
  }

  private init(members: [Member], remarks: [String]) {
    self.members = members
    self.remarks = remarks
  }

  private static func remarks(_ knowledge: Knowledge, _ names: [String]) -> [String] {
    let name = names.joined(separator: ", ")
    return switch knowledge {
    case .gradients, .graph: []
    case .scores:
      ["the model reveals no gradients, so that of the standard attacks there is \(name) alone"]
    case .labels:
      ["the model reveals labels alone, so that \(name) takes the place of the standard attacks"]
    }
  }

  /// FAB as the evaluation has it: when it gives up a target, and how often it starts.
  ///
  /// In L-infinity what is saved costs nothing that was seen. In the other norms such limits lost one break in a
  /// hundred, and where gradients mislead its ways are chaotic: further starts find what the first may miss.
  private static func fab(_ norm: Norm, targets: Int, _ isExhaustive: Bool) -> FAB {
    FAB {
      $0.targets = targets
      if norm != .infinity { $0.starts = 3 }
      guard norm == .infinity, !isExhaustive else { return }
      $0.reach = 2
      $0.patience = 10
    }
  }

  private static func remarks(_ classes: Int, names: [String]) -> [String] {
    guard classes < 10, !Set(names).isDisjoint(with: ["apgd-t", "fab-t"]) else { return [] }
    var remarks = [
      "there are \(classes) classes, so that the targeted attacks aim at \(classes - 1) instead of 9"
    ]
    if classes < 4, names.contains("apgd-t") {
      remarks.append(
        "targeted DLR needs 4 classes; apgd-t maximises the difference of the two outputs instead")
    }
    return remarks
  }
}

/// Why there is no such evaluation.
public enum SuiteError: Error, Hashable, CustomStringConvertible {
  /// No attack.
  case empty
  /// One name for two attacks.
  case twice(String)
  /// A norm without a published evaluation.
  case norm

  /// One line that says what was given and what is expected.
  public var description: String {
    switch self {
    case .empty: "an evaluation without an attack; expected one at least"
    case .twice(let name): "the attack '\(name)' is named twice; expected different ones"
    case .norm:
      "l0 has no published standard evaluation; expected linf, l2 or l1, or attacks by name"
    }
  }
}
