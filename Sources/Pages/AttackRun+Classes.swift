import Insight
import Robustness
import Datasets
import Studies
import Reports
extension AttackRun {
  /// Accuracy class by class.
  func classTable() -> Table {
    let names = request.data.classNames
    var table = Table(columns: [
      .words("class"), .numbers("examples"), .numbers("rightly read"), .numbers("under attack"),
      .words("most often taken for"),
    ])
    for label in Set(positions.map(request.data.label(at:))).sorted() {
      let own = outcomes.filter { $0.label == label }
      let right = Proportion(own.count { $0.prediction == label }, of: own.count)
      let held = Proportion(own.count { isRobust($0) }, of: own.count)
      table.append(texts: [
        names.name(of: label), Format.count(own.count), Format.percent(right.share),
        Format.percent(held.share),
        names.mostOften(own.map { $0.witness?.prediction }),
      ])
    }
    return table
  }
}
