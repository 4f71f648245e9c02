import Settings
import Tensors

/// What an array whose values leave the bounds seems to hold, and which options or steps mend that.
struct RangeRemedy {
  /// What to add to an error; empty if nothing is known to help.
  let text: String

  /// A normalisation by the means and standard deviations of the channels.
  private struct Normalization {
    let means: [Double]
    let deviations: [Double]

    /// The values that 0 and 1 become, of all channels.
    var range: ClosedRange<Double> {
      let ends = zip(means, deviations).flatMap { [-$0 / $1, (1 - $0) / $1] }
      return (ends.min() ?? 0)...(ends.max() ?? 0)
    }
  }

  /// Those that are usual: of ImageNet, of CIFAR-10 in two forms, of CIFAR-100 and of MNIST.
  private static let usual = [
    Normalization(means: [0.485, 0.456, 0.406], deviations: [0.229, 0.224, 0.225]),
    Normalization(means: [0.4914, 0.4822, 0.4465], deviations: [0.2470, 0.2435, 0.2616]),
    Normalization(means: [0.4914, 0.4822, 0.4465], deviations: [0.2023, 0.1994, 0.2010]),
    Normalization(means: [0.5071, 0.4867, 0.4408], deviations: [0.2675, 0.2565, 0.2761]),
    Normalization(means: [0.1307], deviations: [0.3081]),
  ]

  /// Looks at all values of an array, some of which are outside.
  ///
  /// - Parameters:
  ///   - array: The examples.
  ///   - bounds: What the values had to be within.
  ///   - isSaid: Whether an option said so.
  ///   - statistics: What the network normalises by, if that is known.
  /// - Throws: `DatasetError` if the file cannot be read.
  init(
    _ array: NPYArray, within bounds: ClosedRange<Float>, isSaid: Bool,
    statistics: DataOptions.Statistics?
  ) throws(DatasetError) {
    guard let range = try? array.range() else {
      text = "; some are not numbers"
      return
    }
    let areWhole = array.type.kind != .float
    let rounded = RangeRemedy.words(RangeRemedy.round(range, areWhole))
    let option = "\(Setting.dataRange) \(rounded)"
    if isSaid || areWhole {
      text =
        "; all are within \(RangeRemedy.words(range)); \(option) spreads them over the bounds"
    } else if range.lowerBound >= 0, range.upperBound > 2, range.upperBound <= 255,
      case let words = RangeRemedy.words(RangeRemedy.round(range, true)), !words.contains(".")
    {
      text =
        "; they look like \(words.replacing(":", with: " to ")); \(Setting.dataRange) \(words) spreads them over the"
        + " bounds"
    } else if range.lowerBound < 0, range.lowerBound >= -1, range.upperBound <= 1 {
      text =
        "; they look like -1 to 1: \(Setting.dataRange) -1:1 spreads them over the bounds (if the network was trained"
        + " on -1 to 1, add \(Setting.inputRange) -1:1)"
    } else if range.lowerBound < -0.3, range.lowerBound > -5, range.upperBound < 5 {
      text = RangeRemedy.normalized(array, range, statistics)
    } else {
      text =
        "; all are within \(RangeRemedy.words(range)): clip them, or add \(option) (and \(Setting.inputRange)"
        + " \(rounded) if the network was trained on such values)"
    }
  }

  /// What is said of values that seem to be normalised.
  private static func normalized(
    _ array: NPYArray, _ range: ClosedRange<Float>, _ statistics: DataOptions.Statistics?
  ) -> String {
    let shape = array.shape
    let isChannelsLast =
      shape.rank == 4 && [1, 3].contains(shape[3]) && ![1, 3].contains(shape[1])
    let channels = shape.rank == 4 ? (isChannelsLast ? shape[3] : shape[1]) : 1
    func fits(_ form: Normalization) -> Bool {
      form.means.count == channels && form.range.lowerBound <= Double(range.lowerBound) + 0.01
        && form.range.upperBound >= Double(range.upperBound) - 0.01
    }
    let own = statistics.map {
      Normalization(
        means: $0.means.map { Double("\($0)") ?? Double($0) },
        deviations: $0.deviations.map { Double("\($0)") ?? Double($0) })
    }
    // Pictures mostly have black and white in them: the narrowest range that holds the values.
    let found = usual.filter { fits($0) }
      .min { $0.range.upperBound - $0.range.lowerBound < $1.range.upperBound - $1.range.lowerBound }
    let wide = words(tenths(range))
    let undone: String
    if let own, fits(own) {
      undone =
        "as by the network itself: use x * std + mean, with the mean \(list(own.means)) and std"
        + " \(list(own.deviations))"
    } else if let found {
      undone =
        "use x * std + mean, and \(Setting.mean) \(list(found.means)) \(Setting.std)"
        + " \(list(found.deviations)) if the network was trained on such values"
    } else {
      undone =
        "use x * std + mean, and \(Setting.mean) and \(Setting.std) if the network was trained on such values"
    }
    return
      "; they look normalised\(own.map(fits) == true ? " " : ": ")\(undone); or add \(Setting.dataRange) \(wide)"
      + " \(Setting.inputRange) \(wide)"
  }

  /// The option that spreads the values of a table over the network's range, to follow what is wrong with them.
  static func spreading(_ range: ClosedRange<Float>, areWhole: Bool) -> String {
    "; all are within \(words(range)); \(Setting.dataRange) \(words(round(range, areWhole))) spreads them over the"
      + " expected range"
  }

  /// The range that values probably come from, which holds all of them.
  private static func round(_ range: ClosedRange<Float>, _ areWhole: Bool) -> ClosedRange<Double> {
    let (lower, upper) = (Double(range.lowerBound), Double(range.upperBound))
    if lower >= 0, areWhole || upper > 2 {
      // What stays far below the end of a range is of another.
      return 0...([1, 255, 1023, 4095, 65_535].first { upper <= $0 && 4 * upper > $0 } ?? upper)
    }
    if lower >= -1, upper <= 1, lower < 0 { return -1...1 }
    if areWhole, lower >= -128, upper <= 127 { return -128...127 }
    if areWhole { return lower...max(upper, lower + 1) }
    return tenths(range)
  }

  /// The range with its ends moved outward to whole tenths.
  private static func tenths(_ range: ClosedRange<Float>) -> ClosedRange<Double> {
    let (lower, upper) = (Double(range.lowerBound), Double(range.upperBound))
    let least = lower < 0 ? (lower * 10).rounded(.down) / 10 : 0
    return least...max((upper * 10).rounded(.up) / 10, least + 0.1)
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
    "\(Setting.dataRange) \(words(round(try array.range(), true)))"
  }
}
