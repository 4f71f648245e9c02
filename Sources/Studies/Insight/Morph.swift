public import Insight
public import Tensors

/// What must change in one input so that one network sees a class.
public struct Morph: Sendable, Hashable, Codable {
  /// The class that was to be seen.
  public let target: Int
  /// The largest Euclidean length of the large change, in the units of the data.
  public let budget: Double
  /// The nearest change that any of the searches found; `nil` if none did.
  public let least: Change?
  /// The change that makes the network surest within the budget; `nil` if none makes it see the class.
  public let large: Change?

  /// One verified change and what the network makes of it.
  public struct Change: Sendable, Hashable, Codable {
    /// The changed input.
    public let input: Tensor<Float>
    /// The search that found it.
    public let attack: String
    /// The Euclidean length of the change, in the units of the data.
    public let length: Double
    /// The largest change of any value.
    public let largest: Double
    /// The probability of the target.
    public let probability: Double
    /// What the network makes of the inputs on the straight way there.
    public let path: MorphPath
    /// What it makes of noise of the same L2 size, and of the same L-infinity size.
    public let noise: [ControlNoise]
  }

  /// The change that is drawn: the large one, or the least where there is no other.
  public var shown: Change? { large ?? least }
}

/// What must change in one input for one network, toward one class or several.
public struct NetworkMorphs: Sendable, Hashable, Codable {
  /// What the network is called.
  public let model: String
  /// The class that it sees on the input as it is.
  public let source: Int
  /// The probability of that class.
  public let probability: Double
  /// The changes toward each class, those left out that it sees already.
  public let morphs: [Morph]

  /// The changes toward a class.
  public subscript(target target: Int) -> Morph? { morphs.first { $0.target == target } }
}
