public import Tensors

/// What an operator means: its result's shape, its value, and its gradient as further graph nodes.
///
/// Gradient rules use only operators, so that gradients can be differentiated again. How the engine
/// computes an operator is none of its business.
public protocol Operator: Hashable, Sendable {
  /// The operator's name in messages.
  var name: String { get }

  /// The result's extents.
  ///
  /// - Throws: `GraphError.operands` if the operator is not defined for the operands.
  func extents(of operands: [Extents]) throws(GraphError) -> Extents

  /// The value by definition: slow, exact in the given precision, the oracle of every test.
  ///
  /// - Parameters:
  ///   - operands: Tensors of the extents that were accepted, for one batch size.
  ///   - shape: The result's shape.
  /// - Returns: A tensor of that shape.
  func value<Scalar: TensorScalar>(of operands: [Tensor<Scalar>], shape: Shape) -> Tensor<Scalar>

  /// The cotangents of the operands; `nil` where the gradient is zero everywhere or not wanted.
  func gradients(_ application: Application, in graph: inout GraphBuilder) throws(GraphError)
    -> [Value?]
}

/// One use of an operator, as a gradient rule sees it.
public struct Application: Sendable {
  /// The operands.
  public let operands: [Value]
  /// The result.
  public let result: Value
  /// The cotangent of the result, of the result's extents.
  public let cotangent: Value
  /// Which operands' cotangents are asked for.
  public let wanted: [Bool]
}

/// A value in a graph: the result of one node.
public struct Value: Hashable, Sendable {
  /// The position of the node that defines the value.
  public let index: Int

  package init(index: Int) { self.index = index }
}

/// The definition of one value.
public enum Node: Sendable {
  /// Bound at each run.
  case input(name: String, extents: Extents)
  /// A learned or fixed tensor that belongs to the network, bound when compiling or at each run.
  case parameter(name: String, shape: Shape)
  /// A value known when the graph is written.
  case constant(Tensor<Float>)
  /// An operator applied to earlier values.
  case operation(any Operator, operands: [Value], extents: Extents)

  /// The value's extents.
  public var extents: Extents {
    switch self {
    case .input(_, let extents), .operation(_, _, let extents): extents
    case .parameter(_, let shape): Extents(shape)
    case .constant(let tensor): Extents(tensor.shape)
    }
  }

  /// The values this one is computed from.
  public var operands: [Value] {
    if case .operation(_, let operands, _) = self { operands } else { [] }
  }
}
