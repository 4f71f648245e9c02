public import Tensors

/// What a network expects of its input, in the units of the data before any normalisation.
///
/// Examples reach a network as the data have them: channels first, in `lowerBound...upperBound`. What the network
/// was trained on instead, it makes of them itself, in this order: other units (`networkRange`), another order of the
/// channels, normalisation, channels last. So radii of threats are always in the units of the data.
public struct InputDescription: Hashable, Sendable {
  /// The order of an example's axes.
  public enum Layout: String, CaseIterable, Sendable {
    /// C x H x W, as PyTorch has it.
    case channelsFirst = "nchw"
    /// H x W x C, as TensorFlow has it.
    case channelsLast = "nhwc"
  }

  /// The order of three colour channels.
  public enum ChannelOrder: String, CaseIterable, Sendable {
    /// Red first, as data have them.
    case rgb
    /// Blue first, as OpenCV and Caffe have them.
    case bgr
  }

  /// Shape of one example, channels first.
  public let shape: Shape
  /// Smallest value of any coordinate.
  public let lowerBound: Float
  /// Largest value of any coordinate.
  public let upperBound: Float
  /// What the network makes of `lowerBound...upperBound` before all else, such as 0...255; `nil` if it does not.
  public let networkRange: ClosedRange<Float>?
  /// Mean per channel that the network itself subtracts, in units of its range; empty if it does not.
  public let mean: [Float]
  /// Standard deviation per channel by which the network itself divides; empty if it does not.
  public let standardDeviation: [Float]
  /// The order of axes that the network's layers take.
  public let layout: Layout
  /// The order of channels that the network's layers take.
  public let channelOrder: ChannelOrder
  /// Names of the classes in the order of the outputs; empty if unknown.
  public let classNames: [String]

  /// Creates a description; values lie in [0, 1] unless said otherwise.
  public init(
    shape: Shape, lowerBound: Float = 0, upperBound: Float = 1,
    networkRange: ClosedRange<Float>? = nil, mean: [Float] = [], standardDeviation: [Float] = [],
    layout: Layout = .channelsFirst, channelOrder: ChannelOrder = .rgb, classNames: [String] = []
  ) {
    precondition(mean.count == standardDeviation.count, "a mean needs a standard deviation")
    self.shape = shape
    self.lowerBound = lowerBound
    self.upperBound = upperBound
    self.networkRange = networkRange
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.layout = layout
    self.channelOrder = channelOrder
    self.classNames = classNames
  }

  /// The values that any coordinate may have.
  public var bounds: ClosedRange<Float> { lowerBound...upperBound }

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

  /// The same but for the names of the classes.
  public func naming(_ classNames: [String]) -> InputDescription {
    InputDescription(
      shape: shape, lowerBound: lowerBound, upperBound: upperBound, networkRange: networkRange,
      mean: mean, standardDeviation: standardDeviation, layout: layout, channelOrder: channelOrder,
      classNames: classNames)
  }
}
