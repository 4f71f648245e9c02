import Files
import Foundation
import TestSupport
import Testing

@Suite struct WholeFileTests {
  private func message(_ path: String) -> String {
    #expect(throws: FileError.self) { try WholeFile.read(path) }?.description ?? ""
  }

  @Test(arguments: [0, 1, 4096, 1_000_003])
  func readsWhatWasWritten(count: Int) throws {
    try TemporaryFolder.with { folder in
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      try AtomicFile.write(bytes, to: folder + "/file")
      #expect(try WholeFile.read(folder + "/file") == bytes)
      #expect(WholeFile.exists(folder + "/file"))
      #expect(!WholeFile.exists(folder + "/other"))
    }
  }

  @Test func whatIsNoFileIsNamed() throws {
    try TemporaryFolder.with { folder in
      #expect(message(folder) == "\(folder): cannot read it: Is a directory")
      #expect(
        message(folder + "/none") == "\(folder)/none: cannot read it: No such file or directory")
      try AtomicFile.write("x", to: folder + "/file")
      #expect(message(folder + "/file/x") == "\(folder)/file/x: cannot read it: Not a directory")
    }
  }

  // A pipe without a writer would block, and a device without an end would never stop.
  @Test func pipesAndDevicesAreRefusedAtOnce() throws {
    try TemporaryFolder.with { folder in
      let pipe = folder + "/pipe"
      try #require(mkfifo(pipe, 0o600) == 0)
      for path in [pipe, "/dev/zero", "/dev/null"] {
        #expect(
          message(path) == "\(path): cannot read a device or a pipe: Operation not supported")
      }
    }
  }

  @Test func messagesCannotDriveATerminal() {
    let error = FileError(path: "a\u{1B}[2Jb\nc\u{202E}", action: "read it", code: ENOENT)
    #expect(
      error.description == "a\u{FFFD}[2Jb c\u{FFFD}: cannot read it: No such file or directory")
    #expect("naïve 文件.txt".terminalSafe == "naïve 文件.txt")
  }
}
