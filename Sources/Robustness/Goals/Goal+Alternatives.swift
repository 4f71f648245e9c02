public import Tensors

extension Goal {
  /// The class that is to be missed; `nil` for goals of another form.
  public var avoidedClass: Int? { if case .avoid(let label) = form { label } else { nil } }

  /// The class that is to be seen; `nil` for goals of another form.
  public var targetClass: Int? { if case .reach(let target) = form { target } else { nil } }

  /// The ways to reach the goal, each as an objective that is above zero where it is reached that way.
  ///
  /// To miss a class: every other class, as the difference of the two outputs, in double precision. Goals of other
  /// forms: their alternatives, each as its margin.
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
        let inequality = Inequality([.init(1, output: rival), .init(-1, output: label)])
        return (InequalityObjective(inequality), rival)
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
