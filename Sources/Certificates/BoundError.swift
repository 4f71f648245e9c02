public import Graphs

/// Why bounds of a graph's values cannot be written or computed.
public enum BoundError: Error, Equatable, CustomStringConvertible {
  /// No bound is known of an operator with so many operands that depend on the network's input; the node that has it,
  /// if that is known.
  case unsupported(operator: String, uncertainOperands: Int, node: String? = nil)
  /// A graph could not be written.
  case graph(GraphError)

  /// One line that names the operator or says what does not fit.
  public var description: String {
    switch self {
    case .unsupported(let name, let count, let node):
      "no bound is known of \(name)\(node.map { " (\($0))" } ?? "") where \(count == 1 ? "one operand depends" : "\(count) operands depend")"
        + " on the network's input"
    case .graph(let error): error.description
    }
  }

  /// Runs a part that writes a graph, and passes its error on as one of bounds.
  static func writing<Result>(
    _ body: () throws(GraphError) -> Result
  ) throws(BoundError) -> Result {
    do throws(GraphError) { return try body() } catch { throw .graph(error) }
  }
}
