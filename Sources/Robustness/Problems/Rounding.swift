/// What ways to compute a model other than the one that ran say of a witness.
public enum Rounding: Sendable, Hashable {
  /// Nothing was asked: the margin is beyond all rounding, above `ModelDefinition.rounding()` of the outputs' size.
  case clear
  /// They agree.
  ///
  /// - margin: The margin in double precision; above ten times the difference.
  /// - difference: The most by which margins in single precision, of the pass that counts and in two other orders of
  ///   summation, differ from that.
  case verified(margin: Double, difference: Double)
  /// The model cannot be computed in another way, such as one that runs elsewhere.
  case unverified

  /// The margin, relative to the outputs' size, above which rounding is not even measured: hundreds of times the
  /// largest difference between single and double precision that was seen.
  public static let clearance = 0x1p-10

  /// How many differences a margin must exceed.
  static let factor = 10.0

  /// Compares margins; fails unless all are beyond zero and the first exceeds ten times the largest difference.
  ///
  /// - Parameters:
  ///   - margin: In double precision.
  ///   - others: In single precision.
  init?(margin: Double, others: [Double]) {
    let difference = others.reduce(0.0) { most, other in
      let difference = (other - margin).magnitude
      // A NaN stays.
      return difference <= most ? most : difference
    }
    guard margin > 0, others.allSatisfy({ $0 > 0 }), margin > Rounding.factor * difference else {
      return nil
    }
    self = .verified(margin: margin, difference: difference)
  }
}
