import Robustness
import Tensors

/// The ascent of L1-APGD: signs of the steepest coordinates, in balls that shrink to the threat.
///
/// z <- Proj(z + eta sign(s) / ||sign(s)||_1), where s keeps the k steepest coordinates of the gradient among those
/// that are not at the end of the box already. At checkpoints, every 4 % of the steps, k becomes two thirds, rounded
/// down, of the number of coordinates that the best point changes; where that number fell by more than 5 % the step
/// returns to eps and z to the best point, else the step shrinks by 1.5, down to eps / 10. The balls have the radii
/// 3 eps and 2 eps for 30 % of the steps each, then eps; each ascent begins at the projection of the last one's best
/// point.
///
/// Croce and Hein, "Mind the box: l1-APGD for sparse adversarial attacks on image classifiers", 2021,
/// https://arxiv.org/abs/2103.01208. There s also keeps coordinates without room, whose share of a step is lost.
///
/// Cost: `steps` + 1 gradients; the gradient at the start of the second and the third ball is one of its steps.
struct SparseAscent {
  let steps: Int

  /// Climbs one objective.
  ///
  /// - Returns: The best point of the threat, or one that reaches the goal there.
  func climb(
    _ objective: any Objective, in problem: Problem, using oracle: Oracle,
    _ randomness: inout Philox
  ) async throws -> Peak {
    let threat = try problem.region
    var balls = [(region: threat, gradients: steps + 1)]
    // With fewer steps than that the larger balls would leave none for the threat.
    if steps >= 10, let twice = problem.threat.scaled(by: 2),
      let thrice = problem.threat.scaled(by: 3)
    {
      let part = (3 * steps + 9) / 10
      balls = [
        (try thrice.region(around: problem.input), part + 1),
        (try twice.region(around: problem.input), part), (threat, steps - 2 * part),
      ]
    }
    let noise = randomness.normals(threat.center.shape)
    var z = balls[0].region.projection(of: threat.center + noise)
    var peak: Peak?
    for (stage, ball) in balls.enumerated() {
      let isThreat = stage == balls.count - 1
      let end = try await climb(
        objective, from: ball.region.projection(of: z), in: ball.region, ball.gradients,
        within: isThreat ? nil : threat, using: oracle, isFirst: balls.count == 1)
      if end.reachesGoal, isThreat || threat.contains(end.point) { return end }
      z = end.point
      peak = end
    }
    guard let peak else { preconditionFailure("there is at least one ball") }
    return peak
  }

  /// One ascent in one ball; `threat` is where reaching the goal counts, if not in all of it, and `isFirst` says that
  /// it begins at noise, so that the point does not tell how many coordinates to change.
  private func climb(
    _ objective: any Objective, from start: Tensor<Float>, in region: any FeasibleSet,
    _ gradients: Int, within threat: (any FeasibleSet)?, using oracle: Oracle, isFirst: Bool
  ) async throws -> Peak {
    func isEnd(_ z: Tensor<Float>, _ answer: Answer) -> Bool {
      answer.reachesGoal && (threat?.contains(z) ?? true)
    }
    let count = region.center.count
    var z = start
    var answer = try await oracle.gradient(at: z, of: objective)
    var peak = Peak(z, answer)
    if isEnd(z, answer) { return peak }
    var gradient = answer.gradient
    var stepSize = region.radius
    var changed = isFirst ? count : changes(of: z, from: region.center)
    var moving = isFirst ? count / 5 : 2 * changed / 3
    let interval = max(4 * (gradients - 1) / 100, 1)
    for step in 1..<max(gradients, 1) {
      z = stepped(from: z, along: gradient, moving: moving, length: stepSize, in: region)
      answer = try await oracle.gradient(at: z, of: objective)
      if isEnd(z, answer) { return Peak(z, answer) }
      gradient = answer.gradient
      if peak.isBelow(answer) { peak = Peak(z, answer) }
      guard step % interval == 0 else { continue }
      let now = changes(of: peak.point, from: region.center)
      moving = 2 * now / 3
      if Double(now) < 0.95 * Double(changed) {
        stepSize = region.radius
        (z, gradient) = (peak.point, peak.gradient)
      } else {
        stepSize = max(stepSize / 1.5, region.radius / 10)
      }
      changed = now
    }
    return peak
  }

  /// Moves so many coordinates, the steepest that have room, by equal lengths that add up to `length`.
  private func stepped(
    from z: Tensor<Float>, along gradient: Tensor<Float>, moving count: Int, length: Double,
    in region: any FeasibleSet
  ) -> Tensor<Float> {
    let slopes = self.slopes(gradient, withRoomAt: z, in: region.hull)
    let threshold = slopes.magnitude(ofRank: max(count, 1))
    var moving = 0
    slopes.withUnsafeScalars { slopes in
      for slope in slopes where slope != 0 && slope.magnitude >= threshold { moving += 1 }
    }
    guard moving > 0 else { return z }
    let size = Float(length / Double(moving))
    return region.projection(
      of: z.zip(slopes) { value, slope in
        guard slope.magnitude >= threshold, slope != 0 else { return value }
        return slope > 0 ? value + size : value - size
      })
  }

  /// A gradient without the coordinates that are at the end of the box already; NaN is none either.
  private func slopes(
    _ gradient: Tensor<Float>, withRoomAt z: Tensor<Float>, in box: Box
  ) -> Tensor<Float> {
    gradient.withUnsafeScalars { gradient in
      z.withUnsafeScalars { z in
        box.lower.withUnsafeScalars { lower in
          box.upper.withUnsafeScalars { upper in
            Tensor(shape: box.lower.shape) { target in
              for index in 0..<target.count {
                let (slope, value) = (gradient[index], z[index])
                let hasRoom =
                  (slope > 0 && value < upper[index]) || (slope < 0 && value > lower[index])
                target[index] = hasRoom ? slope : 0
              }
            }
          }
        }
      }
    }
  }

  /// The number of coordinates in which two points differ.
  private func changes(of point: Tensor<Float>, from center: Tensor<Float>) -> Int {
    point.withUnsafeScalars { point in
      center.withUnsafeScalars { center in
        var count = 0
        for index in 0..<point.count { count &+= point[index] == center[index] ? 0 : 1 }
        return count
      }
    }
  }
}
