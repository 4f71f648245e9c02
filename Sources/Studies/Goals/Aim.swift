import Settings
import Reports
import Files
package import Datasets

/// What an attack is to bring about, as it is named on the command line.
package enum Aim: Hashable, Sendable, CustomStringConvertible {
  /// The label is missed: another class for several outputs, the other side of zero for a single one; where
  /// examples have several labels, at least one of them.
  case miss
  /// A number that a regression should give is missed by more than a distance; one of all outputs, or of one.
  case missBy(Double, output: Int?)
  /// A class is seen instead.
  case reach(Int)
  /// One of several yes-or-no decisions, an output each that decides at zero, is another than before.
  case decision
  /// An output of a regression becomes another number than before by more than a distance.
  case leave(Double, output: Int)

  /// What is understood, for messages.
  package static let forms =
    "miss, class:K, decision, or miss:DISTANCE and leave:DISTANCE (DISTANCE@OUTPUT for one output)"

  /// Reads what `--goal` says.
  ///
  /// - Throws: `StudyError`.
  package init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    switch (parts[0], parts.count) {
    case ("miss", 1): self = .miss
    case ("decision", 1): self = .decision
    case ("class", 2):
      guard let target = Int(parts[1]), target >= 0 else { throw Aim.notUnderstood(text) }
      self = .reach(target)
    case ("leave", 2):
      let (distance, output) = try Aim.distance(parts[1], text)
      self = .leave(distance, output: output ?? 0)
    case ("miss", 2):
      let (distance, output) = try Aim.distance(parts[1], text)
      self = .missBy(distance, output: output)
    default: throw Aim.notUnderstood(text)
    }
  }

  /// A positive distance, and the output that follows it, if any.
  private static func distance(
    _ part: Substring, _ text: String
  ) throws -> (distance: Double, output: Int?) {
    let words = part.split(separator: "@", omittingEmptySubsequences: false)
    guard let distance = Double(words[0]), distance > 0, distance.isFinite, words.count <= 2 else {
      throw notUnderstood(text)
    }
    guard words.count == 2 else { return (distance, nil) }
    guard let output = Int(words[1]), output >= 0 else { throw notUnderstood(text) }
    return (distance, output)
  }

  private static func notUnderstood(_ text: String) -> StudyError {
    let word = String(text.prefix { $0 != ":" })
    let near = word.suggestion(among: ["miss", "class", "decision", "leave"].filter { $0 != word })
    return StudyError("\(Setting.goal) is '\(text)'\(near); expected \(forms)")
  }

  /// The form on the command line.
  package var description: String {
    switch self {
    case .miss: "miss"
    case .reach(let target): "class:\(target)"
    case .decision: "decision"
    case .leave(let distance, let output):
      "leave:\(Format.shortest(distance))" + (output == 0 ? "" : "@\(output)")
    case .missBy(let distance, let output):
      "miss:\(Format.shortest(distance))" + (output.map { "@\($0)" } ?? "")
    }
  }

  /// The class that is to be seen, if there is one.
  package var target: Int? { if case .reach(let target) = self { target } else { nil } }

  /// Whether it is about the outputs as they were, whatever the label.
  package var ignoresLabels: Bool {
    switch self {
    case .miss, .reach, .missBy: false
    case .decision, .leave: true
    }
  }

  /// What an example that was broken suffered, for aims that are about the outputs as they were.
  package var change: String? {
    switch self {
    case .miss, .reach, .missBy: nil
    case .decision: "some decision is another than before"
    case .leave(let distance, let output):
      "output \(output) is more than \(distance) away from what it was"
    }
  }

  /// Whether it is about one class of several, or one side of a single logit, for targets of a kind.
  package func isAboutClasses(_ kind: TargetKind) -> Bool {
    switch self {
    case .miss: kind == .classes
    case .reach: true
    case .decision, .leave, .missBy: false
    }
  }

  /// What the targets of data have to be for it; `nil` where they may be anything.
  package var targets: TargetKind? {
    switch self {
    case .reach: .classes
    case .missBy: .numbers
    case .miss, .decision, .leave: nil
    }
  }
}
