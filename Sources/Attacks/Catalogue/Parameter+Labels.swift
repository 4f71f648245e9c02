// The options of attacks from labels.

extension Parameter {
  static func labelQueries(_ standard: Int) -> Parameter {
    Parameter(
      name: "queries", kind: .integer(1...100_000_000), standard: "\(standard)",
      summary: "the most forward passes that an example costs, checks included")
  }

  static func draws(_ standard: Int) -> Parameter {
    Parameter(
      name: "draws", kind: .integer(1...1_000_000), standard: "\(standard)",
      summary: "random directions of the first estimate")
  }
}
