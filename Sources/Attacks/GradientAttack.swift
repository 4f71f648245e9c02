public import Models
public import Robustness

/// An attack that sees gradients.
public protocol GradientAttack: ConfigurableAttack {}

extension GradientAttack {
  /// Gradients.
  public static var knowledge: Knowledge { .gradients }
}

/// An attack that looks for the nearest point by gradients.
public protocol MinimumNormAttack: GradientAttack {}

extension MinimumNormAttack {
  /// The nearest point.
  public static var search: SearchKind { .minimumNorm }
}

/// An attack whose attempts are limited by the number of forward passes, whatever they are for.
public protocol QueryAttack: ConfigurableAttack {
  /// The most queries of one attempt.
  var queries: Int { get }
}

extension QueryAttack {
  /// A forward pass per query.
  public var budget: Passes { Passes(forward: queries) }

  /// The queries, those included that the runner spends.
  public var queryLimit: Int? { queries }
}
