import Settings
import Reports
package import Datasets
package import Robustness
package import Tensors

extension Aim {
  /// Makes sure that the model has the outputs, and the data the targets, that are spoken of.
  ///
  /// - Throws: `StudyError`.
  package func check(_ data: Dataset, outputCount: Int) throws {
    if let targets, data.targetKind != targets {
      throw StudyError(
        "\(data.name): each example has \(data.targetKind.words), but \(Setting.goal) \(self) is about"
          + " \(targets.words)"
          + data.targetsRemedy("\(Setting.targets) \(targets.rawValue) takes them as such"))
    }
    switch self {
    case .miss: try checkMiss(data, outputCount)
    case .reach(let target):
      let classes = max(2, outputCount)
      guard 0..<classes ~= target else {
        throw StudyError("\(Setting.target) is \(target); expected 0 to \(classes - 1)")
      }
    case .decision: break
    case .missBy(_, let output?), .leave(_, let output):
      guard output < outputCount else {
        throw StudyError(
          "\(Setting.goal) speaks of output \(output), but the model has the outputs 0 to \(outputCount - 1)"
        )
      }
    case .missBy(_, nil): break
    }
  }

  /// Makes sure that a loss is defined for what is to be brought about, which `check` admits.
  ///
  /// - Parameters:
  ///   - loss: What an attack is to maximise.
  ///   - data: The examples; at least one.
  ///   - outputCount: The number of outputs.
  /// - Throws: `StudyError` that names the option.
  package func check(_ loss: Loss, _ data: Dataset, outputCount: Int) throws {
    // Goals of one aim and data differ in numbers alone.
    let goal = goal(
      target: data.target(at: 0), outputs: .zeros([outputCount]), outputCount: outputCount)
    do {
      _ = try loss.objective(for: goal, outputCount: outputCount)
    } catch {
      throw StudyError("\(Setting.objective) is \(loss.rawValue): \(error)")
    }
  }

  private func checkMiss(_ data: Dataset, _ outputCount: Int) throws {
    switch data.targetKind {
    case .numbers:
      throw StudyError(
        "\(data.name): each example has \(data.targetKind.words), of which \(Setting.goal) has to say what it"
          + " is to miss them: \(Setting.goal) miss:DISTANCE (or, if they are classes, \(Setting.targets) classes)"
      )
    case .multiLabel: break
    case .classes:
      if outputCount == 1, let label = data.labels.first(where: { !(0...1 ~= $0) }) {
        let countFromOne = data.labels.allSatisfy { 1...2 ~= $0 }
        throw StudyError(
          "\(data.name): the model has a single output, which tells the classes 0 and 1 apart, but there is the label"
            + " \(label)"
            + (countFromOne
              ? "; the labels seem to count from 1, expected them from 0 (y - 1)" : "")
            + "; a regression needs \(Setting.goal) leave:DISTANCE, or miss:DISTANCE with \(Setting.targets) numbers"
        )
      }
    }
  }

  /// The goal for an example, whose target is of a kind that `check` admits.
  ///
  /// - Parameters:
  ///   - target: What the example is known to be.
  ///   - outputs: What the model says of it as it is; needed where labels do not count.
  ///   - outputCount: The number of outputs.
  /// - Returns: The goal.
  package func goal(target: Target, outputs: Tensor<Float>?, outputCount: Int) -> Goal {
    switch (self, target) {
    case (.miss, .label(let label)):
      return outputCount == 1 ? .avoid(singleLogit: label) : .avoid(label)
    case (.miss, .labels(let labels)): return .avoid(multiLabel: labels)
    case (.reach(let target), _):
      return outputCount == 1 ? .reach(singleLogit: target) : .reach(target)
    case (.decision, _):
      return .avoid(multiLabel: (outputs?.scalars ?? []).map { $0 > 0 })
    case (.leave(let distance, let output), _):
      let value = Double(outputs?[output] ?? 0)
      return .leave(value - distance...value + distance, output: output)
    case (.missBy(let distance, let output), .numbers(let numbers)):
      let intervals = numbers.map { Double($0) - distance...Double($0) + distance }
      return output.map { .leave(intervals[$0], output: $0) } ?? .leave(anyOf: intervals)
    case (.miss, .numbers), (.missBy, .label), (.missBy, .labels):
      preconditionFailure("a goal without a target of its kind")
    }
  }

  /// What it is for an example to be right as it is, where that is about targets which are no classes; for people.
  package func rightMeans(_ kind: TargetKind) -> String? {
    switch self {
    case .miss where kind == .multiLabel: "every label is told rightly, yes above zero"
    case .missBy(let distance, nil):
      "every output is within \(Format.shortest(distance)) of its target"
    case .missBy(let distance, let output?):
      "output \(output) is within \(Format.shortest(distance)) of its target"
    case .miss, .reach, .decision, .leave: nil
    }
  }
}

extension Dataset {
  /// Makes sure that each example has a class.
  ///
  /// - Parameter purpose: What needs it, as the subject of "needs".
  /// - Throws: `StudyError`.
  func requireClasses(for purpose: String) throws {
    guard targetKind != .classes else { return }
    throw StudyError(
      "\(name): each example has \(targetKind.words); \(purpose) needs one class for each"
        + (targetKind == .numbers
          ? ", whole numbers from 0 (\(Setting.targets) classes)"
          : targetsRemedy("\(Setting.targets) classes takes a single 1 among zeros as the class")))
  }
}
