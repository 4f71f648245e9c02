import Robustness
import Tensors
package import Datasets
package import Models

/// How well the gradient alone predicts what a change does: the linear explanation of adversarial examples.
///
/// Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial examples", 2015,
/// https://arxiv.org/abs/1412.6572.
package struct Linearity: Sendable {
  /// What changes of one size do to the lead, in the mean over the images.
  package struct Row: Sendable {
    /// The largest change of a pixel.
    package let radius: Double
    /// Change of the lead under the step along the gradient: predicted by the gradient, and real.
    package var predicted = 0.0
    /// What the step really does.
    package var actual = 0.0
    /// Size of the change under random noise, up or down.
    package var noisePredicted = 0.0
    /// What the noise really does.
    package var noiseActual = 0.0
  }

  /// Number of images.
  package let count: Int
  /// Number of pixels.
  package let size: Int
  /// Mean lead of the right class's score over the next best.
  package let lead: Double
  /// Mean magnitude of the lead's derivative with respect to a pixel.
  package let slope: Double
  /// A row for each size of changes.
  package let rows: [Row]

  /// Measures on the images that the network reads rightly.
  package static func measure(
    _ network: any BatchedModel, on examples: [Example], radii: [Double], seed: UInt64
  ) async throws -> Linearity {
    let points = try await network.leads(of: examples.map { ($0.input, $0.label) })
    let right = zip(examples, points).filter { $0.1.lead > 0 }
    let count = Double(max(right.count, 1))
    var rows: [Row] = []
    for radius in radii {
      let ball = try Ball(.infinity, radius: radius)
      var changed: [(Tensor<Float>, Int)] = []
      var predictions: [(Double, Double)] = []
      for (example, point) in right {
        let region = try ball.region(around: example.input)
        var generator = RandomKey(seed: seed).child("linearity").child(example.index).generator
        let step = region.maximizer(of: -1 * point.gradient)
        let noise = region.maximizer(of: generator.normals(example.input.shape))
        changed += [(step, example.label), (noise, example.label)]
        predictions.append(
          (point.predicted(step - example.input), point.predicted(noise - example.input)))
      }
      let after = try await network.leads(of: changed)
      var row = Row(radius: radius)
      for (place, (_, point)) in right.enumerated() {
        row.predicted += predictions[place].0 / count
        row.actual += (after[2 * place].lead - point.lead) / count
        row.noisePredicted += abs(predictions[place].1) / count
        row.noiseActual += abs(after[2 * place + 1].lead - point.lead) / count
      }
      rows.append(row)
    }
    let size = network.inputShape.count
    return Linearity(
      count: right.count, size: size, lead: right.reduce(0) { $0 + $1.1.lead } / count,
      slope: right.reduce(0) { $0 + $1.1.gradient.norm1 } / count / Double(size), rows: rows)
  }
}

/// By how much the right class leads at an input, and how the lead changes with each pixel.
struct Lead: Sendable {
  let lead: Double
  let gradient: Tensor<Float>

  /// What the gradient predicts for a change.
  func predicted(_ change: Tensor<Float>) -> Double {
    Swift.zip(gradient.scalars, change.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}

extension BatchedModel {
  /// The leads of some inputs with their labels.
  func leads(of inputs: [(Tensor<Float>, Int)]) async throws -> [Lead] {
    if inputs.isEmpty { return [] }
    let objectives = try inputs.map {
      try Loss.margin.objective(for: .avoid($0.1), outputCount: outputCount)
    }
    let (outputs, gradients) = try await gradients(
      at: .stacking(inputs.map(\.0)), of: objectives)
    return inputs.indices.map {
      Lead(lead: -objectives[$0].value(of: outputs.row($0)), gradient: -1 * gradients.row($0))
    }
  }
}
