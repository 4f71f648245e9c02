/// What the engine computed for one input.
struct Reply: Sendable {
  let outputs: [Float]
  /// The value of the objective; zero for forward passes.
  let loss: Double
  /// The gradient with respect to the input; empty for forward passes.
  let gradient: [Float]
}
