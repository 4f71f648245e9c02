import Datasets
import Foundation
import Images
import Tensors
import TestSupport
import Testing

/// Pictures that are refused or taken with a word, and what their messages advise, carried out.
@Suite struct PictureRemedyTests {
  private func refusal(_ line: String, in folder: Folder) throws -> String {
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == 2 && result.output.isEmpty, "\(line): \(result.output)")
    #expect(result.errorLines.count == 2, "\(line): \(result.errors)")
    return result.message
  }

  /// The outputs of a line of `predict`, which must have no more than the given to say.
  private func outputs(
    _ line: String, in folder: Folder, saying words: String? = nil
  ) throws -> [Float] {
    let result = try Command.run(line: "\(line) --output out.npz", in: folder)
    try #require(result.status == 0, "\(line): \(result.errors)")
    let notes = result.errorLines.filter { !$0.isEmpty && !$0.contains("warning: ") }
    #expect(notes.count == (words == nil ? 0 : 1), "\(line): \(result.errors)")
    if let words { #expect(result.errors.contains(words), "\(line): \(result.errors)") }
    return try NPZ(path: folder / "out.npz").array("logits").tensor().scalars
  }

  /// The options of a kind that a message names, such as those of `--data-range`.
  private func options(_ names: [String], in message: String) -> String {
    let words = message.split(separator: " ")
    return names.compactMap { name in
      words.firstIndex(of: Substring(name)).map { place in
        "\(name) \(words[place + 1].trimmingCharacters(in: CharacterSet(charactersIn: ";),")))"
      }
    }.joined(separator: " ")
  }

  private func expectClose(_ found: [Float], _ expected: [Float], within bound: Float = 1e-6) {
    #expect(found.count == expected.count)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= bound }, "\(found) \(expected)")
  }

  @Test(
    "whole numbers of every type are pictures once their range is said",
    arguments: ["|b1", "|i1", "<i2", ">i2", "<u2", "<i4", ">u4", "<i8", ">i8", "<u8"])
  func integers(type: String) throws {
    let folder = try Folder()
    try folder.write(PlainONNX.flatten([1, 2, 2]), to: "same.onnx")
    let values = type == "|b1" ? [0, 1, 1, 0] : type == "|i1" ? [0, 127, 51, 3] : [0, 255, 51, 3]
    try folder.write(numPyFile(type, [1, 1, 2, 2], integers: values), to: "x.npy")
    try folder.write(numPyFile("<i8", [1], integers: [0]), to: "y.npy")
    let line = "predict same.onnx --data npy:x.npy,y.npy"
    let message = try refusal("\(line) --output out.npz", in: folder)
    let option = options(["--data-range"], in: message)
    #expect(option == (type == "|b1" ? "--data-range 0:1" : "--data-range 0:255"), "\(message)")
    let largest: Float = type == "|b1" ? 1 : 255
    expectClose(
      try outputs("\(line) \(option)", in: folder), values.map { Float($0) / largest },
      within: 0)
  }

  @Test("bytes lie in another range, too, where that is said")
  func bytes() throws {
    let folder = try Folder()
    try folder.write(PlainONNX.flatten([1, 1, 3]), to: "same.onnx")
    try folder.write(
      try NPYContents.npz([
        "x": NPYContents([0, 1, 1], shape: [1, 1, 1, 3]), "y": NPYContents([0]),
      ]), to: "a.npz")
    let line = "predict same.onnx --data npz:a.npz"
    expectClose(try outputs(line, in: folder), [0, 1.0 / 255, 1.0 / 255])
    expectClose(try outputs("\(line) --data-range 0:255", in: folder), [0, 1.0 / 255, 1.0 / 255])
    expectClose(try outputs("\(line) --data-range 0:1", in: folder), [0, 1, 1])
  }

  /// Three pictures of 3x2x2 with values in 0...1.
  private static let pixels = (0..<36).map { Float($0 * 7 % 36) / 35 }

  private func folder(_ value: (Int, Float) -> Float) throws -> (Folder, [Float]) {
    let folder = try Folder()
    try folder.write(PlainONNX.flatten([3, 2, 2]), to: "same.onnx")
    let values = Self.pixels.enumerated().map { value($0.offset / 4 % 3, $0.element) }
    try folder.write(
      try NPYContents.npz([
        "x": NPYContents(Tensor(values, shape: [3, 3, 2, 2])), "y": NPYContents([0, 1, 2]),
      ]), to: "a.npz")
    return (folder, values)
  }

  private let line = "predict same.onnx --data npz:a.npz"

  @Test("values that rounding brought outside are clipped, with a note")
  func clipping() throws {
    let (folder, _) = try folder { $1 == 1 ? Float(1).nextUp : $1 }
    expectClose(
      try outputs(line, in: folder, saying: "are clipped, such as 1.0000001 at"), Self.pixels,
      within: 0)
    let (wide, _) = try self.folder { $1 == 1 ? 1.00001 : $1 }
    #expect(
      try refusal("\(line) --output out.npz", in: wide).contains("clip them, or add --data-range"))
  }

  @Test("values of -1 to 1 are spread by the options that the message names")
  func minusOne() throws {
    let (folder, values) = try folder { 2 * $1 - 1 }
    let message = try refusal("\(line) --output out.npz", in: folder)
    let range = options(["--data-range"], in: message)
    expectClose(try outputs("\(line) \(range)", in: folder), Self.pixels)
    let both = options(["--data-range", "--input-range"], in: message)
    #expect(both == "--data-range -1:1 --input-range -1:1", "\(message)")
    expectClose(try outputs("\(line) \(both)", in: folder), values)
  }

  @Test("normalised values are undone, or kept, as the message says")
  func normalised() throws {
    let means: [Float] = [0.485, 0.456, 0.406]
    let deviations: [Float] = [0.229, 0.224, 0.225]
    let (folder, values) = try folder { ($1 - means[$0]) / deviations[$0] }
    let message = try refusal("\(line) --output out.npz", in: folder)
    #expect(
      message.contains(
        "x * std + mean, and --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225"
      ), "\(message)")
    let kept = options(["--data-range", "--input-range"], in: message)
    expectClose(try outputs("\(line) \(kept)", in: folder), values)
    // Undone, the network that takes normalised values gets them again.
    let (undone, _) = try self.folder {
      (($1 - means[$0]) / deviations[$0]) * deviations[$0] + means[$0]
    }
    let normalised = options(["--mean", "--std"], in: message)
    let result = try Command.run(line: "\(line) \(normalised) --output out.npz", in: undone)
    #expect(result.status == 0, "\(result.errors)")
    expectClose(
      try NPZ(path: undone / "out.npz").array("logits").tensor().scalars, values, within: 1e-5)
  }

  @Test("other values are spread from where they lie")
  func otherRanges() throws {
    for (scale, shift, range) in [
      (Float(4095), Float(0), "0:4095"), (300, -150, "-150:150"), (1.5, 0, "0:1.5"),
    ] {
      let (folder, _) = try folder { $1 * scale + shift }
      let message = try refusal("\(line) --output out.npz", in: folder)
      let option = options(["--data-range"], in: message)
      #expect(option == "--data-range \(range)", "\(message)")
      expectClose(try outputs("\(line) \(option)", in: folder), Self.pixels, within: 1e-5)
      // What is said wrongly is said better.
      let wrong = try refusal("\(line) --data-range 0:1.25 --output out.npz", in: folder)
      expectClose(
        try outputs("\(line) \(options(["--data-range"], in: wrong))", in: folder),
        Self.pixels, within: 1e-5)
    }
  }

  @Test("a network with the channels last takes pictures by the option that the message names")
  func channelsLast() throws {
    let folder = try Folder()
    try folder.write(PlainONNX.flatten([2, 2, 3]), to: "last.onnx")
    let picture = Bitmap(
      width: 2, height: 2, channels: .rgb, bytes: (0..<12).map { UInt8($0 * 20) })
    try FileManager.default.createDirectory(
      atPath: folder / "data/0", withIntermediateDirectories: true)
    try folder.write(picture.png(), to: "data/0/a.png")
    for line in [
      "predict last.onnx --data images:data --output out.npz", "classify last.onnx data/0/a.png",
      "attack last.onnx data/0/a.png --threat linf:0.1",
      "attack last.onnx --data images:data --threat linf:0.1",
    ] {
      let message = try refusal(line, in: folder)
      #expect(message.hasSuffix("needs --layout nhwc"), "\(message)")
      let result = try Command.run(line: "\(line) --layout nhwc", in: folder)
      #expect(result.status == 0, "\(line): \(result.errors)")
    }
    expectClose(
      try outputs("predict last.onnx --data images:data --layout nhwc", in: folder),
      picture.bytes.map { Float($0) / 255 })
  }

  @Test("a network of rows takes pictures from a folder, as the message about a photograph says")
  func rows() throws {
    let folder = try Folder()
    try folder.write(PlainONNX.flatten([4]), to: "rows.onnx")
    try FileManager.default.createDirectory(
      atPath: folder / "data/0", withIntermediateDirectories: true)
    let picture = Bitmap(width: 2, height: 2, channels: .grey, bytes: [0, 51, 102, 255])
    try folder.write(picture.png(), to: "data/0/a.png")
    for line in [
      "classify rows.onnx data/0/a.png", "attack rows.onnx data/0/a.png --threat linf:0.1",
    ] { #expect(try refusal(line, in: folder).hasSuffix("in a folder, --data images:DIR")) }
    expectClose(
      try outputs(
        "predict rows.onnx --data images:data", in: folder, saying: "are taken as rows of 4 values"),
      [0, 0.2, 0.4, 1])
  }

  @Test("an orientation that is not applied is said once, of folders and of photographs")
  func orientations() throws {
    let folder = try Folder()
    try FileManager.default.createDirectory(
      atPath: folder / "data/0", withIntermediateDirectories: true)
    for name in ["turned.jpg", "turned.png"] {
      try folder.write(Fixtures.bytes("images/\(name)"), to: "data/0/\(name)")
    }
    // What a name would do to a terminal is not printed.
    try folder.write(Fixtures.bytes("images/turned.png"), to: "data/0/\u{1B}[2J.png")
    try folder.write(PlainONNX.flatten([3, 23, 37]), to: "same.onnx")
    for line in [
      "predict same.onnx --data images:data --output out.npz",
      "classify same.onnx data/0/turned.jpg data/0/turned.png",
      "attack same.onnx data/0/turned.png --threat linf:0.1",
    ] {
      let result = try Command.run(line: line, in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let notes = result.errorLines.filter { $0.contains("EXIF") }
      #expect(
        notes.count == 1 && notes[0].contains("without its EXIF orientation"), "\(result.errors)")
      #expect(!result.errors.contains("\u{1B}"))
    }
  }

  @Test("files that are no pictures are named, and hidden ones passed over")
  func otherFiles() throws {
    let folder = try Folder()
    try folder.write(PlainONNX.flatten([3, 4, 5]), to: "same.onnx")
    for name in ["data/cat", "data/__MACOSX", "data/.cache"] {
      try FileManager.default.createDirectory(
        atPath: folder / name, withIntermediateDirectories: true)
    }
    let picture = Bitmap(
      width: 5, height: 4, channels: .rgb, bytes: (0..<60).map { UInt8($0 * 4) })
    // Pictures by their content, whatever they are called.
    for name in ["cat/a.png", "cat/b.jfif", "cat/c", "__MACOSX/d.txt", ".cache/e.txt"] {
      try folder.write(picture.png(), to: "data/\(name)")
    }
    for name in ["Thumbs.db", ".DS_Store", "desktop.ini"] {
      try folder.write("x".utf8, to: "data/cat/\(name)")
    }
    let line = "predict same.onnx --data images:data"
    #expect(try outputs(line, in: folder).count == 180)
    for (name, words) in [
      ("other.webp", "is a WebP image, expected only images"), ("other.gif", "is a GIF image"),
      ("other.avif", "is an AVIF image"),
    ] {
      try folder.write(Fixtures.bytes("images/\(name)"), to: "data/cat/\(name)")
      let message = try refusal("\(line) --output out.npz", in: folder)
      #expect(message.contains("data/cat/\(name): \(words)"), "\(message)")
      #expect(message.contains(#"Image.open("IN").convert("RGB").save("OUT.png")"#))
      let photograph = try refusal("classify same.onnx data/cat/\(name)", in: folder)
      #expect(photograph.contains("expected PNG or JPEG; convert it"), "\(photograph)")
      try FileManager.default.removeItem(atPath: folder / "data/cat/\(name)")
    }
    try FileManager.default.createDirectory(
      atPath: folder / "data/cat/more", withIntermediateDirectories: false)
    let nested = try refusal("\(line) --output out.npz", in: folder)
    #expect(nested.contains("if the classes are in data/cat, use images:data/cat"), "\(nested)")
  }
}
