public import Tensors

/// What an adversary wants of the outputs: a predicate with a margin, reached where the margin is
/// positive.
///
/// What decides about a point is always its goal, never a loss. A tie has margin zero and a NaN among
/// the outputs gives margin NaN; neither is success.
public struct Goal: Sendable, Hashable {
  /// The forms a goal takes; the first two are fast for many classes.
  enum Form: Sendable, Hashable {
    case avoid(Int)
    case reach(Int)
    /// One output decides between two classes at zero; the class to reach.
    case sign(Int)
    /// Any of the alternatives, each with all of its inequalities.
    case clauses([[Inequality]], Decision)
  }

  /// How outputs become a label.
  enum Decision: Sendable, Hashable {
    case largest, none
  }

  let form: Form

  /// How sure the model must be of the class that it is made to see; `nil` where it need only be the label.
  public private(set) var confidence: Confidence?

  private init(form: Form, confidence: Confidence? = nil) {
    self.form = form
    self.confidence = confidence
  }

  /// Another output exceeds that of `label`; with a confidence, the probability of one other class exceeds that.
  public static func avoid(_ label: Int, confidence: Confidence? = nil) -> Goal {
    Goal(form: .avoid(label), confidence: confidence)
  }

  /// The output of `target` exceeds all others; with a confidence, its probability exceeds that.
  public static func reach(_ target: Int, confidence: Confidence? = nil) -> Goal {
    Goal(form: .reach(target), confidence: confidence)
  }

  /// The softmax probability of `target` exceeds a number.
  ///
  /// - Precondition: The number is at least 0.5 and below 1.
  public static func reach(_ target: Int, confidence probability: Double) -> Goal {
    .reach(target, confidence: Confidence(probability))
  }

  /// The softmax probability of one class other than `label` exceeds a number.
  ///
  /// - Precondition: The number is at least 0.5 and below 1.
  public static func avoid(_ label: Int, confidence probability: Double) -> Goal {
    .avoid(label, confidence: Confidence(probability))
  }

  /// The single output of a binary classifier leaves the side of `label`: 1 above zero, 0 below.
  public static func avoid(singleLogit label: Int) -> Goal {
    precondition(label == 0 || label == 1, "a single logit knows the labels 0 and 1")
    return Goal(form: .sign(1 - label))
  }

  /// The single output of a binary classifier reaches the side of `target`: 1 above zero, 0 below.
  public static func reach(singleLogit target: Int) -> Goal { .avoid(singleLogit: 1 - target) }

  /// The same, reached only where the model is that sure of the class that it is made to see.
  ///
  /// - Throws: `GoalError.noClass` for goals that are not about one class.
  public func exceeding(_ confidence: Confidence) throws(GoalError) -> Goal {
    if case .clauses = form { throw .noClass }
    return Goal(form: form, confidence: confidence)
  }

  /// The same, reached however sure the model is.
  public var withoutConfidence: Goal { Goal(form: form) }

  /// At least one of several decisions at zero, an output per label, becomes wrong.
  ///
  /// - Parameter labels: Whether each label applies; as many as there are outputs.
  /// - Returns: The goal.
  public static func avoid(multiLabel labels: [Bool]) -> Goal {
    let wrong = labels.enumerated().map { output, applies in
      [Inequality([.init(applies ? -1 : 1, output: output)])]
    }
    return Goal(form: .clauses(wrong, .none))
  }

  /// One output of a regression leaves an interval.
  public static func leave(_ interval: ClosedRange<Double>, output: Int = 0) -> Goal {
    Goal(form: .clauses(outside(interval, output), .none))
  }

  /// At least one output of a regression leaves its interval.
  ///
  /// - Parameter intervals: An interval for each output; at least one.
  /// - Returns: The goal.
  public static func leave(anyOf intervals: [ClosedRange<Double>]) -> Goal {
    precondition(!intervals.isEmpty, "a regression without outputs")
    let alternatives = intervals.enumerated().flatMap { outside($1, $0) }
    return Goal(form: .clauses(alternatives, .none))
  }

