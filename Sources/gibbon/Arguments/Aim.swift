import Robustness
import Tensors

/// What an attack is to bring about, as it is named on the command line.
enum Aim: Hashable, Sendable, CustomStringConvertible {
  /// The label is missed: another class for several outputs, the other side of zero for a single one.
  case miss
  /// A class is seen instead.
  case reach(Int)
  /// One of several yes-or-no decisions, an output each that decides at zero, is another than before.
  case decision
  /// An output of a regression becomes another number than before by more than a distance.
  case leave(Double, output: Int)

  /// What is understood, for messages.
  static let forms = "miss, class:K, decision or leave:DISTANCE (leave:DISTANCE@OUTPUT)"

  /// Reads what `--goal` says.
  ///
  /// - Throws: `BadArgument`.
  init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    switch (parts[0], parts.count) {
    case ("miss", 1): self = .miss
    case ("decision", 1): self = .decision
    case ("class", 2):
      guard let target = Int(parts[1]), target >= 0 else { throw Aim.notUnderstood(text) }
      self = .reach(target)
    case ("leave", 2):
      let words = parts[1].split(separator: "@", omittingEmptySubsequences: false)
      guard let distance = Double(words[0]), distance > 0, distance.isFinite,
        words.count == 1 || words.count == 2, let output = words.count == 2 ? Int(words[1]) : 0,
        output >= 0
      else { throw Aim.notUnderstood(text) }
      self = .leave(distance, output: output)
    default: throw Aim.notUnderstood(text)
    }
  }

  private static func notUnderstood(_ text: String) -> BadArgument {
    BadArgument("--goal is '\(text)'; expected \(forms)")
  }

  /// The form on the command line.
  var description: String {
    switch self {
    case .miss: "miss"
    case .reach(let target): "class:\(target)"
    case .decision: "decision"
    case .leave(let distance, let output): "leave:\(distance)" + (output == 0 ? "" : "@\(output)")
    }
  }

  /// The class that is to be seen, if there is one.
  var target: Int? { if case .reach(let target) = self { target } else { nil } }

  /// Whether it is about the outputs as they were, whatever the label.
  var ignoresLabels: Bool {
    switch self {
    case .miss, .reach: false
    case .decision, .leave: true
    }
  }

  /// What an example that was broken suffered, for aims that are about the outputs as they were.
  var change: String? {
    switch self {
    case .miss, .reach: nil
    case .decision: "some decision is another than before"
    case .leave(let distance, let output):
      "output \(output) is more than \(distance) away from what it was"
    }
  }

  /// Makes sure that the model has the outputs that are spoken of.
  ///
  /// - Throws: `BadArgument`.
  func check(outputCount: Int, labels: [Int]) throws {
    switch self {
    case .miss:
      if outputCount == 1, let label = labels.first(where: { !(0...1 ~= $0) }) {
        throw BadArgument(
          "the model has a single output, which tells two classes apart, but there is the label \(label);"
            + " a regression needs --goal leave:DISTANCE")
      }
    case .reach(let target):
      let classes = max(2, outputCount)
      guard 0..<classes ~= target else {
        throw BadArgument("--target is \(target); expected 0 to \(classes - 1)")
      }
    case .decision: break
    case .leave(_, let output):
      guard output < outputCount else {
        throw BadArgument(
          "--goal speaks of output \(output), but the model has the outputs 0 to \(outputCount - 1)"
        )
      }
    }
  }

  /// The goal for an example.
  ///
  /// - Parameters:
  ///   - label: Its label.
  ///   - outputs: What the model says of it as it is; needed where labels do not count.
  ///   - outputCount: The number of outputs.
  /// - Returns: The goal.
  func goal(label: Int, outputs: Tensor<Float>?, outputCount: Int) -> Goal {
    switch self {
    case .miss: return outputCount == 1 ? .avoid(singleLogit: label) : .avoid(label)
    case .reach(let target):
      return outputCount == 1 ? .reach(singleLogit: target) : .reach(target)
    case .decision:
      return .avoid(multiLabel: (outputs?.scalars ?? []).map { $0 > 0 })
    case .leave(let distance, let output):
      let value = Double(outputs?[output] ?? 0)
      return .leave(value - distance...value + distance, output: output)
    }
  }
}
