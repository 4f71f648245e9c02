/// People's answers to a rule: everyone who is rejected makes the cheapest change that gets accepted, if that is worth
/// it.
///
/// Exact for linear rules: numbers by closed forms, with limits and directions, and categories by trying all that raise
/// the score. Who is accepted stays.
public struct Responder: Sendable {
  /// What changes cost.
  public let costs: ChangeCosts
  /// The rule.
  public let rule: LinearRule

  /// What somebody does.
  public struct Answer: Sendable, Hashable, Codable {
    /// The values afterwards; as they were where it is not worth it to change.
    public let values: [Double]
    /// What the cheapest change to be accepted costs, 0 where none is needed; `nil` where none gets accepted.
    public let cost: Double?
    /// What that change would be; `nil` where none gets accepted.
    public let accepted: [Double]?
    /// Whether it is made.
    public let moves: Bool
    /// Whether the person is accepted in the end.
    public let isAccepted: Bool
  }

  /// The most combinations of categories that are tried for one person.
  private static let mostCombinations = 4096

  /// Creates the people's side.
  ///
  /// - Throws: `GameError` where there are too many combinations of categories.
  public init(costs: ChangeCosts, rule: LinearRule) throws(GameError) {
    var combinations = 1
    for feature in costs.features where feature.change != .never {
      guard case .category(let names) = feature.kind else { continue }
      combinations *= max(1, names.count)
      guard combinations <= Self.mostCombinations else {
        throw GameError(
          "more than \(Self.mostCombinations) combinations of categories can be changed; expected some of them never to change"
        )
      }
    }
    self.costs = costs
    self.rule = rule
  }

  /// What somebody does.
  public func answer(_ person: [Double]) -> Answer {
    let score = rule.score(person, costs.features)
    guard score < rule.threshold else {
      return Answer(values: person, cost: 0, accepted: person, moves: false, isAccepted: true)
    }
    guard let best = cheapest(person, raising: rule.threshold - score) else {
      return Answer(values: person, cost: nil, accepted: nil, moves: false, isAccepted: false)
    }
    let cost = best.cost * costs.factor
    let moves = cost <= costs.benefit
    return Answer(
      values: moves ? best.values : person, cost: cost, accepted: best.values, moves: moves,
      isAccepted: moves)
  }

  /// The largest score that somebody can have for what it is worth to be accepted.
  public func reach(_ person: [Double]) -> Double {
    let score = rule.score(person, costs.features)
    var best = score
    for swap in swaps(person) where swap.cost <= costs.budget {
      let most = numbers(swap.values).most(for: costs.budget - swap.cost)
      best = max(best, score + swap.rise + most)
    }
    return best
  }

  private func cheapest(
    _ person: [Double], raising goal: Double
  ) -> (cost: Double, values: [Double])? {
    var best: (cost: Double, values: [Double])?
    for swap in swaps(person) {
      if let best, swap.cost >= best.cost { continue }
      var values = swap.values
      var cost = swap.cost
      if swap.rise < goal {
        guard let change = numbers(swap.values).cheapest(raising: goal - swap.rise) else {
          continue
        }
        cost += change.cost
        for (place, amount) in change.changes { values[place] += amount }
      }
      if best.map({ cost < $0.cost }) ?? true { best = (cost, values) }
    }
    return best
  }

  /// The numbers that can be changed so that the score rises.
  private func numbers(_ person: [Double]) -> any ChangeSearch {
    var options: [NumberChanges.Option] = []
    var moves: [SeparableChanges.Move] = []
    for (place, feature) in costs.features.enumerated() where feature.change != .never {
      guard case .number(let range) = feature.kind else { continue }
      let slope = rule.weights[place][0]
      // Who is beyond the limits already stays there.
      let up = feature.change == .down ? 0 : max(0, range.upperBound - person[place])
      let down = feature.change == .up ? 0 : max(0, person[place] - range.lowerBound)
      if costs.shape == .separable {
        // What may only fall costs by falling: it counts with the other sign.
        let isDown = feature.change == .down
        moves.append(
          SeparableChanges.Move(
            place: place, slope: isDown ? -slope : slope, price: feature.price,
            up: isDown ? down : up, down: isDown ? 0 : down, sign: isDown ? -1 : 1))
        continue
      }
      let room = slope > 0 ? up : down
      guard slope != 0, room > 0 else { continue }
      options.append(
        NumberChanges.Option(
          place: place, slope: abs(slope), price: feature.price, room: room,
          sign: slope > 0 ? 1 : -1))
    }
    return costs.shape == .separable
      ? SeparableChanges(moves: moves) : NumberChanges(shape: costs.shape, options: options)
  }

  private struct Swap {
    let values: [Double]
    let rise: Double
    let cost: Double
  }

  /// All combinations of categories in which none lowers the score, the person's own first.
  private func swaps(_ person: [Double]) -> [Swap] {
    var all = [Swap(values: person, rise: 0, cost: 0)]
    for (place, feature) in costs.features.enumerated() where feature.change != .never {
      guard case .category = feature.kind else { continue }
      let own = rule.weights[place][Int(person[place])]
      // All cost the same, so that only the best category of a feature is worth a change.
      guard
        let best = rule.weights[place].indices.max(by: {
          rule.weights[place][$0] < rule.weights[place][$1]
        }), rule.weights[place][best] > own
      else { continue }
      all += all.map { swap in
        var values = swap.values
        values[place] = Double(best)
        return Swap(
          values: values, rise: swap.rise + rule.weights[place][best] - own,
          cost: swap.cost + feature.price)
      }
    }
    return all
  }
}
