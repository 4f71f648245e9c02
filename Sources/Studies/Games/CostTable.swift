import Datasets
import Files
import Games
import Settings

/// A table of what changes cost: a row for each feature that can be changed.
struct CostTable {
  private let table: TypedTable
  private let names: [String]
  private let prices: [Double?]
  private let changes: [String]

  /// Reads a table with the columns feature, price and change (up, down, any or never).
  ///
  /// - Throws: `DatasetError` or `StudyError` that names the file and what it lacks.
  init(path: String) throws {
    table = try TypedTable(path: path, categories: ["feature", "change"])
    let (name, price) = (
      try table.place(of: "feature", as: "costs"), try table.place(of: "price", as: "costs")
    )
    guard case .categories(let texts, let places) = table.columns[name].content else {
      throw StudyError("\(table.source): the column 'feature' holds no names")
    }
    names = places.map { $0.map { texts[$0] } ?? "" }
    guard case .numbers(let numbers) = table.columns[price].content else {
      throw StudyError("\(table.source): the column 'price' holds texts; expected numbers")
    }
    prices = numbers
    if let change = table.columns.first(where: { $0.name == "change" }),
      case .categories(let texts, let places) = change.content
    {
      changes = places.map { $0.map { texts[$0] } ?? "any" }
    } else {
      changes = [String](repeating: "any", count: numbers.count)
    }
  }

  /// The costs of features, those without a row being fixed.
  ///
  /// - Throws: `StudyError` that names the line of a feature that there is not, or of a price or change that cannot be.
  func costs(
    of features: [StrategicFeature], shape: CostShape, benefit: Double
  ) throws -> ChangeCosts {
    var rows: [String: Int] = [:]
    let known = features.map(\.name)
    for (row, name) in names.enumerated() {
      let place = "\(table.source), line \(table.lines[row])"
      guard known.contains(name) else {
        throw StudyError(
          "\(place): there is no feature '\(name.prefix(40))'\(name.suggestion(among: known)) in the table of people"
        )
      }
      guard rows.updateValue(row, forKey: name) == nil else {
        throw StudyError(
          "\(place): the feature '\(name)' has a price already; expected one row each")
      }
    }
    let priced = try features.map { feature -> StrategicFeature in
      guard let row = rows[feature.name] else {
        return StrategicFeature(feature.name, feature.kind)
      }
      let place = "\(table.source), line \(table.lines[row])"
      guard let change = StrategicFeature.Change(rawValue: changes[row].lowercased()) else {
        let all = StrategicFeature.Change.allCases.map(\.rawValue)
        throw StudyError(
          "\(place): the change is '\(changes[row].prefix(20))'; expected \(all.joined(separator: ", "))"
        )
      }
      guard let price = prices[row] ?? (change == .never ? 0 : nil) else {
        throw StudyError("\(place): the price is missing; expected a number above 0")
      }
      return StrategicFeature(feature.name, feature.kind, price: price, change: change)
    }
    guard priced.contains(where: { $0.change != .never }) else {
      throw StudyError("\(table.source): no feature can be changed; expected one at least")
    }
    do throws(GameError) {
      return try ChangeCosts(priced, shape: shape, benefit: benefit)
    } catch {
      throw StudyError("\(table.source): \(error)")
    }
  }
}
