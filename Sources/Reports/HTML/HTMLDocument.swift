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

/// One element of an `HTMLDocument`, from top to bottom.
public enum HTMLBlock: Sendable {
  /// A heading that opens a section; level 2 for sections, 3 for their parts.
  case heading(String, level: Int = 2)

  /// A paragraph.
  case paragraph(RichText)

  /// A list with bullets.
  case list([RichText])

  /// Key facts as terms with their values, such as the model and the threat.
  case facts([(term: String, value: RichText)])

  /// Large numbers with what they mean, at most about four.
  case figures([(value: String, meaning: RichText)])

  /// A table, with its caption above it.
  case table(Table)

  /// A plot with a caption below it.
  case plot(any Plot, caption: RichText)

  /// Images side by side.
  case images(ImageRow)

  /// Lines of code or commands, shown as they are.
  case code(String)
}

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

  /// Whether the row is as wide as the screen allows, beyond the column of text, such as for photographs.
  public var isWide: Bool

  /// After how many panels a new line begins; nil for one line.
  public var columns: Int?

  /// The characters of the longest sign between two panels, such as `+ 0.007 ×`, which needs room.
  var signLength: Int {
    panels.reduce(0) { if case .sign(let text) = $1.link { max($0, text.count) } else { $0 } }
  }

  /// Whether many panels stand close together.
  var isDense: Bool { panels.count > 5 && panels.allSatisfy { $0.link == nil } }

  /// Creates a row.
  public init(
    _ panels: [ImagePanel], caption: RichText = "", isWide: Bool = false, columns: Int? = nil
  ) {
    precondition(!panels.isEmpty, "a row without images")
    self.panels = panels
    self.caption = caption
    self.isWide = isWide
    self.columns = columns
  }
}

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

  /// An animated PNG file that is shown instead of the image where things may move.
  public var animation: [UInt8]?

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