  /// The two ways of an output out of an interval.
  private static func outside(
    _ interval: ClosedRange<Double>, _ output: Int
  ) -> [[Inequality]] {
    [
      [Inequality([.init(1, output: output)], offset: -interval.upperBound)],
      [Inequality([.init(-1, output: output)], offset: interval.lowerBound)],
    ]
  }

  /// At least one alternative holds, each with all of its inequalities.
  ///
  /// - Parameter alternatives: Not empty, and none of them empty.
  /// - Returns: The goal.
  public static func any(of alternatives: [[Inequality]]) -> Goal {
    precondition(
      !alternatives.isEmpty && alternatives.allSatisfy { !$0.isEmpty }, "an empty alternative")
    return Goal(form: .clauses(alternatives, .largest))
  }

  /// Checks that the goal speaks of outputs that exist.
  ///
  /// - Throws: `GoalError` otherwise.
  public func validate(outputCount: Int) throws(GoalError) {
    switch form {
    case .avoid(let label), .reach(let label):
      guard label >= 0, label < outputCount else {
        throw GoalError.output(label, outputCount: outputCount)
      }
      guard outputCount > 1 else { throw .singleLogit }
    case .sign:
      guard outputCount == 1 else { throw .notSingleLogit(outputCount: outputCount) }
      guard confidence?.outputs != .probabilities else { throw .singleProbability }
    case .clauses(let alternatives, _):
      for term in alternatives.joined().flatMap(\.terms) where term.output >= outputCount {
        throw .output(term.output, outputCount: outputCount)
      }
    }
  }

  /// How far the outputs are beyond the goal (positive), or short of it (negative).
  ///
  /// Computed in double precision. NaN if an output is NaN, or where infinities cancel; equal
  /// infinities that compete are a tie.
  public func margin(of outputs: UnsafeBufferPointer<Float>) -> Double { value(of: outputs) }

  /// How far the outputs are beyond the goal; see `margin(of:)` on buffers.
  func margin(of outputs: [Float]) -> Double {
    outputs.withUnsafeBufferPointer { value(of: $0) }
  }

  /// How far outputs in double precision are beyond the goal; see `margin(of:)` on buffers.
  public func margin(of outputs: [Double]) -> Double {
    outputs.withUnsafeBufferPointer { value(of: $0) }
  }

  /// The margin, in the precision of the outputs where they are compared and in double precision where they are added.
  @inline(__always)
  private func value<Scalar: BinaryFloatingPoint>(
    of outputs: UnsafeBufferPointer<Scalar>
  ) -> Double {
    for output in outputs where output.isNaN { return .nan }
    if let confidence, let label = raisedClass(at: outputs) {
      return confidence.margin(of: label, in: outputs)
    }
    switch form {
    case .avoid(let label):
      return Goal.difference(Goal.largest(of: outputs, except: label), outputs[label])
    case .reach(let target):
      return Goal.difference(outputs[target], Goal.largest(of: outputs, except: target))
    case .sign(let target):
      return (target == 1 ? 1 : -1) * Double(outputs[0]) - (confidence?.logit ?? 0)
    case .clauses(let alternatives, _):
      return Goal.active(of: alternatives, at: outputs)?.margin ?? .nan
    }
  }

  /// How far the outputs are beyond the goal; see `margin(of:)` on buffers.
  public func margin(of outputs: Tensor<Float>) -> Double {
    outputs.withUnsafeScalars { margin(of: $0) }
  }

  /// The label that the outputs stand for: the first of the largest; 1 for a single logit above
  /// zero.
  ///
  /// - Returns: `nil` if an output is NaN or the outputs do not stand for one label.
  public func prediction(of outputs: Tensor<Float>) -> Int? {
    switch form {
    case .sign: outputs[0].isNaN ? nil : (outputs[0] > 0 ? 1 : 0)
    case .clauses(_, .none): nil
    case .avoid, .reach, .clauses(_, .largest): outputs.indexOfMaximum
    }
  }

