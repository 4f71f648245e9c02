import Attacks
import Evaluation
import Models
import Robustness
import Tensors

/// Two outputs, 0 and w * sum(x) + b, on some features: an example breaks where the sum crosses a number.
func affine(size: Int = 6, slope: Float = 1, bias: Float) -> AffineModel {
  AffineModel(
    inputShape: [size],
    weights: Tensor(
      [Float](repeating: 0, count: size) + [Float](repeating: slope, count: size),
      shape: [2, size]),
    biases: Tensor([0, bias], shape: [2]))
}

/// Examples with all features alike, evenly spread over 0...1, labelled by the model's affine function.
func ramp(_ count: Int, size: Int = 6, threat: Ball, bias: Float) throws -> [Problem] {
  try (0..<count).map { index in
    let value = (Float(index) + 0.5) / Float(count)
    return try Problem(
      index: index, input: Tensor(repeating: value, shape: [size]),
      label: Float(size) * value + bias > 0 ? 1 : 0, threat: threat)
  }
}

/// The records of a suite.
func records(_ suite: Suite, _ runner: AttackRunner, _ problems: [Problem]) async throws
  -> [ExampleRecord]
{
  zip(problems, try await runner.run(suite.stages, on: problems)).map {
    ExampleRecord($1, label: $0.label ?? 0)
  }
}
