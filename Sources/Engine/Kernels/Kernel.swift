import Graphs

/// How oneDNN computes an operator.
///
/// An operator without a kernel is computed by its definition.
protocol Kernel: Operator {
  /// Adds the steps that compute a value from its operands.
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError)

  /// Whether the value is best computed where it is used, or along with another.
  func isDeferred(_ value: Value, on planner: Planner) -> Bool
}

extension Kernel {
  func isDeferred(_ value: Value, on planner: Planner) -> Bool { false }
}
