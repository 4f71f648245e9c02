/// The logarithm of the sum of the exponentials of some logits, and their softmax, in double precision.
///
/// The largest logit is taken off first, so that nothing overflows; NaN if a logit is.
public struct LogSumExp: Sendable {
  /// The largest logit; 0 where there are none.
  public let largest: Double
  /// exp(z - largest) for each logit z; not above 1.
  public let exponentials: [Double]
  /// The sum of the exponentials, so that 1 / `sum` is the largest probability.
  public let sum: Double

  /// Adds up exponentials in the order of the logits.
  public init(_ logits: [Double]) {
    let largest = logits.max() ?? 0
    self.largest = largest
    exponentials = logits.map { Double.exp($0 - largest) }
    sum = exponentials.reduce(0, +)
  }

  /// log of the sum over z of exp(z).
  public var value: Double { largest + Double.log(sum) }

  /// The softmax: a probability for each logit.
  public var probabilities: [Double] { exponentials.map { $0 / sum } }
}
