import Attacks
import Foundation

/// The attacks that tests of the whole catalogue go through.
enum Selected {
  /// All rows, or the one that `GIBBON_ATTACK` in the environment names; where it names none, the tests end at once.
  static let rows: [CatalogueRow] = {
    guard let name = ProcessInfo.processInfo.environment["GIBBON_ATTACK"], !name.isEmpty else {
      return Catalogue.rows
    }
    let rows = Catalogue.rows.filter { $0.name == name }
    if rows.isEmpty {
      let known = Catalogue.rows.map(\.name).joined(separator: ", ")
      let message = "error: GIBBON_ATTACK is \"\(name)\"; expected one of \(known)\n"
      FileHandle.standardError.write(Data(message.utf8))
      exit(1)
    }
    return rows
  }()
}
