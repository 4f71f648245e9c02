extension Parameter {
  static func targets(_ standard: Int) -> Parameter {
    Parameter(
      name: "targets", kind: .integer((standard == 0 ? 0 : 1)...1_000_000), standard: "\(standard)",
      summary: "most classes to aim at, one after the other"
        + (standard == 0 ? "; 0 to climb away from the label" : ""))
  }
}
