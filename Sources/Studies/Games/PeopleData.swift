import Datasets
import Files
import Games
import Settings

/// People of a table, or drawn: features and a label each.
struct PeopleData {
  /// What the data are called.
  let name: String
  /// The features; numbers have the limits that occur.
  let features: [StrategicFeature]
  /// The values, of which those of categories are places.
  let people: [[Double]]
  /// Whether the label is 1, or the favourable one.
  let labels: [Bool]
  /// The line of each person; empty for people who are drawn.
  let lines: [Int]
  /// Rows that were left out, since a field is missing.
  let incomplete: Int
  /// The columns that people can change, where nobody says others.
  var usuallyStrategic: [String] = []
  /// Means and deviations of all complete rows, also of those that were left out to balance both classes.
  private let scales: [(mean: Double, deviation: Double)]

  /// How many people of the more frequent class are taken by default, as in the published experiment.
  static let usualNegatives = 10_000

  /// Three columns of the published experiment.
  private static let credit = [
    "RevolvingUtilizationOfUnsecuredLines", "NumberOfOpenCreditLinesAndLoans",
    "NumberRealEstateLoansOrLines",
  ]

  init(
    name: String, features: [StrategicFeature], people: [[Double]], labels: [Bool],
    lines: [Int] = [], incomplete: Int = 0
  ) {
    self.init(
      name: name, features: features, all: people, chosen: Array(people.indices), labels: labels,
      lines: lines, incomplete: incomplete)
  }

  private init(
    name: String, features: [StrategicFeature], all: [[Double]], chosen: [Int], labels: [Bool],
    lines: [Int], incomplete: Int
  ) {
    self.name = name
    self.features = features
    self.incomplete = incomplete
    people = chosen.map { all[$0] }
    self.labels = chosen.map { labels[$0] }
    self.lines = lines.isEmpty ? [] : chosen.map { lines[$0] }
    let count = Double(max(1, all.count))
    scales = features.indices.map { place in
      let mean = all.reduce(0) { $0 + $1[place] } / count
      let square = all.reduce(0) { $0 + ($1[place] - mean) * ($1[place] - mean) } / count
      return (mean, square.squareRoot())
    }
  }

  /// Reads people of a table.
  ///
  /// - Throws: An error that names the file and the column.
  init(
    table path: String, _ asked: PlaySpecification, categoriesAllowed: Bool,
    telling observer: Observer
  ) throws {
    let table = try TypedTable(path: path)
    for note in table.notes { observer.note("\(table.source): \(note)") }
    guard let target = asked.target else {
      throw StudyError(
        "\(table.source): which column is to be predicted? Say so by \(Setting.target)")
    }
    let place = try table.place(of: target, as: Setting.target.description)
    let complete = table.completeRows
    guard complete.count > 1 else {
      throw StudyError(
        "\(table.source): \(complete.count) rows are complete; expected at least two")
    }
    let incomplete = table.count - complete.count
    if incomplete > 0 {
      observer.note(
        "\(table.source): \(incomplete) of \(table.count) rows lack a field and are left out")
    }
    let labels = try Self.labels(table, place, complete, asked.favorable)
    var features: [StrategicFeature] = []
    var values: [[Double]] = []
    for (number, column) in table.columns.enumerated() where number != place {
      switch column.content {
      case .numbers(let numbers):
        let kept = complete.map { numbers[$0] ?? 0 }
        let (least, most) = (kept.min() ?? 0, kept.max() ?? 0)
        guard least < most else {
          throw StudyError(
            "\(table.source): the column '\(column.name)' is \(least.plain) in every row; expected columns that differ"
          )
        }
        features.append(StrategicFeature(column.name, .number(least...most)))
        values.append(kept)
      case .categories(let names, let places):
        guard categoriesAllowed else {
          throw StudyError(
            "\(table.source): the column '\(column.name)' holds texts such as '\(names.first ?? "")'; expected numbers; "
              + "leave such columns out, or write them as numbers"
          )
        }
        guard 2...50 ~= names.count else {
          throw StudyError(
            "\(table.source): the column '\(column.name)' holds \(names.count) different texts; expected 2 to 50"
          )
        }
        features.append(StrategicFeature(column.name, .category(names)))
        values.append(complete.map { Double(places[$0] ?? 0) })
      }
    }
    guard !features.isEmpty else {
      throw StudyError("\(table.source): no column is left beside '\(target)'; expected features")
    }
    let all = complete.indices.map { row in values.map { $0[row] } }
    self.init(
      name: table.source, features: features, all: all,
      chosen: Self.balanced(labels, asked.mostNegatives ?? Self.usualNegatives), labels: labels,
      lines: complete.map { table.lines[$0] }, incomplete: incomplete)
    usuallyStrategic = Self.credit.filter { name in features.contains { $0.name == name } }
  }

  /// Whether each complete row has the label that counts.
  private static func labels(
    _ table: TypedTable, _ place: Int, _ rows: [Int], _ favorable: String?
  ) throws -> [Bool] {
    let column = table.columns[place]
    let texts: [String]
    switch column.content {
    case .numbers(let numbers):
      texts = rows.map { row in
        let value = numbers[row] ?? 0
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
      }
    case .categories(let names, let places): texts = rows.map { names[places[$0] ?? 0] }
    }
    let distinct = Set(texts).sorted()
    guard distinct.count == 2 else {
      let shown = distinct.prefix(3).map { "'\($0.prefix(20))'" }.joined(separator: ", ")
      throw StudyError(
        "\(table.source): the column '\(column.name)' holds \(distinct.count) different values (\(shown)); expected two"
      )
    }
    let wanted = favorable ?? distinct[1]
    guard distinct.contains(wanted) else {
      throw StudyError(
        "\(Setting.favorable) is '\(wanted.prefix(40))'; expected '\(distinct[0])' or '\(distinct[1])', as in the column '\(column.name)'"
      )
    }
    return texts.map { $0 == wanted }
  }

  /// All rows of the rarer class, and then the first of the other, up to a number.
  private static func balanced(_ labels: [Bool], _ most: Int) -> [Int] {
    let positives = labels.indices.filter { labels[$0] }
    let negatives = labels.indices.filter { !labels[$0] }
    return positives.count <= negatives.count
      ? positives + negatives.prefix(most) : negatives + positives.prefix(most)
  }

  /// The values in units of their deviations from the mean, over all complete rows.
  var standardized: [[Double]] {
    people.map { person in
      zip(person, scales).map { $1.deviation > 0 ? ($0 - $1.mean) / $1.deviation : 0 }
    }
  }

  /// The places of columns that people can change.
  ///
  /// - Throws: `StudyError` that names a column that there is not.
  func places(_ names: String?) throws -> [Int] {
    let known = features.map(\.name)
    let asked =
      names.map { names in
        names.split(separator: ",", omittingEmptySubsequences: false)
          .map { String($0.drop { $0 == " " }) }
      }
      ?? usuallyStrategic
    guard !asked.isEmpty else {
      throw StudyError("\(name): which columns can people change? Say so by \(Setting.strategic)")
    }
    guard Set(asked).count == asked.count else {
      throw StudyError("\(Setting.strategic): a column is named twice; expected each once")
    }
    return try asked.map { column in
      guard let place = known.firstIndex(of: column) else {
        throw StudyError(
          "\(Setting.strategic): there is no column '\(column.prefix(40))'\(column.suggestion(among: known))"
        )
      }
      return place
    }
  }
}
