import Reports
import Testing

@Suite struct PlotTests {
  private let nasty = "a<b> & \"c\" 'd' \u{1} ]]>"

  private func line(_ count: Int, _ y: (Double) -> Double) -> [LinePlot.Point] {
    (0..<count).map { .init(Double($0), y(Double($0))) }
  }

  @Test(arguments: [PlotFormat.wide, .narrow])
  func linesAreWellFormedAndEscaped(format: PlotFormat) {
    let plot = LinePlot(
      title: nasty, x: Axis(nasty), y: Axis(nasty, style: .percent(decimals: 0)),
      series: [
        .init(nasty, line(9) { $0 / 9 }, hasMarkers: true),
        .init("dashed", line(9) { 1 - $0 / 9 }, isDashed: true),
        .init("band", [.init(0, 0.2, band: 0.1...0.3), .init(8, 0.4, band: 0.3...0.5)]),
      ], rule: .init(at: 3, label: nasty))
    let checker = XMLChecker(plot.svg(format))
    #expect(checker.failure == nil)
    #expect(checker.elements["title"] == 1)
    #expect(checker.elements["circle"] ?? 0 >= 9)
    #expect(checker.text.contains("a<b> & \"c\" 'd' \u{FFFD} ]]>"))
    #expect(plot.svg(format).contains("role=\"img\""))
    #expect(plot.svg(format).contains("prefers-color-scheme: dark"))
  }

  @Test func hostileNumbersStayInsideTheDrawing() {
    let values: [Double] = [
      .nan, .infinity, -.infinity, 0, -1, 1e308, -1e308, .leastNonzeroMagnitude,
      .leastNormalMagnitude, .greatestFiniteMagnitude,
    ]
    for scale in [Axis.Scale.linear, .logarithmic] {
      for first in values {
        for second in values {
          let plot = LinePlot(
            title: "t", x: Axis("x", scale: scale), y: Axis("y", scale: scale),
            series: [.init("s", [.init(first, second), .init(second, first), .init(1, 2)])],
            rule: .init(at: first, label: "rule"))
          let checker = XMLChecker(plot.svg())
          #expect(checker.failure == nil)
          #expect(checker.coordinates.allSatisfy { (-100_000...100_000).contains($0) })
        }
      }
      let empty = LinePlot(
        title: "", x: Axis("x", scale: scale), y: Axis("y", scale: scale), series: [])
      #expect(XMLChecker(empty.svg()).failure == nil)
    }
  }

  @Test func namesStandAtLineEndsWhereTheyFit() {
    func plot(_ name: String, shortened: Int = 0) -> String {
      LinePlot(
        title: "t", x: Axis("x"), y: Axis("y"),
        series: [.init(name, line(9) { $0 }), .init("two", line(9 - shortened) { 9 - $0 })]
      ).svg()
    }
    #expect(plot("one").contains("plot-leader"))
    #expect(!plot(String(repeating: "long name ", count: 5)).contains("class=\"plot-leader\""))
    #expect(!plot("one", shortened: 4).contains("class=\"plot-leader\""))
    #expect(plot("one", shortened: 4).contains(">two<"))
  }

  @Test func theRuleIsLeftOutBeyondTheAxis() {
    func plot(_ value: Double) -> String {
      LinePlot(
        title: "t", x: Axis("x", range: 0...1), y: Axis("y"), series: [],
        rule: .init(at: value, label: "mark")
      ).svg()
    }
    #expect(plot(0.5).contains(">mark<"))
    #expect(!plot(1.5).contains(">mark<"))
  }

  @Test func percentTicksNeverRepeat() {
    let plot = LinePlot(
      title: "t", x: Axis("x"), y: Axis("y", range: 0.99...1, style: .percent(decimals: 0)),
      series: [])
    #expect(plot.svg().contains(">99.2 %<"))
    #expect(!plot.svg().contains("&gt;"))
  }

  @Test func barsAreWellFormedAndSaySomething() {
    let chart = BarChart(
      title: nasty,
      bars: [
        .init(nasty, 0.5, upTo: 0.75), .init("none", .nan), .init("below", -3),
        .init(String(repeating: "very long ", count: 8), 9),
      ], style: .percent(decimals: 0), limit: 1)
    for format in [PlotFormat.wide, .narrow] {
      let checker = XMLChecker(chart.svg(format))
      #expect(checker.failure == nil)
      #expect(checker.elements["rect"] == 5)
      #expect(checker.text.contains("50 % – 75 %"))
    }
  }

  @Test func barsOfBothSignsGoBothWays() {
    let chart = SignedBarChart(
      title: nasty, bars: [.init(nasty, 2), .init("below", -1), .init("none", .nan)])
    for format in [PlotFormat.wide, .narrow] {
      let svg = chart.svg(format)
      let checker = XMLChecker(svg)
      #expect(checker.failure == nil && checker.elements["rect"] == 3)
      #expect(checker.text.contains("-1") && checker.text.contains("nan"))
      // One line stands at zero; bars below end where those above begin.
      let bars = svg.matches(of: #/<rect x="([0-9.]+)" y="[0-9.]+" width="([0-9.]+)"/#).map {
        (x: Double($0.1) ?? 0, width: Double($0.2) ?? 0)
      }
      #expect(bars.count == 3 && abs(bars[1].x + bars[1].width - bars[0].x) < 0.2)
      #expect(abs(bars[0].width - 2 * bars[1].width) < 0.2 && bars[2].width == 0)
    }
  }
}
