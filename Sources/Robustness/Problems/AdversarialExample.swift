import Crypto
import Files
public import Tensors

/// A verified adversarial example: inside the threat, and the exact forward pass reaches the goal
/// there, as do other ways to compute the model where it is near the boundary.
public struct AdversarialExample: Sendable, Hashable {
  /// The adversary's parameters.
  public let z: Tensor<Float>

  /// The perturbed input x'.
  public let input: Tensor<Float>

  /// The margin of the goal at x', above zero.
  public let margin: Double

  /// What other ways to compute the model say of that.
  public let rounding: Rounding

  /// The label the model gives x'; `nil` where there are no classes.
  public let prediction: Int?

  /// The size of the perturbation in the threat's norm.
  public let distance: Double

  /// The name of the attack that found it.
  public let attack: String

  /// The restart that found it, from 0.
  public let restart: Int

  /// The passes spent on the example until the goal was first seen to be reached inside the threat.
  ///
  /// That of the example as it is counts, and so does the verification if the attack did not ask about the point
  /// itself. Points asked about together are seen together. For an adversarial example outside the threat: the passes until it was
  /// verified.
  public let passes: Passes

  /// A name for x': the SHA-256, in hexadecimal, of the text of its shape (`1x28x28`), a line feed,
  /// and its values as little-endian 32-bit floats.
  public let hash: String

  init(
    z: Tensor<Float>, input: Tensor<Float>, margin: Double, rounding: Rounding, prediction: Int?,
    distance: Double, attack: String, restart: Int, passes: Passes
  ) {
    self.z = z
    self.input = input
    self.margin = margin
    self.rounding = rounding
    self.prediction = prediction
    self.distance = distance
    self.attack = attack
    self.restart = restart
    self.passes = passes
    self.hash = AdversarialExample.hash(of: input)
  }

  /// The name of an input; see `hash`.
  public static func hash(of input: Tensor<Float>) -> String {
    var hasher = SHA256()
    var bytes = Array("\(input.shape)\n".utf8)
    bytes.reserveCapacity(bytes.count + 4 * input.count)
    for value in input.scalars {
      let bits = value.bitPattern
      for shift in stride(from: 0, to: 32, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift)))
      }
    }
    bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    return String(hexadecimal: hasher.finalize())
  }
}

/// What ways to compute a model other than the one that ran say of an adversarial example.
public enum Rounding: Sendable, Hashable {
  /// Nothing was asked: the margin is beyond all rounding, above `ModelDefinition.rounding()` of the outputs' size.
  case clear
  /// They agree.
  ///
  /// - margin: The margin in double precision; above ten times the difference.
  /// - difference: The most by which margins in single precision, of the pass that counts and in two other orders of
  ///   summation, differ from that.
  case verified(margin: Double, difference: Double)
  /// The model cannot be computed in another way, such as a remote one.
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
