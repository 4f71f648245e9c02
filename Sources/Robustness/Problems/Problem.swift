public import Tensors

/// One question about one example: how far an adversary can push the goal inside the threat.
public struct Problem: Sendable {
  /// The position of the example in its data set; it keys the randomness.
  public let index: Int

  /// The example x.
  public private(set) var input: Tensor<Float>

  /// The true class; `nil` where there are no classes.
  public let label: Int?

  /// What the adversary may do to the example.
  public let threat: any ThreatModel

  /// What the adversary wants.
  public let goal: Goal

  /// The region, once it has been worked out for the shell.
  private var known: (any FeasibleSet)?

  /// Creates a problem.
  ///
  /// - Throws: `ThreatError` if the example does not fit the threat, such as a value out of bounds.
  public init(
    index: Int, input: Tensor<Float>, label: Int?, threat: any ThreatModel, goal: Goal
  ) throws {
    try threat.check(input)
    self.index = index
    self.input = input
    self.label = label
    self.threat = threat
    self.goal = goal
  }

  /// Creates the problem of making a classifier with several outputs miss a label.
  ///
  /// - Throws: `ThreatError` if the example does not fit the threat, such as a value out of bounds.
  public init(index: Int, input: Tensor<Float>, label: Int, threat: any ThreatModel) throws {
    try self.init(
      index: index, input: input, label: label, threat: threat, goal: .avoid(label))
  }

  /// The parameters open to the adversary at the example.
  public var region: any FeasibleSet {
    get throws { try known ?? threat.region(around: input) }
  }

  /// The objective of a standard form for the goal.
  ///
  /// - Throws: `ObjectiveError` if the form is not defined for the goal or for so few outputs.
  public func objective(_ loss: Loss, outputCount: Int) throws -> any Objective {
    try loss.objective(for: goal, outputCount: outputCount)
  }

  /// The same problem with its region at hand and a shape that shares no storage with other
  /// problems.
  ///
  /// Every tensor made from the example retains its shape. Were it shared by all rows, worker
  /// threads would contend for its reference count at each operation.
  var prepared: Problem {
    get throws {
      var copy = self
      copy.input = input.reshaped(to: Shape(input.shape.extents.map { $0 }))
      copy.known = try threat.region(around: copy.input)
      return copy
    }
  }
}
