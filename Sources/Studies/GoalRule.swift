package import Datasets
import Files
import Networks
import Reports
package import Robustness
import Settings
package import Tensors

/// What an attack is to bring about, as it is named on the command line.
package enum GoalRule: Hashable, Sendable, CustomStringConvertible {
  /// The label is missed: another class for several outputs, the other side of zero for a single one; where
  /// examples have several labels, at least one of them.
  case miss
  /// A number that a regression should give is missed by more than a distance; one of all outputs, or of one.
  case missBy(Double, output: Int?)
  /// A class is seen instead.
  case reach(Int)
  /// One of several yes-or-no decisions, an output each that decides at zero, is another than before.
  case decision
  /// An output of a regression becomes another number than before by more than a distance.
  case leave(Double, output: Int)

  /// What is understood, for messages.
  package static let forms =
    "miss, class:K, decision, or miss:DISTANCE and leave:DISTANCE (DISTANCE@OUTPUT for one output)"

  /// Reads what `--goal` says.
  ///
  /// - Throws: `StudyError`.
  package init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    switch (parts[0], parts.count) {
    case ("miss", 1): self = .miss
    case ("decision", 1): self = .decision
    case ("class", 2):
      guard let target = Int(parts[1]), target >= 0 else { throw GoalRule.notUnderstood(text) }
      self = .reach(target)
    case ("leave", 2):
      let (distance, output) = try GoalRule.distance(parts[1], text)
      self = .leave(distance, output: output ?? 0)
    case ("miss", 2):
      let (distance, output) = try GoalRule.distance(parts[1], text)
      self = .missBy(distance, output: output)
    default: throw GoalRule.notUnderstood(text)
    }
  }

  /// A positive distance, and the output that follows it, if any.
  private static func distance(
    _ part: Substring, _ text: String
  ) throws -> (distance: Double, output: Int?) {
    let words = part.split(separator: "@", omittingEmptySubsequences: false)
    guard let distance = Double(words[0]), distance > 0, distance.isFinite, words.count <= 2 else {
      throw notUnderstood(text)
    }
    guard words.count == 2 else { return (distance, nil) }
    guard let output = Int(words[1]), output >= 0 else { throw notUnderstood(text) }
    return (distance, output)
  }

  private static func notUnderstood(_ text: String) -> StudyError {
    let word = String(text.prefix { $0 != ":" })
    let near = word.suggestion(among: ["miss", "class", "decision", "leave"].filter { $0 != word })
    return StudyError("\(Setting.goal) is '\(text)'\(near); expected \(forms)")
  }

  /// The form on the command line.
  package var description: String {
    switch self {
    case .miss: "miss"
    case .reach(let target): "class:\(target)"
    case .decision: "decision"
    case .leave(let distance, let output):
      "leave:\(Format.shortest(distance))" + (output == 0 ? "" : "@\(output)")
    case .missBy(let distance, let output):
      "miss:\(Format.shortest(distance))" + (output.map { "@\($0)" } ?? "")
    }
  }

  /// The class that is to be seen, if there is one.
  package var target: Int? { if case .reach(let target) = self { target } else { nil } }

  /// Whether it is about the outputs as they were, whatever the label.
  package var ignoresLabels: Bool {
    switch self {
    case .miss, .reach, .missBy: false
    case .decision, .leave: true
    }
  }

  /// What an example that was broken suffered, for aims that are about the outputs as they were.
  package var change: String? {
    switch self {
    case .miss, .reach, .missBy: nil
    case .decision: "some decision is another than before"
    case .leave(let distance, let output):
      "output \(output) is more than \(distance) away from its clean value"
    }
  }

  /// Whether it is about one class of several, or one side of a single logit, for targets of a kind.
  package func isAboutClasses(_ kind: TargetKind) -> Bool {
    switch self {
    case .miss: kind == .classes
    case .reach: true
    case .decision, .leave, .missBy: false
    }
  }

  /// Whether it makes the model see a class, of which that can be more or less sure.
  var canBeSure: Bool {
    switch self {
    case .miss, .reach: true
    case .decision, .leave, .missBy: false
    }
  }

  /// What the targets of data have to be for it; `nil` where they may be anything.
  package var targets: TargetKind? {
    switch self {
    case .reach: .classes
    case .missBy: .numbers
    case .miss, .decision, .leave: nil
    }
  }

  /// Makes sure that the model has the outputs, and the data the targets, that are spoken of.
  ///
  /// - Throws: `StudyError`.
  package func check(_ data: Dataset, outputCount: Int) throws {
    if let targets, data.targetKind != targets {
      throw StudyError(
        "\(data.name): each example has \(data.targetKind.words), but \(Setting.goal) \(self) needs \(targets.words)"
          + data.targetsRemedy("\(Setting.targets) \(targets.rawValue) takes them as such"))
    }
    switch self {
    case .miss: try checkMiss(data, outputCount)
    case .reach(let target):
      let classes = max(2, outputCount)
      guard 0..<classes ~= target else {
        throw StudyError("\(Setting.target) is \(target); expected 0 to \(classes - 1)")
      }
    case .decision: break
    case .missBy(_, let output?), .leave(_, let output):
      guard output < outputCount else {
        throw StudyError(
          "\(Setting.goal) names output \(output), but the model has the outputs 0 to \(outputCount - 1)"
        )
      }
    case .missBy(_, nil): break
    }
  }

  /// Makes sure that a loss is defined for what is to be brought about, which `check` admits.
  ///
  /// - Parameters:
  ///   - loss: What an attack is to maximise.
  ///   - data: The examples; at least one.
  ///   - outputCount: The number of outputs.
  ///   - confidence: How sure the model must be of a class, if it must.
  /// - Throws: `StudyError` that names the option.
  package func check(
    _ loss: Loss, _ data: Dataset, outputCount: Int, confidence: Confidence? = nil
  ) throws {
    // Goals of one aim and data differ in numbers alone.
    var goal = goal(
      target: data.target(at: 0), outputs: .zeros([outputCount]), outputCount: outputCount)
    if let confidence { goal = try goal.exceeding(confidence) }
    do {
      _ = try loss.objective(for: goal, outputCount: outputCount)
    } catch {
      throw StudyError("\(Setting.objective) is \(loss.rawValue): \(error)")
    }
  }

  private func checkMiss(_ data: Dataset, _ outputCount: Int) throws {
    switch data.targetKind {
    case .numbers:
      throw StudyError(
        "\(data.name): each example has \(data.targetKind.words), so \(Setting.goal) is needed: \(Setting.goal)"
          + " miss:DISTANCE (or \(Setting.targets) classes, if the numbers are classes)"
      )
    case .multiLabel: break
    case .classes:
      if outputCount == 1, let label = data.labels.first(where: { !(0...1 ~= $0) }) {
        let countFromOne = data.labels.allSatisfy { 1...2 ~= $0 }
        throw StudyError(
          "\(data.name): the model has a single output (classes 0 and 1), but there is the label \(label)"
            + (countFromOne
              ? "; the labels seem to count from 1, expected them from 0 (y - 1)" : "")
            + "; a regression needs \(Setting.goal) leave:DISTANCE, or miss:DISTANCE with \(Setting.targets) numbers"
        )
      }
    }
  }

  /// The goal for an example, whose target is of a kind that `check` admits.
  ///
  /// - Parameters:
  ///   - target: What the example is known to be.
  ///   - outputs: What the model says of it as it is; needed where labels do not count.
  ///   - outputCount: The number of outputs.
  /// - Returns: The goal.
  package func goal(target: Target, outputs: Tensor<Float>?, outputCount: Int) -> Goal {
    switch (self, target) {
    case (.miss, .label(let label)):
      return outputCount == 1 ? .avoid(singleLogit: label) : .avoid(label)
    case (.miss, .labels(let labels)): return .avoid(multiLabel: labels)
    case (.reach(let target), _):
      return outputCount == 1 ? .reach(singleLogit: target) : .reach(target)
    case (.decision, _):
      return .avoid(multiLabel: (outputs?.scalars ?? []).map { $0 > 0 })
    case (.leave(let distance, let output), _):
      let value = Double(outputs?[output] ?? 0)
      return .leave(value - distance...value + distance, output: output)
    case (.missBy(let distance, let output), .numbers(let numbers)):
      let intervals = numbers.map { Double($0) - distance...Double($0) + distance }
      return output.map { .leave(intervals[$0], output: $0) } ?? .leave(anyOf: intervals)
    case (.miss, .numbers), (.missBy, .label), (.missBy, .labels):
      preconditionFailure("a goal without a target of its kind")
    }
  }

  /// What it is for an example to be right as it is, where that is about targets which are no classes; for people.
  package func rightMeans(_ kind: TargetKind) -> String? {
    switch self {
    case .miss where kind == .multiLabel: "every label is told rightly, yes above zero"
    case .missBy(let distance, nil):
      "every output is within \(Format.shortest(distance)) of its target"
    case .missBy(let distance, let output?):
      "output \(output) is within \(Format.shortest(distance)) of its target"
    case .miss, .reach, .decision, .leave: nil
    }
  }
}

