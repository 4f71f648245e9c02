import Graphs

extension BatchStatistics {
  /// What the running statistics are moved toward, without a bias.
  ///
  /// The variance of what a batch is drawn from is a little more than that of the batch.
  ///
  /// - Parameter rows: The number of examples of the batch.
  /// - Returns: The running mean and variance, the outputs that measure them, and what these are multiplied by.
  func estimates<Factor: BinaryFloatingPoint>(
    rows: Int
  ) -> [(name: String, output: String, factor: Factor)] {
    let count = Factor(countPerExample * rows)
    return [(mean, measuredMean, 1), (variance, measuredVariance, count / (count - 1))]
  }
}
