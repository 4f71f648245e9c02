public import Tensors

/// Runs a graph by its operators' definitions, in single or double precision.
///
/// Slow and simple: the oracle that the engine and the gradient rules are tested against. With an order of summation
/// convolutions and products of matrices are computed by quicker loops.
public struct Interpreter: Sendable {
  /// The graph to run, without what its outputs do not need.
  public let graph: Graph

  /// The order in which long sums are added; `nil` for that of the operators' definitions.
  public let order: SummationOrder?

  /// Creates the interpreter of a graph.
  public init(_ graph: Graph, summing order: SummationOrder? = nil) {
    self.graph = graph.pruned()
    self.order = order
  }

  /// The graph's outputs by name.
  ///
  /// - Parameters:
  ///   - inputs: A tensor for each input that the outputs need; all batches of equal size.
  ///   - parameters: A tensor for each parameter that the outputs need.
  /// - Returns: A tensor for each output.
  /// - Throws: `GraphError.unknownName` or `GraphError.shape` if one is missing or misshaped.
  public func callAsFunction<Scalar: TensorScalar>(
    _ inputs: [String: Tensor<Scalar>], parameters: [String: Tensor<Scalar>] = [:]
  ) throws(GraphError) -> [String: Tensor<Scalar>] {
    let batch = try batchSize(of: inputs.mapValues(\.shape))
    var values = [Tensor<Scalar>?](repeating: nil, count: graph.nodes.count)
    var remaining = graph.useCounts
    for (index, node) in graph.nodes.enumerated() {
      switch node {
      case .input(let name, let extents):
        values[index] = try bound(
          name, in: inputs, kind: "input", extents: extents, shape: extents.shape(batch: batch))
      case .parameter(let name, let shape):
        values[index] = try bound(
          name, in: parameters, kind: "parameter", extents: Extents(shape), shape: shape)
      case .constant(let tensor):
        values[index] = tensor.converted()
      case .operation(let op, let operands, let extents):
        let tensors = operands.compactMap { values[$0.index] }
        let shape = extents.shape(batch: batch)
        values[index] =
          if let order, let sums = op as? any SummingOperator {
            sums.value(of: tensors, shape: shape, order: order)
          } else {
            op.value(of: tensors, shape: shape)
          }
        for operand in operands {
          remaining[operand.index] -= 1
          if remaining[operand.index] == 0 { values[operand.index] = nil }
        }
      }
    }
    var outputs: [String: Tensor<Scalar>] = [:]
    for (name, value) in graph.outputs { outputs[name] = values[value.index] }
    return outputs
  }

  private func batchSize(of shapes: [String: Shape]) throws(GraphError) -> Int {
    var batch: Int?
    for (name, value) in graph.inputs {
      let expected = graph[value].extents
      guard let shape = shapes[name], expected.isBatched else { continue }
      guard let rows = shape.extents.first, shape == expected.shape(batch: rows) else {
        throw .shape(name: name, expected: expected, found: shape.description)
      }
      if let batch, batch != rows {
        throw .shape(name: name, expected: expected, found: "\(shape), not N = \(batch)")
      }
      batch = rows
    }
    return batch ?? 1
  }

  private func bound<Scalar>(
    _ name: String, in tensors: [String: Tensor<Scalar>], kind: String, extents: Extents,
    shape: Shape
  ) throws(GraphError) -> Tensor<Scalar> {
    guard let tensor = tensors[name] else {
      throw .unknownName(name, kind: kind, known: tensors.keys.sorted())
    }
    guard tensor.shape == shape else {
      throw .shape(name: name, expected: extents, found: tensor.shape.description)
    }
    return tensor
  }
}
