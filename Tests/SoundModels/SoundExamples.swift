package import Datasets
package import Tensors

/// Labelled examples, made or taken from MNIST, for models of many kinds.
package struct SoundExamples: Sendable {
  package var inputs: Tensor<Float>
  package var labels: [Int]
  package var classCount: Int
  /// The values that inputs may have.
  package var bounds: ClosedRange<Float>

  package init(
    _ inputs: Tensor<Float>, _ labels: [Int], classCount: Int, bounds: ClosedRange<Float> = 0...1
  ) {
    self.inputs = inputs
    self.labels = labels
    self.classCount = classCount
    self.bounds = bounds
  }

  package var count: Int { labels.count }
  package var shape: Shape { inputs.shape.droppingFirst }

  /// The examples at some positions.
  package func at(_ positions: some Collection<Int>) -> SoundExamples {
    var part = self
    part.inputs = .stacking(positions.map { inputs.row($0) })
    part.labels = positions.map { labels[$0] }
    return part
  }

  /// Those with labels that fulfil a condition.
  package func filtered(_ condition: (Int) -> Bool) -> SoundExamples {
    at(labels.indices.filter { condition(labels[$0]) })
  }

  /// The same with every value changed.
  package func mapped(
    to bounds: ClosedRange<Float>, _ change: (Float) -> Float
  ) -> SoundExamples {
    var other = self
    other.inputs = inputs.map(change)
    other.bounds = bounds
    return other
  }

  /// The same values in another shape.
  package func reshaped(to shape: Shape) -> SoundExamples {
    var other = self
    other.inputs = inputs.reshaped(to: shape.prepending(count))
    return other
  }

  /// The same examples as a data set.
  package var dataset: Dataset {
    Dataset(
      name: "examples", exampleShape: shape, values: inputs.scalars, labels: labels,
      classNames: (0..<classCount).map(String.init), bounds: bounds)
  }

  // MARK: - Pictures

  /// Digits of MNIST's test set.
  package static func digits(_ positions: Range<Int>) throws -> SoundExamples {
    let data = try MNIST.load(.test)
    return SoundExamples(
      try data.inputs(at: positions), data.labels(at: Array(positions)), classCount: 10)
  }

  /// Digits with values that are means over squares.
  package static func smallDigits(_ positions: Range<Int>, side: Int = 4) throws -> SoundExamples {
    var examples = try digits(positions)
    let (large, small) = (28, 28 / side)
    let x = examples.inputs
    examples.inputs = Tensor(shape: [x.shape[0], 1, small, small]) { target in
      for index in 0..<target.count {
        let (row, place) = index.quotientAndRemainder(dividingBy: small * small)
        var sum: Float = 0
        for pixel in 0..<side * side {
          let (y, z) = (
            place / small * side + pixel / side, place % small * side + pixel % side
          )
          sum += x[(row * large + y) * large + z]
        }
        target[index] = sum / Float(side * side)
      }
    }
    return examples
  }

  /// Small digits in the colours of a sunset, which their channels tell apart.
  package static func colouredDigits(_ positions: Range<Int>) throws -> SoundExamples {
    var examples = try smallDigits(positions, side: 2)
    let x = examples.inputs
    let pixels = 196
    examples.inputs = Tensor(shape: [x.shape[0], 3, 14, 14]) { target in
      for index in 0..<target.count {
        let (map, pixel) = index.quotientAndRemainder(dividingBy: pixels)
        let (row, channel) = map.quotientAndRemainder(dividingBy: 3)
        let height = Float(pixel / 14) / 13
        let ink = x[row * pixels + pixel]
        let ground = [0.9 - 0.5 * height, 0.35, 0.1 + 0.2 * height][channel]
        target[index] = ground + ink * ([0.1, 0.8, 0.95][channel] - ground)
      }
    }
    return examples
  }

  /// Colour pictures of ten kinds, each a template with noise.
  package static func templates(_ count: Int, seed: UInt64) -> (
    examples: SoundExamples, templates: Tensor<Float>
  ) {
    var random = Philox(key: 7 &+ seed)
    // Green, which no exchange of red and blue moves, says least.
    let templates = Tensor(
      random.uniforms([10, 192]).scalars.enumerated().map { index, value in
        64..<128 ~= index % 192 ? 0.5 + 0.6 * (value - 0.5) : value
      }, shape: [10, 192])
    let labels = (0..<count).map { $0 % 10 }
    let rows = labels.map { label in
      templates.row(label).zip(random.normals([192])) { min(max($0 + 0.1 * $1, 0), 1) }
    }
    return (
      SoundExamples(
        Tensor.stacking(rows).reshaped(to: [count, 3, 8, 8]), labels, classCount: 10), templates
    )
  }

  // MARK: - Tables and series

  /// Clouds around random centers, as wide as `spread` times the centers' own deviation; standard units.
  package static func clouds(
    _ count: Int, features: Int, classes: Int, spread: Float, seed: UInt64,
    shares: [Float]? = nil
  ) -> SoundExamples {
    var random = Philox(key: 100 &+ seed)
    let centers = random.normals([classes, features])
    let shares = shares ?? [Float](repeating: 1 / Float(classes), count: classes)
    let labels = (0..<count).map { _ in
      var left = random.uniform()
      for (label, share) in shares.enumerated() {
        left -= share
        if left < 0 { return label }
      }
      return classes - 1
    }
    let rows = labels.map { label in
      centers.row(label).zip(random.normals([features])) { min(max($0 + spread * $1, -6), 6) }
    }
    return SoundExamples(.stacking(rows), labels, classCount: classes, bounds: -6...6)
  }

  /// Two classes on a chequerboard of two by two, or inside and outside of a ring; standard units.
  package static func curved(_ count: Int, isRing: Bool, seed: UInt64) -> SoundExamples {
    var random = Philox(key: 200 &+ seed)
    var labels: [Int] = []
    let rows = (0..<count).map { _ in
      let x = random.uniforms([2]).map { 4 * $0 - 2 }
      labels.append(isRing ? (x.norm2 > 1.4 ? 1 : 0) : (x[0] * x[1] > 0 ? 1 : 0))
      return x
    }
    return SoundExamples(.stacking(rows), labels, classCount: 2, bounds: -2...2)
  }

  /// Waves of three frequencies and random phases with noise, of 64 values.
  package static func waves(_ count: Int, seed: UInt64) -> SoundExamples {
    var random = Philox(key: 300 &+ seed)
    let labels = (0..<count).map { $0 % 3 }
    let rows = labels.map { label in
      let phase = 0.9 * random.uniform()
      let noise = random.normals([64])
      return Tensor(
        (0..<64).map { step -> Float in
          let angle = 2 * Float.pi * (Float(step) * Float(label + 2) / 64 + phase)
          return min(max(Float.sin(angle) + 0.3 * noise[step], -3), 3)
        }, shape: [64])
    }
    return SoundExamples(.stacking(rows), labels, classCount: 3, bounds: -3...3)
  }
}
