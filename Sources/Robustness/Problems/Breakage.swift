/// The smallest radius at which an example was seen to be broken.
public struct Breakage: Sendable, Hashable {
  /// The radius; 0 where the goal is reached without any change.
  public let radius: Double

  /// What breaks it; `nil` where no change is needed.
  public let witness: Witness?

  /// Creates a breakage.
  public init(radius: Double, witness: Witness?) {
    self.radius = radius
    self.witness = witness
  }
}
