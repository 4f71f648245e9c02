import Files
import Insight
import Networks
import Settings
import Tensors

/// What can be seen of a network's decisions on some pictures, ready to be looked at.
public final class ExplainStudy: Sendable {
  /// What was asked for.
  public let specification: ExplainSpecification
  private let attributions: [AttributionStudy]
  private let changes: [ImperceptibleStudy?]
  private let command: [String]

  /// Reads model and pictures.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: ExplainSpecification, command: [String] = [],
    telling observer: Observer = .none
  ) throws {
    self.specification = specification
    self.command = command
    try specification.check()
    // What one of them remarks on, the others would repeat.
    let attributions = try (0..<specification.count).map { place in
      try AttributionStudy(specification.attribution(of: place), telling: observer)
    }
    self.attributions = attributions
    changes = try attributions.enumerated().map { place, study in
      guard specification.parts.contains(.change) else { return nil }
      let input = study.subject.input
      // Nothing within the bounds is farther away.
      let side = Double(input.bounds.upperBound - input.bounds.lowerBound)
      let farthest = side * Double(input.shape.count).squareRoot()
      return try ImperceptibleStudy(specification.change(of: place, within: farthest))
    }
    if specification.parts.contains(.morph), let target = specification.target {
      for place in 0..<specification.count {
        _ = try MorphStudy(specification.morph(of: place, to: target))
      }
    }
  }

  /// Looks, picture by picture and part by part.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: What was seen.
  /// - Throws: What the network and the methods throw; `CancellationError` where the task is cancelled.
  public func run(telling observer: Observer = .none) async throws -> ExplainResult {
    let start = ContinuousClock.now
    var examples: [ExplainResult.Example] = []
    for (place, study) in attributions.enumerated() {
      let seen = try await study.seen()
      var example = ExplainResult.Example(name: seen.name, ranking: seen.ranking)
      for part in specification.parts {
        try Task.checkCancellation()
        switch part {
        case .attribution: example.attribution = try await study.run(telling: observer)
        case .change: example.change = try await changes[place]?.run(telling: observer)
        case .morph:
          let target =
            specification.target ?? seen.ranking.entries.dropFirst().first.map { "\($0.label)" }
          guard let target else {
            throw StudyError(
              "\(specification.model) has a single output; expected an output for each class")
          }
          let morph = try MorphStudy(specification.morph(of: place, to: target))
          example.morph = try await morph.run(telling: observer)
        }
      }
      examples.append(example)
    }
    return ExplainResult(
      specification: specification, command: command,
      classNames: attributions[0].subject.input.classNames.map { String($0.prefix { $0 != "," }) },
      examples: examples, seconds: (ContinuousClock.now - start).seconds)
  }
}
