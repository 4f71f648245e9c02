import Files
import Foundation
import Gibbon
import Testing

/// `gibbon show morph`, and the study behind it.
@Suite struct MorphTests {
  /// A linear network of two classes and a grey picture in a folder of their own, and what is known of them.
  private struct Linear {
    let folder: Folder
    /// The picture.
    let x: [Double]
    /// The slopes of the lead of the class that is not seen.
    let slopes: [Double]
    /// How far that class is behind.
    let margin: Double
    /// That class.
    let target: Int

    init(seed: UInt64, side: Int = 6) throws {
      folder = try Folder()
      let picture = Bitmap(
        width: side, height: side, channels: .grey,
        bytes: (0..<side * side).map { UInt8(100 + ($0 * 7 + Int(seed)) % 56) })
      try folder.write(picture.png(), to: "grey.png")
      let network = try Network(
        "linear", input: InputDescription(shape: [1, side, side]), seed: seed
      ) {
        Flatten()
        Networks.Linear(2)
      }
      try network.writeONNX(to: folder / "linear.onnx")
      let values = picture.bytes.map { Double(Float($0) / 255) }
      let weight = try #require(network.parameters["1.weight"]).scalars.map(Double.init)
      let bias = try #require(network.parameters["1.bias"]).scalars.map(Double.init)
      let size = side * side
      let difference = (0..<size).map { weight[size + $0] - weight[$0] }
      let lead = zip(difference, values).reduce(bias[1] - bias[0]) { $0 + $1.0 * $1.1 }
      x = values
      target = lead < 0 ? 1 : 0
      slopes = target == 1 ? difference : difference.map { -$0 }
      margin = lead.magnitude
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func onALinearModelTheLeastChangeIsThatOfTheClosedForm(seed: UInt64) async throws {
    let linear = try Linear(seed: seed)
    var asked = MorphSpecification()
    asked.models = [linear.folder / "linear.onnx"]
    asked.photo = linear.folder / "grey.png"
    asked.target = "\(linear.target)"
    asked.draws = 400
    let result = try await MorphStudy(asked).run()
    let network = try #require(result.morphs.first)
    let least = try #require(network[target: linear.target]?.least)
    // The nearest point is at distance m / |w| along w; the bounds are far away.
    let square = linear.slopes.reduce(0) { $0 + $1 * $1 }
    let distance = linear.margin / square.squareRoot()
    #expect(least.length >= distance * (1 - 1e-4) && least.length <= distance * 1.01)
    for (place, slope) in linear.slopes.enumerated() {
      let expected = linear.margin / square * slope
      let change = Double(least.input[place]) - linear.x[place]
      #expect(abs(change - expected) < 0.15 * distance)
    }
    #expect(abs(least.probability - 0.5) < 0.01)
    // Noise of the same L2 size crosses the boundary only if it is all along w; of the same L-infinity size its change of
    // the margin has the standard deviation eps |w|.
    let euclidean = try #require(least.noise.first { $0.norm.rawValue == "l2" })
    #expect(euclidean.changedShare == 0 && abs(euclidean.size - least.length) < 1e-9)
    let largest = try #require(least.noise.first { $0.norm.rawValue == "linf" })
    let deviations = linear.margin / (largest.size * square.squareRoot())
    let tail = 0.5 * erfc(deviations / 2.0.squareRoot())
    #expect(abs(largest.changedShare - tail) < 0.03)
    // On the way the logit of the probability is a line.
    let steps = least.path.steps
    let logits = steps.map { Double.log($0.target / (1 - $0.target)) }
    for (place, logit) in logits.enumerated() {
      let share = Double(place) / Double(steps.count - 1)
      #expect(abs(logit - (logits[0] + share * ((logits.last ?? 0) - logits[0]))) < 1e-3)
    }
    // Within the budget the best is straight along w, where no bound is in the way.
    let large = try #require(network[target: linear.target]?.large)
    let budget = try #require(network[target: linear.target]?.budget)
    #expect(large.length <= budget && large.probability > least.probability)
    let gain = zip(linear.slopes, linear.x).enumerated().reduce(0.0) { sum, entry in
      sum + entry.element.0 * (Double(large.input[entry.offset]) - entry.element.1)
    }
    #expect(gain <= budget * square.squareRoot() * (1 + 1e-5))
    #expect(gain >= 0.95 * budget * square.squareRoot())
  }

  @Test func theNetworksForDigitsDifferAsTheyShould() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "show morph --to 3 --json m.json --report m.html --animation m.png --strip s.png",
      in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(folder.names == ["m.html", "m.json", "m.png", "s.png"])
    let json = try JSONValue(parsing: #require(folder.text("m.json")))
    let networks = try #require(json["networks"]?.arrayValue)
    #expect(networks.map { $0["model"]?.stringValue } == MorphSpecification.digits)
    var lengths: [Double] = []
    for network in networks {
      #expect(network["source"]?.intValue == 7)
      let morph = try #require(network["morphs"]?.arrayValue?.first)
      #expect(morph["target"]?.intValue == 3)
      lengths.append(try #require(morph["least"]?["l2"]?.doubleValue))
      let budget = try #require(morph["budget"]?.doubleValue)
      #expect(try #require(morph["large"]?["l2"]?.doubleValue) <= budget)
      let path = try #require(morph["large"]?["path"]?.arrayValue)
      #expect(path.count == 25 && path.first?["prediction"]?.intValue == 7)
      #expect(path.last?["prediction"]?.intValue == 3)
      let noise = try #require(morph["least"]?["noise"]?.arrayValue)
      #expect(noise.map { $0["norm"]?.stringValue } == ["l2", "linf"])
    }
    // What was trained against changes needs a larger one.
    #expect(lengths[0] < lengths[1] && lengths[0] < lengths[2])
    let record = try StudyRecord(path: folder / "m.json")
    let asked: MorphSpecification = try record.specification()
    #expect(asked.target == "3" && asked.models == MorphSpecification.digits)
    // 25 frames of three digits side by side, and a strip of three rows.
    let first = try ImageFile.read(folder / "m.png")
    let strip = try ImageFile.read(folder / "s.png")
    #expect(first.width == 3 * 118 + 6 && first.height == 118 + 6)
    #expect(strip.width == 9 * 118 + 6 && strip.height == 3 * 118 + 6)
    let bytes = String(decoding: try folder.bytes("m.png"), as: UTF8.self)
    #expect(bytes.contains("acTL") && bytes.components(separatedBy: "fcTL").count == 26)
    let page = try #require(folder.text("m.html"))
    #expect(page.contains("What must change to be seen as 3"))
    #expect(
      page.components(separatedBy: "<img").count == page.components(separatedBy: "alt=").count)
    #expect(page.contains("L2 length of the change") && page.contains("noise, same L2"))
  }

  @Test func allClassesOfOneNetwork() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "show morph mnist-standard --to all --index 1 --json m.json --report m.html", in: folder
    )
    #expect(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("m.json")))
    let network = try #require(json["networks"]?.arrayValue?.first)
    let targets = network["morphs"]?.arrayValue?.compactMap { $0["target"]?.intValue }
    #expect(targets == (0..<10).filter { $0 != network["source"]?.intValue })
    let again = try Command.run(
      line: "show morph mnist-standard --to all --index 1 --json n.json", in: folder)
    #expect(again.output.dropLast(10) == result.output.dropLast(10))
    let page = try #require(folder.text("m.html"))
    #expect(page.contains("Least changes") && page.contains("Large changes"))
  }

