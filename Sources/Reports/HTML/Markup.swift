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
