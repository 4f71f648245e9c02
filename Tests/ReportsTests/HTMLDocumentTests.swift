import Foundation
import Images
import Reports
import Testing

@Suite struct HTMLDocumentTests {
  private let nasty = "<script>alert('x')</script> & \"q\" \u{0}"
  private let escaped =
    "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;q&quot; \u{FFFD}"

  private var page: HTMLDocument {
    var table = Table(caption: nasty, columns: [.words(nasty), .numbers("n")])
    table.append([.emphasised(nasty), "1"])
    let image = Bitmap(width: 2, height: 2, planes: [0, 1, 0.5, 0.25])
    let rich: RichText =
      "\(nasty)\(strong: nasty)\(emphasis: nasty)\(code: nasty)\(link: nasty, to: "https://a.b/?\"><script>")"
    let plot = LinePlot(
      title: nasty, x: Axis(nasty), y: Axis(nasty), series: [.init(nasty, [.init(0, 1)])])
    return HTMLDocument(
      title: nasty, lead: rich, footer: rich, language: "\"><script>",
      blocks: [
        .heading(nasty), .heading(nasty, level: 3), .paragraph(rich), .list([rich]),
        .facts([(nasty, rich)]), .figures([(nasty, rich)]), .table(table),
        .plot(plot, caption: rich),
        .images(
          ImageRow(
            [
              .init(heading: nasty, image: image, lines: [rich, rich]),
              .init(.sign(nasty), image: image, alternative: nasty), .init(.rule, image: image),
            ], caption: rich)), .code(nasty), .paragraph("\(note: rich)"),
      ])
  }

  // A factor such as 0.007 is wider than the gap that a plus sign needs.
  @Test func longSignsHaveRoom() throws {
    let image = Bitmap(width: 1, height: 1, planes: [0])
    func page(_ sign: String) throws -> String {
      let row = ImageRow([.init(image: image), .init(.sign(sign), image: image)])
      return try HTMLDocument(title: "page", lead: "", footer: "", blocks: [.images(row)]).html()
    }
    #expect(try page("+").contains("class=\"panels\""))
    #expect(try page("+ 0.007 ×").contains("class=\"panels spaced\""))
    #expect(try page("+").contains("white-space: nowrap"))
    // As many characters as the sign has.
    #expect(try page("+ 0.00012 ×").contains("style=\"--count:2;--sign:11\""))
  }

  @Test func wideRowsAndManyPictures() throws {
    let image = Bitmap(width: 1, height: 1, planes: [0])
    func page(_ count: Int, isWide: Bool) throws -> String {
      let row = ImageRow(Array(repeating: .init(image: image), count: count), isWide: isWide)
      return try HTMLDocument(title: "page", blocks: [.images(row)]).html()
    }
    #expect(try page(3, isWide: true).contains("<figure class=\"images wide\">"))
    #expect(try page(3, isWide: false).contains("<figure class=\"images\">"))
    #expect(try page(10, isWide: false).contains("class=\"panels dense\""))
    #expect(try !page(3, isWide: false).contains("class=\"panels dense\""))
  }

