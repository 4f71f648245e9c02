import Files

/// Text that is safe to place in HTML or SVG, because only this type's functions can make it.
struct Markup: Hashable, Sendable {
  private(set) var source = ""

  init() {}

  /// Escaped text.
  init(_ text: String) { append(text) }

  /// Text that is markup already; only for literals of this module.
  init(trusted source: StaticString) { self.source = "\(source)" }

  /// Appends escaped text, without the characters that neither HTML nor XML can hold, or that turn the direction of
  /// what follows.
  mutating func append(_ text: String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": source += "&amp;"
      case "<": source += "&lt;"
      case ">": source += "&gt;"
      case "\"": source += "&quot;"
      case "'": source += "&#39;"
      case "\t", "\n": source.unicodeScalars.append(scalar)
      case _ where scalar.isUnsafeInText, "\u{FFFE}", "\u{FFFF}": source += "\u{FFFD}"
      default: source.unicodeScalars.append(scalar)
      }
    }
  }

  mutating func append(_ markup: Markup) { source += markup.source }

  /// Appends a newline, to keep the source readable.
  mutating func breakLine() { source += "\n" }

  /// Appends an element that closes itself, as SVG shapes and HTML voids do.
  mutating func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?>
  ) {
    element(name, attributes, markup: nil)
  }

  /// Appends an element, or one that closes itself where there is no content.
  mutating func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:],
    markup content: Markup?
  ) {
    source += "<\(name)"
    for case (let key, let value?) in attributes {
      source += " \(key)=\""
      append(value)
      source += "\""
    }
    guard let content else {
      source += "/>"
      return
    }
    source += ">"
    append(content)
    source += "</\(name)>"
  }

  /// Appends an element with escaped text as its content.
  mutating func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:], text: String
  ) {
    element(name, attributes, markup: Markup(text))
  }

  /// Appends an element whose content a closure builds.
  mutating func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:],
    content: (inout Markup) -> Void
  ) {
    var inner = Markup()
    content(&inner)
    element(name, attributes, markup: inner)
  }
}

/// A run of text with emphasis, code, links and footnotes, written as a string with interpolations.
///
///     let text: RichText = "Accuracy: \(strong: "0.4 %").\(note: "On 1000 images.")"
///
/// Everything is escaped when it is rendered, so interpolating untrusted names is safe.
public struct RichText: Hashable, Sendable, ExpressibleByStringInterpolation {
  enum Part: Hashable, Sendable {
    case text(String)
    case strong(String)
    case emphasis(String)
    case code(String)
    case link(String, address: String)
    case note([Part])
  }

  let parts: [Part]

  /// Creates plain text.
  public init(_ text: String) { parts = text.isEmpty ? [] : [.text(text)] }

  /// Creates plain text from a literal.
  public init(stringLiteral text: String) { self.init(text) }

  /// Creates text from an interpolated literal.
  public init(stringInterpolation: Interpolation) { parts = stringInterpolation.parts }

  /// Whether there is nothing to show.
  public var isEmpty: Bool { parts.isEmpty }

  /// Collects the parts of an interpolated literal.
  public struct Interpolation: StringInterpolationProtocol {
    var parts: [Part] = []

    /// Starts an empty text.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// Adds literal text.
    public mutating func appendLiteral(_ literal: String) {
      if !literal.isEmpty { parts.append(.text(literal)) }
    }

    /// Adds the description of a value as plain text.
    public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      parts.append(.text(value.description))
    }

    /// Adds another rich text.
    public mutating func appendInterpolation(_ text: RichText) { parts += text.parts }

    /// Adds important text.
    public mutating func appendInterpolation(strong text: String) { parts.append(.strong(text)) }

    /// Adds stressed text.
    public mutating func appendInterpolation(emphasis text: String) {
      parts.append(.emphasis(text))
    }

    /// Adds code in a fixed-width font.
    public mutating func appendInterpolation(code text: String) { parts.append(.code(text)) }

    /// Adds a link; the text alone stays unless the address begins with `https:`, `http:`,
    /// `mailto:` or `#`.
    public mutating func appendInterpolation(link text: String, to address: String) {
      let isSafe = ["https:", "http:", "mailto:", "#"].contains { address.hasPrefix($0) }
      parts.append(isSafe ? .link(text, address: address) : .text(text))
    }

    /// Adds a footnote, numbered in the order of the document; a footnote inside a footnote is left
    /// out.
    public mutating func appendInterpolation(note text: RichText) {
      parts.append(.note(text.parts.filter { if case .note = $0 { false } else { true } }))
    }
  }
}
