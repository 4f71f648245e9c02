public import Models
import Robustness
import Tensors

/// The mean slope of the score along the straight way from a baseline to the input, times their difference.
///
///     map_i = (x_i - b_i) integral over t from 0 to 1 of the slope with respect to i at b + t (x - b).
///
/// The numbers add up to f(x) - f(b); the gap is told. A network of ReLUs, max poolings and affine layers is linear in
/// pieces along the way, so that the integral is a finite sum: it is taken exactly, up to single precision, where there
/// are no more kinks than `kinks`. Otherwise, and for other networks and scores, by adaptive quadrature. Sundararajan,
/// Taly and Yan, "Axiomatic attribution for deep networks", 2017, https://arxiv.org/abs/1703.01365.
///
/// Cost: for each example a gradient (and a forward slope) per linear piece, or at most `gradients` gradients. Memory:
/// that of one batch.
public struct IntegratedGradients: AttributionMethod {
  /// The name on the command line.
  public static let name = "integrated-gradients"
  /// It asks for gradients; the graph lets it split the way at kinks.
  public static let knowledge = Knowledge.gradients
  /// All.
  public static let scores = ClassScore.allCases

  /// Where the way begins.
  public var baseline = Baseline.constant(0)
  /// The most kinks at which the way is split; 0 for quadrature.
  public var kinks = 20_000
  /// The most gradients of the quadrature.
  public var gradients = 4096
  /// The gap that the quadrature aims at, as a share of f(x) - f(b).
  public var tolerance = 1e-3

  /// The options.
  public static let options: [AttributionOption<Self>] = [
    .baseline(\.baseline),
    .integer(
      "kinks", \.kinks, 0...1_000_000,
      "most kinks at which the way is split exactly; 0 for quadrature"),
    .integer("gradients", \.gradients, 32...10_000_000, "most gradients of the quadrature"),
    .number(
      "tolerance", \.tolerance, 1e-6...1,
      "gap that the quadrature aims at, as a share of the change of the score"),
  ]

  /// Parts of the score.
  public var unit: Attribution.Unit { .score }

  /// Creates the method.
  public init() {}

  /// The integrals.
  public func findings(
    for request: AttributionRequest, of score: ClassScore
  ) async throws -> [AttributionFinding] {
    let pieces =
      kinks > 0
      ? try request.network.flatMap {
        try RayPieces(NetworkForm($0), score: score, batch: request.batch)
      } : nil
    var findings: [AttributionFinding] = []
    for (row, label) in request.classes.enumerated() {
      let input = request.inputs.row(row)
      let ray = Ray(from: try baseline.values(for: input), to: input)
      var spent = 0
      var integral: RayIntegral?
      if let pieces {
        let found = try await pieces.integral(along: ray, label: label, limit: kinks)
        (integral, spent) = (found.integral, found.gradients)
      }
      var result: RayIntegral
      if let integral {
        result = integral
      } else {
        result = try await RayQuadrature(tolerance: tolerance, limit: gradients).integral(
          along: ray, label: label, of: score, for: request)
        result.gradients += spent
      }
      let ends = try await exactScores([ray.start, ray.end], of: label, score, request)
      let (map, sum) = ray.products(result.mean)
      findings.append(
        AttributionFinding(
          map, passes: .gradients(result.gradients) + Passes(forward: result.forwards + 2),
          expectedSum: ends[1] - ends[0], sum: sum, remarks: [result.remark]))
      request.progress(row + 1)
    }
    return findings
  }

  /// The scores at both ends by the model's exact pass.
  private func exactScores(
    _ points: [Tensor<Float>], of label: Int, _ score: ClassScore, _ request: AttributionRequest
  ) async throws -> [Double] {
    let outputs = try await request.model.outputs(
      of: .stacking(points), batch: request.batch, isExact: true)
    return points.indices.map { score.value(of: label, in: outputs.row($0).scalars) }
  }
}
