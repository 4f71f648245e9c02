/// A linear two-class model trained in one of several ways, and how it stands under change.
package struct LinearDefence: Sendable, Hashable, Codable {
  /// How it was trained.
  package let training: LogisticRegression
  /// The model.
  package let model: LinearScore
  /// The mean logistic loss on the training examples as they are.
  package let cleanLoss: Double
  /// The same at the worst change of each, by the closed form.
  package let robustLoss: Double
  /// The number of test examples.
  package let count: Int
  /// How many of these are read wrongly as they are.
  package let errors: Int
  /// How many are once every value has moved along the signs, whatever the range of the data.
  package let attackedErrors: Int
  /// The same where values are cut at the range of the data.
  package let boundedErrors: Int
  /// The number of errors within other sizes of change, whatever the range of the data.
  package let curve: [Point]

  /// The errors within one size of change.
  package struct Point: Sendable, Hashable, Codable {
    /// The largest change of a value.
    package let size: Double
    /// The number of errors.
    package let errors: Int
  }

  /// Trains and measures a model.
  ///
  /// - Parameters:
  ///   - training: How.
  ///   - examples: What it is trained on.
  ///   - test: What it is measured on.
  ///   - size: The largest change of a value, eps.
  ///   - bounds: The range of the data.
  /// - Throws: `CancellationError`.
  package init(
    _ training: LogisticRegression, on examples: BinaryExamples, test: BinaryExamples,
    size: Double, bounds: ClosedRange<Double>
  ) throws {
    self.training = training
    let model = try training.train(on: examples)
    self.model = model
    var plain = LogisticRegression()
    cleanLoss = plain.loss(of: model, on: examples)
    plain.robust = size
    robustLoss = plain.loss(of: model, on: examples)
    count = test.count
    let margins = zip(test.scores(model), test.signs).map { $0 * $1 }
    func errors(_ size: Double) -> Int {
      margins.count { !($0 > model.largestShift(size: size)) }
    }
    self.errors = errors(0)
    attackedErrors = errors(size)
    boundedErrors = (0..<test.count).count { row in
      let signed = LinearScore(
        weights: model.weights.map { test.signs[row] * $0 }, offset: test.signs[row] * model.offset)
      let moved = signed.moved(test.input(row), by: -size).map {
        min(max($0, bounds.lowerBound), bounds.upperBound)
      }
      return !(signed.value(at: moved) > 0)
    }
    curve = (0...20).map { place in
      let size = size * Double(place) / 10
      return Point(size: size, errors: errors(size))
    }
  }

  /// The ways to train that are compared: plainly, with weight decay of both kinds, and against the adversary of a
  /// size, in closed form and by adversarial training.
  package static func trainings(size: Double) -> [LogisticRegression] {
    func training(_ change: (inout LogisticRegression) -> Void) -> LogisticRegression {
      var training = LogisticRegression()
      change(&training)
      return training
    }
    return [training { _ in }] + [0.01, 0.1, 1].map { l2 in training { $0.l2 = l2 } }
      + [0.001, 0.01].map { l1 in training { $0.l1 = l1 } }
      + [LogisticRegression.Adversary.closedForm, .training].map { adversary in
        training {
          $0.robust = size
          $0.adversary = adversary
        }
      }
  }
}
