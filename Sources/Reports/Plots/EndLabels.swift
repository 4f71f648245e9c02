/// Places the names of lines at their ends, pushed apart where they would touch.
struct EndLabels {
  struct Label {
    let name: String
    let color: PlotColor
    let end: (x: Double, y: Double)
    var y: Double
  }

  static let spacing = 17.0
  /// A label further from its line than this no longer reads as belonging to it.
  private static let farthest = 60.0

  let labels: [Label]

  /// Nil where the labels do not fit, so that a legend is better.
  init?(_ ends: [Label], top: Double, bottom: Double) {
    var labels = ends.sorted { $0.end.y < $1.end.y }
    guard Double(labels.count) * EndLabels.spacing <= bottom - top + EndLabels.spacing else {
      return nil
    }
    for index in labels.indices {
      let least = index == 0 ? top : labels[index - 1].y + EndLabels.spacing
      labels[index].y = max(labels[index].y, least)
    }
    var most = bottom
    for index in labels.indices.reversed() {
      labels[index].y = min(labels[index].y, most)
      most = labels[index].y - EndLabels.spacing
    }
    guard labels.allSatisfy({ abs($0.y - $0.end.y) <= EndLabels.farthest }) else { return nil }
    self.labels = labels
  }
}
