import Certificates
package import Datasets
package import Evaluation
package import Models
import Networks
package import Robustness
import Settings
import Tensors

/// Verified bounds of a network, with which examples of a data set are certified.
package struct Verification: Sendable {
  private let bounds: VerifiedBounds

  /// Prepares the bounds of a network.
  ///
  /// - Throws: `StudyError` for what bounds are not about: an operator, a form of the data or of the scores.
  package init(of subject: Subject, on data: Dataset) throws {
    guard case .here(let network, _) = subject.place else {
      throw StudyError(
        "\(Setting.verify) needs the network itself, which \(subject.name) does not reveal")
    }
    guard network.outputCount >= 2 else {
      throw StudyError(
        "\(Setting.verify): \(subject.name) has a single output; expected scores of two classes or more"
      )
    }
    guard !data.boundsColumns else {
      throw StudyError(
        "\(Setting.verify): each column of \(data.name) has a range of its own, in whose units no bounds are known;"
          + " expected one range for all (\(Setting.dataRange))")
    }
    do {
      bounds = try VerifiedBounds(
        network.graph, parameters: network.parameters, input: Network.inputName,
        output: Network.outputName)
    } catch {
      throw StudyError("\(Setting.verify): \(subject.name): \(error)")
    }
  }

  /// Makes sure that what needs bounds is not asked for without them.
  ///
  /// - Throws: `StudyError`.
  static func check(_ verify: Bool, skipsCertified: Bool) throws {
    guard verify || !skipsCertified else {
      throw StudyError(
        "\(Setting.skipCertified) is given without \(Setting.verify), which certifies; expected both"
      )
    }
  }

  /// Certifies the examples of a data set.
  ///
  /// - Parameters:
  ///   - data: The examples, each with a class.
  ///   - positions: Which of them.
  ///   - title: What the progress is called.
  ///   - model: The network, which says whether an example is right as it is.
  ///   - observer: Told of the progress.
  ///   - problem: What is asked about an example; what counts is the smallest box around its region, and the ball.
  /// - Returns: What is said of each, in their order.
  /// - Throws: What reading the data and the model throw; `CancellationError`.
  package func certify(
    _ data: Dataset, at positions: [Int], named title: String = "verify",
    on model: any BatchedModel, telling observer: Observer,
    problem: (_ position: Int) throws -> Problem
  ) async throws -> [Certification.Example] {
    let line = observer.begin(title, of: positions.count, "examples")
    defer { line.finish() }
    var examples: [Certification.Example] = []
    while examples.count < positions.count {
      try Task.checkCancellation()
      let part = positions[examples.count...].prefix(64)
      let problems = try part.map { try problem($0) }
      let labels = part.map { data.label(at: $0) }
      let scores = try await model.outputs(of: .stacking(problems.map(\.input)))
      let boxes = try problems.map {
        EnclosingBox(of: try $0.region, around: $0.input, norm: $0.threat.norm)
      }
      let certificates = bounds.certificates(of: boxes, labels: labels)
      for (row, problem) in problems.enumerated() {
        let margin = problem.goal.margin(of: scores.row(row))
        let isRight =
          margin <= 0 && problem.goal.prediction(of: scores.row(row)) == labels[row]
        examples.append(
          Certification.Example(
            index: problem.index, label: labels[row], isRight: isRight,
            certificate: certificates[row]))
      }
      line.show(examples.count)
    }
    return examples
  }
}

extension Certification {
  /// What is said where examples are certified and broken; `nil` where none is, as it should be.
  package func alarm(_ records: [ExampleRecord], in model: String) -> String? {
    Certification.alarm(contradictions(with: records), in: model)
  }

  /// The same of examples that are contradictory.
  static func alarm(_ indices: [Int], in model: String) -> String? {
    guard let first = indices.first else { return nil }
    let more = indices.count > 1 ? " and \(indices.count - 1) more" : ""
    return
      "an error of Gibbon: example \(first)\(more) of \(model) is certified and was broken all the same; believe"
      + " neither accuracy, and please report it with the record"
  }
}
