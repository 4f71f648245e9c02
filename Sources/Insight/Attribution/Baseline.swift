public import Tensors

/// What stands for "nothing" at an input: where a path begins, and what covers a part of it.
public enum Baseline: Sendable, Hashable {
  /// One number everywhere, in the units of the input.
  case constant(Double)
  /// The mean of the example itself, channel by channel; of other inputs than pictures the mean of all values.
  case mean
  /// The example blurred by a Gaussian of a standard deviation in pixels; for pictures.
  case blur(Double)

  /// What words mean: a number, `mean`, `blur` or `blur@SIGMA`; `nil` for others.
  public init?(_ words: String) {
    switch words {
    case "mean": self = .mean
    case "blur": self = .blur(Baseline.standardBlur)
    case _ where words.hasPrefix("blur@"):
      guard let sigma = Double(words.dropFirst(5)), 0.1...100 ~= sigma else { return nil }
      self = .blur(sigma)
    default:
      guard let value = Double(words), value.isFinite, Float(value).isFinite else { return nil }
      self = .constant(value)
    }
  }

  /// The words.
  public var words: String {
    switch self {
    case .constant(let value): value.description
    case .mean: "mean"
    case .blur(Baseline.standardBlur): "blur"
    case .blur(let sigma): "blur@\(sigma)"
    }
  }

  /// What words are expected.
  static let expectation = "a number, mean, blur or blur@SIGMA"

  private static let standardBlur = 10.0

  /// The baseline of an example.
  ///
  /// - Parameter input: C x H x W, or another shape.
  /// - Returns: In the same shape.
  /// - Throws: `AttributionError.needsPictures` for a blur of something else.
  public func values(for input: Tensor<Float>) throws(AttributionError) -> Tensor<Float> {
    switch self {
    case .constant(let value): return Tensor(repeating: Float(value), shape: input.shape)
    case .mean:
      let planes = PicturePlanes(input.shape)?.channels ?? 1
      let size = input.count / max(planes, 1)
      var result = input
      for plane in 0..<planes {
        let range = plane * size..<(plane + 1) * size
        let mean = input.scalars[range].reduce(0) { $0 + Double($1) } / Double(max(size, 1))
        for place in range { result[place] = Float(mean) }
      }
      return result
    case .blur(let sigma):
      guard let planes = PicturePlanes(input.shape) else {
        throw .needsPictures("the baseline \(words)", input.shape)
      }
      return planes.blurred(input, sigma: sigma)
    }
  }
}

/// The axes of a picture among inputs.
struct PicturePlanes: Sendable {
  let channels: Int
  let height: Int
  let width: Int

  /// C x H x W, or H x W; `nil` for other ranks.
  init?(_ shape: Shape) {
    switch shape.rank {
    case 3: (channels, height, width) = (shape[0], shape[1], shape[2])
    case 2: (channels, height, width) = (1, shape[0], shape[1])
    default: return nil
    }
  }

  /// Pixels of one plane.
  var area: Int { height * width }

  /// Each plane under a Gaussian window that ends at three standard deviations; what lies outside the picture
  /// is not there, so that a constant stays constant.
  func blurred(_ input: Tensor<Float>, sigma: Double) -> Tensor<Float> {
    let rows = PicturePlanes.weights(height, sigma)
    let columns = PicturePlanes.weights(width, sigma)
    var result = input
    var between = [Double](repeating: 0, count: area)
    for plane in 0..<channels {
      let start = plane * area
      for row in 0..<height {
        for column in 0..<width {
          between[row * width + column] = columns[column].reduce(0) {
            $0 + $1.weight * Double(input[start + row * width + $1.place])
          }
        }
      }
      for row in 0..<height {
        for column in 0..<width {
          result[start + row * width + column] = Float(
            rows[row].reduce(0) { $0 + $1.weight * between[$1.place * width + column] })
        }
      }
    }
    return result
  }

  private static func weights(
    _ count: Int, _ sigma: Double
  ) -> [[(place: Int, weight: Double)]] {
    let reach = max(1, Int((3 * sigma).rounded(.up)))
    return (0..<count).map { center in
      let places = max(0, center - reach)...min(count - 1, center + reach)
      let heights = places.map { place -> Double in
        let distance = Double(place - center) / sigma
        return Double.exp(-distance * distance / 2)
      }
      let sum = heights.reduce(0, +)
      return zip(places, heights).map { (place: $0, weight: $1 / sum) }
    }
  }
}
