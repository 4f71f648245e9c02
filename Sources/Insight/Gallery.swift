package import Datasets
package import Models
package import Tensors

/// Chooses pictures that show well what an attack does.
package struct Gallery: Sendable {
  /// The model that reads the pictures.
  package let network: any BatchedModel
  /// What the pictures are from.
  package let data: Dataset
  /// Images that stand for their classes: read rightly and with confidence.
  private let typical: [Int: [Example]]

  /// Looks for typical images among the first of a data set.
  package init(_ network: any BatchedModel, data: Dataset, searching count: Int = 1000) async throws
  {
    self.network = network
    self.data = data
    let examples = try data.subset(offset: 0, count: count).examples
    let readings = try await network.readings(of: examples.map(\.input))
    var typical: [Int: [Example]] = [:]
    for (example, reading) in zip(examples, readings)
    where reading.label == example.label && reading.confidence > 0.9 {
      typical[example.label, default: []].append(example)
    }
    self.typical = typical
  }

  /// Puts changed images beside their originals, those that are taken for another class.
  package func triptychs(
    _ changes: [(example: Example, changed: Tensor<Float>)]
  ) async throws -> [Triptych] {
    let before = try await network.readings(of: changes.map(\.example.input))
    let after = try await network.readings(of: changes.map(\.changed))
    return zip(changes, zip(before, after)).compactMap { change, readings in
      guard let seen = readings.1.label, seen != change.example.label else { return nil }
      return Triptych(
        example: change.example, changed: change.changed, before: readings.0, after: readings.1,
        real: nearest(to: change.example, of: seen))
    }
  }

  /// As many as wanted, in this order, of different classes that are taken for different classes as far
  /// as possible.
  package func varied(_ triptychs: [Triptych], count: Int) -> [Triptych] {
    var chosen: [Triptych] = []
    var rest = triptychs
    let rules: [(Triptych, Triptych) -> Bool] = [
      { $0.example.label != $1.example.label && $0.after.label != $1.after.label },
      { $0.example.label != $1.example.label || $0.after.label != $1.after.label },
      { $0.example.index != $1.example.index },
    ]
    for isDifferent in rules {
      while chosen.count < count,
        let place = rest.firstIndex(where: { next in chosen.allSatisfy { isDifferent($0, next) } })
      {
        chosen.append(rest.remove(at: place))
      }
    }
    return chosen
  }

  /// The typical image of a class that is nearest to an image.
  private func nearest(to example: Example, of label: Int) -> Example? {
    typical[label]?.filter { $0.index != example.index }.map { other in
      (other, (other.input - example.input).norm2)
    }.min { $0.1 < $1.1 }?.0
  }
}
