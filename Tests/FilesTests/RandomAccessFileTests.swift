import Files
import Foundation
import TestSupport
import Testing

@Suite struct RandomAccessFileTests {
  @Test func readsAnyPlace() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
    let file = try RandomAccessFile(path: folder.write(bytes, to: "file"))
    #expect(file.count == 1000)
    for range in [0..<1000, 999..<1000, 17..<400, 5..<5] {
      #expect(try file.bytes(at: range) == Array(bytes[range]))
    }
    #expect(try file.bytes(at: 990..<2000) == Array(bytes[990...]))
    #expect(try file.bytes(at: 2000..<2001) == [])
  }

  @Test func aFileThatWasCutShortIsAnError() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write([UInt8](repeating: 1, count: 100), to: "file")
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
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path
    let file = try folder.write([], to: "file")
    for name in ["b", "Z", "é", ".hidden", "a10", "a9"] { try Folder.create("\(path)/\(name)") }
    #expect(try Folder.names(in: path) == [".hidden", "Z", "a10", "a9", "b", "file", "é"])
    #expect(Folder.exists("\(path)/b"))
    #expect(!Folder.exists(file))
    #expect(throws: FileError.self) { try Folder.names(in: file) }
  }
}
