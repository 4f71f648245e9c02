import Foundation
import JSON
import TestSupport
import Testing

/// `gibbon play`: what is printed and written of games.
@Suite struct PlayTests {
  private func play(_ words: String, in folder: Folder) throws -> (
    result: JSONValue, output: String
  ) {
    let run = try Command.run(line: "play \(words) --json out.json", in: folder)
    try #require(run.status == 0, "\(run.errors)")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    #expect(json["verb"] == "play" && json["specification"]?.objectValue != nil)
    return (try #require(json["result"]), run.output)
  }

  @Test func theListHasAllGamesWithTheirCosts() throws {
    let run = try Command.run(line: "play --list", in: try Folder())
    #expect(run.status == 0)
    for word in [
      "bilinear", "dirac-gan", "matrix", "performative", "strategic", "x^T A y", "learner",
    ] {
      #expect(run.output.contains(word), "\(word)")
    }
    #expect(try Command.run(line: "play", in: try Folder()).output == run.output)
  }

  @Test func payoffsWithNamesAreSolved() throws {
    let folder = try Folder()
    try folder.write(",left,right\nup,3,-1\ndown,-2,4\n".utf8, to: "payoffs.csv")
    let (result, output) = try play("matrix payoffs.csv --report out.html", in: folder)
    // p = 6/10 for up, q = 5/10 for left, value 1.
    let found = try #require(result["equilibrium"])
    #expect(abs((found["values"]?[0]?.doubleValue ?? 0) - 1) < 1e-12)
    #expect(abs((found["rows"]?[0]?.doubleValue ?? 0) - 0.6) < 1e-12)
    #expect(abs((found["columns"]?[0]?.doubleValue ?? 0) - 0.5) < 1e-12)
    #expect(output.contains("value 1\n") && output.contains("up") && output.contains("0.600000"))
    #expect(folder.text("out.html")?.contains("exploitability") == true)
    #expect(folder.names == ["out.html", "out.json", "payoffs.csv"])
  }

  @Test func aSecondTableMakesABimatrixGame() throws {
    let folder = try Folder()
    try folder.write("3,0\n0,2\n".utf8, to: "a.csv")
    try folder.write("2,0\n0,3\n".utf8, to: "b.csv")
    let (result, output) = try play("matrix a.csv --second b.csv", in: folder)
    #expect(result["extreme"]?.arrayValue?.count == 3)
    #expect(output.contains("3 extreme equilibria"))
  }

  @Test func everyGameHasAPage() throws {
    for words in [
      "bilinear", "dirac-gan --form wasserstein", "matrix --rounds 200",
      "performative --rounds 5 --strengths 1,100", "strategic --cost-shape quadratic", "spam",
    ] {
      let folder = try Folder()
      let run = try Command.run(line: "play \(words) --report out.html", in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let page = folder.text("out.html") ?? ""
      #expect(page.contains("<svg") && page.contains("Who plays"), "\(words)")
      #expect(!page.contains("nan"), "\(words)")
    }
  }

  @Test func theSameSeedPlaysTheSame() throws {
    let results = try [1, 1, 2].map { seed in
      try play("strategic --seed \(seed)", in: try Folder()).result
    }
    #expect(results[0] == results[1] && results[0] != results[2])
  }

  @Test func aTableOfPeopleIsPlayed() throws {
    let folder = try Folder()
    var generator = SeededGenerator(4)
    var lines = ["income,cards,job,good"]
    for row in 0..<400 {
      let (income, cards) = (
        Int.random(in: 1...50, using: &generator), Int.random(in: 0...9, using: &generator)
      )
      let job = ["none", "employed"][Int.random(in: 0...1, using: &generator)]
      let isGood =
        income + cards + (job == "employed" ? 10 : 0) + .random(in: -8...8, using: &generator) > 35
      lines.append(
        row % 50 == 7
          ? ",\(cards),\(job),yes" : "\(income),\(cards),\(job),\(isGood ? "yes" : "no")")
    }
    try folder.write((lines.joined(separator: "\n") + "\n").utf8, to: "people.csv")
    try folder.write("feature,price,change\ncards,0.5,up\njob,1,any\n".utf8, to: "costs.csv")
    let (result, output) = try play(
      "strategic people.csv --target good --costs costs.csv", in: folder)
    #expect(result["incomplete"]?.intValue == 8)
    let rows = try #require(result["rows"]?.arrayValue)
    let gamed = rows.compactMap { $0["outcome"]?["gamedAccuracy"]?.doubleValue }
    #expect(rows.count == 3 && gamed.count == 3 && gamed[1] >= gamed[0] - 0.06)
    let people = try #require(result["people"]?.arrayValue)
    #expect(people.allSatisfy { ($0["number"]?.intValue ?? 0) > 1 })
    let advice = people.compactMap { $0["advice"]?.stringValue }
    #expect(
      advice.contains {
        $0.contains("raise 'cards' from") || $0.contains("become employed instead of none in 'job'")
      })
    #expect(!advice.contains { $0.contains("'income'") || $0.contains("lower 'cards'") })
    #expect(output.contains("the smallest change"))
  }
}
