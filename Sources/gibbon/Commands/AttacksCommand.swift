import Reports
import Attacks
import Robustness
import ArgumentParser

/// What attacks there are, and their options.
struct AttacksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attacks",
    abstract: "List the attacks, or the options of one.",
    discussion: """
      They are for `gibbon attack`, `gibbon evaluate --attacks` and as adversaries for `gibbon train`.

      Example:
        gibbon attacks pgd
      """)

  @Argument(help: "An attack whose options are to be listed.", completion: Completions.attacks)
  var attack: String?

  func run() throws {
    guard let attack else { return try Terminal.print(AttacksCommand.list) }
    let row = try Catalogue.row(named: attack)
    let facts = [
      "\(row.name): \(row.summary)",
      "it needs \(row.knowledge), and is for \(row.norms.map(\.rawValue).joined(separator: ", "))",
    ]
    try Terminal.print((facts + AttackArguments.options(of: row)).joined(separator: "\n"))
  }

  /// A line for each attack.
  private static var list: String {
    var table = Table(columns: [
      .words("attack"), .words("what it does"), .words("needs"), .words("norms"),
    ])
    for row in Catalogue.all {
      table.append(texts: [
        row.name, row.summary, "\(row.knowledge)",
        row.norms == Norm.allCases ? "all" : row.norms.map(\.rawValue).joined(separator: " "),
      ])
    }
    return table.text() + "\n`gibbon attacks NAME` lists the options of one."
  }
}
