public import Models
import Robustness
import Tensors

/// A way to tell where a model looks: a file in `Methods` and a row of `AttributionCatalogue`.
public protocol AttributionMethod: Sendable {
  /// The name on the command line.
  static var name: String { get }
  /// The least that it needs to know of the model.
  static var knowledge: Knowledge { get }
  /// The scores that it can explain, the one that it explains by itself first.
  static var scores: [ClassScore] { get }
  /// Its options.
  static var options: [AttributionOption<Self>] { get }

  /// What the numbers are measured in.
  var unit: Attribution.Unit { get }

  /// Creates the method with its standard options.
  init()

  /// Tells for each example of a request what its values have to do with the score.
  ///
  /// - Parameters:
  ///   - request: The model, the examples and their classes.
  ///   - score: What is explained, one of `scores`.
  /// - Returns: A finding for each example, in their order.
  /// - Throws: What the model throws; `AttributionError` for what does not fit; `CancellationError`.
  func findings(
    for request: AttributionRequest, of score: ClassScore
  ) async throws -> [AttributionFinding]
}

extension AttributionMethod {
  /// The method with options.
  ///
  ///     let smooth = SmoothGrad { $0.samples = 100 }
  public init(_ configure: (inout Self) -> Void) {
    self.init()
    configure(&self)
  }

  /// Its settings as words, by name.
  public var settings: [String: String] {
    Dictionary(uniqueKeysWithValues: Self.options.map { ($0.name, $0.text(self)) })
  }

  /// Attributes the scores of examples to their values.
  ///
  /// - Parameter request: The model, the examples and their classes.
  /// - Returns: An attribution for each example, in their order.
  /// - Throws: What the model throws; `AttributionError`; `CancellationError`.
  public func attributions(for request: AttributionRequest) async throws -> [Attribution] {
    try AttributionCatalogue.check(Self.self, for: request.model, network: request.network)
    let score = request.score ?? Self.scores[0]
    guard Self.scores.contains(score) else {
      throw AttributionError.score(score, method: Self.name, expected: Self.scores)
    }
    let outputs = try await request.model.outputs(
      of: request.inputs, batch: request.batch, isExact: true)
    let values = request.classes.enumerated().map { row, label in
      score.value(of: label, in: outputs.row(row).scalars)
    }
    if let place = values.firstIndex(where: { !$0.isFinite }) {
      throw AttributionError.notFinite(example: place)
    }
    let findings = try await findings(for: request, of: score)
    if let place = findings.firstIndex(where: { !$0.map.scalars.allSatisfy(\.isFinite) }) {
      throw AttributionError.map(example: place, method: Self.name)
    }
    return findings.enumerated().map { row, finding in
      let sum = finding.sum ?? finding.map.sum { Double($0) }
      return Attribution(
        method: Self.name, settings: settings, map: finding.map, unit: unit,
        label: request.classes[row], score: score, value: values[row],
        balance: finding.expectedSum.map { Attribution.Balance(sum: sum, expected: $0) },
        passes: finding.passes + Passes(forward: 1), remarks: finding.remarks)
    }
  }
}

extension AttributionRequest {
  /// The gradient of the score at some inputs of the model.
  ///
  /// - Parameters:
  ///   - points: m x `shape`.
  ///   - classes: The class for each row.
  ///   - score: What is differentiated.
  /// - Returns: The scores and m x `shape` of gradients.
  /// - Throws: What the model throws; `CancellationError`.
  func gradients(
    at points: Tensor<Float>, classes: [Int], of score: ClassScore
  ) async throws -> (values: [Double], gradients: Tensor<Float>) {
    let (outputs, gradients) = try await model.gradients(at: points, batch: batch) {
      rows, outputs in
      let slopes = rows.enumerated().flatMap { place, row in
        score.slope(of: classes[row], in: outputs.row(place).scalars)
      }
      return Tensor(slopes, shape: outputs.shape)
    }
    let values = classes.enumerated().map { row, label in
      score.value(of: label, in: outputs.row(row).scalars)
    }
    return (values, gradients)
  }

  /// The scores of one class at inputs that are made batch by batch.
  ///
  /// - Parameters:
  ///   - count: How many inputs there are.
  ///   - label: The class.
  ///   - score: What is asked for.
  ///   - inputs: The inputs at some of the positions 0..<count, a row for each.
  /// - Returns: A score for each.
  /// - Throws: What `inputs` and the model throw; `CancellationError`.
  func scores(
    count: Int, of label: Int, _ score: ClassScore, inputs: (Range<Int>) throws -> Tensor<Float>
  ) async throws -> [Double] {
    let outputs = try await model.outputs(
      count: count, batch: batch, inputs: inputs)
    return (0..<count).map { score.value(of: label, in: outputs.row($0).scalars) }
  }
}
