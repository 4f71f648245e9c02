import Models
import Tensors

// What attacks come to can be written down and read again by any encoder and decoder; names are those that records have for
// the same things.

extension Outcome: Codable {
  private enum CodingKeys: String, CodingKey {
    case index, label, prediction
    case cleanMargin = "clean_margin"
    case margin
    case adversarialExample = "adversarial_example"
    case lessSure = "less_sure"
    case alternative, nearest, passes
    case stagePasses = "stage_passes"
    case failure
  }

  /// Reads an outcome.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      index: try container.decode(Int.self, forKey: .index),
      label: try container.decodeIfPresent(Int.self, forKey: .label),
      prediction: try container.decodeIfPresent(Int.self, forKey: .prediction),
      cleanMargin: try container.number(forKey: .cleanMargin),
      margin: try container.number(forKey: .margin),
      adversarialExample: try container.decodeIfPresent(
        AdversarialExample.self, forKey: .adversarialExample),
      lessSure: try container.decodeIfPresent(AdversarialExample.self, forKey: .lessSure),
      alternative: try container.decodeIfPresent(Int.self, forKey: .alternative),
      nearest: try container.decodeIfPresent(AdversarialExample.self, forKey: .nearest),
      passes: try container.decode(Passes.self, forKey: .passes),
      stagePasses: try container.decode([Passes].self, forKey: .stagePasses),
      failure: try container.decodeIfPresent(Failure.self, forKey: .failure))
  }

  /// Writes the outcome; margins that are not finite are words.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(index, forKey: .index)
    try container.encodeIfPresent(label, forKey: .label)
    try container.encodeIfPresent(prediction, forKey: .prediction)
    try container.encode(number: cleanMargin, forKey: .cleanMargin)
    try container.encode(number: margin, forKey: .margin)
    try container.encodeIfPresent(adversarialExample, forKey: .adversarialExample)
    try container.encodeIfPresent(lessSure, forKey: .lessSure)
    try container.encodeIfPresent(alternative, forKey: .alternative)
    try container.encodeIfPresent(nearest, forKey: .nearest)
    try container.encode(passes, forKey: .passes)
    try container.encode(stagePasses, forKey: .stagePasses)
    try container.encodeIfPresent(failure, forKey: .failure)
  }
}

extension AdversarialExample: Codable {
  private enum CodingKeys: String, CodingKey {
    case parameters, input, margin, rounding, prediction, distance, attack, restart, passes
    case hash = "witness"
  }

  /// Reads an adversarial example.
  ///
  /// - Throws: What the decoder throws; `DecodingError` where the digest is not that of the input.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let input = try container.decode(Tensor<Float>.self, forKey: .input)
    self.init(
      z: try container.decodeIfPresent(Tensor<Float>.self, forKey: .parameters) ?? input,
      input: input, margin: try container.number(forKey: .margin),
      rounding: try container.decode(Rounding.self, forKey: .rounding),
      prediction: try container.decodeIfPresent(Int.self, forKey: .prediction),
      distance: try container.number(forKey: .distance),
      attack: try container.decode(String.self, forKey: .attack),
      restart: try container.decode(Int.self, forKey: .restart),
      passes: try container.decode(Passes.self, forKey: .passes))
    let digest = try container.decode(String.self, forKey: .hash)
    guard digest == hash else {
      throw DecodingError.dataCorruptedError(
        forKey: .hash, in: container, debugDescription: "is not the digest of the input")
    }
  }

  /// Writes the adversarial example; the parameters only where they are not the input itself.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(z == input ? nil : z, forKey: .parameters)
    try container.encode(input, forKey: .input)
    try container.encode(number: margin, forKey: .margin)
    try container.encode(rounding, forKey: .rounding)
    try container.encodeIfPresent(prediction, forKey: .prediction)
    try container.encode(number: distance, forKey: .distance)
    try container.encode(attack, forKey: .attack)
    try container.encode(restart, forKey: .restart)
    try container.encode(passes, forKey: .passes)
    try container.encode(hash, forKey: .hash)
  }
}

extension Rounding: Codable {
  private enum CodingKeys: String, CodingKey {
    case check
    case margin = "margin_float64"
    case difference
  }

  private enum Check: String, Codable {
    case clear, verified
    case unverified = "not verified"
  }

  /// Reads the object that records have.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(Check.self, forKey: .check) {
    case .clear: self = .clear
    case .unverified: self = .unverified
    case .verified:
      self = .verified(
        margin: try container.number(forKey: .margin),
        difference: try container.number(forKey: .difference))
    }
  }

  /// Writes the object that records have.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .clear: try container.encode(Check.clear, forKey: .check)
    case .unverified: try container.encode(Check.unverified, forKey: .check)
    case .verified(let margin, let difference):
      try container.encode(Check.verified, forKey: .check)
      try container.encode(number: margin, forKey: .margin)
      try container.encode(number: difference, forKey: .difference)
    }
  }
}

extension Failure: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, error, budget, knowledge, given, expected
  }

  private enum Kind: String, Codable {
    case threw, stalled, outside
    case overBudget = "over_budget"
    case notRevealed = "not_revealed"
    case notANumber = "not_a_number"
    case wrongShape = "wrong_shape"
    case notAttempted = "not_attempted"
  }

  /// Reads the kind of failure and what belongs to it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self =
      switch try container.decode(Kind.self, forKey: .kind) {
      case .threw: .threw(try container.decode(String.self, forKey: .error))
      case .stalled: .stalled
      case .overBudget: .overBudget(try container.decode(Passes.self, forKey: .budget))
      case .notRevealed:
        .notRevealed(try container.decode(Knowledge.self, forKey: .knowledge))
      case .notANumber: .notANumber
      case .wrongShape:
        .wrongShape(
          given: try container.decode(Shape.self, forKey: .given),
          expected: try container.decode(Shape.self, forKey: .expected))
      case .outside: .outside
      case .notAttempted: .notAttempted
      }
  }

  /// Writes the kind of failure and what belongs to it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    func write(_ kind: Kind) throws { try container.encode(kind, forKey: .kind) }
    switch self {
    case .threw(let error):
      try write(.threw)
      try container.encode(error, forKey: .error)
    case .stalled: try write(.stalled)
    case .overBudget(let budget):
      try write(.overBudget)
      try container.encode(budget, forKey: .budget)
    case .notRevealed(let knowledge):
      try write(.notRevealed)
      try container.encode(knowledge, forKey: .knowledge)
    case .notANumber: try write(.notANumber)
    case .wrongShape(let given, let expected):
      try write(.wrongShape)
      try container.encode(given, forKey: .given)
      try container.encode(expected, forKey: .expected)
    case .outside: try write(.outside)
    case .notAttempted: try write(.notAttempted)
    }
  }
}
