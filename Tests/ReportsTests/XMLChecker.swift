import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Parses markup as XML and collects what tests ask about.
final class XMLChecker: NSObject, XMLParserDelegate {
  private(set) var elements: [String: Int] = [:]
  private(set) var text = ""
  private(set) var coordinates: [Double] = []
  private(set) var failure: String?

  init(_ source: String) {
    super.init()
    let parser = XMLParser(data: Data(source.utf8))
    parser.delegate = self
    if !parser.parse() { failure = "\(parser.parserError as Any) at line \(parser.lineNumber)" }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements[name, default: 0] += 1
    for key in ["x", "y", "x1", "y1", "x2", "y2", "cx", "cy"] {
      if let value = attributes[key] { coordinates.append(Double(value) ?? .nan) }
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
