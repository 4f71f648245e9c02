/// How a person's numbers can change so that the score of one rule rises.
protocol ChangeSearch {
  /// The cheapest changes by which the score rises so much; `nil` where it cannot.
  ///
  /// - Parameter goal: Above 0.
  /// - Returns: The cost, and changes by the places of features.
  func cheapest(raising goal: Double) -> (cost: Double, changes: [(place: Int, amount: Double)])?

  /// The most that the score can rise for a budget.
  func most(for budget: Double) -> Double
}

/// Changes whose costs are prices times distances, or of their squares.
struct NumberChanges: ChangeSearch {
  /// A number that can rise, or fall, from where it is.
  struct Option {
    let place: Int
    /// What the score rises by for a change of 1.
    let slope: Double
    /// What a change of 1 costs.
    let price: Double
    /// How far it can change.
    let room: Double
    /// 1 for up, -1 for down.
    let sign: Double
  }

  let shape: CostShape
  let options: [Option]

  func cheapest(raising goal: Double) -> (cost: Double, changes: [(place: Int, amount: Double)])? {
    let found: [Double]? =
      switch shape {
      case .l1, .separable: greedy(goal: goal, budget: .infinity)
      case .quadratic, .euclidean: filled(goal: goal)
      }
    guard let changes = found else { return nil }
    return (cost(changes), zip(options, changes).map { ($0.place, $0.sign * $1) })
  }

  func most(for budget: Double) -> Double {
    switch shape {
    case .l1, .separable: return rise(greedy(goal: .infinity, budget: budget) ?? [])
    case .quadratic, .euclidean:
      return rise(filled(budget: shape == .euclidean ? budget * budget : budget))
    }
  }

  private func rise(_ changes: [Double]) -> Double {
    zip(options, changes).reduce(0) { $0 + $1.0.slope * $1.1 }
  }

  private func cost(_ changes: [Double]) -> Double {
    if shape == .l1 { return zip(options, changes).reduce(0) { $0 + $1.0.price * $1.1 } }
    let squares = zip(options, changes).reduce(0) { $0 + weight($1.0) * $1.1 * $1.1 }
    return shape == .euclidean ? squares.squareRoot() : squares
  }

  /// What a squared change is multiplied by.
  private func weight(_ option: Option) -> Double {
    shape == .euclidean ? option.price * option.price : option.price
  }

  /// The best value first: of linear costs with limits that is optimal (a fractional knapsack).
  ///
  /// - Returns: `nil` where the goal, if it is finite, is not reached.
  private func greedy(goal: Double, budget: Double) -> [Double]? {
    var changes = [Double](repeating: 0, count: options.count)
    var (rest, spent) = (goal, 0.0)
    let order = options.indices.sorted {
      options[$0].slope * options[$1].price > options[$1].slope * options[$0].price
    }
    for place in order where rest > 0 {
      let option = options[place]
      let change = min(option.room, rest / option.slope, (budget - spent) / option.price)
      guard change > 0 else { continue }
      changes[place] = change
      spent += change * option.price
      rest = change == rest / option.slope ? 0 : rest - change * option.slope
      if spent >= budget { break }
    }
    return goal.isFinite && rest > 0 ? nil : changes
  }

  /// Changes in proportion to slope over weight, as far as there is room, that raise the score so much.
  private func filled(goal: Double) -> [Double]? {
    var changes = [Double](repeating: 0, count: options.count)
    var free = Array(options.indices)
    var rest = goal
    while !free.isEmpty {
      let sum = free.reduce(0) { $0 + options[$1].slope * options[$1].slope / weight(options[$1]) }
      let level = rest / sum
      let full = free.filter {
        level * options[$0].slope / weight(options[$0]) > options[$0].room
      }
      guard !full.isEmpty else {
        for place in free { changes[place] = level * options[place].slope / weight(options[place]) }
        return changes
      }
      for place in full {
        changes[place] = options[place].room
        rest -= options[place].slope * options[place].room
      }
      free.removeAll(where: full.contains)
    }
    return nil
  }

  /// The same for a budget of squares.
  private func filled(budget: Double) -> [Double] {
    var changes = [Double](repeating: 0, count: options.count)
    var free = Array(options.indices)
    var rest = budget
    while !free.isEmpty {
      let sum = free.reduce(0) { $0 + options[$1].slope * options[$1].slope / weight(options[$1]) }
      let level = (max(0, rest) / sum).squareRoot()
      let full = free.filter {
        level * options[$0].slope / weight(options[$0]) > options[$0].room
      }
      guard !full.isEmpty else {
        for place in free { changes[place] = level * options[place].slope / weight(options[place]) }
        return changes
      }
      for place in full {
        changes[place] = options[place].room
        rest -= weight(options[place]) * options[place].room * options[place].room
      }
      free.removeAll(where: full.contains)
    }
    return changes
  }
}
