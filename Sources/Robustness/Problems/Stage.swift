import Models

/// One attack of a cascade, with the name that its witnesses bear.
public struct Stage: Sendable {
  /// The name; it also keys the randomness, so that two forms of one attack draw differently.
  public let name: String

  /// The attack.
  public let attack: any Attack

  /// Creates a stage.
  ///
  /// - Parameters:
  ///   - attack: The attack.
  ///   - name: The name; that of the attack by default.
  public init(_ attack: any Attack, named name: String? = nil) {
    self.attack = attack
    self.name = name ?? type(of: attack).name
  }

  var search: Search { type(of: attack).search }
  var knowledge: Knowledge { type(of: attack).knowledge }
}
