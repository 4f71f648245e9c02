import Files
public import Tensors

/// The augmentations of a training, in the order in which they are applied.
///
///     let augmentations = try Augmentations("crop:4,flip,mixup:0.2")
///
/// All that is drawn for an example depends on the seed, the epoch and the example's index alone; leaving out one
/// augmentation does not change what the others draw. Who is mixed with whom depends on the batch as well.
public struct Augmentations: Sendable, CustomStringConvertible {
  /// Those that change each example by itself.
  public let each: [any Augmentation]

  /// What then mixes the examples of a batch, if anything.
  public let mixer: (any BatchAugmentation)?

  /// No augmentations.
  public static let none = Augmentations(each: [], mixer: nil)

  /// All kinds of augmentations.
  public static let kinds: [any AugmentationKind.Type] = [
    Crop.self, Flip.self, Rotation.self, Cutout.self, GaussianNoise.self, Mixup.self,
  ]

  /// How each kind is written, and what it does.
  public static var help: [(form: String, summary: String)] {
    kinds.map { ($0.form, $0.summary) }
  }

  /// Creates a list.
  public init(each: [any Augmentation], mixer: (any BatchAugmentation)? = nil) {
    self.each = each
    self.mixer = mixer
  }

  /// Reads augmentations that are joined by commas; `none` for none.
  ///
  /// - Throws: `AugmentationError` with one line that says what was given and what is expected.
  public init(_ words: String) throws(AugmentationError) {
    try self.init(
      words == "none"
        ? [] : words.split(separator: ",", omittingEmptySubsequences: false).map(String.init))
  }

  /// Reads a list of augmentations.
  ///
  /// - Throws: `AugmentationError` with one line that says what was given and what is expected.
  public init(_ list: [String]) throws(AugmentationError) {
    var each: [any Augmentation] = []
    var mixer: (any BatchAugmentation)?
    var names: Set<String> = []
    for words in list {
      let parts = words.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard let kind = Augmentations.kinds.first(where: { $0.name == parts[0] }) else {
        throw .unknown(parts[0], known: Augmentations.kinds.map { $0.name })
      }
      guard let one = kind.init(arguments: Array(parts.dropFirst())) else {
        throw .words(words, expected: kind.expectation)
      }
      guard names.insert(kind.name).inserted else { throw .repeated(kind.name) }
      if let one = one as? any Augmentation { each.append(one) }
      if let one = one as? any BatchAugmentation { mixer = one }
    }
    self.init(each: each, mixer: mixer)
  }

  /// The words that make the same list again.
  public var description: String { isEmpty ? "none" : list.joined(separator: ",") }

  /// The words of each.
  public var list: [String] { each.map { $0.words } + (mixer.map { [$0.words] } ?? []) }

  /// Whether there are none.
  public var isEmpty: Bool { each.isEmpty && mixer == nil }

  /// Makes sure that examples of a shape can be changed so.
  ///
  /// - Throws: `AugmentationError` if they are no pictures or too small.
  public func check(_ shape: Shape) throws(AugmentationError) {
    for one in each { try one.check(shape) }
    try mixer?.check(shape)
  }

  /// Changes the examples of a batch in place, each by itself.
  ///
  /// - Parameters:
  ///   - batch: The values of the examples, one after the other.
  ///   - indices: The index in the whole data set of each.
  ///   - form: What each of them is.
  ///   - seed: The training's seed.
  ///   - epoch: The number of the epoch, from 0.
  /// - Precondition: `check` has found the shape right.
  public func apply(
    to batch: UnsafeMutableBufferPointer<Float>, indices: [Int], of form: ExampleForm,
    seed: UInt64, epoch: Int
  ) {
    precondition(batch.count == indices.count * form.count, "a batch of another size")
    let key = Augmentations.key(seed, epoch)
    for (row, index) in indices.enumerated() {
      let values = UnsafeMutableBufferPointer(
        rebasing: batch[row * form.count..<(row + 1) * form.count])
      let own = key.child(index)
      for one in each {
        var generator = own.child(type(of: one).name).generator
        one.apply(to: values, of: form, drawing: &generator)
      }
    }
  }

  /// Draws who is mixed with whom in a batch; `nil` if nothing mixes.
  ///
  /// - Parameters:
  ///   - indices: The index in the whole data set of each example of the batch.
  ///   - seed: The training's seed.
  ///   - epoch: The number of the epoch, from 0.
  /// - Returns: A partner and a share for each.
  public func mixing(of indices: [Int], seed: UInt64, epoch: Int) -> Mixing? {
    guard let mixer else { return nil }
    return mixer.mixing(of: indices, key: Augmentations.key(seed, epoch))
  }

  private static func key(_ seed: UInt64, _ epoch: Int) -> RandomKey {
    RandomKey(seed: seed).child("augmentation").child(epoch)
  }
}
