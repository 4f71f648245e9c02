import Robustness

// The options that several attacks have.
extension AttackOption {
  // MARK: - Steps and starts

  static func steps(_ path: Path<Int>) -> Self {
    .integer("steps", path, 1...1_000_000, "number of steps")
  }

  static func stepSize(_ path: Path<Double?>, _ rule: Parameter.Rule) -> Self {
    .number("step-size", path, 0...1e30, "length of a step in the threat's norm", rule: rule)
  }

  static func restarts(_ path: Path<Int>) -> Self {
    .integer("restarts", path, 1...1_000_000, "attempts on each example that is not broken yet")
  }

  static func randomStart(_ path: Path<Bool>) -> Self {
    .flag("random-start", path, "begin at a random point of the threat")
  }

  static func momentum(_ path: Path<Double>, upTo limit: Double) -> Self {
    .number("momentum", path, 0...limit, "share of past gradients kept at each step")
  }

  static func decay(_ path: Path<Double>) -> Self {
    .number("decay", path, 0...10, "share of past gradients kept at each step")
  }

  /// When searches that are too slow are given up.
  static func patience(_ path: Path<Int>) -> Self {
    .integer(
      "patience", path, 0...1_000_000,
      "steps after which, again and again, searches that are too slow are given up; 0 for never")
  }

  // MARK: - What is maximised

  static func objective(_ path: Path<Loss>) -> Self {
    .choice("objective", path, "what to maximise")
  }

  /// The loss of an attack that otherwise chooses one itself.
  static func objective(_ path: Path<Loss?>, _ rule: String) -> Self {
    .choice("objective", path, "what to maximise", rule: .words(rule))
  }

  /// The weights of the goal against the distance, and the optimiser that minimises their sum.
  static func constants(_ path: Path<Int>) -> Self {
    .integer("constants", path, 1...1000, "how many weights of the goal are tried")
  }

  static func constant(_ path: Path<Double>) -> Self {
    .number("constant", path, 1e-30...1e30, "the first weight of the goal")
  }

  static func rate(_ path: Path<Double>) -> Self {
    .number("rate", path, 1e-30...1e30, "rate of the optimiser")
  }

  static func confidence(_ path: Path<Double>) -> Self {
    .number("confidence", path, 0...1e30, "the margin by which the goal is to be reached")
  }

  // MARK: - Classes and pixels

  static func rivals(_ path: Path<Int>, upTo limit: Int = 1_000_000) -> Self {
    .integer(
      "rivals", path, 1...limit, "how many of the nearest classes are compared at each step")
  }

  static func overshoot(_ path: Path<Double>) -> Self {
    .number(
      "overshoot", path, 0...10, "how far beyond the boundary moves aim, as a share")
  }

  static func reduction(_ path: Path<Int>) -> Self {
    .integer(
      "reduction", path, 0...1_000_000, "forward passes for putting needless pixels back")
  }

  static func probability(_ path: Path<Double>) -> Self {
    .number("probability", path, 0...1, "probability that a gradient is taken at another input")
  }

  static func leastSize(_ path: Path<Double>) -> Self {
    .number("least-size", path, 0.01...1, "least size of a smaller picture, as a share")
  }

  // MARK: - Queries

  /// The budget of an attack of which each attempt is paid for by itself.
  static func queries(_ path: Path<Int>) -> Self {
    .integer(
      "queries", path, 1...100_000_000,
      "the most forward passes that one attempt on an example costs, checks included")
  }

  /// The budget of an attack of a single attempt.
  static func exampleQueries(_ path: Path<Int>) -> Self {
    .integer(
      "queries", path, 1...100_000_000,
      "the most forward passes that an example costs, checks included")
  }

  static func draws(_ path: Path<Int>) -> Self {
    .integer("draws", path, 1...1_000_000, "random directions of the first estimate")
  }

  static func samples(_ path: Path<Int>) -> Self {
    .integer("samples", path, 1...1_000_000, "number of draws")
  }

  static func directions(_ path: Path<Int>) -> Self {
    .integer("samples", path, 1...1_000_000, "number of directions of one step")
  }

  static func spread(_ path: Path<Double>) -> Self {
    .number(
      "spread", path, 1e-30...1e30, "length of the differences that slopes are estimated from")
  }
}
