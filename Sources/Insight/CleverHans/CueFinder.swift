public import Datasets
public import Models
import Robustness
package import Tensors

/// Looks for cues that a network rides on instead of what the pictures show.
///
/// The relevance maps of a class's pictures are grouped by spectral clustering (SpRAy: Lapuschkin et al. 2019,
/// https://arxiv.org/abs/1902.10178). Clusters alone prove nothing, since people write digits in several ways. So what
/// a cluster, or the whole class, has in common and other classes lack is put on pictures of other classes: if many are
/// then read as the class, more than with pixels of other pictures there, the network rides on it.
///
/// A cue has to stand at the same place with nearly the same values; one that moves about is not found.
///
/// Cost for each class: a gradient for each of its pictures, 9 n^3 operations for n of them, and as many outputs as
/// there are clusters with something in common times three times the pictures of other classes.
public struct CueFinder: Sendable {
  /// The most pictures of a class that are looked at; drawn by the seed from more.
  public var examplesPerClass = 400
  /// How many pictures each is joined to.
  public var neighbours = 10
  /// Determines all random choices.
  public var seed: UInt64 = 0
  /// How many pictures the network sees at once; results do not depend on it.
  public var batch = 128
  /// How relevance is computed.
  public var relevance = RelevanceSource.gradientTimesInput

  /// The most pictures of other classes that are looked at.
  package static let mostOthers = 500
  /// The fewest of them that the network must read rightly.
  package static let fewestOthers = 20
  /// The fewest pictures of a class, or of a cluster, in which anything is said to be common.
  package static let fewest = 10

  /// The standard search.
  public init() {}

  /// Makes sure that cues can be looked for in some data.
  ///
  /// - Parameters:
  ///   - data: The pictures.
  ///   - names: The names of the classes.
  /// - Returns: The classes that have enough pictures, in ascending order; at least one.
  /// - Throws: `CueError`.
  public func classes(in data: Dataset, named names: [String]) throws(CueError) -> [Int] {
    guard data.targetKind == .classes, data.isLabelled else {
      throw .noClasses(data: data.name)
    }
    guard PictureExtents(data.exampleShape) != nil else {
      throw .shape(data.exampleShape, data: data.name)
    }
    let counts = data.labels.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
    guard let most = counts.max(by: { ($0.value, -$0.key) < ($1.value, -$1.key) }), counts.count > 1
    else {
      let only = data.labels.first ?? 0
      throw .oneClass(names.name(of: only), data: data.name)
    }
    let large = counts.filter { min($0.value, examplesPerClass) > max(neighbours, Self.fewest - 1) }
    guard !large.isEmpty else {
      throw .tooFew(
        most.value, of: names.name(of: most.key), neighbours: neighbours, data: data.name)
    }
    return large.keys.sorted()
  }

  /// Looks for cues in the pictures of some classes.
  ///
  /// - Parameters:
  ///   - labels: The classes, of those that `classes(in:named:)` gives.
  ///   - data: The pictures, also of other classes.
  ///   - names: The names of the classes.
  ///   - model: A network with gradients and an output for each class.
  ///   - progress: Told how many classes are done.
  /// - Returns: What was found, class by class.
  /// - Throws: `CueError`; what the data and the model throw; `CancellationError`.
  public func find(
    in labels: [Int], of data: Dataset, named names: [String], by model: any BatchedModel,
    progress: (Int) -> Void = { _ in }
  ) async throws -> [CueFindings] {
    let known = try classes(in: data, named: names)
    var findings: [CueFindings] = []
    // Each class tries the clusters of every number of them, and all of its pictures together.
    let tests = labels.count * (SpectralClustering.mostTrials + 1)
    for label in labels {
      guard known.contains(label) else {
        throw CueError.tooFew(
          data.labels.count { $0 == label }, of: names.name(of: label), neighbours: neighbours,
          data: data.name)
      }
      try Task.checkCancellation()
      let search = try await ClassCueSearch(
        self, label: label, named: names.name(of: label), in: data, by: model)
      findings.append(try await search.findings(among: tests))
      progress(findings.count)
    }
    return findings
  }
}

extension BatchedModel {
  /// The class with the largest output for each input; `nil` where outputs are not numbers.
  package func classes(of inputs: [Tensor<Float>], batch: Int) async throws -> [Int?] {
    if inputs.isEmpty { return [] }
    let outputs = try await outputs(count: inputs.count, batch: batch) {
      .stacking(Array(inputs[$0]))
    }
    return inputs.indices.map { outputs.row($0).indexOfMaximum }
  }
}
