import Datasets
import Foundation
import Images
import JSON
import Networks
import Studies
import Tensors
import TestSupport
import Testing

/// `gibbon show attribution`: what it prints and writes, on data, photographs and tables.
@Suite struct ShowAttributionTests {
  /// A folder with a small network for pictures, names of its classes, and a picture of another size.
  private func pictures(width: Int = 40, height: Int = 36) throws -> Folder {
    let folder = try Folder()
    let network = try Network("pictures", input: InputDescription(shape: [3, 16, 16]), seed: 1) {
      Convolve(6, kernel: 3, padding: 1)
      ReLU()
      MaxPooling(2)
      Flatten()
      Linear(4)
    }
    try network.writeONNX(to: folder / "net.onnx")
    try folder.write("ant\nbee\ncat\ndog\n".utf8, to: "names.txt")
    try folder.write(picture(width, height).png(), to: "photo.png")
    return folder
  }

  private func picture(_ width: Int, _ height: Int) -> Bitmap {
    var randomness = Philox(key: 3)
    let planes: Tensor<Float> = randomness.uniforms([3, height, width])
    return Bitmap(width: width, height: height, channels: .rgb, planes: planes.scalars)
  }

  @Test("all methods on a photograph, with page, record, pictures and arrays")
  func photograph() throws {
    let folder = try pictures()
    let result = try Command.run(
      line: "show attribution net.onnx photo.png --labels names.txt --class bee --checks"
        + " --report out.html --json out.json --output maps", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let names = [
      "gradient", "gradient-x-input", "smoothgrad", "integrated-gradients", "grad-cam", "occlusion",
      "rise", "lrp",
    ]
    for name in names { #expect(result.output.contains("\n\(name) "), "\(name)") }
    #expect(result.output.contains("explained is bee"))
    let page = try #require(folder.text("out.html"))
    #expect(page.contains("Where net.onnx looks") && page.contains("The map of lrp"))
    #expect(page.contains("Red speaks for bee"))
    let record = try StudyRecord(path: folder / "out.json")
    #expect(record.verb == "show attribution")
    let methods = try #require(record.json["methods"]?.arrayValue)
    #expect(methods.compactMap { $0["name"]?.stringValue } == names)
    for method in methods {
      let one = try #require(method["attributions"]?.arrayValue?.first)
      #expect(one["deletion"]?["random_interval"]?.arrayValue?.count == 2)
      #expect(one["random_weights"]?.arrayValue?.isEmpty == false)
      if method["name"] == "integrated-gradients" {
        #expect(try #require(one["relative_gap"]?.doubleValue) < 1e-4)
      }
    }
    let again = try record.specification(as: AttributionSpecification.self)
    #expect(again.label == "bee" && again.checks && again.photos == ["photo.png"])
    let arrays = try NPZ(path: folder / "maps/attributions.npz")
    #expect(try arrays.array("x").tensor().shape == [1, 3, 16, 16])
    #expect(try arrays.array("class").integers() == [1])
    for name in names {
      #expect(try arrays.array(name).tensor().shape == [1, 3, 16, 16])
      let map = try ImageFile.read(folder / "maps/photo-\(name).png")
      #expect(map.width == 256 && map.channels == .rgb)
    }
  }

  @Test("examples of data are named by their numbers, and the seed decides")
  func data() throws {
    let folder = try Folder()
    let line =
      "show attribution mnist-standard --index 7,2 --method rise:masks=20 --method gradient --output"
    let first = try Command.run(line: line + " a --seed 4", in: folder)
    #expect(first.status == 0, "\(first.errors)")
    #expect(
      first.output.contains("mnist:test, example 7") && first.output.contains("the data say 9"))
    #expect(try Command.run(line: line + " b --seed 4 --batch 7", in: folder).status == 0)
    #expect(try Command.run(line: line + " c --seed 5", in: folder).status == 0)
    func map(_ name: String) throws -> Tensor<Float> {
      try NPZ(path: folder / "\(name)/attributions.npz").array("rise").tensor()
    }
    let (one, two, three) = (try map("a"), try map("b"), try map("c"))
    #expect((one - two).normInfinity < 1e-5 && (one - three).normInfinity > 1e-3)
    #expect(FileManager.default.fileExists(atPath: folder / "a/7-gradient.png"))
    #expect(FileManager.default.fileExists(atPath: folder / "a/2-rise.png"))
  }

  @Test("columns of tables are bars with names")
  func table() throws {
    let folder = try Folder()
    let network = try Network("table", input: InputDescription(shape: [3]), seed: 2) { Linear(2) }
    try network.writeONNX(to: folder / "net.onnx")
    try folder.write("age,income,debt,class\n1,2,3,0\n4,5,6,1\n".utf8, to: "rows.csv")
    let result = try Command.run(
      line: "show attribution net.onnx --data csv:rows.csv --target-column class --index 1"
        + " --report out.html --output maps", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("grad-cam is left out: "))
    let page = try #require(folder.text("out.html"))
    for name in ["age", "income", "debt"] { #expect(page.contains(">\(name)</text>"), "\(name)") }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "maps")
    #expect(names == ["attributions.npz"])
  }

  @Test("one pixel is enlarged, and much is made smaller", arguments: [(1, 1), (8000, 5000)])
  func sizes(width: Int, height: Int) throws {
    let folder = try pictures(width: 2, height: 2)
    let bytes = [UInt8](repeating: 90, count: width * height * 3)
    let plain = Bitmap(width: width, height: height, channels: .rgb, bytes: bytes)
    try folder.write(plain.png(), to: "photo.png")
    let result = try Command.run(
      line: "show attribution net.onnx photo.png --method gradient --json out.json", in: folder)
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test("an alpha channel changes nothing, and how a camera was held is told")
  func alphaAndOrientation() throws {
    let folder = try pictures(width: 16, height: 16)
    let opaque = picture(16, 16)
    try folder.write(opaque.png(), to: "opaque.png")
    try folder.write(transparent(opaque), to: "alpha.png")
    let result = try Command.run(
      line: "show attribution net.onnx opaque.png alpha.png --method gradient --output maps",
      in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let x = try NPZ(path: folder / "maps/attributions.npz").array("x").tensor()
    #expect(x.row(0) == x.row(1))
    try folder.write(Fixtures.bytes("images/turned.jpg"), to: "turned.jpg")
    let turned = try Command.run(
      line: "show attribution net.onnx turned.jpg --method gradient", in: folder)
    #expect(turned.status == 0 && turned.errors.contains("turned.jpg: "), "\(turned.errors)")
  }

  /// A PNG file with a fourth channel that goes from nothing to all.
  private func transparent(_ picture: Bitmap) -> [UInt8] {
    func big(_ value: UInt32) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * $0)) }
    }
    func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
      let body = Array(name.utf8) + data
      return big(UInt32(data.count)) + body + big(crc32(body))
    }
    var raw: [UInt8] = []
    for y in 0..<picture.height {
      raw.append(0)
      for x in 0..<picture.width { raw += picture.pixel(x: x, y: y) + [UInt8(x * 16)] }
    }
    let (low, high) = raw.reduce((UInt32(1), UInt32(0))) { sums, byte in
      let low = (sums.0 + UInt32(byte)) % 65_521
      return (low, (sums.1 + low) % 65_521)
    }
    let size = UInt16(raw.count)
    let block =
      [1, UInt8(size & 255), UInt8(size >> 8), UInt8(~size & 255), UInt8(~size >> 8)] + raw
    let header = big(UInt32(picture.width)) + big(UInt32(picture.height)) + [8, 6, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
      + chunk("IDAT", [0x78, 0x01] + block + big(high << 16 | low)) + chunk("IEND", [])
  }