extension Dataset {
  /// Makes sure that a model can be made to miss the class of each example.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - purpose: What needs classes, as the subject of "needs".
  /// - Throws: `StudyError`.
  package func checkClasses(missedBy model: Subject, for purpose: String) throws {
    try check(fits: model)
    try requireClasses(for: purpose)
    try GoalRule.miss.check(self, outputCount: model.outputCount)
  }

  /// Makes sure that each example has a class.
  ///
  /// - Parameter purpose: What needs it, as the subject of "needs".
  /// - Throws: `StudyError`.
  func requireClasses(for purpose: String) throws {
    guard targetKind != .classes else { return }
    throw StudyError(
      "\(name): each example has \(targetKind.words); \(purpose) needs one class for each"
        + (targetKind == .numbers
          ? ", whole numbers from 0 (\(Setting.targets) classes)"
          : targetsRemedy("\(Setting.targets) classes takes a single 1 among zeros as the class")))
  }
}

/// A class on the command line: its number, or its name.
package enum ClassName {
  /// The number of a class.
  ///
  /// A whole number is that number. A name is one of the model's, or of the data's if that names none;
  /// one of several synonyms, parted by commas as ImageNet's are, is enough if no other class has it.
  ///
  /// - Throws: `StudyError` that names the option.
  static func number(
    _ text: String, _ option: Setting, _ model: Subject, _ data: Dataset
  ) throws -> Int {
    if let number = Int(text) { return number }
    let names = model.input.classNames.isEmpty ? data.classNames : model.input.classNames
    let exact = names.indices.filter { names[$0] == text }
    if exact.count == 1 { return exact[0] }
    let places =
      !exact.isEmpty
      ? exact
      : names.indices.filter { place in
        names[place].split(separator: ",").contains {
          $0.trimmingPrefix(while: \.isWhitespace) == text
        }
      }
    guard let place = places.first else {
      let last = max(2, model.outputCount) - 1
      throw StudyError(
        "\(option) is '\(text)'\(text.suggestion(among: names)); expected 0 to \(last) or the name of a class (given"
          + " by \(Setting.labels) FILE)"
      )
    }
    guard places.count == 1 else {
      throw StudyError(
        "\(option) is '\(text)', the name of classes \(places.map(String.init).joined(separator: " and ")); expected"
          + " one of these numbers")
    }
    return place
  }
}
