/// A number of evaluations of the model, in examples, not batches.
public struct Passes: Sendable, Hashable, Codable, AdditiveArithmetic {
  private enum CodingKeys: String, CodingKey {
    case forward = "forward_evaluations"
    case backward = "backward_evaluations"
  }

  /// Forward passes.
  public var forward: Int

  /// Backward passes; each also needs its forward pass, which is counted there.
  public var backward: Int

  /// Creates a count.
  public init(forward: Int = 0, backward: Int = 0) {
    self.forward = forward
    self.backward = backward
  }

  /// A number of gradients: each is a forward and a backward pass.
  public static func gradients(_ count: Int) -> Passes {
    Passes(forward: count, backward: count)
  }

  /// No passes.
  public static var zero: Passes { Passes() }

  /// The sum of two counts.
  public static func + (left: Passes, right: Passes) -> Passes {
    Passes(forward: left.forward + right.forward, backward: left.backward + right.backward)
  }

  /// The difference of two counts.
  public static func - (left: Passes, right: Passes) -> Passes {
    Passes(forward: left.forward - right.forward, backward: left.backward - right.backward)
  }

  /// Whether both counts are at most those of another.
  public func fits(within other: Passes) -> Bool {
    forward <= other.forward && backward <= other.backward
  }
}
