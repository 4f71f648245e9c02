/// What lies beyond the edges of a picture.
enum Edge: Sendable {
  /// The last value again and again: a a | a b c | c c.
  case nearest
  /// The mirror image, with the last value twice: b a | a b c | c b.
  case reflect
  /// The mirror image around the last value: c b | a b c | b a.
  case mirror

  /// The place from which a place at any distance takes its value.
  ///
  /// - Precondition: The extent is positive.
  func place(_ place: Int, within extent: Int) -> Int {
    if 0..<extent ~= place { return place }
    switch self {
    case .nearest: return place < 0 ? 0 : extent - 1
    case .reflect:
      let period = 2 * extent
      let rest = ((place % period) + period) % period
      return rest < extent ? rest : period - 1 - rest
    case .mirror:
      guard extent > 1 else { return 0 }
      let period = 2 * (extent - 1)
      let rest = ((place % period) + period) % period
      return rest < extent ? rest : period - rest
    }
  }
}
