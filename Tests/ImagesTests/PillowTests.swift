import Files
import Foundation
import Images
import TestSupport
import Testing

/// Pictures beside what Pillow makes of them, written by Scripts/data_fixtures.py.
@Suite struct PillowTests {
  static let folder = Fixtures.path("images")

  /// The samples of an expected picture, a NumPy array of bytes, height x width x channels.
  private func expected(_ name: String) throws -> (extents: [Int], bytes: [UInt8]) {
    let file = try WholeFile.read("\(Self.folder)/\(name).npy")
    let start = 10 + Int(file[8]) + Int(file[9]) << 8
    let header = String(decoding: file[10..<start], as: UTF8.self)
    let list = try #require(header.split(separator: "(").last?.split(separator: ")").first)
    let extents = list.split(separator: ",").compactMap {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    return (extents, Array(file[start...]))
  }

  private func expectEqual(_ image: Bitmap, _ name: String) throws {
    let (extents, bytes) = try expected(name)
    #expect([image.height, image.width, image.channels.rawValue] == extents, "\(name)")
    #expect(image.bytes == bytes, "\(name)")
  }

  private func read(_ name: String) throws -> Bitmap {
    try ImageFile.read("\(Self.folder)/\(name)")
  }

  @Test(arguments: [
    "colour.png", "grey.png", "palette.png", "colour.jpg", "full.jpg", "progressive.jpg",
    "grey.jpg", "turned.jpg", "turned.png",
  ])
  func decodes(name: String) throws {
    try expectEqual(
      read(name), name.replacing(".", with: "-"))
  }

  @Test(
    "the samples of a PNG file, whatever it says of gamma, colours and transparency",
    arguments: [
      "type0-1", "type0-2", "type0-4", "type0-8", "type0-16", "type2-8", "type2-16", "type3-2",
      "type3-8", "type4-8", "type4-16", "type6-8", "type6-16",
    ])
  func samples(name: String) throws { try expectEqual(read("\(name).png"), "\(name)-png") }

  @Test("an orientation is noted and not applied")
  func orientations() throws {
    for name in ["turned.jpg", "turned.png"] {
      #expect(try ImageFile(path: "\(Self.folder)/\(name)").orientation == 6)
    }
    for name in ["colour.jpg", "colour.png", "type6-8.png"] {
      #expect(try ImageFile(path: "\(Self.folder)/\(name)").orientation == 1)
    }
    // Offsets and counts that lead nowhere are no orientation, and do no harm.
    let whole = try WholeFile.read("\(Self.folder)/turned.jpg")
    let note = try #require(whole.indices.first { whole[$0...].starts(with: "Exif".utf8) })
    for place in note..<note + 30 {
      for value: UInt8 in [0, 0x7F, 0xFF] {
        var broken = whole
        broken[place] = value
        let orientation = (try? ImageFile(broken, name: "broken").orientation) ?? 1
        #expect(1...8 ~= orientation)
      }
    }
  }

  @Test(
    "other formats are named, with what converts them",
    arguments: [
      ("webp", "a WebP image"), ("gif", "a GIF image"), ("bmp", "a BMP image"),
      ("tiff", "a TIFF image"), ("avif", "an AVIF image"),
      ("ppm", "a PBM, PGM, PPM or PAM image"),
    ])
  func otherFormats(ending: String, words: String) {
    let error = #expect(throws: ImageError.self) { try read("other.\(ending)") }
    #expect(error?.message.hasPrefix("is \(words), expected PNG or JPEG; convert it") == true)
    #expect(error?.message.contains(#"Image.open("IN").convert("RGB").save("OUT.png")"#) == true)
  }

  @Test(
    "what often lies in the place of a picture is named",
    arguments: [
      ("", "is empty"), ("version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
      ("\n<!DOCTYPE html><html>", "is a page of HTML"), ("a,b\n", "neither a PNG nor a JPEG image"),
    ])
  func otherContents(text: String, words: String) {
    let error = #expect(throws: ImageError.self) {
      try ImageFile(Array(text.utf8), name: "a.png")
    }
    #expect(error?.message.contains(words) == true)
  }

  @Test(arguments: [
    ("\u{0}\u{0}\u{0}\u{18}ftypheic\u{0}\u{0}\u{0}\u{0}mif1heic", ImageFormat.heic),
    ("\u{0}\u{0}\u{0}\u{1C}ftypmif1\u{0}\u{0}\u{0}\u{0}mif1avifmiaf", .avif),
    ("<?xml version='1.0'?>\n<svg xmlns='a'/>", .svg), (" <svg/>", .svg), ("8BPS", .photoshop),
    ("P6\n1 1\n255\n", .netpbm),
  ])
  func knowsFormats(start: String, format: ImageFormat) {
    #expect(ImageFormat(start: Array(start.utf8)) == format)
  }

  @Test(arguments: [
    "", "B", "BM", "BMW is a maker of cars, not of pictures", "PNG", "P7", "P8 5",
    "<?xml version='1.0'?><html/>", "RIFF\u{0}\u{0}\u{0}\u{0}WAVE",
    "\u{0}\u{0}\u{0}\u{18}ftypisom\u{0}\u{0}\u{0}\u{0}mp41",
  ])
  func knowsNoOthers(start: String) {
    #expect(ImageFormat(start: Array(start.utf8)) == nil)
  }

  @Test(arguments: [(7, 5), (74, 46), (37, 5), (5, 23), (100, 3), (1, 1), (36, 22), (20, 40)])
  func resizes(width: Int, height: Int) throws {
    for name in ["colour", "grey"] {
      try expectEqual(
        read("\(name).png").resized(width: width, height: height), "\(name)-\(width)x\(height)")
    }
  }

  @Test(arguments: [(16, 13, 14), (23, 23, 23), (40, 33, 38), (9, 9, 9)])
  func cutsTheMiddleOut(side: Int, height: Int, width: Int) throws {
    let image = try read("colour.png").resized(shorterSide: side)
      .centerCropped(width: width, height: height)
    try expectEqual(image, "cropped-\(side)-\(height)x\(width)")
  }

  @Test func convertsToGrey() throws {
    try expectEqual(read("colour.png").converted(to: .grey), "luma")
  }

  @Test func refusesPrint() {
    let error = #expect(throws: ImageError.self) { try read("print.jpg") }
    #expect(error?.message.contains("CMYK") == true)
    #expect(error?.message.contains(#"Image.open("IN").convert("RGB").save("OUT.png")"#) == true)
  }

  @Test(arguments: [
    "colour.png", "colour.jpg", "progressive.jpg", "grey.jpg", "type0-16.png", "type3-2.png",
    "type6-16.png", "turned.png",
  ])
  func refusesTruncationsAndGarbage(name: String) throws {
    let whole = try WholeFile.read("\(Self.folder)/\(name)")
    // A PNG file is complete before its last chunk of 12 bytes, and a JPEG file nearly so before its last marker.
    for count in stride(from: 0, to: whole.count - 13, by: 17) {
      #expect(throws: ImageError.self, "\(count) bytes of \(name)") {
        try ImageFile.decode(Array(whole[..<count]), name: name)
      }
    }
    for place in stride(from: 0, to: whole.count, by: 5) {
      var broken = whole
      broken[place] ^= 0xFF
      do {
        _ = try ImageFile.decode(broken, name: name)
      } catch {
        #expect(error.file == name)
      }
    }
  }
}
