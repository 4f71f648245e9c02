public import Corruptions
public import Tensors

/// How a network's examples are pictures of channels x height x width in 0...1, which corruptions change.
public struct PictureForm: Sendable, Hashable {
  /// Channels, height and width.
  public let shape: Shape
  private let exampleShape: Shape
  private let isChannelsLast: Bool
  private let lower: Float
  private let upper: Float

  /// The form of examples.
  ///
  /// - Parameters:
  ///   - exampleShape: The shape that the network takes: channels first or last, or rows of grey pictures.
  ///   - bounds: The range of its values, of which the ends are black and white.
  ///   - picture: The shape that the data have of themselves, where that is known.
  /// - Throws: `CorruptionError` for examples that are no pictures.
  public init(
    _ exampleShape: Shape, bounds: ClosedRange<Float>, picture: Shape? = nil
  ) throws(CorruptionError) {
    self.exampleShape = exampleShape
    (lower, upper) = (bounds.lowerBound, bounds.upperBound)
    let extents = exampleShape.extents
    let isPicture = { (channels: Int) in channels == 1 || channels == 3 }
    isChannelsLast = extents.count == 3 && !isPicture(extents[0]) && isPicture(extents[2])
    if isChannelsLast {
      shape = [extents[2], extents[0], extents[1]]
    } else if extents.count != 3, let picture, picture.rank == 3, picture[0] == 1,
      picture.count == exampleShape.count
    {
      // Grey pictures lie in rows as they are.
      shape = picture
    } else {
      shape = exampleShape
    }
    try CorruptionError.check(shape)
  }

  /// The picture of an example.
  public func picture(of input: Tensor<Float>) -> Tensor<Float> {
    var values = input.scalars
    if (lower, upper) != (0, 1) {
      values = values.map { min(max(($0 - lower) / (upper - lower), 0), 1) }
    }
    guard isChannelsLast else { return Tensor(values, shape: shape) }
    let (channels, area) = (shape[0], shape.pixelCount)
    return Tensor(
      (0..<values.count).map { values[$0 % area * channels + $0 / area] }, shape: shape)
  }

  /// The example of a picture.
  public func input(of picture: Tensor<Float>) -> Tensor<Float> {
    var values = picture.scalars
    if (lower, upper) != (0, 1) {
      values = values.map { min(lower + $0 * (upper - lower), upper) }
    }
    guard isChannelsLast else { return Tensor(values, shape: exampleShape) }
    let (channels, area) = (shape[0], shape.pixelCount)
    return Tensor(
      (0..<values.count).map { values[$0 % channels * area + $0 / channels] }, shape: exampleShape)
  }
}
