public import Datasets
import Certificates
import Engine
import Models
import Networks
public import Robustness
import Tensors

/// Shares of some examples on which a network is right, also against adversaries.
public struct Measurement: Sendable, Hashable, Codable {
  /// The share classified right.
  public let natural: Double
  /// The share of those attacked that an attack of several steps does not break; `nil` if none are.
  public let robust: Double?
  /// The share of those attacked that a single step does not break; `nil` if none are.
  public let oneStep: Double?
  /// The share for which interval bounds, rounded outward, prove the right class over the whole threat; `nil` if nobody
  /// asks.
  public let verified: Double?

  private enum CodingKeys: String, CodingKey {
    case natural = "accuracy"
    case robust = "robust_accuracy"
    case oneStep = "one_step_accuracy"
    case verified = "verified_accuracy"
  }

  /// Creates a measurement of shares in [0, 1].
  public init(natural: Double, robust: Double?, oneStep: Double?, verified: Double?) {
    self.natural = natural
    self.robust = robust
    self.oneStep = oneStep
    self.verified = verified
  }

  /// Whether a network with this measurement is to be preferred to one with another: by what is verified if that was
  /// measured, else by what holds against several steps, else by what is right; ties by what is right.
  public func isBetter(than other: Measurement) -> Bool {
    let (own, others) = (
      verified ?? robust ?? natural, other.verified ?? other.robust ?? other.natural
    )
    return own == others ? natural > other.natural : own > others
  }
}

/// What is measured after each epoch.
public struct MeasurementPlan: Sendable {
  /// All of them are classified.
  public var data: Dataset
  /// How many of the first are attacked.
  public var attackedCount: Int
  /// The attack, several steps; `nil` to attack none.
  public var adversary: Recipe.Adversary?
  /// A single step, by which collapses are told; `nil` to take none.
  public var oneStep: Recipe.Adversary?
  /// The threat over which the right class is to be verified for all examples; `nil` to verify none.
  public var verified: (any ThreatModel)?

  /// Creates a plan.
  public init(
    _ data: Dataset, attackedCount: Int = 0, adversary: Recipe.Adversary? = nil,
    oneStep: Recipe.Adversary? = nil, verified: (any ThreatModel)? = nil
  ) {
    self.data = data
    self.attackedCount = attackedCount
    self.adversary = adversary
    self.oneStep = oneStep
    self.verified = verified
  }

  /// How many examples are attacked: there may be fewer than are asked for.
  var attackedExamples: Int { min(attackedCount, data.count) }

  /// Measures a network.
  ///
  /// - Parameters:
  ///   - model: The network as it runs.
  ///   - network: The network with its parameters, of which bounds are computed.
  ///   - seed: Determines the attacks' chance.
  /// - Returns: The shares; `nil` without examples.
  /// - Throws: What the model and the attacks throw; `TrainingError.data` where a network has no bounds.
  func measure(
    _ model: any BatchedModel, of network: Network, seed: UInt64
  ) async throws -> Measurement? {
    guard data.count > 0 else { return nil }
    let predictions = try await model.predictions(on: data)
    let correct = zip(predictions, data.labels).count { $0 == $1 }
    let attacked = data.subset(offset: 0, count: attackedExamples)
    func holding(_ adversary: Recipe.Adversary?) async throws -> Double? {
      guard let adversary, attacked.count > 0 else { return nil }
      let problems = try attacked.examples.map {
        try Problem(
          index: $0.index, input: $0.input, label: $0.label, threat: adversary.threat)
      }
      let outcomes = try await AttackRunner(model: model, seed: seed).run(
        adversary.attack, on: problems)
      return Double(outcomes.count { $0.robust }) / Double(attacked.count)
    }
    return Measurement(
      natural: Double(correct) / Double(data.count), robust: try await holding(adversary),
      oneStep: try await holding(oneStep),
      verified: try verified.map { try share(of: network, over: $0) })
  }

  /// The share of all examples that is verified.
  private func share(of network: Network, over threat: any ThreatModel) throws -> Double {
    let bounds: VerifiedBounds
    do {
      bounds = try VerifiedBounds(
        network.graph, parameters: network.parameters, input: Network.inputName,
        output: Network.outputName)
    } catch {
      throw TrainingError.data("\(network.architecture): cannot be verified: \(error)")
    }
    var verified = 0
    // Boxes are in double precision; all of a large set at once would take much memory.
    for start in stride(from: 0, to: data.count, by: 512) {
      let part = data.subset(offset: start, count: min(512, data.count - start))
      let boxes = try part.examples.map {
        EnclosingBox(
          of: try threat.region(around: $0.input), around: $0.input, norm: threat.norm)
      }
      let margins = bounds.margins(of: boxes, labels: part.labels)
      verified += zip(margins, part.labels).count { VerifiedBounds.isVerified($0, label: $1) }
    }
    return Double(verified) / Double(data.count)
  }
}
