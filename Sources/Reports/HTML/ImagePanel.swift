public import Images

/// One image of an `ImageRow` with what stands above and below it.
public struct ImagePanel: Hashable, Sendable {
  /// What joins a panel with the one to its left.
  public enum Link: Hashable, Sendable {
    /// A sign such as `+`, `=` or `+ 0.3 ×`.
    case sign(String)

    /// A vertical rule, where a new thought begins.
    case rule
  }

  /// What joins the panel with the one to its left; nil for the first.
  public var link: Link?

  /// A heading above the image; may be empty.
  public var heading: String

  /// The image, drawn in crisp squares when it is small.
  public var image: Bitmap

  /// What the image shows, for readers who cannot see it.
  public var alternative: String

  /// Captions below the image; the first is prominent.
  public var lines: [RichText]

  /// Creates a panel.
  ///
  /// - Parameters:
  ///   - link: What joins it with the panel to its left.
  ///   - heading: A heading above the image.
  ///   - image: The image.
  ///   - alternative: What the image shows, in words; the heading unless told otherwise.
  ///   - lines: Captions below the image, usually two.
  public init(
    _ link: Link? = nil, heading: String = "", image: Bitmap, alternative: String? = nil,
    lines: [RichText] = []
  ) {
    self.link = link
    self.heading = heading
    self.image = image
    self.alternative = alternative ?? heading
    self.lines = lines
  }
}
