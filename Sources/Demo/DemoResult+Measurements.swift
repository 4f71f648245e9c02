import Reports
extension DemoResult {
  /// Accuracy against the radius.
  var curveSection: [HTMLBlock] {
    func points(_ shares: [Double]) -> [LinePlot.Point] {
      zip(curves.radii, shares).map { LinePlot.Point($0, $1) }
    }
    let plot = LinePlot(
      title: "How much each network withstands",
      x: Axis("largest change of a pixel", range: 0...0.5),
      y: Axis("digits read rightly", range: 0...1, style: .percent(decimals: 0)),
      series: [
        .init("standard, noise", points(curves.noisy.standard), color: .vermilion, isDashed: true),
        .init("robust, noise", points(curves.noisy.robust), color: .blue, isDashed: true),
        .init("standard, attack", points(curves.attacked.standard), color: .vermilion),
        .init("robust, attack", points(curves.attacked.robust), color: .blue),
      ], rule: .init(at: settings.radius, label: "practised: \(Format.shortest(settings.radius))"))
    return [
      .heading("Accuracy against the size of the change"),
      .paragraph(
        """
        The standard network reads fewer than half of the digits from \(half(curves.attacked.standard)) on. \
        The robust one still reads \(Format.percent(practised, decimals: 0)) at \
        \(Format.shortest(settings.radius)), the size that it practised on, and fewer than half from \
        \(half(curves.attacked.robust)) on. What it did not practise it does not withstand.
        """),
      .plot(
        plot,
        caption: """
          The first \(Format.count(curves.count)) test images. The attack is PGD at \
          \(curves.radii.count - 1) sizes, with \(settings.curveSteps) steps of \
          1/\(Format.fixed(Double(settings.curveSteps) / 2.5, decimals: 0)) of the size. An image that \
          is broken stays broken: the change that broke it is allowed at every larger size. So each size \
          is tried only on images that held until then. Noise, dashed, is drawn anew at each size.
          """),
    ]
  }

  /// The robust network's share at the size that it practised on.
  private var practised: Double {
    curves.radii.lastIndex { $0 <= settings.radius }.map { curves.attacked.robust[$0] } ?? .nan
  }

  /// Where a curve falls below half.
  private func half(_ shares: [Double]) -> String {
    shares.firstIndex { $0 < 0.5 }.map { Format.shortest(curves.radii[$0]) } ?? "no size tried"
  }
}