  @Test(
    "what is wrong is said in one line, and nothing is left",
    arguments: [
      ("net.onnx photo.png --labels names.txt --class beee", "did you mean bee?"),
      ("net.onnx photo.png --class 4", "--class is 4; expected 0 to 3"),
      ("net.onnx photo.png --class -1", "--class is -1; expected 0 to 3"),
      ("net.onnx photo.png --method gradcam", "did you mean grad-cam?"),
      ("net.onnx photo.png --method all --method lrp", "expected all alone"),
      ("net.onnx photo.png --method grad-cam:layer=2", "layer is 2; expected 1 to 1"),
      ("net.onnx photo.png --score loss", "--score is 'loss'; expected logit, probability, margin"),
      (
        "net.onnx photo.png --method lrp --score probability",
        "lrp does not explain the probability"
      ),
      (
        "net.onnx photo.png --index 3",
        "photo.png: expected either photographs or --data and --index"
      ),
      ("net.onnx none.png", "none.png: cannot be read"),
      ("net.onnx text.png", "text.png: neither a PNG nor a JPEG image"),
      ("net.onnx print.jpg", "print.jpg: a JPEG image in CMYK"),
      ("net.onnx photo.png --resize 8", "photo.png: resized to 8, expected 16"),
      ("net.onnx photo.png --report photo.png", "--report is 'photo.png', which is read"),
      ("net.onnx photo.png --output names.txt", "--output is 'names.txt', which is a file"),
      ("net.onnx photo.png --batch 0", "--batch is 0"),
      ("net.onnx", "mnist:test"),
      ("mnist-standard --index 10000", "--index is 10000, but mnist:test has 10000 examples"),
      ("mnist-standard --index 1,1", "1 is named twice"),
      ("mnist-standard --index x", "--index is 'x'; expected whole numbers"),
      ("mnist-standard --index -1", "--index is -1; expected 0 or more"),
      ("mnist-standard --methd lrp", "did you mean --method?"),
    ])
  func errors(words: String, part: String) throws {
    let folder = try pictures()
    try folder.write("text".utf8, to: "text.png")
    try folder.write(Fixtures.bytes("images/print.jpg"), to: "print.jpg")
    let before = folder.contents
    let result = try Command.run(line: "show attribution \(words)", in: folder)
    #expect(result.status == 2)
    #expect(result.message.contains(part), "\(result.errors)")
    #expect(result.output.isEmpty && folder.contents == before)
  }

  @Test("a kind of picture that there is not is named")
  func kinds() throws {
    let result = try Command.run(line: "show atribution mnist-standard", in: try Folder())
    #expect(result.status == 2)
    #expect(
      result.message
        == "gibbon: there is no command 'show atribution' (did you mean attribution?); there are morph, attribution, "
        + "imperceptible, linear, spatial, hans"
    )
    let help = try Command.run(line: "show", in: try Folder())
    #expect(help.status == 0 && help.output.contains("attribution"))
  }
}
