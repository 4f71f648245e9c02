public import Models
import Robustness
package import Tensors

/// Slopes of the score at inputs with noise, averaged.
///
///     map = mean over k of g(x + sigma (u - l) e_k), e_k standard normal, [l, u] the input's range;
///
/// or the mean of their squares, or their variance. Smilkov, Thorat, Kim, Viégas and Wattenberg, "SmoothGrad", 2017,
/// https://arxiv.org/abs/1706.03825; the variance is VarGrad, Adebayo et al., 2018,
/// https://arxiv.org/abs/1810.03292.
///
/// Cost: `samples` gradients for each example.
public struct SmoothGrad: AttributionMethod {
  /// The name on the command line.
  public static let name = "smoothgrad"
  /// It asks for gradients.
  public static let knowledge = Knowledge.gradients
  /// All.
  public static let scores = ClassScore.allCases

  /// What is made of the slopes.
  public enum Summary: String, CaseIterable, Sendable {
    /// Their mean.
    case mean
    /// The mean of their squares.
    case squared
    /// Their variance.
    case variance
  }

  /// How many noisy inputs there are.
  public var samples = 50
  /// The standard deviation of the noise, as a share of the input's range.
  public var sigma = 0.15
  /// What is made of the slopes.
  public var summary = Summary.mean

  /// The options.
  public static let options: [AttributionOption<Self>] = [
    .integer("samples", \.samples, 1...100_000, "noisy inputs"),
    .number(
      "sigma", \.sigma, 0...10, "standard deviation of the noise, as a share of the input's range"),
    .choice("summary", \.summary, "what is made of the slopes"),
  ]

  /// Score per unit of the input, or its square.
  public var unit: Attribution.Unit { summary == .mean ? .scorePerUnit : .squaredScorePerUnit }

  /// Creates the method.
  public init() {}

  /// The noise of one example's sample, standard normal.
  ///
  /// - Parameters:
  ///   - seed: Determines it.
  ///   - example: The example's position in the request.
  ///   - sample: From 0.
  ///   - shape: The shape of one example.
  /// - Returns: In that shape.
  package static func noise(
    seed: UInt64, example: Int, sample: Int, shape: Shape
  ) -> Tensor<Float> {
    var generator = RandomKey(seed: seed).child("smoothgrad").child(example).child(sample).generator
    return generator.normals(shape)
  }

  /// The averages.
  public func findings(
    for request: AttributionRequest, of score: ClassScore
  ) async throws -> [AttributionFinding] {
    var findings: [AttributionFinding] = []
    let width = Float(sigma) * (request.bounds.upperBound - request.bounds.lowerBound)
    for (row, label) in request.classes.enumerated() {
      let input = request.inputs.row(row)
      var sums = [Double](repeating: 0, count: input.count)
      var squares = sums
      for first in stride(from: 0, to: samples, by: request.batch) {
        let part = first..<min(first + request.batch, samples)
        let points = part.map { sample in
          input
            + width
            * Self.noise(seed: request.seed, example: row, sample: sample, shape: input.shape)
        }
        let (_, gradients) = try await request.gradients(
          at: .stacking(points), classes: part.map { _ in label }, of: score)
        gradients.withUnsafeScalars { gradients in
          for (place, slope) in gradients.enumerated() {
            let slope = Double(slope)
            sums[place % sums.count] += slope
            squares[place % sums.count] += slope * slope
          }
        }
      }
      let count = Double(samples)
      let map = sums.indices.map { place -> Float in
        let mean = sums[place] / count
        return switch summary {
        case .mean: Float(mean)
        case .squared: Float(squares[place] / count)
        case .variance: Float(max(0, squares[place] / count - mean * mean))
        }
      }
      findings.append(
        AttributionFinding(Tensor(map, shape: input.shape), passes: .gradients(samples)))
      request.progress(row + 1)
    }
    return findings
  }
}
