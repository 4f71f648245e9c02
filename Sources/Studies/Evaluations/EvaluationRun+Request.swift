import Tensors
package import Datasets
package import Engine
package import Evaluation
package import Robustness

extension EvaluationRun {
  /// What to do.
  package struct Request: Sendable {
    /// What is evaluated.
    package var subject: Subject
    /// The examples.
    package var data: Dataset
    /// What may change.
    package var threat: ThreatReference
    /// The norm and the radius of the threat, which is one ball.
    package var norm: Norm
    /// The radius of the ball.
    package var radius: Double
    /// The attacks.
    package var suite: Suite
    /// Whether the attacks of the curve give up nothing either.
    var isExhaustive = false
    /// The radii of the curve, ascending; empty for none.
    package var radii: [RadiusRange.Radius] = []
    /// The values that changed inputs may have, if they are rounded.
    package var levels: Levels?
    /// Whether to go through the checklist.
    package var checks = true
    /// Determines all random choices.
    package var seed: UInt64
    /// The words of the command that asks for it; empty if none does.
    package var command: [String] = []
    /// The specification that it was made of, if it was made of one.
    package var specification: (any Specification)?
    /// How many examples the network sees at once.
    package var batch: Int
    /// How algorithms are chosen.
    package var algorithms = Algorithms.Policy.fastest
    /// Where finished examples are kept while the work is under way.
    package var state: String?

    /// What the model is called.
    package var model: String { subject.name }

    /// What may change, in words.
    package var threatDescription: String {
      (levels.map { "\(threat), rounded to \($0.values.count) levels" } ?? threat.description)
        + data.remark(on: threat)
    }

    /// The range that changed inputs stay in.
    package var bounds: ClosedRange<Float> { data.bounds(for: subject.input) }

    /// What is asked about an example within a radius.
    package func problem(
      _ position: Int, radius: Double? = nil, question: Question, isLevelled: Bool = true
    ) throws -> Problem {
      let example = try data.example(at: position)
      let threat = try data.ball(
        norm, radius: radius ?? self.radius, for: subject.input,
        levels: isLevelled ? levels : nil)
      let goal: Goal =
        subject.outputCount == 1 ? .avoid(singleLogit: example.label) : .avoid(example.label)
      return try Problem(
        index: example.index, input: example.input, label: example.label,
        threat: threat, goal: goal,
        question: question)
    }

    /// A radius within which every change is allowed.
    var largestRadius: Double {
      let width =
        data.boundsColumns ? 1 : Double(bounds.upperBound) - Double(bounds.lowerBound)
      let count = Double(data.exampleShape.count)
      return switch norm {
      case .infinity: width
      case .two: width * count.squareRoot()
      case .one: width * count
      case .zero: count
      }
    }
  }
}
