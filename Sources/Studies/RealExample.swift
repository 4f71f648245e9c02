import Datasets
package import Insight
import Models
package import Tensors

/// A picture of a class, as the network sees it.
package struct RealExample: Sendable {
  /// The file.
  package let path: String
  /// The input of the network.
  package let input: Tensor<Float>
  /// What the network sees on it.
  package let ranking: Ranking
}

extension PhotographAttack {
  /// The picture of a folder that the model is surest to see the class on for which it takes the changed photograph.
  ///
  /// - Parameters:
  ///   - folder: The folder; the pictures in the folder of the class count whatever the model sees on them, and others
  ///     only where it sees the class.
  ///   - specification: What was asked for.
  ///   - model: The model.
  ///   - observer: Told of pictures that cannot be read, and where there is no picture of the class.
  /// - Returns: The picture; `nil` where there is none, or no changed photograph.
  /// - Throws: What the model throws; `DatasetError` where the folder cannot be listed.
  func realExample(
    in folder: ExampleFolder, for specification: AttackSpecification, by model: any BatchedModel,
    telling observer: Observer
  ) async throws -> RealExample? {
    guard let seen = after?.label else { return nil }
    let (paths, showTheClass) = try folder.pictures(of: seen, run.request.data.classNames)
    let resize = try specification.data.form.options(for: nil).resize
    let form = photograph.form
    var best: (example: RealExample, share: Double)?
    for path in paths {
      let other: Tensor<Float>
      do {
        other = try Photograph(path: path, for: form, resize: resize).input
      } catch {
        observer.warn("\(error); it is passed over")
        continue
      }
      guard other.shape == input.shape, other != input else { continue }
      let ranking = try await model.ranking(of: other)
      guard showTheClass || ranking.label == seen else { continue }
      let share = ranking.probability(of: seen) ?? (ranking.label == seen ? 1 : 0)
      if best.map({ share > $0.share }) ?? true {
        best = (RealExample(path: path, input: other, ranking: ranking), share)
      }
    }
    if best == nil {
      observer.note("\(folder.path): no picture of \(names.name(of: seen)) is there")
    }
    return best?.example
  }
}
