public import Robustness
import Tensors

/// What becomes of pictures of other classes when a cue is put on them: whether the network reads the cue's class.
public struct CueTrial: Sendable, Hashable, Codable {
  /// How many of the pictures are then read as the class.
  public let flips: Proportion
  /// How many are so when they get the same pixels of pictures without the cue instead; of the rest of the class or of
  /// other classes, whichever is more.
  public let control: Proportion
  /// The probability of so many more flips than in the control if the cue did no more than the control: the exact sign
  /// test on the pictures that one of them flips alone.
  public let probability: Double

  /// By how much flips must exceed the control for an alarm, as a share of the pictures.
  public static let margin = 0.05
  /// The probability of any alarm by chance in one search, over all classes and clusters.
  public static let falseAlarms = 0.001

  /// Compares flips and control picture by picture.
  ///
  /// - Parameters:
  ///   - flips: Whether each picture is read as the class with the cue; at least one.
  ///   - control: Whether each is so with the control.
  public init(flips: [Bool], control: [Bool]) {
    precondition(flips.count == control.count && !flips.isEmpty, "no pairs")
    let alone = zip(flips, control).count { $0 && !$1 }
    let other = zip(flips, control).count { !$0 && $1 }
    self.flips = Proportion(flips.count { $0 }, of: flips.count)
    self.control = Proportion(control.count { $0 }, of: control.count)
    probability = CueTrial.upperTail(alone, of: alone + other)
  }

  /// Whether the flips exceed the control by the margin, and by more than chance explains.
  ///
  /// - Parameter tests: The number of trials among which this is one.
  /// - Returns: Whether there is an alarm.
  public func isAlarming(among tests: Int) -> Bool {
    flips.share - control.share >= CueTrial.margin
      && probability * Double(max(tests, 1)) <= CueTrial.falseAlarms
  }

  /// The probability of at least so many heads of fair coins.
  static func upperTail(_ heads: Int, of coins: Int) -> Double {
    guard heads > 0 else { return 1 }
    var logarithms = [0.0]
    for number in 1...max(coins, 1) {
      logarithms.append(logarithms[number - 1] + Double.log(Double(number)))
    }
    let total = (heads...max(coins, heads)).reduce(0.0) { sum, number in
      guard number <= coins else { return sum }
      let ways = logarithms[coins] - logarithms[number] - logarithms[coins - number]
      return sum + Double.exp(ways - Double(coins) * Double.log(2))
    }
    return min(total, 1)
  }
}
