import Files
import Foundation
import Testing

@Suite struct RandomAccessFileTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent(UUID().uuidString).path

  private func write(_ bytes: [UInt8]) throws -> String {
    try Folder.create(folder)
    let path = "\(folder)/file"
    try AtomicFile.write(bytes, to: path)
    return path
  }

  @Test func readsAnyPlace() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
    let file = try RandomAccessFile(path: write(bytes))
    #expect(file.count == 1000)
    for range in [0..<1000, 999..<1000, 17..<400, 5..<5] {
      #expect(try file.bytes(at: range) == Array(bytes[range]))
    }
    #expect(try file.bytes(at: 990..<2000) == Array(bytes[990...]))
    #expect(try file.bytes(at: 2000..<2001) == [])
  }

  @Test func aFileThatWasCutShortIsAnError() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = try write([UInt8](repeating: 1, count: 100))
    let file = try RandomAccessFile(path: path)
    try #require(truncate(path, 50) == 0)
    #expect(try file.bytes(at: 0..<50).count == 50)
    let error = #expect(throws: FileError.self) { try file.bytes(at: 40..<60) }
    #expect(error?.path == path)
  }

  @Test(arguments: ["/", "/dev/zero", "/none"])
  func whatIsNoFileIsRefused(path: String) {
    #expect(throws: FileError.self) { try RandomAccessFile(path: path) }
  }

  @Test func namesAreInOrder() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try write([])
    for name in ["b", "Z", "é", ".hidden", "a10", "a9"] { try Folder.create("\(folder)/\(name)") }
    #expect(try Folder.names(in: folder) == [".hidden", "Z", "a10", "a9", "b", "file", "é"])
    #expect(Folder.exists("\(folder)/b"))
    #expect(!Folder.exists("\(folder)/file"))
    #expect(throws: FileError.self) { try Folder.names(in: "\(folder)/file") }
  }
}
