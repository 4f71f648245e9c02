import Attacks
package import Networks
package import Optimizers
import Robustness
package import Tensors
package import Training

/// Ways to make a network of examples.
package enum SoundFits {
  /// An affine network of given weights and biases.
  package static func affine(
    _ shape: Shape, _ weights: Tensor<Float>, _ biases: [Float],
    input: InputDescription? = nil
  ) throws -> Network {
    var network = try Network("affine", input: input ?? InputDescription(shape: shape), seed: 0) {
      Flatten()
      Linear(biases.count)
    }
    try network.load([
      "1.weight": weights, "1.bias": Tensor(biases, shape: [biases.count]),
    ])
    return network
  }

  /// Linear discriminant analysis with a variance for each feature: w = mean / variance, in closed form.
  package static func discriminant(_ examples: SoundExamples) throws -> Network {
    let (weights, biases) = discriminantWeights(examples)
    return try affine(examples.shape, weights, biases)
  }

  /// The negative distances to the means of the classes, but for what all have in common.
  package static func nearestMeans(_ examples: SoundExamples, scale: Float) throws -> Network {
    let size = examples.shape.count
    let means = (0..<examples.classCount).map { label -> Tensor<Float> in
      let rows = examples.labels.indices.filter { examples.labels[$0] == label }
      let sum = rows.reduce(Tensor<Float>.zeros([size])) {
        $0 + examples.inputs.row($1).reshaped(to: [size])
      }
      return (1 / Float(max(1, rows.count))) * sum
    }
    return try affine(
      examples.shape, .stacking(means.map { scale * $0 }),
      means.map { -scale * Float($0.norm2 * $0.norm2 / 2) })
  }

  /// The same for two classes with one output, their difference.
  package static func singleLogit(_ examples: SoundExamples) throws -> Network {
    let (weights, biases) = discriminantWeights(examples)
    let difference = weights.row(1) - weights.row(0)
    return try affine(
      examples.shape, difference.reshaped(to: [1, difference.count]), [biases[1] - biases[0]])
  }

  private static func discriminantWeights(
    _ examples: SoundExamples
  ) -> (Tensor<Float>, [Float]) {
    let size = examples.shape.count
    let classes = examples.classCount
    var means = [[Double]](repeating: [Double](repeating: 0, count: size), count: classes)
    var counts = [Double](repeating: 0, count: classes)
    for (row, label) in examples.labels.enumerated() {
      counts[label] += 1
      let x = examples.inputs.row(row)
      for index in 0..<size { means[label][index] += Double(x[index]) }
    }
    for label in 0..<classes {
      for index in 0..<size { means[label][index] /= max(1, counts[label]) }
    }
    var variances = [Double](repeating: 0, count: size)
    for (row, label) in examples.labels.enumerated() {
      let x = examples.inputs.row(row)
      for index in 0..<size {
        let difference = Double(x[index]) - means[label][index]
        variances[index] += difference * difference
      }
    }
    // A feature that hardly ever varies would decide alone.
    let floor = variances.reduce(0, +) / Double(size) * 0.05 + 1e-12
    variances = variances.map { max($0, floor) / Double(examples.count) }
    var weights: [Float] = []
    var biases: [Float] = []
    for label in 0..<classes {
      var bias = Double.log(max(counts[label], 0.5) / Double(examples.count))
      for index in 0..<size {
        weights.append(Float(means[label][index] / variances[index]))
        bias -= means[label][index] * means[label][index] / variances[index] / 2
      }
      biases.append(Float(bias))
    }
    return (Tensor(weights, shape: [classes, size]), biases)
  }

  /// Trains a network, against an adversary if there is one.
  package static func trained(
    _ network: Network, on examples: SoundExamples, epochs: Int, rate: Double,
    batch: Int = 25, optimizer: any Optimizer = Adam(), adversary: Recipe.Adversary? = nil
  ) async throws -> Network {
    let recipe = Recipe(
      epochs: epochs, batchSize: batch, optimizer: optimizer, schedule: .constant(rate: rate),
      seed: 1, adversary: adversary)
    return try await Trainer(recipe).train(
      TrainingState(network, recipe: recipe), on: examples.dataset
    ).network
  }

  /// The adversary of fast adversarial training.
  package static func adversary(
    radius: Double, bounds: ClosedRange<Float> = 0...1
  ) throws -> Recipe.Adversary {
    Recipe.Adversary(
      FGSM {
        $0.randomStart = true
        $0.stepSize = 1.25 * radius
      },
      threat: try Ball(.infinity, radius: radius, bounds: InputBounds(bounds)), description: "fast")
  }

  /// A network with one hidden layer of rectifiers.
  package static func perceptron(
    _ shape: Shape, _ hidden: Int, _ classes: Int, seed: UInt64 = 0
  ) throws -> Network {
    try Network("perceptron", input: InputDescription(shape: shape), seed: seed) {
      Flatten()
      Linear(hidden)
      ReLU()
      Linear(classes)
    }
  }

  /// Two convolutions and a linear layer, with batch normalisation or without.
  package static func convolutional(
    _ shape: Shape, _ classes: Int, seed: UInt64 = 0, isNormalized: Bool = false
  ) throws -> Network {
    let input = InputDescription(shape: shape)
    if isNormalized {
      return try Network("normalised", input: input, seed: seed) {
        Convolve(8, kernel: 4, stride: 2, padding: 1)
        BatchNorm()
        ReLU()
        Convolve(16, kernel: 4, stride: 2, padding: 1)
        BatchNorm()
        ReLU()
        Flatten()
        Linear(classes)
      }
    }
    return try Network("convolutional", input: input, seed: seed) {
      Convolve(8, kernel: 4, stride: 2, padding: 1)
      ReLU()
      Convolve(16, kernel: 4, stride: 2, padding: 1)
      ReLU()
      Flatten()
      Linear(classes)
    }
  }

  /// The same network with every weight rounded to one of few levels, spread over each tensor's own range.
  package static func quantized(_ network: Network, levels: Int) throws -> Network {
    var network = network
    var parameters = network.parameters
    for (name, tensor) in parameters {
      let largest = Float(tensor.normInfinity)
      guard largest > 0 else { continue }
      let step = 2 * largest / Float(levels - 1)
      parameters[name] = tensor.map { ($0 / step).rounded() * step }
    }
    try network.load(parameters)
    return network
  }
}
