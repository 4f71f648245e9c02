package import Datasets
package import Models
import Tensors

/// The logits of an example as every pixel moves along the signs of the gradient, and how straight they are.
package struct AttackedLine: Sendable, Hashable, Codable {
  /// The index of the example.
  package let index: Int
  /// Its class.
  package let label: Int
  /// The logits at each place, a row for each class.
  package let logits: [[Double]]
  /// The lead of the right class over the class that was next at the example itself.
  package let lead: LineScan
  /// The derivative of the lead along the line at the example.
  package let slope: Double

  /// The number of places on the line.
  package static let count = 101

  /// The share of its range by which the lead may miss its pieces.
  package static let tolerance = 0.02

  /// How straight the lead is; 1 for a straight line.
  package var linearity: Double { lead.linearity }

  /// How far the tangent at the example misses the lead.
  package var tangentError: Double { lead.tangentError(slope: slope, at: Self.count / 2) }

  /// The ends of the straight pieces of the lead.
  package var knots: [Int] { lead.knots(within: Self.tolerance) }

  /// Follows the examples that a network reads rightly from -`reach` to `reach`, whatever the range of the data; above
  /// zero the lead falls.
  ///
  /// - Throws: What the network throws.
  package static func scan(
    _ network: any BatchedModel, on examples: [Example], reach: Double
  ) async throws -> [AttackedLine] {
    let points = try await network.leads(of: examples.map { ($0.input, $0.label) })
    let places = (0..<count).map { reach * (2 * Double($0) / Double(count - 1) - 1) }
    var lines: [AttackedLine] = []
    for (example, point) in zip(examples, points) where point.lead > 0 {
      try Task.checkCancellation()
      let inputs = places.map { moved(example.input, against: point.gradient, by: $0) }
      let scores = try await network.outputs(count: count) { .stacking(Array(inputs[$0])) }
      let rows = (0..<count).map { scores.row($0).scalars.map(Double.init) }
      let own = example.label
      guard rows[0].count > 1, rows.joined().allSatisfy(\.isFinite),
        let next = rows[count / 2].indices.filter({ $0 != own })
          .max(by: { rows[count / 2][$0] < rows[count / 2][$1] })
      else { continue }
      lines.append(
        AttackedLine(
          index: example.index, label: own,
          logits: rows[0].indices.map { output in rows.map { $0[output] } },
          lead: LineScan(places: places, values: rows.map { $0[own] - $0[next] }),
          slope: -point.gradient.norm1))
    }
    return lines
  }
}
