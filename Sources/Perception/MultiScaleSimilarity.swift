public import Tensors

/// The structural similarity of two pictures at several scales (MS-SSIM), each half as large as the one before.
///
/// With the second factor of SSIM at each scale j but the coarsest, and SSIM itself at that,
///
///     MS-SSIM = product over j < M of contrast_j^w_j * SSIM_M^w_M
///
/// of each channel, and the mean over channels. Factors below zero count as zero. Pictures are halved by means of
/// 2 x 2 pixels; a last row or column without a partner stands for itself. The weights are those that Wang and others
/// measured for five scales, divided by their sum where fewer are asked for.
///
/// Wang, Simoncelli and Bovik, "Multiscale structural similarity for image quality assessment", 2003,
/// https://doi.org/10.1109/ACSSC.2003.1292216.
///
/// Cost: at most 4/3 of that of SSIM.
public struct MultiScaleSimilarity: Sendable, Hashable {
  /// The published weights, of the finest scale first.
  public static let weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]

  /// The number of scales, 1 to 5.
  public let scales: Int

  private static let single = StructuralSimilarity()

  /// Creates the measure.
  ///
  /// - Precondition: `scales` is in 1...5.
  public init(scales: Int = 5) {
    precondition(1...Self.weights.count ~= scales, "\(scales) scales; expected 1 to 5")
    self.scales = scales
  }

  /// The shorter side in pixels that so many scales need: 11 at the coarsest, hence 176 for five.
  public static func leastSide(scales: Int) -> Int { single.windowSize << (scales - 1) }

  /// The most scales that pictures have room for, up to five; 0 where not even one window fits in.
  public static func scales(forSide side: Int) -> Int {
    (1...weights.count).last { leastSide(scales: $0) <= side } ?? 0
  }

  /// Compares two pictures C x H x W of values in 0...1.
  ///
  /// - Throws: `PerceptionError` for what are no such pictures of one shape, and where they are too small.
  public func similarity(
    of first: Tensor<Float>, and second: Tensor<Float>
  ) throws(PerceptionError) -> Double {
    let pair = try PicturePair(first, second)
    let least = Self.leastSide(scales: scales)
    guard pair.side >= least else {
      throw .side(measure: "MS-SSIM of \(scales) scales", side: pair.side, least: least)
    }
    return similarity(pair)
  }

  func similarity(_ pair: PicturePair) -> Double {
    let sum = zip(pair.first, pair.second).reduce(0.0) { sum, planes in
      sum + channel(planes.0, planes.1, width: pair.width)
    }
    return sum / Double(pair.first.count)
  }

  private func channel(_ first: [Double], _ second: [Double], width: Int) -> Double {
    let total = Self.weights[..<scales].reduce(0, +)
    var (first, second, width) = (first, second, width)
    var product = 1.0
    for scale in 0..<scales {
      let terms = Self.single.terms(first, second, width: width)
      let factor = scale == scales - 1 ? terms.whole : terms.contrast
      product *= Double.pow(max(factor, 0), Self.weights[scale] / total)
      first = Self.halved(first, width: width)
      second = Self.halved(second, width: width)
      width = (width + 1) / 2
    }
    return product
  }

  private static func halved(_ values: [Double], width: Int) -> [Double] {
    let height = values.count / width
    let (rows, columns) = ((height + 1) / 2, (width + 1) / 2)
    var result: [Double] = []
    result.reserveCapacity(rows * columns)
    for row in 0..<rows {
      let (upper, lower) = (2 * row, min(2 * row + 1, height - 1))
      for column in 0..<columns {
        let (left, right) = (2 * column, min(2 * column + 1, width - 1))
        let above = values[upper * width + left] + values[upper * width + right]
        result.append((above + values[lower * width + left] + values[lower * width + right]) / 4)
      }
    }
    return result
  }
}
