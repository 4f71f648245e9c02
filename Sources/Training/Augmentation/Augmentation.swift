import Files
public import Tensors

/// What is known of a kind of augmentation without one at hand: its name, its words and what it does.
public protocol AugmentationKind: Sendable {
  /// What the words begin with, such as `crop`.
  static var name: String { get }

  /// How it is written, such as `crop:N`.
  static var form: String { get }

  /// What it does, in one line.
  static var summary: String { get }

  /// What is expected of the words, for messages, such as `crop:N with 1 to 1000 pixels`.
  static var expectation: String { get }

  /// Creates it from what stands between the colons behind its name; `nil` unless that is as expected.
  init?(arguments: [String])

  /// The words that make it again, such as `crop:4`.
  var words: String { get }

  /// Makes sure that examples of a shape can be changed so.
  ///
  /// - Throws: `AugmentationError` if they are no pictures or too small.
  func check(_ shape: Shape) throws(AugmentationError)
}

/// A random change of one training example that leaves its class as it is.
///
/// What it draws depends on the seed, the epoch and the example's index alone, whatever the batch.
public protocol Augmentation: AugmentationKind {
  /// Changes an example in place; all values stay within the bounds.
  ///
  /// - Parameters:
  ///   - values: The values of the example, channel by channel, row by row.
  ///   - form: What they are.
  ///   - generator: Where all chance comes from.
  func apply(
    to values: UnsafeMutableBufferPointer<Float>, of form: ExampleForm,
    drawing generator: inout Philox)
}

/// A random change of examples by others of their batch, and of their targets.
public protocol BatchAugmentation: AugmentationKind {
  /// Draws who is mixed with whom.
  ///
  /// - Parameters:
  ///   - indices: The index in the whole data set of each example of the batch.
  ///   - key: The key of the epoch.
  /// - Returns: A partner and a share for each.
  func mixing(of indices: [Int], key: RandomKey) -> Mixing
}

/// What the values of an example are.
public struct ExampleForm: Hashable, Sendable {
  /// The number of channels; 1 for what is no picture.
  public let channels: Int
  /// The number of rows; 1 for what is no picture.
  public let height: Int
  /// The number of columns; of what is no picture, all of its values.
  public let width: Int
  /// What each value lies in, and has to stay in.
  public let bounds: ClosedRange<Float>

  /// The form of examples of a shape, which are pictures if it has three axes.
  public init(_ shape: Shape, bounds: ClosedRange<Float>) {
    let isPicture = shape.rank == 3
    channels = isPicture ? shape[0] : 1
    height = isPicture ? shape[1] : 1
    width = isPicture ? shape[2] : shape.count
    self.bounds = bounds
  }

  /// The number of values.
  public var count: Int { channels * height * width }

  /// What stands where there is no picture: zero, or the bound next to it.
  var blank: Float { min(max(0, bounds.lowerBound), bounds.upperBound) }
}

/// Why words are no augmentations, or do not go with the examples.
public enum AugmentationError: Error, Hashable, CustomStringConvertible {
  /// There is none of that name; the names there are.
  case unknown(String, known: [String])
  /// What was given, and what is expected.
  case words(String, expected: String)
  /// A kind stands twice.
  case repeated(String)
  /// The examples have another shape than channels by height by width.
  case notPictures(String, Shape)
  /// The words, the shape of the examples, and what would go with it.
  case tooLarge(String, Shape, limit: Int)

  /// One line that says what was given and what is expected.
  public var description: String {
    switch self {
    case .unknown(let name, let known):
      "there is no augmentation '\(name.terminalSafe)'\(name.suggestion(among: known)); there are "
        + known.joined(separator: ", ")
    case .words(let words, let expected):
      "the augmentation '\(words.terminalSafe)': expected \(expected)"
    case .repeated(let name): "the augmentation \(name) is given twice; expected it once"
    case .notPictures(let words, let shape):
      "the augmentation \(words) needs pictures, channels x height x width; the examples are \(shape)"
    case .tooLarge(let words, let shape, let limit):
      "the augmentation \(words) is too large for examples of \(shape); expected at most \(limit)"
    }
  }
}

extension AugmentationKind {
  /// Makes sure that examples are pictures whose shorter side is above a number of pixels.
  func checkPictures(
    _ shape: Shape, shorterThanSide size: Int = 0
  ) throws(AugmentationError) {
    guard shape.rank == 3, shape.count > 0 else { throw .notPictures(words, shape) }
    let limit = min(shape[1], shape[2]) - 1
    guard size <= limit else { throw .tooLarge(words, shape, limit: limit) }
  }
}

extension [String] {
  /// The only one of these words as an integer in a range.
  func integer(_ range: ClosedRange<Int>) -> Int? {
    guard count == 1, let value = Int(self[0]), range.contains(value) else { return nil }
    return value
  }

  /// The only one of these words as a number above 0 and up to a limit.
  func positive(upTo limit: Double) -> Double? {
    guard count == 1, let value = Double(self[0]), value > 0, value <= limit else { return nil }
    return value
  }
}
