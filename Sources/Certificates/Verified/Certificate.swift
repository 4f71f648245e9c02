import Tensors

/// What verified bounds say of one example: how far all other classes stay below its label, over all that may change.
public struct Certificate: Sendable, Hashable {
  /// A way to bound margins.
  public enum Bound: String, Sendable, Hashable, Codable, CaseIterable {
    /// Intervals from layer to layer, merged with the last one.
    case interval
    /// Linear functions from the scores backward, with intervals in between (CROWN-IBP).
    case linear
    /// The same, with layers in between that are bounded by linear functions, too (CROWN).
    case refined
  }

  /// An upper bound of the largest z_k - z_label over all other classes k; NaN where none is known.
  public let margin: Double
  /// The bound that decided: the first that suffices, else the one that came closest; of each class the smallest margin
  /// counts.
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
  /// A certificate for each box: by intervals, where these do not suffice by linear functions with either lower line,
  /// and then by those with refined layers, each for the classes that are still open.
  ///
  /// - Parameters:
  ///   - boxes: The boxes, and balls in them if they have such.
  ///   - labels: A class for each box.
  /// - Returns: A certificate for each box.
  /// - Precondition: The boxes have `inputCount` values, there are as many labels, and each is one of at least two
  ///   classes.
  ///
  /// Cost: two products in double precision for each layer and box; for boxes that intervals leave open five more for
  /// each open class; for those that are open still, four for each value of the refined layers that may be of either
  /// sign.
  public func certificates(of boxes: [EnclosingBox], labels: [Int]) -> [Certificate] {
    precondition(classCount >= 2, "a single score has no margins")
    let intervals = margins(of: boxes, labels: labels)
    var certificates = zip(intervals, labels).map {
      Certificate(margin: VerifiedBounds.worst($0, label: $1), bound: .interval)
    }
    let open = boxes.indices.filter { !certificates[$0].isCertified }
    let linear = inChunks(of: open.map { boxes[$0] }, linearChunk) { range in
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
    var best = intervals
    func take(_ margins: [Double], _ place: Int, _ bound: Certificate.Bound) {
      best[place] = zip(best[place], margins).map { $1 < $0 || $0.isNaN ? $1 : $0 }
      let margin = VerifiedBounds.worst(best[place], label: labels[place])
      let isBetter = margin < certificates[place].margin || certificates[place].margin.isNaN
      if isBetter { certificates[place] = Certificate(margin: margin, bound: bound) }
    }
    for (place, margins) in zip(open, linear) { take(margins, place, .linear) }
    let left = open.filter { !certificates[$0].isCertified }
    guard !refinable.isEmpty, !left.isEmpty else { return certificates }
    let known = best
    let refined = inChunks(of: left.map { boxes[$0] }, 1) { range in
      range.map { row in
        let place = left[row]
        let classes = (0..<classCount).filter { !(known[place][$0] < 0) }
        return refinedMargins(of: boxes[place], label: labels[place], classes: classes)
      }
    }
    for (place, margins) in zip(left, refined) { take(margins, place, .refined) }
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
