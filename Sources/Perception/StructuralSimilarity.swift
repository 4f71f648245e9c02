public import Tensors

/// The structural similarity of two pictures (SSIM): how alike their means, contrasts and patterns are in small windows.
///
/// In each window that lies in the picture whole, with means m, variances v and covariance c of both,
///
///     SSIM = (2 m1 m2 + C1) / (m1^2 + m2^2 + C1) * (2 c + C2) / (v1 + v2 + C2)
///
/// with C1 = K1^2 and C2 = K2^2 for values in 0...1; the mean over windows and channels is 1 for equal pictures and
/// at least -1. The standard options are the paper's, which scikit-image's `structural_similarity` has as
/// `gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1`.
///
/// Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural similarity",
/// 2004, https://doi.org/10.1109/TIP.2003.819861.
///
/// Cost: ten passes of a window along rows and columns for each channel.
public struct StructuralSimilarity: Sendable, Hashable {
  /// How the pixels of a window count.
  public enum Window: Sendable, Hashable {
    /// By a Gaussian with a standard deviation in pixels, out to 3.5 of them: 11 by 11 pixels for 1.5.
    case gaussian(deviation: Double)
    /// All alike, within an odd number of pixels along each axis.
    case uniform(size: Int)
  }

  /// The window.
  public var window = Window.gaussian(deviation: 1.5)
  /// K1, which keeps the ratio of means from small denominators.
  public var k1 = 0.01
  /// K2, which does so for the ratio of variances.
  public var k2 = 0.03
  /// Whether variances are those of samples, N / (N - 1) times as large, as in scikit-image's standard options.
  public var usesSampleCovariance = false

  /// Creates the measure with the paper's options.
  public init() {}

  /// The pixels along each axis of a window.
  public var windowSize: Int {
    switch window {
    case .gaussian(let deviation): 2 * Int(3.5 * deviation + 0.5) + 1
    case .uniform(let size): size
    }
  }

  /// Compares two pictures C x H x W of values in 0...1.
  ///
  /// - Throws: `PerceptionError` for what are no such pictures of one shape, and where no window fits in.
  public func similarity(
    of first: Tensor<Float>, and second: Tensor<Float>
  ) throws(PerceptionError) -> Double {
    let pair = try PicturePair(first, second)
    guard pair.side >= windowSize else {
      throw .side(measure: "SSIM", side: pair.side, least: windowSize)
    }
    return similarity(pair)
  }

  /// The mean over channels of pictures that a window fits in.
  func similarity(_ pair: PicturePair) -> Double {
    let sum = zip(pair.first, pair.second).reduce(0.0) { sum, planes in
      sum + terms(planes.0, planes.1, width: pair.width).whole
    }
    return sum / Double(pair.first.count)
  }

  /// The means over the windows of a channel: of SSIM, and of its second factor, which leaves the means out.
  func terms(
    _ first: [Double], _ second: [Double], width: Int
  ) -> (whole: Double, contrast: Double) {
    let filter = SeparableFilter(weights)
    func means(_ values: [Double]) -> [Double] { filter.filtered(values, width: width) }
    let (m1, m2) = (means(first), means(second))
    let squares = (
      means(zip(first, first).map { $0 * $1 }), means(zip(second, second).map { $0 * $1 })
    )
    let products = means(zip(first, second).map { $0 * $1 })
    let count = Double(windowSize * windowSize)
    let scale = usesSampleCovariance ? count / (count - 1) : 1
    let (c1, c2) = (k1 * k1, k2 * k2)
    var (whole, contrast) = (0.0, 0.0)
    for place in m1.indices {
      let v1 = scale * (squares.0[place] - m1[place] * m1[place])
      let v2 = scale * (squares.1[place] - m2[place] * m2[place])
      let covariance = scale * (products[place] - m1[place] * m2[place])
      let second = (2 * covariance + c2) / (v1 + v2 + c2)
      let means = m1[place] * m1[place] + m2[place] * m2[place] + c1
      whole += (2 * m1[place] * m2[place] + c1) / means * second
      contrast += second
    }
    return (whole / Double(m1.count), contrast / Double(m1.count))
  }

  /// How much the pixels along an axis of the window count; 1 in all.
  private var weights: [Double] {
    switch window {
    case .uniform(let size): return Array(repeating: 1 / Double(size), count: size)
    case .gaussian(let deviation):
      let radius = windowSize / 2
      let bells = (-radius...radius).map { place in
        Double.exp(-Double(place * place) / (2 * deviation * deviation))
      }
      let sum = bells.reduce(0, +)
      return bells.map { $0 / sum }
    }
  }
}

/// Weighted sums over the windows that lie in a picture whole, first along rows and then along columns.
struct SeparableFilter {
  let weights: [Double]

  init(_ weights: [Double]) { self.weights = weights }

  /// The sums, in a picture that is narrower and lower by the number of weights less one.
  func filtered(_ values: [Double], width: Int) -> [Double] {
    let height = values.count / width
    let (columns, rows) = (width - weights.count + 1, height - weights.count + 1)
    var across = [Double](repeating: 0, count: height * columns)
    for row in 0..<height {
      for column in 0..<columns {
        var sum = 0.0
        for (place, weight) in weights.enumerated() {
          sum += weight * values[row * width + column + place]
        }
        across[row * columns + column] = sum
      }
    }
    var result = [Double](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = 0.0
        for (place, weight) in weights.enumerated() {
          sum += weight * across[(row + place) * columns + column]
        }
        result[row * columns + column] = sum
      }
    }
    return result
  }
}
