import Foundation
import Files
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  private func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private func text(of path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func writesAndReplaces() throws {
    try TemporaryFolder.with { folder in
      let path = folder + "/" + String(repeating: "n", count: 255)
      try AtomicFile.write("first", to: path)
      #expect(text(of: path) == "first")
      try AtomicFile.write([], to: path)
      #expect(text(of: path) == "")
      let large = [UInt8](repeating: 7, count: 3_000_001)
      try AtomicFile.write(large, to: path)
      #expect(FileManager.default.contents(atPath: path) == Data(large))
      #expect(try names(in: folder).count == 1)
    }
  }

  @Test func keepsPermissionsAndLinks() throws {
    try TemporaryFolder.with { folder in
      let path = folder + "/file"
      try AtomicFile.write("old", to: path)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: "file")
      try AtomicFile.write("new", to: folder + "/link")
      #expect(text(of: path) == "new")
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o640)
      #expect(try names(in: folder) == ["file", "link"])
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == "file")
    }
  }

  @Test func aLinkToNothingIsKept() throws {
    try TemporaryFolder.with { folder in
      let link = folder + "/link"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "none")
      let error = #expect(throws: FileError.self) { try AtomicFile.write("x", to: link) }
      #expect(
        error?.description
          == "\(link): cannot follow the symbolic link: No such file or directory")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "none")
      #expect(try names(in: folder) == ["link"])
    }
  }

  @Test func nothingEndsTheProcessAmidstAWrite() async throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = temporary.path
    let writing = Task.detached {
      for round in 0..<40 {
        try AtomicFile.write([UInt8](repeating: UInt8(round), count: 1 << 20), to: folder + "/file")
      }
    }
    var seen: Set<[String]> = []
    for _ in 0..<400 {
      try AtomicFile.betweenWrites {
        _ = seen.insert(try FileManager.default.contentsOfDirectory(atPath: folder))
      }
      await Task.yield()
    }
    try await writing.value
    #expect(seen.isSubset(of: [[], ["file"]]))
  }

  @Test func leftoversOfKilledProcessesAreRemoved() throws {
    try TemporaryFolder.with { folder in
      let names = [
        ".tmp-gibbon-0123456789abc", ".tmp-gibbon-zzzzzzzzzzzzz", ".tmp-gibbon-0123456789ABC",
        ".tmp-gibbon-0123456789", ".tmp-other", ".tmp-3w5e11264sgsf", "tmp-gibbon-0123456789abc",
      ]
      for name in names {
        _ = FileManager.default.createFile(atPath: folder + "/" + name, contents: Data([1]))
      }
      // As long as it is being written, it is locked.
      let live = open(folder + "/" + names[1], O_RDONLY)
      defer { close(live) }
      try #require(flock(live, LOCK_EX | LOCK_NB) == 0)
      try AtomicFile.write("x", to: folder + "/file")
      #expect(try self.names(in: folder) == (names.dropFirst() + ["file"]).sorted())
    }
  }

  @Test func aMissingFolderIsNamed() throws {
    try TemporaryFolder.with { folder in
      let path = folder + "/none/file.json"
      let error = #expect(throws: FileError.self) { try AtomicFile.write("x", to: path) }
      #expect(error?.code == ENOENT)
      #expect(
        error?.description
          == "\(path): cannot create a temporary file in its folder: No such file or directory")
      let left = try names(in: folder)
      #expect(left == [])
    }
  }

  @Test func aFolderIsNotReplaced() throws {
    try TemporaryFolder.with { folder in
      let error = #expect(throws: FileError.self) { try AtomicFile.write("x", to: folder) }
      #expect(error?.code == EISDIR)
      #expect(throws: FileError.self) { try AtomicFile.write("x", to: folder + "/new/") }
      let left = try names(in: folder)
      #expect(left == [])
    }
  }

  @Test func impossiblePathsAreRefused() {
    #expect(throws: FileError(path: "", action: "use this path", code: ENOENT)) {
      try AtomicFile.write("x", to: "")
    }
    #expect(throws: FileError(path: "a\0b", action: "use this path", code: EINVAL)) {
      try AtomicFile.write("x", to: "a\0b")
    }
  }

  @Test(.enabled(if: getuid() != 0, "the superuser may write everywhere"))
  func aReadOnlyFolderIsLeftAlone() throws {
    try TemporaryFolder.with { folder in
      try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder)
      let error = #expect(throws: FileError.self) { try AtomicFile.write("x", to: folder + "/f") }
      #expect(error?.code == EACCES)
      let left = try names(in: folder)
      #expect(left == [])
    }
  }

  @Test func aPipeIsWrittenDirectly() throws {
    let pipe = Pipe()
    try AtomicFile.write("hello", to: "/dev/fd/\(pipe.fileHandleForWriting.fileDescriptor)")
    try pipe.fileHandleForWriting.close()
    #expect(try pipe.fileHandleForReading.readToEnd() == Data("hello".utf8))
  }

  #if os(Linux)
    @Test func aFullDeviceIsReportedAndKept() {
      let error = #expect(throws: FileError.self) { try AtomicFile.write("x", to: "/dev/full") }
      #expect(error?.description == "/dev/full: cannot write the data: No space left on device")
      #expect(throws: Never.self) { try AtomicFile.write("x", to: "/dev/null") }
      #expect(FileManager.default.isReadableFile(atPath: "/dev/null"))
    }

    private static let mayMount: Bool = {
      let folder = NSTemporaryDirectory() + "/reports-mount-" + UUID().uuidString
      guard mkdir(folder, 0o700) == 0 else { return false }
      defer { rmdir(folder) }
      guard mount("tmpfs", folder, "tmpfs", 0, "size=64k") == 0 else { return false }
      return umount(folder) == 0
    }()

    @Test(.enabled(if: mayMount, "mounting a small file system is not permitted here"))
    func aFullDiskLeavesTheOldFileAndNothingElse() throws {
      try TemporaryFolder.with { folder in
        try #require(mount("tmpfs", folder, "tmpfs", 0, "size=64k") == 0)
        defer { umount(folder) }
        let path = folder + "/file"
        try AtomicFile.write("old", to: path)
        let error = #expect(throws: FileError.self) {
          try AtomicFile.write([UInt8](repeating: 1, count: 1 << 20), to: path)
        }
        #expect(error?.code == ENOSPC)
        #expect(error?.path == path)
        #expect(text(of: path) == "old")
        #expect(try names(in: folder) == ["file"])
      }
    }
  #endif
}
