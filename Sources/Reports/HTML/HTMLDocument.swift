public import Images

/// A page in one self-contained HTML file: no scripts, nothing loaded from elsewhere, images
/// inline.
///
///     var page = HTMLDocument(title: "Robustness of mnist-standard")
///     page.append(.paragraph("Still right: \(strong: "0.4 %") of the images."))
///     try AtomicFile.write(page.html(), to: "report.html")
///
/// All text is escaped when it is rendered, and the page forbids browsers to load or run anything.
public struct HTMLDocument: Sendable {
  /// The title, shown as the first heading.
  public var title: String

  /// What the page says in a sentence or two, below the title; may be empty.
  public var lead: RichText

  /// The blocks from top to bottom.
  public var blocks: [HTMLBlock]

  /// A quiet last line, such as how the page was made; may be empty.
  public var footer: RichText

  /// The language of the text as an IETF tag.
  public var language: String

  /// Creates a page.
  ///
  /// - Parameters:
  ///   - title: The title.
  ///   - lead: What the page says in a sentence or two.
  ///   - footer: A quiet last line.
  ///   - language: The language of the text as an IETF tag.
  ///   - blocks: The content from top to bottom.
  public init(
    title: String, lead: RichText = "", footer: RichText = "", language: String = "en",
    blocks: [HTMLBlock] = []
  ) {
    self.title = title
    self.lead = lead
    self.footer = footer
    self.language = language
    self.blocks = blocks
  }

  /// Adds a block at the end.
  public mutating func append(_ block: HTMLBlock) { blocks.append(block) }

  /// Adds blocks at the end.
  public mutating func append(contentsOf blocks: [HTMLBlock]) { self.blocks += blocks }

  /// The whole file.
  ///
  /// - Throws: `PNGError.notEncodable` if an image cannot be encoded.
  public func html() throws(PNGError) -> String {
    var renderer = HTMLRenderer()
    return try renderer.render(self)
  }
}
