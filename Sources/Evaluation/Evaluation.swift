public import Robustness

/// What a suite of attacks says of a model on some examples.
public struct Evaluation: Sendable {
  /// What one attack of the suite did.
  public struct Contribution: Sendable, Hashable {
    /// The name of the stage.
    public let name: String
    /// The examples that it was run on: those that nothing before it broke.
    public let tried: Int
    /// The examples that it broke.
    public let broken: Int
    /// The share of all examples that are right and not broken after it.
    public let accuracy: Proportion
    /// The passes that it spent.
    public let passes: Passes
    /// Its share of all passes, a backward pass counted like a forward pass.
    public let share: Double
  }

  /// The names of the stages.
  public let stages: [String]

  /// One verdict for each example, in order; at least one.
  public let verdicts: [Verdict]

  /// Collects verdicts.
  ///
  /// - Precondition: There is a verdict.
  public init(stages: [String], verdicts: [Verdict]) {
    precondition(!verdicts.isEmpty, "an evaluation of nothing")
    self.stages = stages
    self.verdicts = verdicts
  }

  /// The share of examples classified rightly as they are.
  public var clean: Proportion { share(of: verdicts) { $0.isRight } }

  /// The share of examples classified rightly and not broken.
  public var robust: Proportion { share(of: verdicts) { $0.isRobust } }

  /// All passes.
  public var passes: Passes { verdicts.reduce(.zero) { $0 + $1.passes } }

  /// The verdicts of broken examples.
  public var broken: [Verdict] { verdicts.filter { $0.witness != nil } }

  /// Verdicts of examples on which an attack failed.
  public var failures: [Verdict] { verdicts.filter { $0.failure != nil } }

  /// What each attack did.
  public var contributions: [Contribution] {
    let total = max(1, passes.forward + passes.backward)
    var left = clean.count
    return stages.enumerated().map { place, name in
      let broken = verdicts.count { $0.witness?.attack == name && $0.isRight }
      left -= broken
      let passes = verdicts.reduce(Passes.zero) { sum, verdict in
        sum + (place < verdict.stagePasses.count ? verdict.stagePasses[place] : .zero)
      }
      return Contribution(
        name: name,
        tried: verdicts.count { place < $0.stagePasses.count && $0.stagePasses[place] != .zero },
        broken: broken, accuracy: Proportion(left, of: verdicts.count), passes: passes,
        share: Double(passes.forward + passes.backward) / Double(total))
    }
  }

  /// The classes that occur, each with its examples.
  public var classes: [(label: Int, clean: Proportion, robust: Proportion, verdicts: [Verdict])] {
    Dictionary(grouping: verdicts, by: \.label).sorted { $0.key < $1.key }.map { label, own in
      (label, share(of: own) { $0.isRight }, share(of: own) { $0.isRobust }, own)
    }
  }

  private func share(of verdicts: [Verdict], _ holds: (Verdict) -> Bool) -> Proportion {
    Proportion(verdicts.count(where: holds), of: verdicts.count)
  }
}
