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

  package init(operands: [Value], result: Value, cotangent: Value, wanted: [Bool]) {
    self.operands = operands
    self.result = result
    self.cotangent = cotangent
    self.wanted = wanted
  }
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

extension Operator {
  /// The extents of two operands, which must be equal.
  ///
  /// - Throws: `GraphError.operands` if they are not.
  package func extentsOfEqualPair(_ operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 2, operands[0] == operands[1] else {
      throw .operands(operator: name, expected: "two operands of equal extents", found: operands)
    }
    return operands[0]
  }

  /// The extents of one operand without some of its axes.
  ///
  /// - Throws: `GraphError.operands` if it lacks one, if one is named twice, or if one is empty and must not be.
  func extents(
    of operands: [Extents], without axes: [Int], areEmptyAllowed: Bool
  ) throws(GraphError) -> Extents {
    guard operands.count == 1, Set(axes).count == axes.count,
      axes.allSatisfy({
        0..<operands[0].rank ~= $0 && (areEmptyAllowed || operands[0][$0] != 0)
      })
    else {
      throw .operands(
        operator: name,
        expected: "one operand with the axes \(axes)" + (areEmptyAllowed ? "" : ", none empty"),
        found: operands)
    }
    return Extents(
      operands[0].values.enumerated().filter { !axes.contains($0.offset) }.map(\.element))
  }
}
