import Files
import Foundation
import Images
import Testing

/// Pictures beside what Pillow makes of them, written by Scripts/make-data-fixtures.py.
@Suite struct PillowTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/images").path

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
    "grey.jpg",
  ])
  func decodes(name: String) throws {
    try expectEqual(
      read(name), name.replacing(".", with: "-"))
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
  }

  @Test(arguments: ["colour.png", "colour.jpg", "progressive.jpg", "grey.jpg"])
  func refusesTruncationsAndGarbage(name: String) throws {
    let whole = try WholeFile.read("\(Self.folder)/\(name)")
    for count in stride(from: 0, to: whole.count - 2, by: 17) {
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
