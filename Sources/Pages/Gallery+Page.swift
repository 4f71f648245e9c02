package import Insight
package import Datasets
package import Reports
package import Tensors

extension Gallery {
  /// Some of what was broken, as different as can be: pictures, or the columns that changed in rows of a table.
  ///
  /// - Parameters:
  ///   - changes: Examples and what became of them.
  ///   - sureness: What is said of shares in brackets, with a space behind.
  /// - Returns: A heading and what belongs under it; nothing where nothing can be shown.
  /// - Throws: What the model throws where it is asked about examples.
  package func blocks(
    _ changes: [(example: Example, changed: Tensor<Float>)], sureness: String
  ) async throws -> [HTMLBlock] {
    let shown = try await varied(
      triptychs(changes).sorted { $0.before.confidence > $1.before.confidence }, count: 6)
    var blocks: [HTMLBlock] = shown.enumerated().compactMap { place, triptych in
      triptych.row(
        data,
        caption: place > 0
          ? ""
          : """
          \(triptych.colours) \(sureness)\(triptych.ending)
          """
      ).map { .images($0) }
    }
    if blocks.isEmpty, data.exampleShape.rank == 1 {
      blocks = shown.prefix(4).map { .table(ChangedRow(triptych: $0).table(data)) }
      if !blocks.isEmpty, !sureness.isEmpty {
        blocks.append(.paragraph("\(sureness)"))
      }
    }
    return blocks.isEmpty ? [] : [.heading("Some that were broken")] + blocks
  }
}
