import Tensors

/// Weights and images from a formula, the twin of ../Scripts/formula.py, which states it exactly.
///
/// `u(seed, i)` is the upper 24 bits of output `i` of SplitMix64 started at `seed`, divided by 2^24. Value
/// `i` of the parameter number `p` of network number `n` is `(1 / sqrt(fanIn)) * ((u(1000 p + n, i) - 0.5) *
/// 2)`, in double precision and rounded once; value `i` of image `k` is `u(99000 + n, 784 k + i)`.
struct FormulaWeights {
  /// The number of the network in the formula.
  let network: UInt64

  /// Which images are used.
  let imageNumbers: [Int]

  /// The shapes of the layers' weights, first the outputs, then the inputs of each.
  let weights: [Shape]

  /// The convolutional network of Madry and others for MNIST.
  static let madry = FormulaWeights(
    network: 1, imageNumbers: [4, 21, 38, 58, 60, 61, 67, 73],
    weights: [[32, 1, 5, 5], [64, 32, 5, 5], [1024, 3136], [10, 1024]])

  /// The labels of the images.
  static let labels = (0..<8).map { (3 * $0 + 1) % 10 }

  /// The parameter number `number`, in order weight, bias, weight, bias, and so on.
  func parameter(_ number: Int, shape: Shape, fanIn: Int) -> Tensor<Float> {
    let scale = 1 / Double(fanIn).squareRoot()
    let seed = 1000 * UInt64(number) + network
    return Tensor(
      (0..<shape.count).map { Float(scale * ((Self.uniform(seed, $0) - 0.5) * 2)) }, shape: shape)
  }

  /// All parameters: weight, bias, weight, bias, and so on.
  var parameters: [Tensor<Float>] {
    weights.enumerated().flatMap { layer, shape in
      let fanIn = shape.droppingFirst.count
      return [
        parameter(2 * layer, shape: shape, fanIn: fanIn),
        parameter(2 * layer + 1, shape: [shape[0]], fanIn: fanIn),
      ]
    }
  }

  /// The image number `number`, values in [0, 1).
  func image(_ number: Int) -> Tensor<Float> {
    Tensor(
      (0..<784).map { Float(Self.uniform(99000 + network, 784 * number + $0)) },
      shape: [1, 28, 28])
  }

  /// The eight images.
  var images: [Tensor<Float>] { imageNumbers.map(image) }

  /// The 24-bit uniform number at a position of a seed's stream.
  static func uniform(_ seed: UInt64, _ index: Int) -> Double {
    Double(bits(seed, index) >> 40) * 0x1p-24
  }

  /// The output of SplitMix64 at a position of a seed's stream.
  static func bits(_ seed: UInt64, _ index: Int) -> UInt64 {
    var z = seed &+ (UInt64(index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
