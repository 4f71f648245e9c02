import Datasets
import Insight
import Tensors
import Testing

/// Linear models trained plainly, with weight decay, in closed form and by adversarial training.
@Suite struct LogisticRegressionTests {
  /// Two clouds that overlap, along a few of the values.
  private static let clouds: BinaryExamples = {
    var generator = RandomKey(seed: 3).generator
    let (count, width) = (200, 12)
    let signs = (0..<count).map { $0 % 2 == 0 ? 1.0 : -1 }
    let values = signs.flatMap { sign in
      generator.normals([width]).scalars.enumerated().map { place, noise in
        place < 3 ? noise + Float(sign) : noise
      }
    }
    return BinaryExamples(values: values, signs: signs, width: width)
  }()

  private static func training(
    _ change: (inout LogisticRegression) -> Void
  ) -> LogisticRegression {
    var training = LogisticRegression()
    change(&training)
    return training
  }

  private static let trainings = [
    training { _ in }, training { $0.l2 = 0.1 }, training { $0.l1 = 0.02 },
    training { $0.robust = 0.2 },
    training {
      $0.robust = 0.2
      $0.adversary = .training
    },
  ]

  @Test(arguments: trainings)
  func gradientsAreFiniteDifferences(training: LogisticRegression) {
    var generator = RandomKey(seed: 4).generator
    let model = LinearScore(
      weights: generator.normals([12]).scalars.map(Double.init), offset: 0.3)
    let (loss, gradient) = training.gradient(of: model, on: Self.clouds)
    #expect(abs(loss - training.loss(of: model, on: Self.clouds)) < 1e-12)
    let step = 1e-6
    for place in 0..<12 {
      var (up, down) = (model, model)
      up.weights[place] += step
      down.weights[place] -= step
      let slope =
        (training.loss(of: up, on: Self.clouds) - training.loss(of: down, on: Self.clouds))
        / (2 * step)
      #expect(abs(slope - gradient.weights[place]) < 1e-7)
    }
    var (up, down) = (model, model)
    up.offset += step
    down.offset -= step
    let slope =
      (training.loss(of: up, on: Self.clouds) - training.loss(of: down, on: Self.clouds))
      / (2 * step)
    #expect(abs(slope - gradient.offset) < 1e-7)
  }

  @Test func adversarialTrainingIsTheClosedForm() throws {
    let closed = try Self.trainings[3].train(on: Self.clouds)
    let trained = try Self.trainings[4].train(on: Self.clouds)
    for (first, second) in zip(closed.weights, trained.weights) {
      #expect(abs(first - second) < 1e-5)
    }
    #expect(abs(closed.offset - trained.offset) < 1e-5)
  }

  @Test(arguments: trainings)
  func nothingNearbyIsBetter(training: LogisticRegression) throws {
    let model = try training.train(on: Self.clouds)
    let loss = training.loss(of: model, on: Self.clouds)
    var generator = RandomKey(seed: 12).generator
    for _ in 0..<200 {
      let noise = generator.normals([13]).scalars.map { 0.03 * Double($0) }
      let other = LinearScore(
        weights: zip(model.weights, noise).map { $0 + $1 }, offset: model.offset + noise[12])
      // Subgradients come within a thousandth.
      #expect(training.loss(of: other, on: Self.clouds) > loss - 1e-3 * loss)
    }
  }

  @Test func theRobustModelHasTheLeastRobustLoss() throws {
    let robust = Self.trainings[3]
    let losses = try Self.trainings.map {
      robust.loss(of: try $0.train(on: Self.clouds), on: Self.clouds)
    }
    #expect(losses[3] < losses[0] && losses[3] < losses[1] && losses[3] < losses[2])
    let plain = LogisticRegression()
    for training in Self.trainings {
      let model = try training.train(on: Self.clouds)
      #expect(robust.loss(of: model, on: Self.clouds) >= plain.loss(of: model, on: Self.clouds))
    }
  }

  @Test func threesAndSevensFall() throws {
    let train = try BinaryExamples(
      MNIST.load(.train).subset(offset: 0, count: 6000), first: 3, second: 7)
    let test = try BinaryExamples(MNIST.load(.test), first: 3, second: 7)
    #expect(train.width == 784 && test.count == 2038)
    let plain = try LinearDefence(
      LogisticRegression(), on: train, test: test, size: 0.25, bounds: 0...1)
    #expect(Double(plain.errors) < 0.04 * Double(test.count))
    #expect(Double(plain.attackedErrors) >= 0.95 * Double(test.count))
    // Values that may not leave the range move less.
    #expect(plain.boundedErrors <= plain.attackedErrors && plain.boundedErrors > plain.errors)
    #expect(plain.curve[0].errors == plain.errors && plain.curve[10].errors == plain.attackedErrors)
    for (first, second) in zip(plain.curve, plain.curve.dropFirst()) {
      #expect(first.errors <= second.errors)
    }
    let robust = try LinearDefence(
      Self.training { $0.robust = 0.25 }, on: train, test: test, size: 0.25, bounds: 0...1)
    #expect(robust.attackedErrors < plain.attackedErrors && robust.robustLoss < plain.robustLoss)
  }

  @Test func resamplingKeepsThePictures() throws {
    let digits = try MNIST.load(.test).subset(offset: 0, count: 20)
    let same = try digits.resampled(toSide: 28)
    for place in 0..<20 { #expect(try same.image(at: place) == digits.image(at: place)) }
    for side in [7, 56] {
      let other = try digits.resampled(toSide: side)
      #expect(other.exampleShape == [1, side, side] && other.labels == digits.labels)
      for place in 0..<20 {
        let means = try [digits.image(at: place), other.image(at: place)].map { picture in
          picture.sum { Double($0) } / Double(picture.count)
        }
        #expect(abs(means[0] - means[1]) < 0.01)
      }
    }
  }
}
