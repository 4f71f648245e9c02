import Attacks
import Settings
import Testing

/// What settings are called elsewhere.
@Suite struct OtherNamesTests {
  private static let settings = Setting.allCases.map(\.name)
  private static let options = Catalogue.all.flatMap { $0.parameters.map(\.name) }

  @Test("every name stands for a setting or an attack's option that there is, and is none itself")
  func names() {
    let known = Set(Self.settings + Self.options)
    for row in OtherNames.others {
      #expect(known.contains(row.name), "\(row.name)")
      for other in row.others.split(separator: " ").map(String.init) {
        #expect(!other.isEmpty && other != row.name)
        #expect(OtherNames.meaning(of: other, among: [row.name])?.name == row.name, "\(other)")
      }
    }
  }

  @Test func howANameIsWrittenDoesNotCount() {
    for name in ["learning_rate", "LearningRate", "learning-rate", "Learning Rate"] {
      #expect(OtherNames.meaning(of: name, among: Self.settings)?.name == "rate", "\(name)")
    }
    let keys = ["weightDecay", "rate"]
    #expect(OtherNames.meaning(of: "wd", among: keys)?.name == "weightDecay")
  }

  @Test func whatThereIsNotIsNotTold() {
    #expect(OtherNames.meaning(of: "lr", among: ["epochs"]) == nil)
    #expect(OtherNames.meaning(of: "frobnicate", among: Self.settings) == nil)
    #expect(OtherNames.meaning(of: "loss", among: Self.options)?.name == "objective")
    #expect(OtherNames.meaning(of: "loss", among: Self.settings)?.name == "method")
    let threat = OtherNames.meaning(of: "eps", among: Self.settings)
    #expect(threat?.name == "threat" && threat?.form == "linf:AMOUNT")
  }
}
