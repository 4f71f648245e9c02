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
  public private(set) var threat: any ThreatModel

  /// What the adversary wants.
  public let goal: Goal

  /// Whether a minimum-norm attack may stop as soon as the goal is reached inside the threat; otherwise it looks for the
  /// nearest adversarial example, however far that is.
  public private(set) var earlyStopping: Bool

  /// The region and the domain, once they have been worked out for the runner.
  private var known: (region: any FeasibleSet, domain: (any FeasibleSet)?)?

  /// Creates a problem.
  ///
  /// - Throws: `ThreatError` if the example does not fit the threat, such as a value out of bounds.
  public init(
    index: Int, input: Tensor<Float>, label: Int?, threat: any ThreatModel, goal: Goal,
    earlyStopping: Bool = true
  ) throws {
    try threat.check(input)
    self.index = index
    self.input = input
    self.label = label
    self.threat = threat
    self.goal = goal
    self.earlyStopping = earlyStopping
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
    get throws { try known?.region ?? threat.region(around: input) }
  }

  /// The parameters that a search of the nearest point may ask about: those of the threat without its limit on size.
  ///
  /// - Throws: `ThreatError.unsized` if the size of the threat's change means nothing.
  public var domain: any FeasibleSet {
    get throws {
      if let domain = known?.domain { return domain }
      guard let withoutLimit = threat.withoutLimit else { throw ThreatError.unsized("\(threat)") }
      return try withoutLimit.region(around: input)
    }
  }

  /// The norm that measures the change.
  ///
  /// - Throws: `ThreatError.unsized` if the threat has none.
  public var norm: Norm {
    get throws {
      guard let norm = threat.norm else { throw ThreatError.unsized("\(threat)") }
      return norm
    }
  }

  /// The objective of a standard form for the goal.
  ///
  /// - Throws: `ObjectiveError` if the form is not defined for the goal or for so few outputs.
  public func objective(_ loss: Loss, outputCount: Int) throws -> any Objective {
    try loss.objective(for: goal, outputCount: outputCount)
  }

  /// The same problem with one of the alternatives of its threat, of which one example needs no more than one.
  func choosing(_ alternative: any ThreatModel) -> Problem {
    var copy = self
    copy.threat = alternative
    copy.earlyStopping = true
    copy.known = nil
    return copy
  }

  /// The same problem with its region, and for searches of the nearest point its domain, at hand and a shape that
  /// shares no storage with other problems.
  ///
  /// Every tensor made from the example retains its shape. Were it shared by all rows, worker
  /// threads would contend for its reference count at each operation.
  func prepared(for search: SearchKind) throws -> Problem {
    var copy = self
    copy.input = input.reshaped(to: Shape(input.shape.extents.map { $0 }))
    let region = try threat.region(around: copy.input)
    copy.known = (region, search == .minimumNorm ? try copy.domain : nil)
    return copy
  }
}

extension Problem {
  /// The objective of a standard form for the goal, or the goal's margin where that form is not defined.
  ///
  /// DLR is defined for three classes or more, four to reach a target, and without a confidence; cross-entropy and DLR for
  /// goals about one class.
  public func objective(preferring loss: Loss, outputCount: Int) -> any Objective {
    do {
      return try loss.objective(for: goal, outputCount: outputCount)
    } catch {
      return MarginObjective(goal)
    }
  }

  /// One objective for each way to reach the goal, the nearest first: for goals that miss a class `loss` towards each
  /// other class, with a confidence the margin of that instead of others but the cross-entropy; for other goals the
  /// margin of each alternative.
  ///
  /// - Parameters:
  ///   - loss: The form of the objectives; see `Loss.objective(raising:over:outputCount:)`.
  ///   - outputs: The outputs at the point that nearness is judged at.
  ///   - limit: The most objectives wanted.
  /// - Returns: At least one objective if the limit allows.
  public func objectives(
    _ loss: Loss, at outputs: Tensor<Float>, limit: Int
  ) -> [any Objective] {
    goal.alternatives(at: outputs, limit: limit).map { way in
      guard let target = way.target else { return way.objective }
      guard let label = goal.avoidedClass else {
        return objective(preferring: loss, outputCount: outputs.count)
      }
      if goal.confidence != nil, loss != .crossEntropy { return way.objective }
      return loss.objective(raising: target, over: label, outputCount: outputs.count)
    }
  }
}
