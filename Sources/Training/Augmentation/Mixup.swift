import Files
public import Tensors

/// Each example becomes a mixture of itself and another of its batch, and so does its target.
///
/// x <- lambda x + (1 - lambda) x', y <- lambda y + (1 - lambda) y', with lambda from Beta(a, a) and a random
/// partner x'.
///
/// Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: beyond empirical risk minimization", 2018,
/// https://arxiv.org/abs/1710.09412. Each example has a lambda of its own, which depends on no batch.
public struct Mixup: BatchAugmentation, Hashable {
  /// What the words begin with.
  public static let name = "mixup"
  /// How it is written.
  public static let form = "mixup:A"
  /// What it does.
  public static let summary =
    "examples and their classes are mixed in pairs, by shares from Beta(A, A)"
  /// What is expected of the words.
  public static let expectation = "mixup:A with A above 0 and up to 100, such as mixup:0.2"

  /// The parameter a of Beta(a, a).
  public let concentration: Double

  /// Creates the augmentation.
  public init(concentration: Double) { self.concentration = concentration }

  /// Creates it from words.
  public init?(arguments: [String]) {
    guard let concentration = arguments.positive(upTo: 100) else { return nil }
    self.concentration = concentration
  }

  /// The words that make it again.
  public var words: String { "mixup:\(concentration.plain)" }

  /// Examples of every shape may be mixed.
  public func check(_ shape: Shape) {}

  /// Draws a partner and a share for each example.
  public func mixing(of indices: [Int], key: RandomKey) -> Mixing {
    let key = key.child(Mixup.name)
    guard let first = indices.first else { return Mixing(partners: [], shares: []) }
    // An example is in one batch of an epoch, so the first one names the batch.
    var generator = key.child("partners").child(first).generator
    return Mixing(
      partners: generator.permutation(of: indices.count),
      shares: indices.map { index in
        var generator = key.child("share").child(index).generator
        return Float(generator.beta(concentration, concentration))
      })
  }
}

/// Who is mixed with whom in a batch, and by what shares.
public struct Mixing: Hashable, Sendable {
  /// The position in the batch of each example's partner, which may be itself.
  public let partners: [Int]
  /// The share of each example in its mixture; the rest is its partner's.
  public let shares: [Float]

  /// Creates a mixing.
  ///
  /// - Precondition: There are as many shares as partners, and each partner is one of the batch.
  public init(partners: [Int], shares: [Float]) {
    precondition(
      partners.count == shares.count && partners.allSatisfy { partners.indices.contains($0) },
      "partners outside of the batch")
    self.partners = partners
    self.shares = shares
  }

  /// Mixes the examples of a batch in place.
  ///
  /// - Parameters:
  ///   - batch: The values of the examples, one after the other.
  ///   - size: The number of values of each.
  public func apply(to batch: UnsafeMutableBufferPointer<Float>, size: Int) {
    precondition(batch.count == partners.count * size, "a batch of another size")
    withUnsafeTemporaryAllocation(of: Float.self, capacity: batch.count) { originals in
      _ = originals.initialize(fromContentsOf: batch)
      for (row, partner) in partners.enumerated() where partner != row {
        let share = shares[row]
        for place in 0..<size {
          let (own, other) = (originals[row * size + place], originals[partner * size + place])
          // Rounding must not lead beyond the two.
          let mixed = other + share * (own - other)
          batch[row * size + place] = min(max(mixed, min(own, other)), max(own, other))
        }
      }
    }
  }

  /// The target distributions of the batch: a share for each class, row by row.
  ///
  /// - Parameters:
  ///   - labels: The class of each example.
  ///   - classCount: The number of classes.
  /// - Returns: `labels.count * classCount` shares, those of each row with the sum 1.
  public func targets(labels: [Int], classCount: Int) -> [Float] {
    precondition(labels.count == partners.count, "\(labels.count) labels")
    precondition(labels.allSatisfy { 0..<classCount ~= $0 }, "a label beyond the classes")
    var targets = [Float](repeating: 0, count: labels.count * classCount)
    for (row, partner) in partners.enumerated() {
      if labels[row] == labels[partner] {
        targets[row * classCount + labels[row]] = 1
      } else {
        targets[row * classCount + labels[row]] = shares[row]
        targets[row * classCount + labels[partner]] = 1 - shares[row]
      }
    }
    return targets
  }
}
