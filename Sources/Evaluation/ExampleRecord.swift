public import Robustness
public import Tensors

/// What an evaluation says of one example; it can be stored and read again.
public struct ExampleRecord: Sendable, Hashable {
  /// A verified change that breaks an example.
  public struct Break: Sendable, Hashable {
    /// The changed input.
    public let input: Tensor<Float>
    /// Its name; see `AdversarialExample.hash`.
    public let hash: String
    /// The margin of the goal there.
    public let margin: Double
    /// What other ways to compute the model say of that.
    public let rounding: Rounding
    /// The label that the model gives it.
    public let prediction: Int?
    /// Its distance in the threat's norm.
    public let distance: Double
    /// The name of the stage that found it.
    public let attack: String
    /// The attempt that found it, from 0.
    public let restart: Int

    /// Creates a break from stored parts; the hash is computed.
    public init(
      input: Tensor<Float>, margin: Double, rounding: Rounding, prediction: Int?, distance: Double,
      attack: String, restart: Int
    ) {
      self.input = input
      hash = AdversarialExample.hash(of: input)
      self.margin = margin
      self.rounding = rounding
      self.prediction = prediction
      self.distance = distance
      self.attack = attack
      self.restart = restart
    }

    init(_ adversarialExample: AdversarialExample) {
      input = adversarialExample.input
      hash = adversarialExample.hash
      margin = adversarialExample.margin
      rounding = adversarialExample.rounding
      prediction = adversarialExample.prediction
      distance = adversarialExample.distance
      attack = adversarialExample.attack
      restart = adversarialExample.restart
    }
  }

  /// The position of the example in its data set.
  public var index: Int
  /// The true class.
  public var label: Int
  /// The label that the model gives the example as it is; `nil` for NaN.
  public var prediction: Int?
  /// The margin of the goal at the example as it is.
  public var cleanMargin: Double
  /// The largest margin seen inside the threat.
  public var margin: Double
  /// What breaks it; `nil` if nothing was found or needed.
  public var adversarialExample: Break?
  /// The distance of the nearest verified change that breaks it, inside the threat or not, where one was looked for.
  public var nearest: Double?
  /// The passes spent.
  public var passes: Passes
  /// The passes of each stage.
  public var stagePasses: [Passes]
  /// Why an attack did not finish.
  public var failure: String?

  /// Creates a record from stored parts.
  public init(
    index: Int, label: Int, prediction: Int?, cleanMargin: Double, margin: Double,
    adversarialExample: Break?,
    nearest: Double?, passes: Passes, stagePasses: [Passes], failure: String?
  ) {
    self.index = index
    self.label = label
    self.prediction = prediction
    self.cleanMargin = cleanMargin
    self.margin = margin
    self.adversarialExample = adversarialExample
    self.nearest = nearest
    self.passes = passes
    self.stagePasses = stagePasses
    self.failure = failure
  }

  /// Takes over what the runner reports.
  public init(_ outcome: Outcome, label: Int) {
    self.init(
      index: outcome.index, label: label, prediction: outcome.prediction,
      cleanMargin: outcome.cleanMargin, margin: outcome.margin,
      adversarialExample: outcome.adversarialExample.map { Break($0) },
      nearest: outcome.nearest?.distance,
      passes: outcome.passes, stagePasses: outcome.stagePasses,
      failure: outcome.failure.map { "\($0)" })
  }

  /// Whether the example is classified correctly as it is.
  public var isRight: Bool { prediction == label && cleanMargin <= 0 }

  /// Whether it is classified correctly and was not broken.
  public var isRobust: Bool { isRight && adversarialExample == nil }
}

extension ExampleRecord: Codable {
  private enum CodingKeys: String, CodingKey {
    case index, label, prediction
    case cleanMargin = "clean_margin"
    case margin
    case adversarialExample = "adversarial_example"
    case nearest, passes
    case stagePasses = "stage_passes"
    case failure
  }

  /// Reads a record.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      index: try container.decode(Int.self, forKey: .index),
      label: try container.decode(Int.self, forKey: .label),
      prediction: try container.decodeIfPresent(Int.self, forKey: .prediction),
      cleanMargin: try container.number(forKey: .cleanMargin),
      margin: try container.number(forKey: .margin),
      adversarialExample: try container.decodeIfPresent(Break.self, forKey: .adversarialExample),
      nearest: try container.numberIfPresent(forKey: .nearest),
      passes: try container.decode(Passes.self, forKey: .passes),
      stagePasses: try container.decode([Passes].self, forKey: .stagePasses),
      failure: try container.decodeIfPresent(String.self, forKey: .failure))
  }

  /// Writes the record; margins that are not finite are words.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(index, forKey: .index)
    try container.encode(label, forKey: .label)
    try container.encodeIfPresent(prediction, forKey: .prediction)
    try container.encode(number: cleanMargin, forKey: .cleanMargin)
    try container.encode(number: margin, forKey: .margin)
    try container.encodeIfPresent(adversarialExample, forKey: .adversarialExample)
    try container.encode(numberIfPresent: nearest, forKey: .nearest)
    try container.encode(passes, forKey: .passes)
    try container.encode(stagePasses, forKey: .stagePasses)
    try container.encodeIfPresent(failure, forKey: .failure)
  }
}

extension ExampleRecord.Break: Codable {
  private enum CodingKeys: String, CodingKey {
    case input, margin, rounding, prediction, distance, attack, restart
    case hash = "witness"
  }

  /// Reads a break.
  ///
  /// - Throws: What the decoder throws; `DecodingError` where the digest is not that of the input.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      input: try container.decode(Tensor<Float>.self, forKey: .input),
      margin: try container.number(forKey: .margin),
      rounding: try container.decode(Rounding.self, forKey: .rounding),
      prediction: try container.decodeIfPresent(Int.self, forKey: .prediction),
      distance: try container.number(forKey: .distance),
      attack: try container.decode(String.self, forKey: .attack),
      restart: try container.decode(Int.self, forKey: .restart))
    let digest = try container.decode(String.self, forKey: .hash)
    guard digest == hash else {
      throw DecodingError.dataCorruptedError(
        forKey: .hash, in: container, debugDescription: "is not the digest of the input")
    }
  }

  /// Writes the break.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(input, forKey: .input)
    try container.encode(number: margin, forKey: .margin)
    try container.encode(rounding, forKey: .rounding)
    try container.encodeIfPresent(prediction, forKey: .prediction)
    try container.encode(number: distance, forKey: .distance)
    try container.encode(attack, forKey: .attack)
    try container.encode(restart, forKey: .restart)
    try container.encode(hash, forKey: .hash)
  }
}
