/// Why a command cannot be carried out.
enum BenchmarkError: Error, CustomStringConvertible {
  /// A line that is no command.
  case command(String)
  /// A name that is no workload's.
  case name(String)
  /// A number of steps that is none.
  case steps(String)
  /// A number of rows that is none, or too large.
  case rows(String)
  /// A workload that was not loaded.
  case notLoaded(String)
  /// A file without what a workload needs.
  case file(String, String)

  /// One line that says what was expected.
  var description: String {
    switch self {
    case .command(let line):
      "expected `load WORKLOAD FILE`, `run WORKLOAD STEPS`, `check WORKLOAD PATH` or `quit`, found `\(line)`"
    case .name(let name):
      "expected KIND/NETWORK/ROWS[/VARIANT] of a known kind and variant, found \(name)"
    case .steps(let steps): "expected a number of steps, found \(steps)"
    case .rows(let rows): "expected 1 to 4096 rows, found \(rows)"
    case .notLoaded(let name): "\(name) is not loaded"
    case .file(let path, let expectation): "\(path): expected \(expectation)"
    }
  }
}
