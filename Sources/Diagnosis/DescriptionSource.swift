import Networks

/// Where what is said of a network's input comes from, and so how something else could be said.
public struct DescriptionSource: Hashable, Sendable {
  /// What options of the command line say of an input.
  public enum Option: String, CaseIterable, Sendable {
    /// `--input-range`.
    case range
    /// `--mean` and `--std`.
    case normalization
    /// `--channels`.
    case channels
  }

  /// The options that were given; what else is said of the input is said by the network's architecture.
  public var given: Set<Option>

  /// Whether the network's file says it all, so that options cannot.
  public var isCarried: Bool

  /// Creates a source; by default all is said by options.
  public init(given: Set<Option> = Set(Option.allCases), isCarried: Bool = false) {
    self.given = given
    self.isCarried = isCarried
  }

  /// How to have an input described in another way, of which one thing differs.
  func mend(from own: InputDescription, to wanted: InputDescription) -> String {
    if own.networkRange != wanted.networkRange {
      let bounds = own.lowerBound...own.upperBound
      let text = DescriptionSource.text(wanted.networkRange ?? bounds)
      guard wanted.networkRange != nil else {
        return leavingOut("--input-range", .range, or: "--input-range \(text)", because: nil)
      }
      let ends = text.split(separator: ":").joined(separator: " to ")
      return giving(
        "--input-range \(text)",
        insteadOf: own.networkRange.map { DescriptionSource.text($0) }, .range,
        because: "the network expects values from \(ends)")
    }
    if own.channelOrder != wanted.channelOrder {
      return wanted.channelOrder == .rgb
        ? leavingOut(
          "--channels bgr", .channels, or: "--channels rgb",
          because: "the network expects red first")
        : giving(
          "--channels bgr", insteadOf: nil, .channels, because: "the network expects blue first")
    }
    if wanted.mean.isEmpty {
      let zeros = own.mean.map { _ in "0" }.joined(separator: ",")
      let ones = own.mean.map { _ in "1" }.joined(separator: ",")
      return leavingOut(
        "--mean and --std", .normalization, or: "--mean \(zeros) --std \(ones)",
        because: "values are normalised twice") + ", or give the data as they were"
    }
    return giving(
      "--mean \(DescriptionSource.text(wanted.mean)) --std "
        + DescriptionSource.text(wanted.standardDeviation),
      insteadOf: own.mean.isEmpty
        ? nil
        : "\(DescriptionSource.text(own.mean)) and \(DescriptionSource.text(own.standardDeviation))",
      .normalization,
      because: own.mean.isEmpty
        ? "the network expects normalised values"
        : "the network expects values normalised by other statistics")
  }

  private func giving(
    _ words: String, insteadOf old: String?, _ option: Option, because reason: String
  ) -> String {
    let change = words + (old.map { " instead of \($0)" } ?? "")
    return isCarried
      ? "\(reason), and its file says otherwise: make it anew from its original, with \(change)"
      : "\(reason): \(change)"
  }

  private func leavingOut(
    _ words: String, _ option: Option, or neutral: String, because reason: String?
  ) -> String {
    let action: String
    if isCarried {
      action = "the file says so itself; make it anew from its original, without \(words)"
    } else {
      action = given.contains(option) ? "leave out \(words)" : neutral
    }
    return (reason.map { "\($0): " } ?? "") + action
  }

  private static func text(_ range: ClosedRange<Float>) -> String {
    "\(text(range.lowerBound)):\(text(range.upperBound))"
  }

  private static func text(_ values: [Float]) -> String {
    values.map { text($0) }.joined(separator: ",")
  }

  /// A number as people write it, with at most four decimals.
  static func text(_ value: Float) -> String {
    let rounded = (value * 1e4).rounded() / 1e4
    guard abs(rounded) < 1e6 else { return value.description }
    return rounded == rounded.rounded() ? String(Int(rounded)) : rounded.description
  }
}
