import Robustness
import Studies
import Attacks
import Models
import Reports
import Datasets
import Insight
/// All that the demo found out.
package struct DemoResult: Sendable {
  let settings: DemoSettings
  let networks: Pair<DemoNetwork>
  let test: Dataset
  let table: DemoTable
  let curves: DemoCurves
  let linearity: Linearity
  let pictures: DemoPictures
  let stages: [Narration.Stage]

  var radii: RadiusFile { table.radii }

  /// Number of images that the table is about.
  var count: Int { table.naturalRow.shares.standard.total }

  /// What the numbers depend on besides the seed.
  var conditions: String {
    "Gibbon \(Version.text), seed \(settings.seed), \(threads) threads"
  }

  /// Number of threads that computed.
  var threads: Int { DetachedThread.processorCount }

  /// The table.
  func comparison() -> Table {
    var comparison = Table(
      caption: "Digits read rightly, of \(Format.count(count)) test images, when every pixel may "
        + "move by \(Format.shortest(settings.radius))",
      columns: [.words("what is done to the image"), .numbers("standard"), .numbers("robust")])
    for row in table.rows {
      comparison.append(
        [Table.Cell(row.name)]
          + row.shares.all.map { share in
            Table.Cell(
              Format.percent(share.share, decimals: 2),
              isEmphasised: row.trial.attack is PGD && !row.isNatural)
          })
    }
    return comparison
  }
}
