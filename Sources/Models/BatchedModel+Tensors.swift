public import Tensors

// Safe calls on tensors, beside the calls on memory that a model implements.

extension BatchedModel {
  /// The outputs of some examples, batch by batch on the engine thread.
  ///
  ///     let logits = try await model.outputs(of: .stacking(pictures))
  ///
  /// - Parameters:
  ///   - inputs: n x `inputShape`, or one example.
  ///   - batch: The most examples in one call of the model, at least 1.
  ///   - isExact: Whether to use the pass by which attacks are judged (`evaluateExactly`).
  /// - Returns: n x `outputCount`.
  /// - Throws: What the model throws, at the first batch that fails; `CancellationError` between batches.
  public func outputs(
    of inputs: Tensor<Float>, batch: Int = 128, isExact: Bool = false
  ) async throws -> Tensor<Float> {
    let inputs = examples(in: inputs)
    return try await outputs(count: inputs.shape[0], batch: batch, isExact: isExact) {
      inputs.rows($0)
    }
  }

  /// The outputs of examples that are read batch by batch, so that only one batch of them is held in memory.
  ///
  /// - Parameters:
  ///   - count: The number of examples, n.
  ///   - batch: The most examples in one call of the model, at least 1.
  ///   - isExact: Whether to use the pass by which attacks are judged (`evaluateExactly`).
  ///   - inputs: The examples at some of the positions 0..<n, one per row.
  /// - Returns: n x `outputCount`.
  /// - Throws: What `inputs` and the model throw, at the first batch that fails; `CancellationError` between batches.
  public func outputs(
    count: Int, batch: Int = 128, isExact: Bool = false,
    inputs: (Range<Int>) throws -> Tensor<Float>
  ) async throws -> Tensor<Float> {
    var outputs: [Float] = []
    outputs.reserveCapacity(count * outputCount)
    for part in (0..<count).batches(of: batch) {
      try Task.checkCancellation()
      let rows = try inputs(part)
      outputs += try await EngineThread.shared.run {
        try self.evaluate(rows, batch: part.count, isExact: isExact)
      }.scalars
    }
    return Tensor(outputs, shape: [count, outputCount])
  }

  /// The outputs of some examples, and the gradients of a function of them, batch by batch on the engine thread.
  ///
  /// - Parameters:
  ///   - inputs: n x `inputShape`, or one example.
  ///   - batch: The most examples in one call of the model, at least 1.
  ///   - cotangents: Given positions of examples and their outputs, a row for each, the derivative of the function of
  ///     each example's outputs with respect to these, in the same shape. Called on the engine thread; see
  ///     `differentiate(_:count:outputs:gradients:cotangents:)`.
  /// - Returns: n x `outputCount`, and a gradient for each example in the shape of `inputs`.
  /// - Throws: What the model throws, at the first batch that fails; `CancellationError` between batches.
  public func gradients(
    at inputs: Tensor<Float>, batch: Int = 128,
    cotangents: @escaping @Sendable (_ rows: Range<Int>, _ outputs: Tensor<Float>) -> Tensor<Float>
  ) async throws -> (outputs: Tensor<Float>, gradients: Tensor<Float>) {
    let examples = examples(in: inputs)
    let count = examples.shape[0]
    var (outputs, gradients): ([Float], [Float]) = ([], [])
    for part in (0..<count).batches(of: batch) {
      try Task.checkCancellation()
      let rows = examples.rows(part)
      let answer = try await EngineThread.shared.run {
        try self.differentiate(rows) { cotangents(part, $0) }
      }
      outputs += answer.outputs.scalars
      gradients += answer.gradients.scalars
    }
    return (
      Tensor(outputs, shape: [count, outputCount]), Tensor(gradients, shape: inputs.shape)
    )
  }

  // MARK: On the engine thread

  /// The outputs of some examples; to be called on the engine thread.
  ///
  /// - Parameters:
  ///   - inputs: n x `inputShape`, or one example.
  ///   - batch: The most examples in one call of the model, at least 1.
  ///   - isExact: Whether to use the pass by which attacks are judged (`evaluateExactly`).
  /// - Returns: n x `outputCount`.
  /// - Throws: What the model throws, at the first batch that fails.
  public func evaluate(
    _ inputs: Tensor<Float>, batch: Int = .max, isExact: Bool = false
  ) throws -> Tensor<Float> {
    let (count, size, width) = (examples(in: inputs).shape[0], inputShape.count, outputCount)
    var outputs = Tensor<Float>.zeros([count, width])
    try inputs.withUnsafeScalars { inputs in
      try outputs.withUnsafeMutableScalars { outputs in
        for part in (0..<count).batches(of: batch) {
          let rows = UnsafeBufferPointer(
            rebasing: inputs[part.lowerBound * size..<part.upperBound * size])
          let room = UnsafeMutableBufferPointer(
            rebasing: outputs[part.lowerBound * width..<part.upperBound * width])
          if isExact {
            try evaluateExactly(rows, count: part.count, outputs: room)
          } else {
            try evaluate(rows, count: part.count, outputs: room)
          }
        }
      }
    }
    return outputs
  }

  /// The outputs of some examples in one batch, and the gradients of a function of them; to be called on the engine
  /// thread.
  ///
  /// - Parameters:
  ///   - inputs: n x `inputShape`, or one example.
  ///   - cotangents: Given the outputs, a row for each example, the derivative of the function of each example's
  ///     outputs with respect to these, in the same shape.
  /// - Returns: n x `outputCount`, and a gradient for each example in the shape of `inputs`.
  /// - Throws: What the model throws.
  public func differentiate(
    _ inputs: Tensor<Float>, cotangents: (_ outputs: Tensor<Float>) -> Tensor<Float>
  ) throws -> (outputs: Tensor<Float>, gradients: Tensor<Float>) {
    let count = examples(in: inputs).shape[0]
    let shape: Shape = [count, outputCount]
    var (outputs, gradients) = (Tensor<Float>.zeros(shape), Tensor<Float>.zeros(inputs.shape))
    try inputs.withUnsafeScalars { inputs in
      try outputs.withUnsafeMutableScalars { outputs in
        try gradients.withUnsafeMutableScalars { gradients in
          try differentiate(inputs, count: count, outputs: outputs, gradients: gradients) {
            let slopes = cotangents(Tensor(Array($0), shape: shape))
            precondition(slopes.shape == shape, "cotangents of shape \(slopes.shape)")
            _ = $1.update(fromContentsOf: slopes.scalars)
          }
        }
      }
    }
    return (outputs, gradients)
  }

  /// The same values as n x `inputShape`.
  private func examples(in inputs: Tensor<Float>) -> Tensor<Float> {
    let size = inputShape.count
    precondition(
      inputs.count % size == 0, "\(inputs.shape) are no examples of shape \(inputShape)")
    return inputs.reshaped(to: inputShape.prepending(inputs.count / size))
  }
}

extension Range<Int> {
  /// The range in parts of `size`, the last one perhaps smaller.
  fileprivate func batches(of size: Int) -> [Range<Int>] {
    precondition(size > 0, "a batch holds at least one example")
    return stride(from: lowerBound, to: upperBound, by: Swift.min(size, Swift.max(count, 1))).map {
      $0..<Swift.min($0 + size, upperBound)
    }
  }
}
