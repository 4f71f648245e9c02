public import Models
public import Tensors

/// The class that a model most probably sees under noise, with certificates: g(x) = argmax over c of P(f(x + noise) =
/// c).
///
/// Works for any model, for it asks for decisions alone. Cohen, Rosenfeld and Kolter, "Certified adversarial robustness
/// via randomized smoothing", 2019, https://arxiv.org/abs/1902.02918. What is certified is the smoothed classifier,
/// with a probability of error of `alpha` per example; noise is drawn from a generator whose numbers are known, so that
/// whoever chose the examples after the seed is outside the claim.
public struct SmoothedClassifier: Sendable {
  /// The model under the noise.
  public let model: any BatchedModel
  /// The noise.
  public let noise: SmoothingNoise
  /// The probability of error of each statement, in (0, 1).
  public var alpha = 0.001
  /// The most draws in one call of the model; results do not depend on it.
  public var batch = 128
  /// Determines all draws.
  public var seed: UInt64 = 0

  /// Creates a smoothed classifier.
  public init(_ model: any BatchedModel, noise: SmoothingNoise) {
    (self.model, self.noise) = (model, noise)
  }

  /// What a stream of draws is for; streams are independent.
  private enum Purpose: String { case selection, estimation, decision, prediction }

  /// The number of classes; a single output decides between two at zero.
  private var classCount: Int { max(2, model.outputCount) }

  /// How often each class was seen under noise, with one place more for draws where no class had the largest output.
  private func counts(
    at input: Tensor<Float>, _ draws: Range<Int>, for purpose: Purpose, index: Int
  ) async throws -> [Int] {
    let key = RandomKey(seed: seed).child("smoothing").child(index).child(purpose.rawValue)
    let values = input.scalars
    let size = values.count
    var counts = [Int](repeating: 0, count: classCount + 1)
    for first in stride(from: draws.lowerBound, to: draws.upperBound, by: batch) {
      let part = first..<min(first + batch, draws.upperBound)
      let rows = [Float](unsafeUninitializedCapacity: part.count * size) { buffer, used in
        for (row, draw) in part.enumerated() {
          let place = UnsafeMutableBufferPointer(rebasing: buffer[row * size..<(row + 1) * size])
          _ = place.initialize(from: values)
          var generator = key.child(draw).generator
          noise.add(to: place, drawing: &generator)
        }
        used = part.count * size
      }
      let outputs = try await model.outputs(
        of: Tensor(rows, shape: input.shape.prepending(part.count)), batch: batch)
      for row in 0..<part.count {
        counts[decision(outputs.row(row)) ?? classCount] += 1
      }
    }
    return counts
  }

  private func decision(_ outputs: Tensor<Float>) -> Int? {
    guard outputs.count == 1 else { return outputs.indexOfMaximum }
    return outputs[0].isNaN ? nil : outputs[0] > 0 ? 1 : 0
  }

  /// The smoothed class, or none if the draws do not tell two classes apart (PREDICT).
  ///
  /// - Parameters:
  ///   - input: In the model's shape.
  ///   - draws: The number of draws, at least 1.
  ///   - index: The example's place in its data, which keys the draws.
  /// - Returns: The class, which is wrong with a probability of at most `alpha`; `nil` for an abstention.
  /// - Throws: What the model throws; `CancellationError`.
  public func predict(_ input: Tensor<Float>, draws: Int = 1000, index: Int = 0) async throws
    -> Int?
  {
    let counts = try await counts(at: input, 0..<draws, for: .prediction, index: index)
    let order = counts.indices.sorted { (counts[$0], $1) > (counts[$1], $0) }
    guard order[0] < classCount,
      BinomialBounds.evenness(counts[order[0]], counts[order[1]]) <= alpha
    else { return nil }
    return order[0]
  }

