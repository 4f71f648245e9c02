import Datasets
import Foundation
import JSON
import Networks
import Tensors
import Testing

/// Tables whose columns have very different ranges, as the command attacks them.
@Suite("Tables on the command line") struct ColumnTests {
  /// Two scores of share, income, member and a column that is always 3: the second is 0, so that the first decides.
  private static let weight: [Float] = [2, 0.004, -1, 5]
  private static let bias: Float = -17
  private static let rows: [[Float]] = [
    [0.25, 645, 0, 3], [0.5, 408, 1, 3], [0.9, 130, 0, 3], [0.1, 790, 1, 3], [0.75, 970, 0, 3],
    [0.6, 20, 1, 3], [0.35, 555, 0, 3], [0.95, 300, 0, 3], [0, 505, 1, 3], [0.45, 212, 0, 3],
  ]
  private static let names = ["share", "income", "member", "always"]

  private static func score(_ row: [Float]) -> Double {
    zip(row, weight).reduce(Double(bias)) { $0 + Double($1.0) * Double($1.1) }
  }

  /// The smallest and the largest value of a column.
  private static func range(_ column: Int) -> ClosedRange<Double> {
    let values = rows.map { Double($0[column]) }
    return (values.min() ?? 0)...(values.max() ?? 0)
  }

  /// Whether a row holds against changes of at most a share of each range, by the closed form.
  private static func holds(_ row: [Float], _ share: Double, changing columns: [Int]) -> Bool {
    let sign = score(row) > 0 ? 1.0 : -1
    let loss = columns.reduce(0.0) { sum, column in
      let (range, x) = (range(column), Double(row[column]))
      let size = share * (range.upperBound - range.lowerBound)
      let slope = sign * Double(weight[column])
      let end = slope > 0 ? max(x - size, range.lowerBound) : min(x + size, range.upperBound)
      return sum + slope * (x - end)
    }
    return sign * score(row) - loss > 0
  }

  private func folder() throws -> Folder {
    let folder = try Folder()
    var network = try Network("linear", input: InputDescription(shape: [4]), seed: 0) { Linear(2) }
    try network.load([
      "0.weight": Tensor([0, 0, 0, 0] + Self.weight, shape: [2, 4]),
      "0.bias": Tensor([0, Self.bias], shape: [2]),
    ])
    try network.writeONNX(to: folder / "net.onnx")
    let lines = Self.rows.map { row in
      (row.map(\.description) + ["\(Self.score(row) > 0 ? 1 : 0)"]).joined(separator: ",")
    }
    let text = ([(Self.names + ["target"]).joined(separator: ",")] + lines).joined(separator: "\n")
    try folder.write(Array(text.utf8), to: "data.csv")
    let x = Tensor(Self.rows.flatMap { $0 }, shape: [Self.rows.count, 4])
    try folder.write(
      NPYContents.npz([
        "x": NPYContents(x), "y": NPYContents(Self.rows.map { Self.score($0) > 0 ? 1 : 0 }),
      ]), to: "data.npz")
    return folder
  }

