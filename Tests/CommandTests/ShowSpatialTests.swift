import Foundation
import JSON
import Networks
import Studies
import Testing

/// `gibbon show spatial`: rotations and shifts.
@Suite struct ShowSpatialTests {
  @Test func theColumnsAreConsistent() throws {
    let folder = try Folder()
    let result = try Command.run(
      line:
        "show spatial mnist-standard mnist-robust --count 30 --grid 7,3,3 --json out.json --report out.html",
      in: folder)
    try #require(result.status == 0, "\(result.errors)")
    #expect(folder.names == ["out.html", "out.json"])
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    #expect(json["verb"] == "show spatial" && json["points"] == 63)
    let rows = try #require(json["rows"]?.arrayValue)
    #expect(rows.compactMap { $0["model"]?.stringValue } == ["mnist-standard", "mnist-robust"])
    for row in rows {
      let examples = try #require(row["examples"]?.arrayValue)
      #expect(examples.count == 30)
      var offGrid = 0
      for example in examples {
        func holds(_ column: String) -> Bool { example[column] == .bool(true) }
        let columns = [
          "single", "random", "gradient", "grid", "grid_without_loss", "ball", "both",
        ]
        #expect(columns.allSatisfy { holds("natural") || !holds($0) })
        #expect(holds("grid_without_loss") || !holds("grid"))
        let wrong = try #require(example["wrong_points"]?.intValue)
        #expect(holds("grid") == (holds("natural") && wrong == 0))
        if holds("grid") && !(holds("single") && holds("random") && holds("gradient")) {
          offGrid += 1
        }
      }
      #expect(row["broken_off_grid"]?.intValue == offGrid)
      for (column, share) in try #require(row["accuracies"]?.objectValue) {
        #expect(share["count"]?.intValue == examples.count { $0[column] == .bool(true) })
      }
      let points = try #require(row["right_by_point"]?.arrayValue)
      let right = points.compactMap(\.intValue)
      #expect(right.count == 63 && right.allSatisfy { 0...30 ~= $0 })
      // The point in the middle changes nothing.
      #expect(right[31] == row["accuracies"]?["natural"]?["count"]?.intValue)
      let sum = examples.reduce(0) { $0 + ($1["wrong_points"]?.intValue ?? 0) }
      #expect(right.reduce(0, +) + sum == 63 * 30)
    }
    #expect(result.output.contains("worst of 10") && result.output.contains("no loss"))
    #expect(try #require(folder.text("out.html")).contains("Turned alone"))
  }

  @Test func largerPicturesAreOnABlackCanvas() throws {
    let folder = try Folder()
    // Untrained, but that does not matter to how it is fed.
    let network = try Architecture.named("mnist-mlp@1x46x46:10").network(seed: 1)
    try folder.write(NetworkFile(network).encoded(), to: "canvas.safetensors")
    let result = try Command.run(
      line: "show spatial mnist-standard canvas.safetensors --count 4 --grid 3,1,1 --json out.json",
      in: folder)
    #expect(result.status == 0 && result.output.contains("black canvas"), "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    #expect(json["rows"]?[0]?["black_canvas"] == false)
    let canvas = try #require(json["rows"]?[1])
    #expect(canvas["black_canvas"] == true)
    // On the canvas nothing is lost, so that both columns are one.
    #expect(
      canvas["accuracies"]?["grid"]?["count"]
        == canvas["accuracies"]?["grid_without_loss"]?["count"])
    // Pictures that are larger by an odd number of pixels have no middle.
    let odd = try Architecture.named("mnist-mlp@1x47x47:10").network(seed: 1)
    try folder.write(NetworkFile(odd).encoded(), to: "odd.safetensors")
    let refused = try Command.run(
      line: "show spatial mnist-standard odd.safetensors --count 4", in: folder)
    #expect(refused.status == 2 && refused.message.contains("odd.safetensors takes 1x47x47"))
  }

  @Test func theSpecificationGoesThroughJSON() throws {
    var specification = SpatialSpecification(models: ["mnist-standard"])
    specification.grid = "5,3,3"
    #expect(try SpatialSpecification(json: specification.json) == specification)
    #expect(throws: StudyError.self) { try SpatialSpecification(json: [:]) }
  }
}
