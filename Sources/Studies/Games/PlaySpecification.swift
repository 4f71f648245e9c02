import Files
import Games
import Settings

/// All that is asked of a game: what can be written down and played again, here or elsewhere.
public struct PlaySpecification: Sendable, Hashable, Codable {
  /// The game's name; see `PlayCatalogue`.
  public var game: String
  /// A table of payoffs, or of people; what is built in if none is named.
  public var file: String?
  /// A table of the second player's payoffs, where one does not win what the other loses.
  public var second: String?
  /// Determines all random choices.
  public var seed: UInt64 = 0
  /// How many rounds, or steps of a solver; the game's own number by default.
  public var rounds: Int?
  /// The step size of solvers; the game's own by default.
  public var stepSize: Double?
  /// The costs of a game that has several.
  public var form: String?
  /// The column of a table that holds what is to be predicted.
  public var target: String?
  /// What the column says of those who are to be accepted.
  public var favorable: String?
  /// A table of what changes cost, with the columns feature, price and change.
  public var costs: String?
  /// How prices make a cost.
  public var costShape: String?
  /// What it is worth to be accepted.
  public var benefit: Double?
  /// The columns that people can change, joined by commas.
  public var strategic: String?
  /// How strongly people react, one course for each.
  public var strengths: [Double]?
  /// The weight of squared weights of a model.
  public var penalty: Double?
  /// How many words a spammer adds at most.
  public var words: Int?
  /// How many people at most are taken of the more frequent class.
  public var mostNegatives: Int?

  /// A game with its own settings.
  public init(game: String) { self.game = game }

  /// What is set, by its name.
  private var given: [(setting: Setting, isGiven: Bool)] {
    [
      (.second, second != nil), (.rounds, rounds != nil), (.stepSize, stepSize != nil),
      (.form, form != nil), (.target, target != nil), (.favorable, favorable != nil),
      (.costs, costs != nil), (.costShape, costShape != nil), (.benefit, benefit != nil),
      (.strategic, strategic != nil), (.strengths, strengths != nil), (.penalty, penalty != nil),
      (.mostNegatives, mostNegatives != nil), (.count, words != nil),
    ]
  }

  /// Makes sure that each part is right, before any file is read.
  ///
  /// - Returns: The row of the game.
  /// - Throws: `StudyError` that names what is not.
  package func check() throws -> PlayRow {
    let row = try PlayCatalogue.row(game)
    for (setting, isGiven) in given where isGiven && !row.settings.contains(setting) {
      let names = row.settings.map(\.description).joined(separator: ", ")
      throw StudyError(
        "\(setting): the game '\(game)' has no use for it; expected \(names.isEmpty ? "none" : names)"
      )
    }
    if let file, row.file == nil {
      throw StudyError("the game '\(game)' reads no file; expected none, not '\(file)'")
    }
    if let rounds, !(1...1_000_000 ~= rounds) {
      throw StudyError("\(Setting.rounds) is \(rounds); expected 1 to 1000000")
    }
    let amounts: [(Setting, Double?)] = [
      (.stepSize, stepSize), (.benefit, benefit), (.penalty, penalty),
    ]
    for (setting, amount) in amounts {
      if let amount, !(amount > 0 && amount.isFinite) {
        throw StudyError("\(setting) is \(amount.plain); expected a number above 0")
      }
    }
    if let stepSize, stepSize > 1e6 {
      throw StudyError("\(Setting.stepSize) is \(stepSize.plain); expected at most 1000000")
    }
    if let strengths {
      guard 1...6 ~= strengths.count, strengths.allSatisfy({ $0 > 0 && $0 <= 1e6 }) else {
        throw StudyError(
          "\(Setting.strengths): expected one to six numbers above 0 and at most 1000000")
      }
    }
    if let mostNegatives, mostNegatives < 1 {
      throw StudyError("\(Setting.mostNegatives) is \(mostNegatives); expected at least 1")
    }
    if let words, !(1...20 ~= words) {
      throw StudyError("\(Setting.count) is \(words); expected 1 to 20")
    }
    if let costShape { _ = try Self.shape(costShape) }
    if let form { _ = try Self.form(form) }
    for (setting, isGiven) in given where isGiven && file == nil {
      guard [.target, .favorable, .strategic, .mostNegatives, .costs].contains(setting) else {
        continue
      }
      throw StudyError("\(setting): the people that are built in have their own; expected a table")
    }
    return row
  }

  static func shape(_ name: String) throws -> CostShape {
    guard let shape = CostShape(rawValue: name) else {
      let names = CostShape.allCases.map(\.rawValue)
      throw StudyError(
        "\(Setting.costShape) is '\(name)'\(name.suggestion(among: names)); expected \(names.joined(separator: ", "))"
      )
    }
    return shape
  }

  static func form(_ name: String) throws -> DiracGAN {
    guard let form = DiracGAN(rawValue: name) else {
      let names = DiracGAN.allCases.map(\.rawValue)
      throw StudyError(
        "\(Setting.form) is '\(name)'\(name.suggestion(among: names)); expected \(names.joined(separator: ", "))"
      )
    }
    return form
  }
}

extension PlaySpecification: Specification {
  /// The same, for it holds no secrets.
  public var withoutSecrets: PlaySpecification { self }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case game, file, second, seed, rounds, stepSize, form, target, favorable, costs
    case costShape, benefit, strategic, strengths, penalty, mostNegatives, words
  }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not, or the one that is missing.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init(game: try members.text(.game))
    try members.read(.file, into: &file)
    try members.read(.second, into: &second)
    try members.read(.seed, into: &seed)
    try members.read(.rounds, into: &rounds)
    try members.read(.stepSize, into: &stepSize)
    try members.read(.form, into: &form)
    try members.read(.target, into: &target)
    try members.read(.favorable, into: &favorable)
    try members.read(.costs, into: &costs)
    try members.read(.costShape, into: &costShape)
    try members.read(.benefit, into: &benefit)
    try members.read(.strategic, into: &strategic)
    try members.read(.strengths, into: &strengths)
    try members.read(.penalty, into: &penalty)
    try members.read(.mostNegatives, into: &mostNegatives)
    try members.read(.words, into: &words)
  }
}
