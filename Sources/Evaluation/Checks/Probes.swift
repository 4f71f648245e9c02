import Models
import Robustness
import Synchronization
import Tensors

/// Looks at the gradients at an example and at a random point of the threat.
///
/// It tries whether a small step along them does what they promise, and attacks nothing.
///
/// Cost: four gradients and five forward passes.
final class GradientProbe: Attack {
  static let name = "gradient-probe"
  static let knowledge = Knowledge.gradients

  /// What was seen at one point.
  struct Reading {
    /// Whether the gradients of both losses are zero everywhere.
    let isZero: Bool
    /// Whether the step along the gradient leads anywhere: at a corner of the domain it may not.
    let hasRoom: Bool
    /// The share of the way to the margin that the gradient promises for a step through the whole domain.
    let reach: Double
    /// The position of the example in its data set.
    let index: Int
    /// Whether no change of the threat that was tried has other outputs.
    var isFlat = false
    /// The gain of the margin that the gradient promises for a small step, and what came of it.
    let promised: Double
    let gained: Double
    /// The largest output, which says how exact a difference of outputs can be.
    let scale: Double
  }

  private static let cornerCount = 3

  /// The size of the whole domain in the threat's norm.
  private let domain: Double
  private let notes = Mutex<[Reading]>([])

  /// Creates a probe for a domain of a size.
  init(domain: Double) { self.domain = domain }

  var readings: [Reading] { notes.withLock { $0 } }

  var budget: Passes { .gradients(4) + Passes(forward: 2 + GradientProbe.cornerCount) }

  func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let region = try problem.region
    let margin = try problem.objective(.margin, outputCount: oracle.outputCount)
    let entropy = try? problem.objective(.crossEntropy, outputCount: oracle.outputCount)
    var randomness = oracle.randomness("point")
    // The curvature of a sound network shows on long steps, however large the threat.
    let length = min(region.radius / 20, domain / 100)
    var found: [Reading] = []
    var seen: [Tensor<Float>] = []
    for z in [region.center, region.sample(using: &randomness)] {
      let answer = try await oracle.gradient(at: z, of: margin)
      var isZero = answer.gradient.scalars.allSatisfy { $0 == 0 }
      if let entropy, isZero {
        isZero = try await oracle.gradient(at: z, of: entropy).gradient.scalars
          .allSatisfy { $0 == 0 }
      }
      let next = region.step(from: z, along: answer.gradient, length: length)
      let promised = zip(answer.gradient.scalars, zip(next.scalars, z.scalars)).reduce(0.0) {
        $0 + Double($1.0) * (Double($1.1.0) - Double($1.1.1))
      }
      let gained = try await oracle.scores(at: next).margin - answer.margin
      let scale = answer.outputs.scalars.reduce(0.0) { max($0, Double(abs($1))) }
      seen.append(answer.outputs)
      found.append(
        Reading(
          isZero: isZero, hasRoom: next != z,
          reach: promised * domain / length / max(abs(answer.margin), 1e-5 * scale),
          index: problem.index, promised: promised, gained: gained, scale: scale))
    }
    for _ in 0..<GradientProbe.cornerCount {
      let corner = region.maximizer(of: randomness.normals(region.center.shape))
      seen.append(try await oracle.scores(at: corner).outputs)
    }
    let scale = max(Float(seen[0].normInfinity), 1e-6)
    let isFlat = seen.allSatisfy { Float(($0 - seen[0]).normInfinity) <= 1e-6 * scale }
    notes.withLock { notes in
      notes += found.map { reading in
        var reading = reading
        reading.isFlat = isFlat
        return reading
      }
    }
    return Candidate(region.center)
  }
}

/// Looks at what noise would do to linear functions with the model's gradients.
///
/// Of n features, noise of 200 draws comes about sqrt(2 ln 200 / n) of the way to the worst corner: all of it where
/// there are few.
///
/// Cost: a gradient.
final class ChanceProbe: Attack {
  static let name = "chance-probe"
  static let knowledge = Knowledge.gradients

  private static let drawCount = 200

  private let notes = Mutex<(shares: [Double], broken: Int)>(([], 0))

  /// The mean share of what the worst change gains that the best of the draws gains.
  var share: Double {
    notes.withLock { $0.shares.isEmpty ? 1 : $0.shares.reduce(0, +) / Double($0.shares.count) }
  }

  /// How many examples noise would break.
  var brokenCount: Int { notes.withLock { $0.broken } }

  var budget: Passes { .gradients(1) }

  func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let region = try problem.region
    let margin = try problem.objective(.margin, outputCount: oracle.outputCount)
    let answer = try await oracle.gradient(at: region.center, of: margin)
    func gain(_ z: Tensor<Float>) -> Double {
      zip(answer.gradient.scalars, zip(z.scalars, region.center.scalars)).reduce(0.0) {
        $0 + Double($1.0) * (Double($1.1.0) - Double($1.1.1))
      }
    }
    let worst = gain(region.maximizer(of: answer.gradient))
    var randomness = oracle.randomness("noise")
    var best = 0.0
    for _ in 0..<ChanceProbe.drawCount {
      best = max(best, gain(region.maximizer(of: randomness.normals(region.center.shape))))
    }
    notes.withLock {
      $0.shares.append(worst > 0 ? best / worst : 0)
      if answer.margin + best > 0 { $0.broken += 1 }
    }
    return Candidate(region.center)
  }
}