  /// The smoothed class with a radius within which it does not change (CERTIFY).
  ///
  /// - Parameters:
  ///   - input: In the model's shape.
  ///   - selection: The number of draws by which the class is chosen, at least 1.
  ///   - estimation: The number of further draws by which its probability is bounded, at least 1.
  ///   - index: The example's place in its data, which keys the draws.
  /// - Returns: The certificate; an abstention where the bound is at most 1/2.
  /// - Throws: What the model throws; `CancellationError`.
  public func certify(
    _ input: Tensor<Float>, selection: Int = 100, estimation: Int = 100_000, index: Int = 0
  ) async throws -> SmoothedCertificate {
    let choice = try await choice(at: input, draws: selection, index: index)
    guard let choice else {
      return SmoothedCertificate(label: nil, radius: 0, probability: 0, draws: selection)
    }
    let counts = try await counts(at: input, 0..<estimation, for: .estimation, index: index)
    let bound = BinomialBounds.lower(successes: counts[choice], of: estimation, alpha: alpha)
    let isSure = bound > 0.5
    return SmoothedCertificate(
      label: isSure ? choice : nil, radius: noise.radius(ofProbability: bound), probability: bound,
      draws: selection + estimation)
  }

  /// The largest of some radii within which the smoothed class does not change, by as many draws as that takes.
  ///
  /// The radii are tested from the smallest on with the same draws, beginning with 0, and one is certified only with
  /// all below it. So a statement can be wrong only by the test of the smallest radius that does not hold, and needs no
  /// share of `alpha` for each.
  ///
  /// - Parameters:
  ///   - input: In the model's shape.
  ///   - radii: In the norm of the noise, ascending and above 0.
  ///   - selection: The number of draws by which the class is chosen.
  ///   - limit: The most draws by which its probability is tested.
  ///   - index: The example's place in its data, which keys the draws.
  /// - Returns: The certificate, wrong with a probability of at most `alpha`; an abstention if not even 0 is certified.
  /// - Throws: What the model throws; `CancellationError`.
  public func decide(
    _ input: Tensor<Float>, radii: [Double], selection: Int = 100, limit: Int = 100_000,
    index: Int = 0
  ) async throws -> SmoothedCertificate {
    guard let choice = try await choice(at: input, draws: selection, index: index) else {
      return SmoothedCertificate(label: nil, radius: 0, probability: 0, draws: selection)
    }
    let steps = [0] + radii
    let tests = steps.map { noise.probability(forRadius: $0) }.prefix { $0 < 1 }
      .map { SequentialTest(threshold: $0, alpha: alpha) }
    var (successes, drawn, passed) = (0, 0, 0)
    while drawn < limit, passed < tests.count {
      // Looks grow with the draws, so that few are wasted and looks are few.
      let end = min(limit, drawn + max(32, drawn / 8))
      successes += try await counts(at: input, drawn..<end, for: .decision, index: index)[choice]
      drawn = end
      while passed < tests.count,
        tests[passed].verdict(successes: successes, of: drawn) == .above
      { passed += 1 }
      if passed < tests.count,
        tests[passed].verdict(successes: successes, of: drawn) == .below
      {
        break
      }
    }
    return SmoothedCertificate(
      label: passed > 0 ? choice : nil, radius: passed > 0 ? steps[passed - 1] : 0,
      probability: passed > 0 ? tests[passed - 1].threshold : 0, draws: selection + drawn)
  }

  /// The largest radius that a number of draws can certify: that of draws which all agree.
  public func largestRadius(draws: Int) -> Double {
    noise.radius(
      ofProbability: BinomialBounds.lower(successes: draws, of: draws, alpha: alpha))
  }

  private func choice(at input: Tensor<Float>, draws: Int, index: Int) async throws -> Int? {
    let counts = try await counts(at: input, 0..<draws, for: .selection, index: index)
    let classes = counts.dropLast()
    guard let most = classes.max(), most > 0 else { return nil }
    return classes.firstIndex(of: most)
  }
}

/// What is certified of a smoothed classifier at an input.
public struct SmoothedCertificate: Sendable, Hashable, Codable {
  /// The class; `nil` for an abstention.
  public let label: Int?
  /// Within which the class does not change, in the norm of the noise and units of the input; 0 for an abstention.
  public let radius: Double
  /// The lower bound of the class's probability under the noise.
  public let probability: Double
  /// The number of draws.
  public let draws: Int
}
