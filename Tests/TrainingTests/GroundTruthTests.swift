import Attacks
import Certificates
import Datasets
import Engine
import Graphs
import Models
import Networks
import Optimizers
import Robustness
import Tensors
import Testing
import Training

/// Inner maxima that are known: of linear models in closed form, of one hidden layer by its regions.
@Suite struct GroundTruthTests {
  /// The dual norm of a difference of weights, by which the worst margin falls.
  private static func dual(_ weights: [Double], _ norm: Norm) -> Double {
    norm == .infinity
      ? weights.reduce(0) { $0 + abs($1) } : weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// Examples whose balls lie within the bounds, so that the closed form holds.
  private func inner(_ count: Int, _ size: Int, seed: UInt64) -> Dataset {
    var generator = RandomKey(seed: seed).child("inner").generator
    let labels = (0..<count).map { _ in generator.integer(below: 2) }
    let values = labels.flatMap { label in
      (0..<size).map { place in
        0.3 + 0.3 * generator.uniform() + (place % 2 == label ? 0.1 : 0)
      }
    }
    return Dataset(
      name: "inner", exampleShape: [size], values: values, labels: labels,
      classNames: ["no", "yes"], bounds: 0...1)
  }

  /// The robust loss of a linear model with two classes, log(1 + exp(-(m - eps ||w||_q))), with its gradient.
  private func robustLoss(
    _ weights: [[Double]], _ biases: [Double], _ data: Dataset, _ norm: Norm, _ radius: Double
  ) throws -> (loss: Double, weights: [[Double]], biases: [Double]) {
    let size = weights[0].count
    var (loss, dw, db) = (
      0.0, [[Double](repeating: 0, count: size), [Double](repeating: 0, count: size)], [0.0, 0]
    )
    let count = Double(data.count)
    for (row, label) in data.labels.enumerated() {
      let x = try data.image(at: row).scalars.map(Double.init)
      let difference = (0..<size).map { weights[label][$0] - weights[1 - label][$0] }
      let length = Self.dual(difference, norm)
      let margin = zip(difference, x).reduce(biases[label] - biases[1 - label]) { $0 + $1.0 * $1.1 }
      let worst = margin - radius * length
      loss += Double.log(1 + Double.exp(-worst)) / count
      let slope = -1 / (1 + Double.exp(worst)) / count
      for place in 0..<size {
        let direction =
          norm == .infinity
          ? (difference[place] < 0 ? -1 : 1) : difference[place] / length
        let d = slope * (x[place] - radius * direction)
        dw[label][place] += d
        dw[1 - label][place] -= d
      }
      db[label] += slope
      db[1 - label] -= slope
    }
    return (loss, dw, db)
  }

  // Danskin's theorem: the gradient at the worst point is that of the maximum.
  @Test(
    "a linear model learns the same weights from an attack and from the closed form",
    arguments: [Norm.infinity, .two])
  func linear(norm: Norm) async throws {
    let (size, radius, steps, rate) = (6, 0.1, 40, 0.5)
    let data = inner(30, size, seed: 8)
    let network = try Network("linear", input: InputDescription(shape: [size]), seed: 4) {
      Linear(2)
    }
    let ball = try Ball(norm, radius: radius)
    let attack: any Attack =
      norm == .infinity
      ? FGSM()
      : PGD {
        $0.steps = 1
        $0.stepSize = 2 * radius
        $0.randomStart = false
      }
    let recipe = Recipe(
      epochs: steps, batchSize: data.count, optimizer: SGD(momentum: 0),
      schedule: .constant(rate: rate),
      adversary: .init(attack, threat: ball, description: "exact"))
    let end = try await Trainer(recipe).train(TrainingState(network, recipe: recipe), on: data)

    let names = network.trainedNames
    let (weightName, biasName) = (
      try #require(names.first { $0.hasSuffix("weight") }),
      try #require(names.first { $0.hasSuffix("bias") })
    )
    func rows(_ network: Network) throws -> [[Double]] {
      let values = try #require(network.parameters[weightName]).scalars.map(Double.init)
      return [Array(values[..<size]), Array(values[size...])]
    }
    var weights = try rows(network)
    var biases = try #require(network.parameters[biasName]).scalars.map(Double.init)
    for step in 0..<steps {
      let known = try robustLoss(weights, biases, data, norm, radius)
      #expect(abs(known.loss - end.epochs[step].loss) < 1e-5, "step \(step + 1)")
      for label in 0..<2 {
        for place in 0..<size { weights[label][place] -= rate * known.weights[label][place] }
        biases[label] -= rate * known.biases[label]
      }
    }
    for (found, known) in zip(try rows(end.network).joined(), weights.joined()) {
      #expect(abs(found - known) < 1e-5)
    }
    let found = try #require(end.network.parameters[biasName]).scalars
    for (found, known) in zip(found, biases) { #expect(abs(Double(found) - known) < 1e-5) }
    // It is another solution than that of plain training.
    #expect(end.epochs[0].loss > end.epochs[steps - 1].loss)
  }

  /// The cross-entropy of two classes at a margin of the wrong one.
  private func loss(_ margin: Double) -> Double { Double.log(1 + Double.exp(margin)) }

  @Test(
    "PGD <= the exact maximum over the regions of one hidden layer <= the bounds", arguments: 0..<12
  )
  func regions(seed: UInt64) async throws {
    let (hidden, radius) = (4, 0.25)
    let network = try Network("hidden", input: InputDescription(shape: [2]), seed: seed) {
      Linear(hidden)
      ReLU()
      Linear(2)
    }
    var generator = RandomKey(seed: seed).child("point").generator
    let x = [0.3 + 0.4 * generator.uniform(), 0.3 + 0.4 * generator.uniform()] as [Float]
    let ball = try Ball(.infinity, radius: radius)
    let label = Int(seed % 2)
    let names = network.trainedNames
    func values(_ index: Int) throws -> [Double] {
      try #require(network.parameters[names[index]]).scalars.map(Double.init)
    }
    let (first, second) = (try values(0), try values(2))
    let (offsets, lasts) = (try values(1), try values(3))
    func margin(_ point: [Double]) -> Double {
      var value = lasts[1 - label] - lasts[label]
      for unit in 0..<hidden {
        let h = max(0, first[2 * unit] * point[0] + first[2 * unit + 1] * point[1] + offsets[unit])
        value += (second[(1 - label) * hidden + unit] - second[label * hidden + unit]) * h
      }
      return value
    }
    // A piecewise linear function is largest at a corner of one of its regions: where two of the lines meet, of the units
    // and of the box.
    var lines = (0..<hidden).map { (a: first[2 * $0], b: first[2 * $0 + 1], c: -offsets[$0]) }
    let box = x.map { (Double($0) - radius, Double($0) + radius) }
    lines += [(1, 0, box[0].0), (1, 0, box[0].1), (0, 1, box[1].0), (0, 1, box[1].1)]
    var exact = -Double.infinity
    for i in lines.indices {
      for j in lines.indices where j > i {
        let determinant = lines[i].a * lines[j].b - lines[i].b * lines[j].a
        if abs(determinant) < 1e-12 { continue }
        let point = [
          (lines[i].c * lines[j].b - lines[i].b * lines[j].c) / determinant,
          (lines[i].a * lines[j].c - lines[i].c * lines[j].a) / determinant,
        ]
        guard zip(point, box).allSatisfy({ $0 >= $1.0 - 1e-9 && $0 <= $1.1 + 1e-9 }) else {
          continue
        }
        exact = max(exact, margin(point))
      }
    }
    let model = try CompiledNetwork(network)
    let problem = try Problem(index: 0, input: Tensor(x, shape: [2]), label: label, threat: ball)
    let found = try await AttackRunner(model: model, seed: 1).trainingInputs(
      PGD {
        $0.steps = 50
        $0.restarts = 10
      }, on: [problem])
    let attacked = margin(try #require(found.first).input.scalars.map(Double.init))
    let boxed = EnclosingBox(around: Tensor(x, shape: [2]), radius: radius, within: 0...1)
    let bounds = try VerifiedBounds(network.graph, parameters: network.parameters)
    let certified = bounds.margins(of: boxed, label: label)[1 - label]
    let natural = margin(x.map(Double.init))
    #expect(loss(natural) <= loss(attacked) + 1e-6)
    #expect(loss(attacked) <= loss(exact) + 1e-6)
    #expect(loss(exact) <= loss(certified) + 1e-9)
    // Ten restarts find it in two dimensions.
    #expect(loss(exact) - loss(attacked) < 1e-4)
  }

  @Test(
    "on every batch the natural loss is at most the attacked one, and that at most the certified")
  func order() async throws {
    let data = Digits.data(48)
    let ball = try Ball(.infinity, radius: 0.05)
    var method = IntervalTraining(ball, words: "linf:0.05")
    method.ramp = 0.5
    let recipe = Recipe(
      epochs: 4, batchSize: 16, optimizer: Adam(), schedule: .constant(rate: 0.003), method: method)
    var states: [TrainingState] = []
    let start = TrainingState(try recipe.network(of: .smallCNN), recipe: recipe)
    _ = try await Trainer(recipe).train(start, on: data, onEpoch: { states.append($0) })
    for state in [start] + states {
      let network = state.network
      let model = try CompiledNetwork(network)
      let bounds = try VerifiedBounds(network.graph, parameters: network.parameters)
      for first in stride(from: 0, to: 48, by: 16) {
        let examples = try Array(data.subset(offset: first, count: 16).examples)
        let problems = try examples.map {
          try Problem(index: $0.index, input: $0.input, label: $0.label, threat: ball)
        }
        let found = try await AttackRunner(model: model, seed: 2).trainingInputs(
          PGD {
            $0.steps = 10
            $0.randomStart = false
          }, on: problems)
        func mean(_ inputs: [Tensor<Float>]) async throws -> [Double] {
          let logits = try await model.outputs(of: .stacking(inputs))
          return examples.indices.map { row in
            let scores = logits.row(row).scalars.map(Double.init)
            let own = scores[examples[row].label]
            return Double.log(scores.reduce(0) { $0 + Double.exp($1 - own) })
          }
        }
        let natural = try await mean(examples.map(\.input))
        // The clean point is kept where no step found a larger loss.
        let attacked = zip(try await mean(found.map(\.input)), natural).map { max($0, $1) }
        let certified = examples.map { example in
          let margins = bounds.margins(
            of: EnclosingBox(around: example.input, radius: 0.05, within: 0...1),
            label: example.label)
          return Double.log(margins.reduce(0) { $0 + Double.exp($1) })
        }
        for row in examples.indices {
          #expect(attacked[row] <= certified[row] + 1e-4)
        }
        #expect(natural.reduce(0, +) <= attacked.reduce(0, +))
        #expect(attacked.reduce(0, +) < certified.reduce(0, +))
      }
    }
  }
}
