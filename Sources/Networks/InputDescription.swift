public import Tensors

/// What a network expects of its input, in the units of the data before any normalisation.
public struct InputDescription: Hashable, Sendable {
  /// Shape of one example, channels first.
  public let shape: Shape
  /// Smallest value of any coordinate.
  public let lowerBound: Float
  /// Largest value of any coordinate.
  public let upperBound: Float
  /// Mean per channel that the network itself subtracts; empty if it does not.
  public let mean: [Float]
  /// Standard deviation per channel by which the network itself divides; empty if it does not.
  public let standardDeviation: [Float]
  /// Names of the classes in the order of the outputs; empty if unknown.
  public let classNames: [String]

  /// Creates a description; values lie in [0, 1] unless said otherwise.
  public init(
    shape: Shape, lowerBound: Float = 0, upperBound: Float = 1, mean: [Float] = [],
    standardDeviation: [Float] = [], classNames: [String] = []
  ) {
    precondition(mean.count == standardDeviation.count, "a mean needs a standard deviation")
    self.shape = shape
    self.lowerBound = lowerBound
    self.upperBound = upperBound
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.classNames = classNames
  }

  /// 28 x 28 grey digits in [0, 1].
  public static let mnist = InputDescription(
    shape: [1, 28, 28], classNames: (0...9).map(String.init))

  /// 32 x 32 colour pictures of ten kinds of things in [0, 1] (Krizhevsky 2009).
  public static let cifar10 = InputDescription(
    shape: [3, 32, 32],
    classNames: [
      "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ])

  /// 224 x 224 colour pictures in [0, 1], normalised by the network as torchvision's are before it.
  public static let imageNet = InputDescription(
    shape: [3, 224, 224], mean: [0.485, 0.456, 0.406], standardDeviation: [0.229, 0.224, 0.225])
}
