/// Changes that cost what the sum of prices times values rises by, and nothing where it falls.
///
/// A linear program with limits: all begin where the sum is least, and the score is bought back at the best rate first.
struct SeparableChanges: ChangeSearch {
  /// A number that can change.
  struct Move {
    let place: Int
    /// What the score rises by for a change of 1; of either sign.
    let slope: Double
    /// What a rise by 1 costs, above 0.
    let price: Double
    /// How far up it can go; infinite where nothing stops it.
    let up: Double
    /// How far down it can go.
    let down: Double
    /// -1 for a number that may only fall, which is counted by how far it falls.
    let sign: Double
  }

  let moves: [Move]

  func cheapest(raising goal: Double) -> (cost: Double, changes: [(place: Int, amount: Double)])? {
    guard moves.allSatisfy({ $0.down.isFinite }) else {
      // Somebody may pay with what has no end.
      return unlimited(goal)
    }
    guard let changes = optimum(goal: goal, budget: .infinity) else { return nil }
    let (cost, rise) = (cost(changes), rise(changes))
    // What costs nothing in whole costs nothing in part, and part of it is enough.
    let share = cost <= 0 && rise > goal ? goal / rise : 1
    return (
      max(0, cost), zip(moves, changes).map { (place: $0.place, amount: $0.sign * share * $1) }
    )
  }

  func most(for budget: Double) -> Double {
    guard moves.allSatisfy({ $0.down.isFinite }) else { return isFree ? .infinity : paid(budget) }
    return max(0, rise(optimum(goal: .infinity, budget: budget) ?? []))
  }

  private func rise(_ changes: [Double]) -> Double {
    zip(moves, changes).reduce(0) { $0 + $1.0.slope * $1.1 }
  }

  private func cost(_ changes: [Double]) -> Double {
    zip(moves, changes).reduce(0) { $0 + $1.0.price * $1.1 }
  }

  private func optimum(goal: Double, budget: Double) -> [Double]? {
    var changes = moves.map { -$0.down }
    var rest = goal - rise(changes)
    var left = budget - cost(changes)
    let order = moves.indices.filter { moves[$0].slope > 0 }.sorted {
      moves[$0].slope * moves[$1].price > moves[$1].slope * moves[$0].price
    }
    for place in order where rest > 0 && left > 0 {
      let move = moves[place]
      let step = min(move.up + move.down, rest / move.slope, left / move.price)
      changes[place] += step
      rest = step == rest / move.slope ? 0 : rest - step * move.slope
      left -= step * move.price
    }
    return goal.isFinite && rest > 0 ? nil : changes
  }

  // MARK: - Without limits

  /// Whether a rise of the score can be paid by a fall of something else, so that it costs nothing.
  private var isFree: Bool {
    moves.contains { down in
      down.down == .infinity
        && (down.slope < 0
          || moves.contains { up in
            up.up == .infinity && up.slope * down.price > down.slope * up.price
          })
    }
  }

  /// Without limits the best rate decides alone.
  private func unlimited(
    _ goal: Double
  ) -> (cost: Double, changes: [(place: Int, amount: Double)])? {
    if let move = moves.first(where: { $0.slope < 0 && $0.down == .infinity }) {
      return (0, [(move.place, move.sign * goal / move.slope)])
    }
    let best = moves.filter { $0.slope > 0 && $0.up == .infinity }
      .max { $0.slope * $1.price < $1.slope * $0.price }
    guard let best else { return nil }
    let payer = moves.filter { $0.down == .infinity && $0.place != best.place }
      .min { $0.slope * $1.price < $1.slope * $0.price }
    if let payer, best.slope * payer.price > payer.slope * best.price {
      // The payer falls by what the other's rise costs.
      let rate = best.price / payer.price
      let step = goal / (best.slope - rate * payer.slope)
      return (0, [(best.place, best.sign * step), (payer.place, -payer.sign * rate * step)])
    }
    let step = goal / best.slope
    return (best.price * step, [(best.place, best.sign * step)])
  }

  private func paid(_ budget: Double) -> Double {
    (moves.filter { $0.slope > 0 && $0.up == .infinity }.map { $0.slope / $0.price }.max() ?? 0)
      * budget
  }
}
