import Foundation
import JSON
import Studies
import Testing

/// `gibbon show linear`: the linear explanation.
@Suite struct ShowLinearTests {
  @Test func allParts() throws {
    let folder = try Folder()
    let result = try Command.run(
      line:
        "show linear --count 1500 --sizes 7,14,28 --draws 2 --epochs 2 --json out.json --report out.html",
      in: folder)
    try #require(result.status == 0, "\(result.errors)")
    #expect(folder.names == ["out.html", "out.json"])
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    #expect(json["verb"] == "show linear")
    let rows = try #require(json["rows"]?.arrayValue)
    // Three sizes of 16 normal weights, a logistic regression and two forms of two networks.
    #expect(rows.count == 3 * (16 + 1 + 4))
    for row in rows where ["gaussian", "logistic"].contains(row["model"]?.stringValue) {
      #expect(try #require(row["shift_error"]?.doubleValue) < 1e-6)
    }
    for row in rows {
      let (mean, error) = (row["noise_mean"]?.doubleValue, row["noise_error"]?.doubleValue)
      if row["model"] == "gaussian" {
        #expect(abs(try #require(mean)) < 5 * (try #require(error)))
      }
      #expect(try #require(row["ratio"]?.doubleValue) > 1)
    }
    let fits = try #require(json["fits"]?.arrayValue)
    #expect(fits[0]["model"] == "gaussian")
    for kind in ["predicted", "measured"] {
      #expect(abs(try #require(fits[0][kind]?["slope"]?.doubleValue) - 0.5) < 0.02)
    }
    let defences = try #require(json["defences"]?.arrayValue)
    let count = try #require(defences[0]["count"]?.intValue)
    #expect(Double(try #require(defences[0]["attacked_errors"]?.intValue)) >= 0.95 * Double(count))
    let plain = try #require(defences[0]["robust_loss"]?.doubleValue)
    for defence in defences.suffix(2) {
      #expect(try #require(defence["robust_loss"]?.doubleValue) < plain)
    }
    #expect(try #require(json["training_difference"]?.doubleValue) < 1e-5)
    #expect(try #require(json["linearity"]?.doubleValue) > 0.5)
    #expect(result.output.contains("normal weights") && result.output.contains("95 % interval"))
    #expect(try #require(folder.text("out.html")).contains("Why many small changes add up"))
  }

  @Test func theSpecificationGoesThroughJSON() throws {
    var specification = LinearSpecification()
    specification.classes = "1,2"
    specification.data.count = 5
    #expect(try LinearSpecification(json: specification.json) == specification)
    #expect(try LinearSpecification(json: [:]) == LinearSpecification())
    #expect(throws: StudyError.self) { try LinearSpecification(json: ["clases": "1,2"]) }
  }
}
