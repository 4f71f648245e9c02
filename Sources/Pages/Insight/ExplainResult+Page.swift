import Files
import Insight
package import Reports
public import Studies

extension ExplainResult {
  /// Writes what was seen as a page with pictures, whole or not at all.
  ///
  /// - Throws: `FileError`; `PNGError.notEncodable`.
  public func writePage(to path: String) throws {
    try AtomicFile.write(try page().html(), to: path)
  }

  /// The page that `--report` writes.
  ///
  /// - Throws: `PNGError.notEncodable`.
  package func page() throws -> HTMLDocument {
    var page = HTMLDocument(
      title: "What \(specification.model.fileName) sees", lead: lead,
      footer: "Made by Gibbon \(Version.text), seed \(specification.seed).")
    for example in examples {
      if examples.count > 1 {
        page.append(.heading(example.name.fileName))
        page.append(.paragraph(seen(example)))
      }
      for section in try sections(of: example) {
        page.append(.heading(section.title))
        if !section.page.lead.isEmpty { page.append(.paragraph(section.page.lead)) }
        page.append(contentsOf: section.page.partBlocks)
      }
    }
    page.append(
      reproducing: command, specification,
      checked:
        """
        Each part is that of \(code: "gibbon show attribution"), \(code: "imperceptible") and \(code: "morph"), which tell \
        more about themselves.
        """)
    return page
  }

  private var lead: RichText {
    guard examples.count == 1, let example = examples.first else {
      return
        "What a network sees on \(Format.count(examples.count)) pictures, and what it takes to see something else."
    }
    return seen(example)
  }

  private func seen(_ example: Example) -> RichText {
    "On \(example.name.fileName) the network sees \(strong: example.ranking.text(classNames))."
  }

  private func sections(
    of example: Example
  ) throws -> [(title: String, page: HTMLDocument)] {
    var sections: [(title: String, page: HTMLDocument)] = []
    if let result = example.attribution { sections.append(("Where it looks", result.page())) }
    if let result = example.change {
      sections.append(("The least change that was found", result.page()))
    }
    if let result = example.morph {
      let page = try result.page()
      sections.append((page.title, page))
    }
    return sections
  }
}

extension HTMLDocument {
  /// The blocks as part of another page: headings one level lower, and without how to do it again.
  fileprivate var partBlocks: [HTMLBlock] {
    let end = blocks.lastIndex { block in
      if case .heading(let text, level: 2) = block {
        return HTMLDocument.reproductionTitles.contains(text)
      }
      return false
    }
    return blocks[..<(end ?? blocks.endIndex)].map { block in
      if case .heading(let text, level: 2) = block { return .heading(text, level: 3) }
      return block
    }
  }
}