  @Test func aResultComesBackFromJSON() async throws {
    let linear = try Linear(seed: 3)
    var asked = MorphSpecification()
    asked.models = [linear.folder / "linear.onnx"]
    asked.photo = linear.folder / "grey.png"
    asked.steps = 5
    asked.draws = 2
    let morphs = try await MorphStudy(asked).run().morphs
    let bytes = try JSONEncoder().encode(morphs)
    #expect(try JSONDecoder().decode([NetworkMorphs].self, from: bytes) == morphs)
  }

  @Test(arguments: [
    ("show morph --to 10", "--to is 10; expected 0 to 9, or all"),
    (
      "show morph --to seven",
      "--to is 'seven'; expected 0 to 9 or the name of a class (given by --labels FILE)"
    ),
    (
      "show morph mnist-standard mnist-standard --to 3", "the model 'mnist-standard' is named twice"
    ),
    ("show morph --to 3 --index 10000", "--index is 10000, but mnist:test has 10000 examples"),
    ("show morph --to 3 --index -1", "--index is -1; expected 0 or more"),
    ("show morph --to 3 --budget 0", "--budget is 0; expected a length above 0"),
    ("show morph --to 3 --draws 0", "--draws is 0; expected 1 to 10000"),
    ("show morph --to 3 --steps 0", "--steps is 0; expected 1 to 100000"),
    (
      "show morph --to 3 --animation a.gif",
      "--animation is 'a.gif'; expected a name that ends in .png"
    ),
    ("show morph a.png b.png --to 3", "b.png: expected one picture, but a.png is another"),
    (
      "show morph digit.png --index 3 --to 3",
      "digit.png: expected either a picture or --data and --index"
    ),
    ("show morph none.png --to 3", "none.png: cannot be read: "),
    ("show morph wide.png --to 3 --resize 20", "wide.png: resized to 20, expected 28 to"),
    ("show morph https://host/predict --to 3", "https://host/predict is a remote model"),
    ("show morph text.png --to 3", "text.png: neither a PNG nor a JPEG image"),
  ])
  func saysWhatIsWrong(line: String, message: String) throws {
    let folder = try Folder()
    try folder.write("text".utf8, to: "text.png")
    let wide = Bitmap(
      width: 60, height: 40, channels: .grey, bytes: Array(repeating: 9, count: 2400))
    try folder.write(wide.png(), to: "wide.png")
    try folder.write(wide.png(), to: "digit.png")
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == 2)
    #expect(result.message.contains(message), "\(result.errors)")
    #expect(folder.names == ["digit.png", "text.png", "wide.png"])
  }

  @Test func picturesOfAnySizeAreTaken() throws {
    let folder = try Folder()
    for (name, width, height) in [("one.png", 1, 1), ("wide.png", 90, 31)] {
      let picture = Bitmap(
        width: width, height: height, channels: .rgb,
        bytes: (0..<3 * width * height).map { UInt8($0 % 251) })
      try folder.write(picture.png(), to: name)
      let result = try Command.run(
        line: "show morph mnist-standard \(name) --to 3 --steps 5 --draws 2 --json \(name).json",
        in: folder)
      #expect(result.status == 0, "\(result.errors)")
    }
  }
}
