import Attacks
import Robustness
import Tensors
import Testing

/// What attacks take for numbers that nobody gave is what their options say.
@Suite(.serialized) struct DefaultValueTests {
  private static let network = TwoLayers(
    inputShape: [1, 4, 4], hidden: 12, outputCount: 4, key: 3)

  private func outcomes(
    _ row: CatalogueRow, _ options: [String: String], _ norm: Norm, radius: Double
  ) async throws -> [Outcome] {
    var randomness = Philox(key: 6)
    let problems = try (0..<12).map { index in
      let x = randomness.uniforms([1, 4, 4])
      return try Problem(
        index: index, input: x, label: try Self.network.label(of: x),
        threat: try Ball(norm, radius: radius))
    }
    return try await AttackRunner(model: Self.network, seed: 2).run(
      try row.attack(options), on: problems)
  }

  @Test func everyOptionSaysWhatItIsByDefault() {
    for row in Catalogue.all {
      for parameter in row.parameters {
        #expect(
          parameter.standard != nil || parameter.rule?.words.isEmpty == false,
          "--\(parameter.name) of \(row)")
      }
    }
  }

  @Test(arguments: Selected.rows, [Norm.infinity, .two])
  func `the number that is told is the one that is taken`(
    _ row: CatalogueRow, _ norm: Norm
  ) async throws {
    guard row.norms.contains(norm) else { return }
    let radius = norm == .infinity ? 0.11 : 0.6
    for parameter in row.parameters {
      guard let rule = parameter.rule,
        let value = rule.value(
          radius: radius, norm: norm,
          steps: row.parameters.first { $0.name == "steps" }?.standard.flatMap { Int($0) } ?? 1)
      else { continue }
      let tacit = try await outcomes(row, row.trial, norm, radius: radius)
      var options = row.trial
      options[parameter.name] = "\(value)"
      #expect(try await outcomes(row, options, norm, radius: radius) == tacit)
      options[parameter.name] = "\(value / 3)"
      let other = try await outcomes(row, options, norm, radius: radius)
      #expect(other != tacit, "--\(parameter.name) of \(row) changes nothing")
    }
  }

  @Test func fractionsAreNumbers() throws {
    #expect(Parameter.number("2/255") == 2.0 / 255)
    #expect(Parameter.number("0.01") == 0.01)
    for text in ["", "/", "1/2/3", "a", "1/"] { #expect(Parameter.number(text) == nil) }
    let row = try Catalogue.row(named: "pgd")
    let fraction = try row.attack(["step-size": "2/255"]) as? PGD
    #expect(fraction?.stepSize == 2.0 / 255)
    #expect(throws: OptionError.self) { try row.attack(["step-size": "-2/255"]) }
    #expect(throws: OptionError.self) { try row.attack(["step-size": "1/0"]) }
  }
}
