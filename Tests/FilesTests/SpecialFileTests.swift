import Files
import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Pipes, sockets and folders in the places of files: what would wait for ever is refused.
@Suite struct SpecialFileTests {
  /// Makes a folder with a pipe, a socket and a folder.
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = "/tmp/special-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try #require(mkfifo(folder + "/pipe", 0o600) == 0)
    try #require(mkdir(folder + "/folder", 0o700) == 0)
    let socket = try bound(to: folder + "/socket")
    defer { close(socket) }
    try body(folder)
  }

  private func bound(to path: String) throws -> Int32 {
    #if canImport(Glibc)
      let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let number = socket(AF_UNIX, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, size) }
    }
    try #require(status == 0)
    return number
  }

  @Test func noneIsReplaced() throws {
    try withFolder { folder in
      for name in ["pipe", "socket", "folder"] {
        let error = #expect(throws: FileError.self) {
          try AtomicFile.write([1], to: "\(folder)/\(name)", replacesOnly: true)
        }
        #expect(error?.description.hasPrefix("\(folder)/\(name): cannot ") == true)
      }
      let names = try Folder.names(in: folder)
      #expect(names == ["folder", "pipe", "socket"])
    }
  }

  @Test func noneIsRead() throws {
    try withFolder { folder in
      for name in ["pipe", "socket", "folder"] {
        #expect(throws: FileError.self) { try WholeFile.read("\(folder)/\(name)") }
        #expect(throws: FileError.self) { try RandomAccessFile(path: "\(folder)/\(name)") }
      }
    }
  }

  @Test func noneKeepsRecords() throws {
    try withFolder { folder in
      for name in ["pipe", "socket", "folder"] {
        #expect(throws: FileError.self) {
          _ = try RecordFile.open("\(folder)/\(name)", title: "a title", kind: "a")
        }
      }
    }
  }

  @Test func aPipeThatNobodyReadsIsNotWaitedForForEver() throws {
    try withFolder { folder in
      let error = #expect(throws: FileError.self) {
        try AtomicFile.write("x", to: folder + "/pipe")
      }
      #expect(
        error?.description.hasPrefix("\(folder)/pipe: cannot write to a pipe that nobody reads: ")
          == true)
      let socket = #expect(throws: FileError.self) {
        try AtomicFile.write("x", to: folder + "/socket")
      }
      #expect(socket?.action == "write to a socket")
    }
  }

  @Test func aPipeThatIsReadSlowlyIsFilledToTheEnd() throws {
    try withFolder { folder in
      let reading = open(folder + "/pipe", O_RDONLY | O_NONBLOCK)
      try #require(reading >= 0)
      // More than a pipe holds, so that writing has to wait.
      let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
      let path = folder + "/pipe"
      let received = Received()
      let thread = Thread {
        var room = [UInt8](repeating: 0, count: 5000)
        var all: [UInt8] = []
        while all.count < bytes.count {
          usleep(500)
          let count = read(reading, &room, room.count)
          if count > 0 { all += room[..<count] }
        }
        received.fill(all)
      }
      thread.start()
      try AtomicFile.write(bytes, to: path)
      #expect(received.wait() == bytes)
      close(reading)
    }
  }

  /// What a thread has read.
  ///
  /// `@unchecked Sendable`: guarded by the semaphore.
  private final class Received: @unchecked Sendable {
    private let isFull = DispatchSemaphore(value: 0)
    private var bytes: [UInt8] = []

    func fill(_ bytes: [UInt8]) {
      self.bytes = bytes
      isFull.signal()
    }

    func wait() -> [UInt8] {
      isFull.wait()
      return bytes
    }
  }
}
