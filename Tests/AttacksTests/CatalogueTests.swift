import Attacks
import Robustness
import Tensors
import Testing

@Suite struct CatalogueTests {
  @Test func `names are unique and found`() throws {
    #expect(Set(Catalogue.rows.map(\.name)).count == Catalogue.rows.count)
    for row in Catalogue.rows { #expect(try Catalogue.row(named: row.name).name == row.name) }
    #expect(throws: OptionError.attack("nope", known: Catalogue.all.map(\.name))) {
      try Catalogue.row(named: "nope")
    }
  }

  @Test func `options reach the attack`() throws {
    let attack = try Catalogue.row(named: "pgd").attack([
      "steps": "7", "step-size": "0.01", "restarts": "3", "momentum": "0.5",
      "objective": "margin", "random-start": "false",
    ])
    let pgd = try #require(attack as? PGD)
    #expect(pgd.steps == 7 && pgd.stepSize == 0.01 && pgd.restarts == 3 && pgd.momentum == 0.5)
    #expect(pgd.loss == .margin && !pgd.randomStart)
    let standard = try #require(try Catalogue.row(named: "pgd").attack() as? PGD)
    #expect(standard.steps == 40 && standard.stepSize == nil && standard.randomStart)
    #expect(standard.loss == .crossEntropy && standard.momentum == 0 && standard.restarts == 1)
    let fgsm = try #require(try Catalogue.row(named: "fgsm").attack() as? FGSM)
    #expect(!fgsm.randomStart)
  }

  @Test(arguments: Catalogue.all)
  func `options are written as they are read`(_ row: CatalogueRow) throws {
    let standard = row.kind.init()
    #expect(
      standard.settings.map(\.text) == row.parameters.compactMap(\.standard)
        && standard.settings(stating: []).isEmpty)
    #expect(Catalogue.row(of: standard)?.name == row.name)
    var randomness = Philox(key: 14)
    for _ in 0..<100 {
      var options: [String: String] = [:]
      for parameter in row.parameters where randomness.uniform() < 0.6 {
        options[parameter.name] = text(for: parameter, using: &randomness)
      }
      let attack = try row.attack(options)
      for settings in [attack.settings, attack.settings(stating: [])] {
        let again = try row.attack(
          Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.text) }))
        #expect("\(again)" == "\(attack)")
      }
      for (name, text) in attack.settings {
        guard let given = options[name] else { continue }
        #expect(text == given, "--\(name) of \(row)")
      }
    }
  }

  /// A value that an option takes.
  private func text(for parameter: Parameter, using randomness: inout Philox) -> String {
    switch parameter.kind {
    case .integer(let range):
      return "\(range.lowerBound + randomness.integer(below: min(range.count, 1000)))"
    case .number(let range):
      let width = min(range.upperBound - range.lowerBound, 100)
      return "\(range.lowerBound + Double(randomness.uniform()) * width)"
    case .flag: return "\(randomness.uniform() < 0.5)"
    case .choice(let words): return words[randomness.integer(below: words.count)]
    }
  }

  @Test(arguments: [
    ("pgd", "steps", "0"), ("pgd", "steps", "many"), ("pgd", "step-size", "-1"),
    ("pgd", "step-size", "nan"), ("pgd", "objective", "entropy"), ("pgd", "random-start", "yes"),
    ("fgsm", "steps", "3"), ("noise", "momentum", "1"), ("noise", "samples", "1e3"),
  ])
  func `a bad option is refused in one line`(
    _ name: String, _ option: String, _ value: String
  ) throws {
    do {
      _ = try Catalogue.row(named: name).attack([option: value])
      Issue.record("accepted \(option) \(value)")
    } catch {
      #expect("\(error)".contains("--\(option)") && !"\(error)".contains("\n"))
    }
  }
}
