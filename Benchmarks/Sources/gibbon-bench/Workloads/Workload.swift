import Tensors

/// Work that is done again and again, and whose results can be compared with another contestant's.
protocol Workload {
  /// Does the work some times in a row.
  ///
  /// - Returns: The seconds of one step, what a user waits for included.
  func seconds(perStepOf steps: Int) async throws -> Double

  /// What the work comes to, by the names under which all contestants report it.
  func results() async throws -> [String: Tensor<Float>]
}
