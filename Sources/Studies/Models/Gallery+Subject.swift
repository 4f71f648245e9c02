package import Datasets
package import Insight

extension Gallery {
  /// The same for what was attacked; a model elsewhere is asked about few images that it was not asked about before.
  package init(_ subject: Subject, data: Dataset) async throws {
    try await self.init(
      subject.model(), data: data, searching: subject.remote == nil ? 1000 : 100)
  }
}
