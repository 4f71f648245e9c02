public import Models
import Robustness
import Tensors

/// What the score loses where a window of the input is covered.
///
/// The window slides over height and width of pictures, all channels at once, and over the values of other inputs;
/// the last position reaches beyond the edge where steps leave a rest. A value's number is the mean over the
/// windows that cover it of f(x) - f(x covered). Zeiler and Fergus, "Visualizing and understanding convolutional
/// networks", 2014, https://arxiv.org/abs/1311.2901.
///
/// Cost: a forward pass for each position of the window. With a window of one value it is exact on linear models.
public struct Occlusion: AttributionMethod {
  /// The name on the command line.
  public static let name = "occlusion"
  /// It asks for outputs alone.
  public static let knowledge = Knowledge.scores
  /// All.
  public static let scores = ClassScore.allCases

  /// The side of the window; 0 for an eighth of the shorter side, at least 1, and 1 for inputs that are no pictures.
  public var window = 0
  /// The step between positions; 0 for half of the window, at least 1.
  public var stride = 0
  /// What the window is filled with.
  public var baseline = Baseline.constant(0)

  /// The options.
  public static let options: [AttributionOption<Self>] = [
    .integer(
      "window", \.window, 0...100_000,
      "side of the window; 0 for an eighth of the shorter side, or one column"),
    .integer("stride", \.stride, 0...100_000, "step between positions; 0 for half of the window"),
    .baseline(\.baseline),
  ]

  /// Parts of the score, though they need not add up to it.
  public var unit: Attribution.Unit { .score }

  /// Creates the method.
  public init() {}

  /// The losses.
  public func findings(
    for request: AttributionRequest, of score: ClassScore
  ) async throws -> [AttributionFinding] {
    let axes = PicturePlanes(request.shape)
    let (height, width) = axes.map { ($0.height, $0.width) } ?? (1, request.shape.count)
    let side = window > 0 ? window : axes.map { max(1, min($0.height, $0.width) / 8) } ?? 1
    let step = stride > 0 ? stride : max(1, side / 2)
    let places = Self.starts(height, side, step).flatMap { row in
      Self.starts(width, side, step).map { (row: row, column: $0) }
    }
    let area = height * width
    let planes = request.shape.count / max(area, 1)
    /// The positions of a plane that a window covers.
    func covered(_ place: (row: Int, column: Int)) -> [Int] {
      (place.row..<min(place.row + side, height)).flatMap { row in
        (place.column..<min(place.column + side, width)).map { row * width + $0 }
      }
    }
    var findings: [AttributionFinding] = []
    for (row, label) in request.classes.enumerated() {
      let input = request.inputs.row(row)
      let cover = try baseline.values(for: input)
      // The input itself is the first row, so that one batch's rounding holds for both.
      let values = try await request.scores(count: places.count + 1, of: label, score) { part in
        .stacking(
          part.map { position in
            guard position > 0 else { return input }
            var changed = input
            for pixel in covered(places[position - 1]) {
              for plane in 0..<planes {
                changed[plane * area + pixel] = cover[plane * area + pixel]
              }
            }
            return changed
          })
      }
      var sums = [Double](repeating: 0, count: area)
      var counts = [Double](repeating: 0, count: area)
      for (place, value) in zip(places, values.dropFirst()) {
        for pixel in covered(place) {
          sums[pixel] += values[0] - value
          counts[pixel] += 1
        }
      }
      let means = zip(sums, counts).map { Float($0 / max($1, 1)) }
      let map = (0..<planes).flatMap { _ in means }
      findings.append(
        AttributionFinding(
          Tensor(map, shape: input.shape), passes: Passes(forward: places.count + 1),
          remarks: ["a window of \(side) in steps of \(step), \(places.count) positions"]))
      request.progress(row + 1)
    }
    return findings
  }

  /// Where a window begins along one axis, so that every value is covered.
  static func starts(_ count: Int, _ side: Int, _ step: Int) -> [Int] {
    guard count > side else { return [0] }
    var starts = Array(Swift.stride(from: 0, through: count - side, by: step))
    if let last = starts.last, last < count - side { starts.append(last + step) }
    return starts
  }
}
