import Tensors

/// What verified bounds say of one example: how far all other classes stay below its label, over all that may change.
public struct Certificate: Sendable, Hashable {
  /// A way to bound margins.
  public enum Bound: String, Sendable, Hashable, Codable, CaseIterable {
    /// Intervals from layer to layer, merged with the last one.
    case interval
    /// Linear functions from the scores backward, with intervals in between (CROWN-IBP).
    case linear
  }

  /// An upper bound of the largest z_k - z_label over all other classes k; NaN where none is known.
  public let margin: Double
  /// The bound that decided: intervals where they suffice, else the smaller one of each class, to which linear functions
  /// contributed.
  public let bound: Bound

  /// Creates a certificate from stored parts.
  public init(margin: Double, bound: Bound) {
    self.margin = margin
    self.bound = bound
  }

  /// Whether no allowed change leads to another class; a tie is none.
  public var isCertified: Bool { margin < 0 }
}

extension Certificate: Codable {
  private enum CodingKeys: String, CodingKey { case margin, bound }

  /// Reads a certificate.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      margin: try container.number(forKey: .margin),
      bound: try container.decode(Bound.self, forKey: .bound))
  }

  /// Writes the certificate; a margin that is not finite is a word.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(number: margin, forKey: .margin)
    try container.encode(bound, forKey: .bound)
  }
}

extension VerifiedBounds {
  /// A certificate for each box: by intervals, and where these do not suffice by linear functions with either lower line,
  /// for the classes that are still open.
  ///
  /// - Parameters:
  ///   - boxes: The boxes, and balls in them if they have such.
  ///   - labels: A class for each box.
  /// - Returns: A certificate for each box.
  /// - Precondition: The boxes have `inputCount` values, there are as many labels, and each is one of at least two classes.
  ///
  /// Cost: two products in double precision for each layer and box; for boxes that intervals leave open five more for each
  /// open class.
  public func certificates(of boxes: [EnclosingBox], labels: [Int]) -> [Certificate] {
    precondition(classCount >= 2, "a single score has no margins")
    let intervals = margins(of: boxes, labels: labels)
    var certificates = zip(intervals, labels).map {
      Certificate(margin: VerifiedBounds.worst($0, label: $1), bound: .interval)
    }
    let open = boxes.indices.filter { !certificates[$0].isCertified }
    let refined = inChunks(of: open.map { boxes[$0] }, linearChunk) { range in
      let places = range.map { open[$0] }
      let pairs = places.enumerated().flatMap { box, place in
        (0..<classCount).compactMap { k in
          intervals[place][k] < 0 ? nil : (box: box, class: k)
        }
      }
      return linearMargins(
        of: places.map { boxes[$0] }, by: places.map { labels[$0] }, pairs: pairs,
        LowerSlope.allCases)
    }
    for (place, linear) in zip(open, refined) {
      let best = zip(intervals[place], linear).map { interval, linear in
        linear < interval || interval.isNaN ? linear : interval
      }
      let margin = VerifiedBounds.worst(best, label: labels[place])
      let isBetter = margin < certificates[place].margin || certificates[place].margin.isNaN
      if isBetter { certificates[place] = Certificate(margin: margin, bound: .linear) }
    }
    return certificates
  }

  /// The largest margin of another class; NaN if one is.
  private static func worst(_ margins: [Double], label: Int) -> Double {
    margins.enumerated().reduce(-.infinity) { worst, margin in
      margin.offset == label || worst.isNaN
        ? worst : margin.element.isNaN ? .nan : max(worst, margin.element)
    }
  }
}