  /// The largest output but one; minus infinity if there is no other.
  @inline(__always)
  static func largest<Scalar: BinaryFloatingPoint>(
    of outputs: UnsafeBufferPointer<Scalar>, except label: Int
  ) -> Scalar {
    var largest = -Scalar.infinity
    for index in 0..<outputs.count where index != label && outputs[index] > largest {
      largest = outputs[index]
    }
    return largest
  }

  /// The first of the largest outputs but one; `nil` if there is no other.
  @inline(__always)
  static func rival<Scalar: BinaryFloatingPoint>(
    of label: Int, in outputs: UnsafeBufferPointer<Scalar>
  ) -> Int? {
    let largest = largest(of: outputs, except: label)
    return outputs.indices.first { $0 != label && outputs[$0] == largest }
  }

  /// The class whose probability counts: the target, or the likeliest of those that are not to be missed; `nil` for
  /// goals of another form.
  @inline(__always)
  func raisedClass<Scalar: BinaryFloatingPoint>(at outputs: UnsafeBufferPointer<Scalar>) -> Int? {
    switch form {
    case .avoid(let label): Goal.rival(of: label, in: outputs)
    case .reach(let target): target
    case .sign, .clauses: nil
    }
  }

  /// The inequality whose value is the margin: the weakest of the best alternative.
  @inline(__always)
  static func active<Scalar: BinaryFloatingPoint>(
    of alternatives: [[Inequality]], at outputs: UnsafeBufferPointer<Scalar>
  ) -> (inequality: Inequality, margin: Double)? {
    var best: (inequality: Inequality, margin: Double)?
    for alternative in alternatives {
      var weakest: (inequality: Inequality, margin: Double)?
      for inequality in alternative {
        let value = inequality.value(of: outputs)
        if value.isNaN { return nil }
        if weakest.map({ value < $0.margin }) ?? true { weakest = (inequality, value) }
      }
      guard let weakest else { continue }
      if best.map({ weakest.margin > $0.margin }) ?? true { best = weakest }
    }
    return best
  }

  @inline(__always)
  private static func difference<Scalar: BinaryFloatingPoint>(
    _ left: Scalar, _ right: Scalar
  ) -> Double {
    left == right ? 0 : Double(left) - Double(right)
  }
}

extension Goal {
  /// By how much a change of all outputs by one can move the margin, up to a factor of two: one where outputs are
  /// compared with one another, and the largest coefficient of inequalities.
  var weight: Double {
    switch form {
    case .avoid, .reach, .sign: 1
    case .clauses(let alternatives, _):
      alternatives.joined().reduce(0) { max($0, $1.largestCoefficient) }
    }
  }

  /// The class that is to be missed; `nil` for goals of another form.
  public var avoidedClass: Int? { if case .avoid(let label) = form { label } else { nil } }

  /// The class that is to be seen; `nil` for goals of another form.
  public var targetClass: Int? { if case .reach(let target) = form { target } else { nil } }

  /// The ways to reach the goal, each as an objective that is above zero where it is reached that way.
  ///
  /// To miss a class: every other class, as the difference of the two outputs, in double precision, or as the margin
  /// of its confidence. Goals of other forms: their alternatives, each as its margin.
  ///
  /// - Parameters:
  ///   - outputs: The outputs at some point; the nearest ways there come first, equals in the order of the outputs.
  ///   - limit: The most ways wanted.
  /// - Returns: The objectives; for class goals with the class that each makes the label.
  public func alternatives(
    at outputs: Tensor<Float>, limit: Int = .max
  ) -> [(objective: any Objective, target: Int?)] {
    switch form {
    case .avoid(let label):
      let rivals = (0..<outputs.count).filter { $0 != label }
        .sorted { (outputs[$0], $1) > (outputs[$1], $0) }
      return rivals.prefix(limit).map { rival in
        guard let confidence else {
          return (InequalityObjective(.lead(of: rival, over: label)), rival)
        }
        return (MarginObjective(.reach(rival, confidence: confidence)), rival)
      }
    case .reach(let target): return [(MarginObjective(self), target)]
    case .sign: return [(MarginObjective(self), nil)]
    case .clauses(let alternatives, _):
      let goals = alternatives.map { Goal.any(of: [$0]) }
      let margins = goals.map { $0.margin(of: outputs) }
      return goals.indices.sorted { (margins[$0], $1) > (margins[$1], $0) }.prefix(limit)
        .map { (MarginObjective(goals[$0]), nil) }
    }
  }
}

