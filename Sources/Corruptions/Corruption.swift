import Tensors

/// A natural change of pictures at several severities, as one file says it.
///
/// The table `CorruptionRow.all` names it, and gives it to everything else.
protocol Corruption: Sendable {
  /// All that a severity sets.
  associatedtype Strength: Sendable

  /// The name, as the published data sets have it, such as `gaussian_noise`.
  static var name: String { get }

  /// Whether chance has a part in it.
  static var isDrawn: Bool { get }

  /// The constants of each suite that has the corruption, from the mildest on: five, or one where it has no severities.
  static var strengths: [CorruptionSuite: [Strength]] { get }

  /// Changes a picture, whose levels may leave 0...255 and need not be whole afterwards.
  ///
  /// - Parameters:
  ///   - picture: Whole levels at first; what is left in it is clamped and rounded down.
  ///   - strength: How strongly.
  ///   - generator: All chance.
  /// - Throws: `CorruptionError` where it needs a format that cannot hold the picture.
  static func apply(
    to picture: inout Picture, _ strength: Strength, drawing generator: inout Philox
  ) throws(CorruptionError)
}

extension Corruption {
  /// Most draw something.
  static var isDrawn: Bool { true }
}

/// What kind of change a corruption is.
public enum CorruptionFamily: String, CaseIterable, Hashable, Codable, Sendable {
  /// Every value is changed by itself.
  case noise
  /// Neighbours are mixed.
  case blur
  /// Something comes between the camera and the scene, or the light changes.
  case weather
  /// What programs do to pictures.
  case digital
  /// The picture is moved or bent.
  case geometry
  /// Something is drawn over it.
  case drawing
}
