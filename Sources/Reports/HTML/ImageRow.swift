/// Images side by side that read like a sentence, such as `image + perturbation = result | a real
/// example`.
///
/// Rows with the same number of panels line up with one another. On narrow screens a row folds in
/// two.
public struct ImageRow: Hashable, Sendable {
  /// The images from left to right, at least one.
  public var panels: [ImagePanel]

  /// A caption below the row; may be empty.
  public var caption: RichText

  /// Whether a sign between two panels is longer than one, such as `+ 0.007 ×`, which needs more room.
  var hasLongSign: Bool {
    panels.contains { if case .sign(let text) = $0.link { text.count > 1 } else { false } }
  }

  /// Creates a row.
  public init(_ panels: [ImagePanel], caption: RichText = "") {
    precondition(!panels.isEmpty, "a row without images")
    self.panels = panels
    self.caption = caption
  }
}
