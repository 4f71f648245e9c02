public import Models
import Robustness
import Tensors

/// The slope of the score with respect to each value.
///
/// Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks", 2014,
/// https://arxiv.org/abs/1312.6034.
///
/// Cost: one gradient for each example.
public struct Gradient: AttributionMethod {
  /// The name on the command line.
  public static let name = "gradient"
  /// It asks for gradients.
  public static let knowledge = Knowledge.gradients
  /// All.
  public static let scores = ClassScore.allCases
  /// None.
  public static let options: [AttributionOption<Self>] = []

  /// Score per unit of the input.
  public var unit: Attribution.Unit { .scorePerUnit }

  /// Creates the method.
  public init() {}

  /// The gradients.
  public func findings(
    for request: AttributionRequest, of score: ClassScore
  ) async throws -> [AttributionFinding] {
    let (_, gradients) = try await request.gradients(
      at: request.inputs, classes: request.classes, of: score)
    request.progress(request.classes.count)
    return request.classes.indices.map {
      AttributionFinding(gradients.row($0), passes: .gradients(1))
    }
  }
}

/// The slope of the score times the value.
///
/// On linear models the share of each value in the score; elsewhere its first-order estimate.
/// Shrikumar, Greenside, Shcherbina and Kundaje, "Not just a black box", 2016,
/// https://arxiv.org/abs/1605.01713.
///
/// Cost: one gradient for each example.
public struct GradientTimesInput: AttributionMethod {
  /// The name on the command line.
  public static let name = "gradient-x-input"
  /// It asks for gradients.
  public static let knowledge = Knowledge.gradients
  /// All.
  public static let scores = ClassScore.allCases
  /// None.
  public static let options: [AttributionOption<Self>] = []

  /// Parts of the score.
  public var unit: Attribution.Unit { .score }

  /// Creates the method.
  public init() {}

  /// The products.
  public func findings(
    for request: AttributionRequest, of score: ClassScore
  ) async throws -> [AttributionFinding] {
    try await Gradient().findings(for: request, of: score).enumerated().map { row, finding in
      AttributionFinding(finding.map * request.inputs.row(row), passes: finding.passes)
    }
  }
}