  @Test(
    "radii and bounds are those of each column, and files hold the table's units",
    arguments: ["csv:data.csv", "npz:data.npz"], [0.02, 0.1, 0.3])
  func columns(data: String, share: Double) throws {
    let folder = try folder()
    for fixed in [[], ["income"], ["share", "member"]] {
      let numbers = fixed.map { "\((Self.names.firstIndex(of: $0) ?? 0) + 1)" }
      let option =
        fixed.isEmpty
        ? ""
        : " --fixed-columns " + (data.hasPrefix("npz") ? numbers : fixed).joined(separator: ",")
      let result = try Command.run(
        line: "attack net.onnx --data \(data) --threat linf:\(share) --data-range columns\(option)"
          + " --attack fgsm --step-size 1 --json out.json --save out.npz", in: folder)
      try #require(result.status == 0, "\(result.errors)")
      #expect(result.errors.isEmpty && result.output.contains("of each column's range"))
      let json = try JSONValue(parsing: #require(folder.text("out.json")))
      #expect(json["data_range"] == "columns" && json["warnings"] == [])
      let changing = (0..<4).filter { !fixed.contains(Self.names[$0]) }
      let robust = try #require(json["examples"]?.arrayValue).map { $0["robust"] == true }
      #expect(robust == Self.rows.map { Self.holds($0, share, changing: changing) })
      #expect(Set(robust).count == 2 || share < 0.3)

      let archive = try NPZ(path: folder / "out.npz")
      let (x, adversarialExample) = (
        try archive.array("x").tensor(), try archive.array("witness").tensor()
      )
      for place in 0..<adversarialExample.count {
        let column = place % 4
        let (range, value) = (Self.range(column), Double(adversarialExample[place]))
        #expect(range.contains(value))
        let size = abs(value - Double(x[place]))
        if changing.contains(column), range.upperBound > range.lowerBound {
          #expect(size / (range.upperBound - range.lowerBound) <= share)
        } else {
          #expect(size == 0)
        }
      }
    }
  }

  @Test("evaluations and searches of the nearest change work in units of each column's range")
  func evaluations() throws {
    let folder = try folder()
    let line =
      "evaluate net.onnx --data csv:data.csv --threat linf:0.1 --data-range columns --no-checks"
    let result = try Command.run(line: line + " --curve 0:0.4:0.1 --json out.json", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    let curve = try #require(json["curve"]?.arrayValue)
    for point in curve {
      let radius = try #require(point["radius"]?.doubleValue)
      let held = Self.rows.count { Self.holds($0, radius, changing: [0, 1, 2]) }
      #expect(
        point["robust_accuracy"]?.doubleValue == Double(held) / Double(Self.rows.count), "\(radius)"
      )
    }
    let nearest = try Command.run(
      line:
        "attack net.onnx --data csv:data.csv --threat l2 --data-range columns --attack deepfool",
      in: folder)
    #expect(nearest.status == 0 && nearest.output.contains("median distance"))
  }

  @Test("without it there is a warning, which names what helps, and info tells the ranges")
  func warns() throws {
    let folder = try folder()
    let attack = try Command.run(
      line: "attack net.onnx --data csv:data.csv --threat linf:0.1", in: folder)
    #expect(attack.status == 0 && attack.message.contains("the columns have very different ranges"))
    #expect(attack.message.contains("say --data-range columns"))
    let info = try Command.run(
      line: "info net.onnx --data csv:data.csv --json out.json", in: folder)
    #expect(!info.output.contains("values from 0.0 to 1.0"))
    #expect(info.output.contains("values from 0.0 to 970.0, by column:"))
    #expect(info.output.contains("income: 20.0 to 970.0"))
    #expect(info.output.contains("warning  the columns have very different ranges"))
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    #expect(json["values"]?["columns"]?[1]?["largest"]?.doubleValue == 970)
    let remedied = try Command.run(
      line: "info net.onnx --data csv:data.csv --data-range columns", in: folder)
    #expect(remedied.status == 0 && remedied.output.contains("nothing looks wrong"))
    let predict = try Command.run(
      line: "predict net.onnx --data csv:data.csv --output out.npz", in: folder)
    #expect(predict.status == 0 && predict.errors.isEmpty)
  }

  @Test(
    "one line says what does not fit",
    arguments: [
      (
        "--threat rotation:5 --data-range columns",
        "'rotation:5' does not scale to columns of different ranges"
      ),
      ("--threat linf:0.1 --data-range 0:2", "expected values within 0.0...2.0"),
      ("--threat linf:0.1 --data-range columns --eight-bit", "--eight-bit is for pictures"),
      (
        "--threat linf:0.1 --fixed-columns colour",
        "has no column 'colour'; there are share, income, member"
      ),
      ("--threat linf:0.1 --fixed-columns target", "column 5 holds the class"),
      (
        "--threat linf:0.1 --fixed-columns share,income,member,always",
        "names all 4 columns, so that nothing may change"
      ),
    ])
  func refuses(options: String, message: String) throws {
    let result = try Command.run(
      line: "attack net.onnx --data csv:data.csv \(options)", in: try folder())
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(result.message.contains(message), "\(result.errors)")
  }

  @Test("guesses about a table are one note, and the label in the first column is suggested")
  func notes() throws {
    let folder = try folder()
    let lines = Self.rows.enumerated().map { place, row in
      ([String(place)] + row.map(\.description) + ["\(Self.score(row) > 0 ? 1 : 0)"])
        .joined(separator: ",")
    }
    try folder.write(
      Array(([",0,1,2,3,target"] + lines).joined(separator: "\n").utf8), to: "pandas.csv")
    try folder.write(
      Array(
        (["id,\(Self.names.joined(separator: ",")),target"] + lines).joined(separator: "\n").utf8),
      to: "numbered.csv")
    let numbers = try Command.run(
      line: "attack net.onnx --data csv:numbered.csv --threat linf:0.1 --fixed-columns id",
      in: folder)
    #expect(
      numbers.status == 2
        && numbers.message.contains("column 1 is left out, since it numbers the rows"),
      "\(numbers.errors)")
    let result = try Command.run(
      line: "predict net.onnx --data csv:pandas.csv --output out.npz", in: folder)
    #expect(result.status == 0 && result.output.contains("10 rows of 2 outputs, 100.00 %"))
    #expect(
      result.message
        == "gibbon: csv:pandas.csv: line 1 (, 0, 1, ...) is taken for the names of the columns; the first column,"
        + " which has no name, is taken for row numbers and left out")
    let first = Self.rows.map { row in
      (["\(Self.score(row) > 0 ? 1 : 0)"] + row.reversed().map(\.description)).joined(
        separator: ",")
    }
    try folder.write(Array(first.joined(separator: "\n").utf8), to: "first.csv")
    let wrong = try Command.run(
      line: "predict net.onnx --data csv:first.csv --output out.npz", in: folder)
    #expect(wrong.status == 2 && wrong.message.contains("add --target-column 1"))
    let unlabelled = Self.rows.map { $0.map(\.description).joined(separator: ",") }
    try folder.write(
      Array((["a,b,c,d"] + unlabelled).joined(separator: "\n").utf8), to: "plain.csv")
    let plain = try Command.run(
      line: "predict net.onnx --data csv:plain.csv --output out.npz", in: folder)
    #expect(plain.status == 0 && !plain.output.contains("classified correctly"))
    #expect(plain.message.contains("so there are no labels"))
  }
}
