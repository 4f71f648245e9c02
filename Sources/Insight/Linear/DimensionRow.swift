package import Datasets
package import Models
import Robustness
package import Tensors

/// What changes of one size do to a score in so many dimensions: along the gradient's signs, and by random signs.
package struct DimensionRow: Sendable, Hashable, Codable {
  /// What is measured: `gaussian`, `logistic`, or the name of a form of network.
  package let model: String
  /// The number of values of an input.
  package let dimensions: Int
  /// Which of several draws of weights or trainings this is, from 0.
  package let draw: Int
  /// The shift along the signs that the closed form or the gradient predicts, eps |g|_1, in the mean over the inputs.
  package let predictedShift: Double
  /// What moving the inputs does, in the mean.
  package let shift: Double
  /// The predicted root mean square of the shift by random signs, eps |g|_2.
  package let predictedNoise: Double
  /// What random signs do, the root of the mean square over inputs and draws of signs.
  package let noise: Double
  /// The mean shift by random signs, and its standard error.
  package let noiseMean: Double
  /// The standard error of that mean.
  package let noiseError: Double
  /// The largest difference of a shift from its prediction, relative to it; of linear models alone.
  package let shiftError: Double?
  /// The share of test examples that are read rightly; `nil` for weights that were drawn.
  package let accuracy: Double?

  /// The ratio of the shift along the signs to that by noise, as predicted.
  package var predictedRatio: Double { predictedShift / predictedNoise }

  /// The same as measured.
  package var ratio: Double { shift / noise }

  /// Measures a linear function at some inputs, in double precision and whatever the range of the data.
  ///
  /// - Parameters:
  ///   - name: What is measured.
  ///   - score: The function.
  ///   - draw: Which draw this is.
  ///   - inputs: Where to measure.
  ///   - size: The change of each value, eps.
  ///   - noiseCount: How many random signs at each input.
  ///   - accuracy: The share of test examples that are read rightly, if it is known.
  ///   - key: Where the signs come from.
  package init(
    _ name: String, _ score: LinearScore, draw: Int, at inputs: [[Double]], size: Double,
    noiseCount: Int, accuracy: Double?, key: RandomKey
  ) {
    let prediction = score.largestShift(size: size)
    var (shift, error) = (0.0, 0.0)
    var noise = Moments()
    for (place, input) in inputs.enumerated() {
      let real = score.value(at: score.moved(input, by: size)) - score.value(at: input)
      shift += real / Double(inputs.count)
      error = max(error, prediction > 0 ? abs(real - prediction) / prediction : 0)
      var generator = key.child(place).generator
      noise.add(
        score.noiseShifts(at: input, size: size, count: noiseCount, using: &generator))
    }
    model = name
    dimensions = score.weights.count
    self.draw = draw
    predictedShift = prediction
    self.shift = shift
    predictedNoise = score.noiseDeviation(size: size)
    self.noise = noise.rootMeanSquare
    noiseMean = noise.mean
    noiseError = noise.error
    shiftError = error
    self.accuracy = accuracy
  }

  /// Measures how the lead of the right class over the next moves where a network is right, whatever the range of the
  /// data.
  ///
  /// The signs are those of the gradient of the lead, against it.
  ///
  /// - Parameters:
  ///   - name: What is measured.
  ///   - network: The network.
  ///   - draw: Which training this is.
  ///   - examples: Where to measure; those that are read wrongly are left out.
  ///   - size: The change of each value, eps.
  ///   - noiseCount: How many random signs at each input.
  ///   - accuracy: The share of test examples that are read rightly.
  ///   - key: Where the signs come from.
  /// - Throws: What the network throws.
  package init(
    _ name: String, _ network: any BatchedModel, draw: Int, on examples: [Example], size: Double,
    noiseCount: Int, accuracy: Double, key: RandomKey
  ) async throws {
    let points = try await network.leads(of: examples.map { ($0.input, $0.label) })
    let right = Array(zip(examples, points).filter { $0.1.lead > 0 })
    var changed: [(Tensor<Float>, Int)] = []
    for (example, point) in right {
      var generator = key.child(example.index).generator
      changed.append((moved(example.input, against: point.gradient, by: size), example.label))
      for _ in 0..<noiseCount {
        let signs = generator.uniforms(example.input.shape).map { $0 < 0.5 ? Float(-1) : 1 }
        changed.append((example.input.advanced(by: Float(size), along: signs), example.label))
      }
    }
    let after = try await network.leads(of: changed).map(\.lead)
    let count = Double(max(right.count, 1))
    var (predicted, squares, shift) = (0.0, 0.0, 0.0)
    var noise = Moments()
    for (place, (_, point)) in right.enumerated() {
      let first = place * (noiseCount + 1)
      predicted += size * point.gradient.norm1 / count
      squares += size * size * point.gradient.norm2 * point.gradient.norm2 / count
      shift += (point.lead - after[first]) / count
      noise.add(after[(first + 1)..<(first + 1 + noiseCount)].map { $0 - point.lead })
    }
    model = name
    dimensions = network.inputShape.count
    self.draw = draw
    predictedShift = predicted
    self.shift = shift
    predictedNoise = squares.squareRoot()
    self.noise = noise.rootMeanSquare
    noiseMean = noise.mean
    noiseError = noise.error
    shiftError = nil
    self.accuracy = accuracy
  }
}

/// An input moved by `size` in each value, against the signs of a gradient.
func moved(
  _ input: Tensor<Float>, against gradient: Tensor<Float>, by size: Double
) -> Tensor<Float> {
  input.zip(gradient) { value, slope in
    slope > 0 ? value - Float(size) : slope < 0 ? value + Float(size) : value
  }
}

/// Sums of numbers and of their squares.
struct Moments {
  private var count = 0.0
  private var sum = 0.0
  private var squares = 0.0

  mutating func add(_ values: some Sequence<Double>) {
    for value in values {
      count += 1
      sum += value
      squares += value * value
    }
  }

  var mean: Double { count > 0 ? sum / count : 0 }
  var rootMeanSquare: Double { count > 0 ? (squares / count).squareRoot() : 0 }

  /// The standard error of the mean.
  var error: Double {
    count > 1 ? (max(0, squares / count - mean * mean) / (count - 1)).squareRoot() : 0
  }
}
