import Models
import Robustness
import Synchronization
import Tensors

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
