package import Perception
package import Tensors

/// How the length of a change is spread over a picture.
package enum ChangeKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// Along the direction that an attack found.
  case adversarial
  /// Along a random direction.
  case random
  /// In a square.
  case patch

  /// What it is called in tables and pictures.
  package var words: String {
    switch self {
    case .adversarial: "adversarial"
    case .random: "random noise"
    case .patch: "a patch"
    }
  }
}

/// One change of a picture: what people would see, and what the model says.
package struct ComparedChange: Sendable, Hashable, Codable {
  /// How its length is spread.
  package let kind: ChangeKind
  /// How much the changed picture differs, of values spread over 0...1.
  package let difference: ImageDifference
  /// The class that the model reads; `nil` where its scores are not numbers.
  package let prediction: Int?
  /// The probability that the model gives that class; `nil` where it says nothing but the class.
  package let probability: Double?
  /// The probability that it gives the picture's own class.
  package let ownProbability: Double?

  /// Puts together what is known of a change.
  package init(_ kind: ChangeKind, _ difference: ImageDifference, _ ranking: Ranking, label: Int) {
    self.kind = kind
    self.difference = difference
    prediction = ranking.label
    probability = ranking.entries.first?.probability
    ownProbability = ranking.entries.first { $0.label == label }?.probability
  }
}

/// Changes of one length of one picture, the adversarial one first.
package struct ChangeComparison: Sendable {
  /// The index of the picture in its data set.
  package let index: Int
  /// Its class.
  package let label: Int
  /// The picture.
  package let input: Tensor<Float>
  /// What the model makes of the picture as it is.
  package let before: Ranking
  /// What is known of each change; a kind is left out where the bounds have no room for it.
  package let changes: [ComparedChange]
  /// The changed pictures, in the order of the changes.
  package let changed: [Tensor<Float>]

  /// The length of all changes, in the data's own units.
  package var length: Double { (changed[0] - input).norm2 }

  /// The change of a kind with the picture that it makes.
  package func change(
    _ kind: ChangeKind
  ) -> (change: ComparedChange, changed: Tensor<Float>)? {
    changes.firstIndex { $0.kind == kind }.map { (changes[$0], changed[$0]) }
  }
}