extension Goal {
  /// The goal as linear inequalities of the outputs, as bounds and certificates need it: it is reached where all of one
  /// alternative hold.
  ///
  /// - Parameter outputCount: The number of outputs, which the goal has to fit.
  /// - Returns: The alternatives; none is empty.
  /// - Throws: `GoalError.notLinear` for a goal with a confidence, whose margin is no linear function; what `validate`
  ///   throws.
  public func inequalities(outputCount: Int) throws(GoalError) -> [[Inequality]] {
    try validate(outputCount: outputCount)
    if let confidence { throw .notLinear(confidence.probability) }
    func others(_ label: Int) -> [Int] { (0..<outputCount).filter { $0 != label } }
    switch form {
    case .avoid(let label): return others(label).map { [.lead(of: $0, over: label)] }
    case .reach(let target): return [others(target).map { .lead(of: target, over: $0) }]
    case .sign(let target): return [[Inequality([.init(target == 1 ? 1 : -1, output: 0)])]]
    case .clauses(let alternatives, _): return alternatives
    }
  }
}

/// A strict linear inequality on the outputs: sum of coefficient times output, plus offset, above
/// zero.
public struct Inequality: Sendable, Hashable {
  /// One term of the sum.
  public struct Term: Sendable, Hashable {
    /// The position of the output.
    public let output: Int
    /// Its coefficient, finite and not zero.
    public let coefficient: Double

    /// Creates a term.
    public init(_ coefficient: Double, output: Int) {
      precondition(coefficient.isFinite && coefficient != 0 && output >= 0, "not a term")
      self.output = output
      self.coefficient = coefficient
    }
  }

  /// The terms; outputs that are not named do not count.
  public let terms: [Term]

  /// The constant.
  public let offset: Double

  /// Creates an inequality.
  public init(_ terms: [Term], offset: Double = 0) {
    self.terms = terms
    self.offset = offset
  }

  /// The inequality that one output exceeds another.
  static func lead(of output: Int, over other: Int) -> Inequality {
    Inequality([.init(1, output: output), .init(-1, output: other)])
  }

  /// The largest magnitude of a coefficient.
  var largestCoefficient: Double { terms.reduce(0) { max($0, $1.coefficient.magnitude) } }

  /// The left side; NaN where infinities cancel.
  @inline(__always)
  func value<Scalar: BinaryFloatingPoint>(of outputs: UnsafeBufferPointer<Scalar>) -> Double {
    terms.reduce(offset) { $0 + $1.coefficient * Double(outputs[$1.output]) }
  }
}

/// Why a goal does not fit a model.
public enum GoalError: Error, Hashable, CustomStringConvertible {
  /// A label or output that the model does not have.
  case output(Int, outputCount: Int)
  /// A goal about one of several classes, for a model with one output.
  case singleLogit
  /// A goal about a single logit, for a model with several outputs.
  case notSingleLogit(outputCount: Int)
  /// A confidence about a goal that makes the model see no class.
  case noClass
  /// A confidence about a single output that is a probability, where its logit is needed.
  case singleProbability
  /// A goal with a confidence, where inequalities have to be linear.
  case notLinear(Double)

  /// One line that says what does not fit.
  public var description: String {
    switch self {
    case .output(let output, let count):
      "the goal names output \(output), but the model has the outputs 0 to \(count - 1)"
    case .singleLogit:
      "the model has a single output; its goals are those of a single logit"
    case .notSingleLogit(let count):
      "the goal is about a single logit, but the model has \(count) outputs"
    case .noClass:
      "the goal makes the model see no class; a confidence is about goals that do"
    case .singleProbability:
      "the model's single output is a probability; a confidence needs its logit, which is above zero for class 1"
    case .notLinear(let confidence):
      "a goal with a confidence (\(confidence)) is no linear inequality of the outputs; expected one without"
    }
  }
}
