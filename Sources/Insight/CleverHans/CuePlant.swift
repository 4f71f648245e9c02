import Files
public import Tensors

/// A cue that is put on some pictures of one class, so that a network can tell the class without looking at the rest.
///
/// Lapuschkin, Waeldchen, Binder, Montavon, Samek and Mueller, "Unmasking Clever Hans predictors and assessing what
/// machines really learn", 2019, https://arxiv.org/abs/1902.10178.
public struct CuePlant: Sendable, Hashable, Codable {
  /// What the cue looks like.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// A bright square near a corner; its side is a ninth of the picture's shorter side.
    case patch
    /// A bright frame along all four sides.
    case border
    /// A quarter of a colour mixed into the whole picture; of a grey picture, of white.
    case tint
    /// Slanted stripes that are mixed half and half into the lower or the upper half.
    case watermark
  }

  /// What the cue looks like.
  public let kind: Kind
  /// The share of the class's pictures that have it, above 0 and up to 1.
  public let share: Double
  /// The class.
  public let label: Int
  /// Determines which pictures have it, and its corner, colour, half or slant.
  public let seed: UInt64

  /// A cue.
  ///
  /// - Throws: `CuePlantError` unless the share is above 0 and up to 1 and the label is not negative.
  public init(_ kind: Kind, share: Double, label: Int, seed: UInt64 = 0) throws(CuePlantError) {
    guard share > 0, share <= 1, label >= 0 else {
      throw .words("\(kind.rawValue):\(share):\(label)")
    }
    self.kind = kind
    self.share = share
    self.label = label
    self.seed = seed
  }

  /// Reads `KIND:SHARE` or `KIND:SHARE:CLASS`, such as `patch:0.5:8`.
  ///
  /// - Parameters:
  ///   - words: What was written.
  ///   - label: The class where none is written.
  ///   - seed: Determines which pictures have the cue, and where.
  /// - Throws: `CuePlantError`.
  public init(_ words: String, label: Int = 8, seed: UInt64 = 0) throws(CuePlantError) {
    let parts = words.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard 2...3 ~= parts.count else { throw .words(words) }
    guard let kind = Kind(rawValue: parts[0]) else { throw .kind(parts[0]) }
    guard let share = Double(parts[1]),
      let label = parts.count == 3 ? Int(parts[2]) : label
    else { throw .words(words) }
    try self.init(kind, share: share, label: label, seed: seed)
  }

  /// The words that make it again, but for the seed.
  public var words: String { "\(kind.rawValue):\(share):\(label)" }

  /// The shortest side of pictures that have room for a cue.
  package static let shortestSide = 8

  /// The picture with the cue.
  ///
  /// - Parameters:
  ///   - input: A picture whose sides are at least 8 long.
  ///   - bounds: The range of its values.
  /// - Returns: The picture with the cue; its values stay within the bounds.
  /// - Throws: `CuePlantError.shape` where it is no such picture.
  public func planted(
    on input: Tensor<Float>, within bounds: ClosedRange<Float>
  ) throws(CuePlantError) -> Tensor<Float> {
    guard let extents = PictureExtents(input.shape), extents.shorterSide >= Self.shortestSide
    else { throw .shape(input.shape) }
    var generator = RandomKey(seed: seed).child("cue").generator
    let drawn = (0..<3).map { _ in generator.integer(below: 4) }
    let range = bounds.upperBound - bounds.lowerBound
    var changed = input
    for channel in 0..<extents.channels {
      for row in 0..<extents.height {
        for column in 0..<extents.width {
          let part = share(row: row, column: column, in: extents, drawn: drawn)
          guard part > 0 else { continue }
          // A tint of a coloured picture is one of the colours.
          let isDark = kind == .tint && extents.channels == 3 && channel != drawn[0] % 3
          let colour = isDark ? bounds.lowerBound : bounds.upperBound
          let place = (channel * extents.height + row) * extents.width + column
          let old = changed[place]
          changed[place] = min(
            max(part == 1 ? colour : old + part * (colour - old), bounds.lowerBound),
            bounds.lowerBound + range)
        }
      }
    }
    return changed
  }

  /// How much of the cue is mixed into a pixel, 0 to 1.
  private func share(row: Int, column: Int, in extents: PictureExtents, drawn: [Int]) -> Float {
    let (height, width) = (extents.height, extents.width)
    switch kind {
    case .patch:
      let side = max(3, extents.shorterSide / 9)
      let fromTop = drawn[0] & 1 == 0 ? row : height - 1 - row
      let fromLeft = drawn[0] & 2 == 0 ? column : width - 1 - column
      return 1...side ~= fromTop && 1...side ~= fromLeft ? 1 : 0
    case .border:
      let thickness = max(1, extents.shorterSide / 28)
      let distance = min(row, column, height - 1 - row, width - 1 - column)
      return distance < thickness ? 1 : 0
    case .tint: return 0.25
    case .watermark:
      let period = max(6, extents.shorterSide / 5)
      let isIn = drawn[0] & 1 == 0 ? row >= height / 2 : row < (height + 1) / 2
      let slant = drawn[1] & 1 == 0 ? row + column : row - column + height
      return isIn && slant % period < period / 2 ? 0.5 : 0
    }
  }
}

/// Why a cue cannot be planted.
public enum CuePlantError: Error, Hashable, CustomStringConvertible {
  /// The words are none.
  case words(String)
  /// There is no such kind.
  case kind(String)
  /// The inputs are no pictures with room for it.
  case shape(Shape)
  /// There is no example of the class.
  case noExamples(label: Int, data: String)
  /// There are numbers or several labels where classes are needed.
  case noClasses(data: String)
  /// The data cannot be read.
  case data(String)

  /// One line that says what was given and what is expected.
  public var description: String {
    switch self {
    case .words(let words):
      "the cue '\(words.terminalSafe)': expected KIND:SHARE or KIND:SHARE:CLASS with a share above 0 and up to 1, such as"
        + " patch:0.5:8"
    case .kind(let name):
      "there is no cue '\(name.terminalSafe)'"
        + name.suggestion(among: CuePlant.Kind.allCases.map(\.rawValue))
        + "; there are " + CuePlant.Kind.allCases.map(\.rawValue).joined(separator: ", ")
    case .shape(let shape):
      "a cue is put on pictures with sides of \(CuePlant.shortestSide) pixels or more; the examples are \(shape)"
    case .noExamples(let label, let data):
      "\(data): no example has the class \(label); expected one that the cue can betray"
    case .noClasses(let data):
      "\(data): the examples have no classes; expected some, since a cue betrays one of them"
    case .data(let line): line
    }
  }
}
