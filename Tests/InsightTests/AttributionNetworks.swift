import Graphs
import Insight
import Networks
import Tensors

/// Small networks whose attributions are known, or must keep a law.
enum AttributionNetworks {
  static let gray = InputDescription(shape: [1, 8, 8])
  static let colours = InputDescription(
    shape: [3, 8, 8], mean: [0.4, 0.5, 0.6], standardDeviation: [0.2, 0.3, 0.25])

  /// One linear layer without bias.
  static func linear() throws -> Network {
    try Network("linear", input: gray, seed: 1) {
      Flatten()
      Linear(3, bias: .absent)
    }
  }

  /// ReLU, leaky ReLU, poolings of both kinds, a residual sum, and all of it linear in pieces.
  static func piecewise(seed: UInt64) throws -> Network {
    try Network("piecewise", input: colours, seed: seed) {
      Convolve(6, kernel: 3, padding: 1)
      BatchNorm()
      ReLU()
      Residual {
        Convolve(6, kernel: 3, padding: 1)
        Activation(.leakyReLU(slope: 0.1))
      }
      MaxPooling(2)
      Convolve(8, kernel: 3, padding: 1)
      ReLU6()
      AveragePooling(2)
      Flatten()
      Linear(12)
      Activation(.hardSigmoid(alpha: 0.2, beta: 0.5))
      Linear(4)
    }
  }

  /// Convolutions, poolings, a residual sum and linear layers, none with a bias.
  static func withoutBias(seed: UInt64) throws -> Network {
    try Network("bias-free", input: gray, seed: seed) {
      Convolve(6, kernel: 3, padding: 1, bias: .absent)
      ReLU()
      Residual {
        Convolve(6, kernel: 3, padding: 1, bias: .absent)
        ReLU()
      }
      MaxPooling(2)
      Convolve(8, kernel: 3, bias: .absent)
      ReLU()
      AveragePooling(2)
      Flatten()
      Linear(10, bias: .absent)
      ReLU()
      Linear(4, bias: .absent)
    }
  }

  /// Features, their mean over all places, and one linear layer.
  static func pooledFeatures() throws -> Network {
    try Network("pooled", input: gray, seed: 3) {
      Convolve(5, kernel: 3, padding: 1).named("first")
      ReLU()
      Convolve(7, kernel: 3, stride: 2, padding: 1).named("second")
      ReLU()
      GlobalAveragePooling()
      Linear(3, bias: .absent).named("weights")
    }
  }

  /// Uniform inputs in [0, 1].
  static func inputs(_ count: Int, for network: Network, seed: UInt64 = 7) -> Tensor<Float> {
    var generator = RandomKey(seed: seed).child("attribution inputs").generator
    return generator.uniforms(network.input.shape.prepending(count))
  }

  /// A request about some classes.
  static func request(
    _ network: Network, _ inputs: Tensor<Float>, classes: [Int]
  ) throws -> AttributionRequest {
    try AttributionRequest(
      try network.compiled(), network: network, inputs: inputs, classes: classes)
  }
}

/// x plus what layers make of x.
struct Residual: Layer {
  let inner: Sequential

  init(@LayerBuilder layers: () -> [any Layer]) { inner = Sequential(layers()) }

  func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    try context.graph.add(x, try inner.apply(to: x, named: name, in: &context))
  }
}

/// The largest difference, as a share of the largest magnitude on the right.
func relativeDifference(_ left: Tensor<Float>, _ right: Tensor<Float>) -> Double {
  (left - right).normInfinity / max(right.normInfinity, .leastNormalMagnitude)
}
