import Networks
import Settings

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

  /// What is known of a network's training.
  public enum Training: Hashable, Sendable {
    /// Nothing.
    case unknown
    /// It was done under this very description, which so is right, and ended with a share of right answers, if that
    /// is known.
    case underDescription(reached: Double?)
    /// It was done on the very examples that are looked at.
    case onExamples
  }

  /// What is known of the network's training.
  public var training: Training

  /// Creates a source; by default all is said by options.
  public init(
    given: Set<Option> = Set(Option.allCases), isCarried: Bool = false,
    training: Training = .unknown
  ) {
    self.given = given
    self.isCarried = isCarried
    self.training = training
  }

  /// Whether a share of right answers is no less than the training reached, as far as so many examples tell.
  func isAsTrained(right: Int, of count: Int) -> Bool {
    guard case .underDescription(let reached?) = training else { return training == .onExamples }
    let share = min(max(reached, 0), 1)
    let deviation = (share * (1 - share) * Double(count)).squareRoot()
    return Double(right) >= share * Double(count) - 3 * deviation
  }

  /// How to have an input described in another way, of which one thing differs; `nil` where that can be no mistake.
  func mend(from own: InputDescription, to wanted: InputDescription) -> String? {
    guard training == .unknown else { return mendOfData(from: own, to: wanted) }
    if own.networkRange != wanted.networkRange {
      let bounds = own.lowerBound...own.upperBound
      let text = DescriptionSource.text(wanted.networkRange ?? bounds)
      guard wanted.networkRange != nil else {
        return leavingOut(
          "\(Setting.inputRange)", .range, or: "\(Setting.inputRange) \(text)", because: nil)
      }
      let ends = text.split(separator: ":").joined(separator: " to ")
      return giving(
        "\(Setting.inputRange) \(text)",
        insteadOf: own.networkRange.map { DescriptionSource.text($0) }, .range,
        because: "the network expects values from \(ends)")
    }
    if own.channelOrder != wanted.channelOrder {
      return wanted.channelOrder == .rgb
        ? leavingOut(
          "\(Setting.channels) bgr", .channels, or: "\(Setting.channels) rgb",
          because: "the network expects red first")
        : giving(
          "\(Setting.channels) bgr", insteadOf: nil, .channels,
          because: "the network expects blue first")
    }
    if wanted.mean.isEmpty {
      let zeros = own.mean.map { _ in "0" }.joined(separator: ",")
      let ones = own.mean.map { _ in "1" }.joined(separator: ",")
      return leavingOut(
        "\(Setting.mean) and \(Setting.std)", .normalization,
        or: "\(Setting.mean) \(zeros) \(Setting.std) \(ones)",
        because: "values are normalised twice") + ", or give the data as they were"
    }
    return giving(
      "\(Setting.mean) \(DescriptionSource.text(wanted.mean)) \(Setting.std) "
        + DescriptionSource.text(wanted.standardDeviation),
      insteadOf: own.mean.isEmpty
        ? nil
        : "\(DescriptionSource.text(own.mean)) and \(DescriptionSource.text(own.standardDeviation))",
      .normalization,
      because: own.mean.isEmpty
        ? "the network expects normalised values"
        : "the network expects values normalised by other statistics")
  }

  /// The same where the description is right, so that the data are not what it says.
  private func mendOfData(from own: InputDescription, to wanted: InputDescription) -> String? {
    if own.networkRange != wanted.networkRange {
      guard let range = wanted.networkRange else { return nil }
      let bounds = own.lowerBound...own.upperBound
      let before = own.networkRange ?? bounds
      let factor =
        (range.upperBound - range.lowerBound) / (before.upperBound - before.lowerBound)
      let width = bounds.upperBound - bounds.lowerBound
      let offset =
        (range.lowerBound - before.lowerBound) * width
        / (before.upperBound - before.lowerBound) + bounds.lowerBound * (1 - factor)
      let sum =
        offset == 0
        ? ""
        : offset > 0
          ? " + \(DescriptionSource.text(offset))" : " - \(DescriptionSource.text(-offset))"
      return
        "the network was trained on values in other units: replace each value x of the data by"
        + " \(DescriptionSource.text(factor)) x\(sum)"
    }
    if own.channelOrder != wanted.channelOrder {
      return
        "the network was trained with red and blue the other way round: exchange them in the data"
    }
    if wanted.mean.isEmpty {
      return
        "values are normalised twice, by the data and by the network: give the data as they were"
    }
    guard own.mean.isEmpty else { return nil }
    return
      "the network was trained on normalised values: subtract \(DescriptionSource.text(wanted.mean)) from the"
      + " data, and divide by \(DescriptionSource.text(wanted.standardDeviation))"
  }

  private func giving(
    _ words: String, insteadOf old: String?, _ option: Option, because reason: String
  ) -> String {
    let change = words + (old.map { " instead of \($0)" } ?? "")
    return isCarried
      ? "\(reason), and its file says otherwise: convert its original again, with \(change)"
      : "\(reason): \(change)"
  }

  private func leavingOut(
    _ words: String, _ option: Option, or neutral: String, because reason: String?
  ) -> String {
    let action: String
    if isCarried {
      action = "the file says so itself; convert its original again, without \(words)"
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
