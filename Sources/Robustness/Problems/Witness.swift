import Crypto
import Files
public import Tensors

/// A verified adversarial example: inside the threat, and the exact forward pass reaches the goal
/// there, as do other ways to compute the model where it is near the boundary.
public struct Witness: Sendable, Hashable {
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
  /// itself. Points asked about together are seen together. For a witness outside the threat: the passes until it was
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
    self.hash = Witness.hash(of: input)
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