  @Test func whatMovesStandsStillOnPaper() throws {
    let frames = [
      Bitmap(width: 1, height: 1, planes: [0]), Bitmap(width: 1, height: 1, planes: [1]),
    ]
    var panel = ImagePanel(heading: "one", image: frames[1])
    panel.animation = try Bitmap.animation(frames, milliseconds: [10, 20])
    let html = try HTMLDocument(title: "page", blocks: [.images(ImageRow([panel]))]).html()
    #expect(html.components(separatedBy: "<img").count == 3)
    let moving = Data(try #require(panel.animation)).base64EncodedString()
    let still = Data(try frames[1].png()).base64EncodedString()
    #expect(html.contains("base64,\(moving)") && html.contains("base64,\(still)"))
    #expect(html.contains("class=\"crisp moving\"") && html.contains("class=\"crisp still\""))
    #expect(html.contains("prefers-reduced-motion"))
  }

  @Test func rowsOfManyPanelsBeginNewLines() throws {
    let image = Bitmap(width: 1, height: 1, planes: [0])
    func page(_ columns: Int?) throws -> String {
      let row = ImageRow([ImagePanel](repeating: .init(image: image), count: 5), columns: columns)
      return try HTMLDocument(title: "page", blocks: [.images(row)]).html()
    }
    #expect(try page(nil).contains("--count:5") && page(3).contains("--count:3"))
    #expect(try page(8).contains("--count:5"))
  }

  @Test func nothingEscapesTheEscaping() throws {
    let html = try page.html()
    #expect(!html.contains("<script"))
    #expect(!html.contains("\u{0}"))
    #expect(html.contains("<title>\(escaped)</title>"))
    #expect(html.contains("<code>\(escaped)</code>"))
    #expect(html.contains("alt=\"\(escaped)\""))
    #expect(html.contains("<th scope=\"col\">\(escaped)</th>"))
  }

  @Test func thePageIsBalanced() throws {
    // Only the void elements of the head are no XML.
    let html = try page.html().replacing(/<meta [^>]*>/, with: "").replacing(
      "<!DOCTYPE html>", with: "")
    let checker = XMLChecker(html)
    #expect(checker.failure == nil)
    #expect(checker.elements["h1"] == 1)
    #expect(checker.elements["img"] == 3)
    #expect(checker.elements["svg"] == 4)
  }

  @Test func thePageLoadsNothing() throws {
    let html = try page.html()
    for attribute in [" src=\"", "url(", "@import", "<link"] {
      for part in html.components(separatedBy: attribute).dropFirst() {
        #expect(part.hasPrefix("data:image/png;base64,"))
      }
    }
    #expect(html.contains("default-src 'none'"))
  }

  @Test func theStylesSurviveEscaping() throws {
    let html = try HTMLDocument(title: "t").html()
    let start = try #require(html.range(of: "<style>")).upperBound
    let end = try #require(html.range(of: "</style>")).lowerBound
    let css = html[start..<end]
    #expect(!css.contains("&"))
    #expect(css.count { $0 == "{" } == css.count { $0 == "}" })
    #expect(css.contains("prefers-color-scheme: dark"))
  }

  @Test func imagesComeBack() throws {
    for width in 1...6 {
      let image = Bitmap(width: width, height: 1, planes: (0..<width).map { Float($0) / 6 })
      let html = try HTMLDocument(
        title: "t", blocks: [.images(ImageRow([.init(image: image)]))]
      ).html()
      let rest = try #require(html.components(separatedBy: "base64,").dropFirst().first)
      let text = String(rest.prefix { $0 != "\"" })
      let data = try #require(Data(base64Encoded: text))
      #expect(try Bitmap(png: Array(data)) == image)
    }
  }

  @Test func notesAreNumberedAndLinkedBothWays() throws {
    let html = try HTMLDocument(
      title: "t", lead: "a\(note: "first")",
      blocks: [.paragraph("b\(note: "second \(note: "never") \(code: "c")")")]
    ).html()
    for number in 1...2 {
      #expect(html.contains("href=\"#note-\(number)\""))
      #expect(html.contains("<li id=\"note-\(number)\">"))
      #expect(html.contains("<sup id=\"note-\(number)-back\">"))
    }
    #expect(!html.contains("note-3") && !html.contains("never"))
    #expect(html.contains("second  <code>c</code>"))
  }

  @Test func headingsHaveNamesOfTheirOwn() throws {
    let html = try HTMLDocument(
      title: "t", blocks: [.heading("The same, twice"), .heading("The same, twice"), .heading("é")]
    ).html()
    #expect(html.contains("<h2 id=\"section-the-same-twice\">"))
    #expect(html.contains("<h2 id=\"section-the-same-twice-2\">"))
    #expect(html.contains("<h2 id=\"section-\">"))
  }

  @Test func dangerousLinksBecomeText() throws {
    let html = try HTMLDocument(
      title: "t", lead: "\(link: "here", to: "javascript:alert(1)") \(link: "there", to: "#x")"
    ).html()
    #expect(html.contains("<p class=\"lead\">here <a href=\"#x\">there</a></p>"))
  }

  @Test func percentSignsStayWithTheirNumbers() throws {
    let html = try HTMLDocument(title: "t", lead: "\(strong: "98.5 %") of 5 % x %").html()
    #expect(html.contains("<strong>98.5\u{202F}%</strong> of 5\u{202F}% x %"))
  }
}
