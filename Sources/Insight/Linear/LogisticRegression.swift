import Platform

/// Training of a linear two-class model in double precision, on all examples at once and without chance.
///
/// With margins m = y (w.x + b), the mean over the examples of
///
///     log(1 + exp(-(m - robust |w|_1))) + l1 |w|_1 + l2 / 2 |w|_2^2
///
/// where `robust` is the largest change of a value that an adversary may make: the loss at the worst input within
/// L-infinity is the one in closed form, for w.x falls by eps |w|_1 at most (Goodfellow 2015).
package struct LogisticRegression: Sendable, Hashable, Codable {
  /// How the loss of an adversary is had.
  package enum Adversary: String, Sendable, Hashable, Codable {
    /// In closed form.
    case closedForm
    /// By moving each example along the signs of the weights and taking the gradient there, as adversarial training
    /// does.
    case training
  }

  /// The largest change of a value, 0 for training on the examples as they are.
  package var robust = 0.0
  /// How the worst loss is had.
  package var adversary = Adversary.closedForm
  /// The weight of |w|_1.
  package var l1 = 0.0
  /// The weight of half the square of |w|_2.
  package var l2 = 0.0
  /// The most steps.
  package var steps = 500

  /// Plain training.
  package init() {}

  /// Trains from zero.
  ///
  /// Smooth losses descend with Nesterov's momentum, from the start again where they rise; others by subgradients whose
  /// steps shrink, of which the best point counts.
  ///
  /// - Throws: `CancellationError`.
  package func train(on examples: BinaryExamples) throws -> LinearScore {
    let start = LinearScore(weights: [Double](repeating: 0, count: examples.width))
    let curvature = self.curvature(examples)
    return robust == 0 && l1 == 0
      ? try descend(start, examples, step: 1 / curvature)
      : try follow(start, examples, step: 1 / curvature)
  }

  /// The loss of a model, by the closed form.
  package func loss(of model: LinearScore, on examples: BinaryExamples) -> Double {
    let drop = robust * model.norm1
    let scores = examples.scores(model)
    let sum = zip(scores, examples.signs).reduce(0.0) { sum, pair in
      sum + Self.softplus(drop - pair.0 * pair.1)
    }
    let norm2 = model.norm2
    return sum / Double(examples.count) + l1 * model.norm1 + l2 / 2 * norm2 * norm2
  }

  /// The loss and its gradient, the way that `adversary` says.
  package func gradient(
    of model: LinearScore, on examples: BinaryExamples
  ) -> (loss: Double, gradient: LinearScore) {
    let count = Double(examples.count)
    let signs = model.weights.map { $0 > 0 ? 1.0 : $0 < 0 ? -1.0 : 0 }
    // Adversarial training sees inputs; the closed form sees what they do to the margin.
    let change = robust > 0 && adversary == .training ? signs.map { robust * $0 } : nil
    let drop = robust > 0 && adversary == .closedForm ? robust * model.norm1 : 0
    let scores = examples.scores(model, changedBy: change)
    var (loss, pull) = (0.0, 0.0)
    var factors = [Double](repeating: 0, count: examples.count)
    for row in scores.indices {
      let margin = scores[row] * examples.signs[row] - drop
      loss += Self.softplus(-margin) / count
      let share = Self.sigmoid(-margin) / count
      factors[row] = -examples.signs[row] * share
      pull += share
    }
    var weights = examples.sum(times: factors, changedBy: change)
    if drop > 0 {
      for index in weights.indices { weights[index] += robust * pull * signs[index] }
    }
    for index in weights.indices {
      weights[index] += l1 * signs[index] + l2 * model.weights[index]
    }
    let norm2 = model.norm2
    loss += l1 * model.norm1 + l2 / 2 * norm2 * norm2
    return (loss, LinearScore(weights: weights, offset: factors.reduce(0, +)))
  }

  private func descend(
    _ start: LinearScore, _ examples: BinaryExamples, step: Double
  ) throws -> LinearScore {
    var (point, last) = (start, start)
    var best = (model: start, loss: Double.infinity)
    var momentum = 0
    var first: Double?
    for _ in 0..<steps {
      try Task.checkCancellation()
      let (loss, gradient) = gradient(of: point, on: examples)
      if loss < best.loss { best = (point, loss) } else { momentum = 0 }
      let length = gradient.norm2 + abs(gradient.offset)
      if length <= 1e-5 * (first ?? length) && first != nil { break }
      first = first ?? length
      let next = point.moved(-step, along: gradient)
      momentum += 1
      let share = Double(momentum - 1) / Double(momentum + 2)
      point = next.moved(share, along: next.minus(last))
      last = next
    }
    return best.model
  }

  private func follow(
    _ start: LinearScore, _ examples: BinaryExamples, step: Double
  ) throws -> LinearScore {
    var point = start
    var best = (model: start, loss: Double.infinity)
    for number in 0..<2 * steps {
      try Task.checkCancellation()
      let (loss, gradient) = gradient(of: point, on: examples)
      if loss < best.loss { best = (point, loss) }
      let shrinking = 1 / (1 + Double(number) / 50).squareRoot()
      point = point.moved(-step * shrinking, along: gradient)
    }
    return best.model
  }

  /// A bound of the loss's second derivative: a quarter of the largest eigenvalue of the mean of (x, 1)(x, 1)^T, by the
  /// power method, with what a change of every value adds.
  private func curvature(_ examples: BinaryExamples) -> Double {
    var direction = LinearScore(
      weights: [Double](repeating: 1, count: examples.width), offset: 1)
    var value = 0.0
    for _ in 0..<30 {
      let length =
        (direction.weights.reduce(0) { $0 + $1 * $1 } + direction.offset * direction.offset)
        .squareRoot()
      guard length > 0 else { break }
      direction = LinearScore(
        weights: direction.weights.map { $0 / length }, offset: direction.offset / length)
      let scores = examples.scores(direction).map { $0 / Double(examples.count) }
      let next = LinearScore(weights: examples.sum(times: scores), offset: scores.reduce(0, +))
      value = (next.norm2 * next.norm2 + next.offset * next.offset).squareRoot()
      direction = next
    }
    // The power method comes from below.
    return (1.1 * value + robust * robust * Double(examples.width)) / 4 + l2 + 1e-12
  }

  /// log(1 + exp(x)).
  static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

  private static func sigmoid(_ x: Double) -> Double {
    x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
  }
}

extension LinearScore {
  /// self + `length` * `direction`.
  fileprivate func moved(_ length: Double, along direction: LinearScore) -> LinearScore {
    LinearScore(
      weights: zip(weights, direction.weights).map { $0 + length * $1 },
      offset: offset + length * direction.offset)
  }

  fileprivate func minus(_ other: LinearScore) -> LinearScore { moved(-1, along: other) }
}
