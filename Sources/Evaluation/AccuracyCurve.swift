public import Robustness

/// The accuracy of a model against the radius of the threat, from one bound for each example.
///
/// A change at distance d breaks its example at every radius from d on, so one search serves all radii.
public struct AccuracyCurve: Sendable, Hashable, Codable {
  /// A radius with the share of examples that hold there.
  public struct Point: Sendable, Hashable, Codable {
    /// The radius.
    public let radius: Double
    /// The share of examples that are right and not broken within it.
    public let accuracy: Proportion
  }

  /// The points in the order of their radii.
  public let points: [Point]

  /// Counts.
  ///
  /// - Parameters:
  ///   - radii: The radii, ascending.
  ///   - bounds: For each example the smallest radius that is known to break it: 0 if it is wrong as it is, infinity
  ///     if none is known; at least one example.
  public init(radii: [Double], bounds: [Double]) {
    points = radii.map { radius in
      Point(
        radius: radius,
        accuracy: Proportion(
          bounds.count { $0 > radius }, of: bounds.count))
    }
  }
}

extension AttackRunner {
  /// The smallest radius at which each example is known to break, as far as it matters for some radii.
  ///
  /// All are searched for the nearest change with `nearest`; then those that break within the radius of the evaluation
  /// are attacked with `stages` at the largest of the radii below their bound, and so are the others beyond it, again
  /// and again until that fails. What held in the evaluation holds at smaller radii, unless the search of the nearest
  /// change broke it after all.
  ///
  /// - Parameters:
  ///   - records: What the evaluation said.
  ///   - radius: The radius of the evaluation.
  ///   - radii: The radii of interest, ascending.
  ///   - nearest: Attacks that look for the nearest change; may be empty.
  ///   - stages: Attacks that are run within single radii.
  ///   - progress: Called with the share of the examples that are done.
  ///   - problem: The problem of a place in `records` within a radius.
  /// - Returns: For each record a radius, 0 if the example is wrong as it is, infinity if no change is known; by
  ///   place, changes within the evaluation's radius of examples that held there; and the passes that were spent.
  /// - Throws: What `run` and `problem` throw.
  public func breakingRadii(
    of records: [ExampleRecord], radius: Double, radii: [Double], nearest: [Stage], stages: [Stage],
    progress: @Sendable (Double) -> Void = { _ in },
    problem: (_ place: Int, _ radius: Double, _ earlyStopping: Bool) throws -> Problem
  ) async throws -> (bounds: [Double], found: [Int: ExampleRecord.Break], passes: Passes) {
    var passes = Passes.zero
    var found: [Int: ExampleRecord.Break] = [:]
    var bounds = records.map { record -> Double in
      guard record.isRight else { return 0 }
      let known = min(record.adversarialExample?.distance ?? .infinity, record.nearest ?? .infinity)
      return record.adversarialExample == nil ? max(known, radius.nextUp) : min(known, radius)
    }
    let right = bounds.indices.filter { bounds[$0] > 0 }
    if !nearest.isEmpty, !right.isEmpty {
      let outcomes = try await run(
        nearest, on: try right.map { try problem($0, radius, false) })
      for (place, outcome) in zip(right, outcomes) {
        passes += outcome.passes
        let distance = outcome.nearest?.distance ?? .infinity
        if let adversarialExample = outcome.adversarialExample {
          bounds[place] = min(bounds[place], distance, radius)
          if records[place].isRobust { found[place] = ExampleRecord.Break(adversarialExample) }
        } else {
          bounds[place] = min(bounds[place], max(distance, radius.nextUp))
        }
      }
    }
    // The largest radius at which an example held.
    var held = records.indices.map { records[$0].isRobust && found[$0] == nil ? radius : -1 }
    var open = bounds.indices.filter { bounds[$0] > 0 }
    let total = Double(max(1, open.count))
    while true {
      let next = open.map { place in
        radii.last { $0 < bounds[place] && $0 > held[place] && $0 > 0 }
      }
      open = zip(open, next).filter { $0.1 != nil }.map(\.0)
      let chosen = next.compactMap { $0 }
      if open.isEmpty { break }
      progress(1 - Double(open.count) / total)
      let outcomes = try await run(
        stages, on: try zip(open, chosen).map { try problem($0, $1, true) })
      for (place, (radius, outcome)) in zip(open, zip(chosen, outcomes)) {
        passes += outcome.passes
        if let adversarialExample = outcome.adversarialExample {
          bounds[place] = min(adversarialExample.distance, radius)
        } else {
          held[place] = radius
        }
      }
    }
    return (bounds, found, passes)
  }
}
