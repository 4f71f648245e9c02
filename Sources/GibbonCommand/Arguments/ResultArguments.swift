import ArgumentParser
import Pages
import Studies

/// Where the result of a study goes besides the terminal.
struct ResultArguments: ParsableArguments {
  @Option(help: "Write the result as JSON to this file.")
  var json: String?

  @Option(help: "Write a page with pictures to this file.")
  var report: String?

  /// The files of these options.
  var targets: [OutputFiles.Target] { [.json("--json", json), .page("--report", report)] }

  /// Hands a result out: its text, then the files.
  func delivery(of result: some StudyResult) -> Delivery {
    var delivery = Delivery()
    delivery.tell(result.text)
    delivery.write(result.record.text, to: json)
    if let report { delivery.step { try result.writePage(to: report) } }
    return delivery
  }
}

/// What a study found, in the forms in which commands hand it out.
protocol StudyResult {
  var text: String { get }
  var record: StudyRecord { get }
  func writePage(to path: String) throws
}

extension AttributionResult: StudyResult {}
extension CorruptionResult: StudyResult {}
extension ExplainResult: StudyResult {}
extension HansResult: StudyResult {}
extension ImperceptibleResult: StudyResult {}
extension LinearResult: StudyResult {}
extension MatrixResult: StudyResult {}
extension MorphResult: StudyResult {}
extension PlayResult: StudyResult {}
extension SmoothingResult: StudyResult {}
extension SpatialResult: StudyResult {}
