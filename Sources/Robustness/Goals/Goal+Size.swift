extension Goal {
  /// By how much a change of all outputs by one can move the margin, up to a factor of two: one where outputs are
  /// compared with one another, and the largest coefficient of inequalities.
  var weight: Double {
    switch form {
    case .avoid, .reach, .sign: 1
    case .clauses(let alternatives, _):
      alternatives.joined().flatMap(\.terms).reduce(0) { max($0, $1.coefficient.magnitude) }
    }
  }
}
