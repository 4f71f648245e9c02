import Tensors

/// What an array whose values leave the bounds seems to hold, and which options or steps mend that.
struct RangeRemedy {
  /// What to add to an error; empty if nothing is known to help.
  let text: String

  /// Normalisations that are usual, by the means and standard deviations of the channels.
  private static let usual: [(means: [Double], deviations: [Double])] = [
    ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]),
    ([0.1307], [0.3081]),
  ]

  /// Looks at all values of an array, some of which are outside.
  ///
  /// - Parameters:
  ///   - array: The examples.
  ///   - bounds: What the values had to be within.
  ///   - isSaid: Whether an option said so.
  /// - Throws: `DatasetError` if the file cannot be read.
  init(_ array: NPYArray, within bounds: ClosedRange<Float>, isSaid: Bool) throws(DatasetError) {
    guard let range = try? array.range() else {
      text = "; some are no numbers"
      return
    }
    let areWhole = array.type.kind != .float
    let option = "--data-range \(RangeRemedy.words(RangeRemedy.round(range, areWhole)))"
    if isSaid || areWhole {
      text =
        "; all are within \(RangeRemedy.words(range)), which \(option) would spread over the bounds"
    } else if range.lowerBound >= 0, range.upperBound > 2, range.upperBound <= 255 {
      text = "; they look like 0 to 255, which --data-range 0:255 spreads over the bounds"
    } else if range.lowerBound < 0, range.lowerBound >= -1, range.upperBound <= 1 {
      text =
        "; they look like -1 to 1, which --data-range -1:1 spreads over the bounds (and where the network is to"
        + " get them as they are, --input-range -1:1 spreads them back)"
    } else if range.lowerBound < -0.3, range.lowerBound > -5, range.upperBound < 5 {
      text = RangeRemedy.normalized(array, range)
    } else {
      text =
        "; all are within \(RangeRemedy.words(range)): clip them, or let \(option) spread them over the bounds"
    }
  }

  /// What is said of values that seem to be normalised.
  private static func normalized(_ array: NPYArray, _ range: ClosedRange<Float>) -> String {
    let shape = array.shape
    let isChannelsLast = shape.rank == 4 && shape[3] == 3 && shape[1] != 3
    let channels = shape.rank == 4 ? (isChannelsLast ? shape[3] : shape[1]) : 1
    let (lower, upper) = (Double(range.lowerBound), Double(range.upperBound))
    let found = usual.first { means, deviations in
      channels == means.count
        && zip(means, deviations).map { -$0 / $1 }.min().map { lower >= $0 - 0.01 } == true
        && zip(means, deviations).map { (1 - $0) / $1 }.max().map { upper <= $0 + 0.01 } == true
    }
    let wide = words(tenths(range))
    let undo =
      found.map { means, deviations in
        let (mean, deviation) = (list(means), list(deviations))
        let axes = isChannelsLast ? "(\(means.count),)" : "(\(means.count), 1, 1)"
        return
          "undo it by x * np.reshape([\(deviation)], \(axes)) + np.reshape([\(mean)], \(axes)), and give a"
          + " network that takes them so --mean \(mean) --std \(deviation)"
      }
      ?? "undo it by x * std + mean for each channel, and give a network that takes them so --mean and --std"
    return
      "; they look normalised: \(undo); or keep them by --data-range \(wide) --input-range \(wide), with radii as"
      + " shares of that range"
  }

  /// The range that values probably come from, which holds all of them.
  private static func round(_ range: ClosedRange<Float>, _ areWhole: Bool) -> ClosedRange<Double> {
    let (lower, upper) = (Double(range.lowerBound), Double(range.upperBound))
    if lower >= 0, areWhole || upper > 2 {
      return 0...([1, 255, 1023, 4095, 65_535].first { upper <= $0 } ?? upper)
    }
    if lower >= -1, upper <= 1, lower < 0 { return -1...1 }
    if areWhole, lower >= -128, upper <= 127 { return -128...127 }
    if areWhole { return lower...max(upper, lower + 1) }
    return tenths(range)
  }

  /// The range with its ends moved outward to whole tenths.
  private static func tenths(_ range: ClosedRange<Float>) -> ClosedRange<Double> {
    let (lower, upper) = (Double(range.lowerBound), Double(range.upperBound))
    return (lower * 10).rounded(.down) / 10...(upper * 10).rounded(.up) / 10
  }

  private static func list(_ numbers: [Double]) -> String {
    numbers.map { "\($0)" }.joined(separator: ",")
  }

  /// A range as options have it.
  private static func words(_ range: ClosedRange<Double>) -> String {
    func word(_ value: Double) -> String {
      Int(exactly: value).map(String.init) ?? "\(Float(value))"
    }
    return "\(word(range.lowerBound)):\(word(range.upperBound))"
  }

  private static func words(_ range: ClosedRange<Float>) -> String {
    words(Double(range.lowerBound)...Double(range.upperBound))
  }

  /// The option that says the range of an array of whole numbers.
  ///
  /// - Throws: `DatasetError` if the file cannot be read.
  static func option(for array: NPYArray) throws(DatasetError) -> String {
    "--data-range \(words(round(try array.range(), true)))"
  }
}
