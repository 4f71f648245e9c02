import Files
import Foundation
import TestSupport
import Testing

@Suite struct FileClaimTests {
  private func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func aFileIsForOne() throws {
    try TemporaryFolder.with { folder in
      let path = folder + "/out.json"
      let first = try FileClaim(path)
      #expect(try names(in: folder) == ["out.json.lock"])
      let error = #expect(throws: FileClaim.Taken.self) { try FileClaim(path) }
      #expect(error?.process == Int(getpid()))
      #expect(
        error?.description
          == "\(path): another run (process \(getpid())) is working on this file; use another name, or wait for its end"
      )
      let other = try FileClaim(folder + "/other.json")
      other.release()
      first.release()
      // A second time does nothing.
      first.release()
      #expect(try names(in: folder) == [])
      try FileClaim(path).release()
    }
  }

  @Test func aLinkLeadsToTheSameFile() throws {
    try TemporaryFolder.with { folder in
      try AtomicFile.write("old", to: folder + "/file")
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: "file")
      let claim = try FileClaim(folder + "/file")
      #expect(throws: FileClaim.Taken.self) { try FileClaim(folder + "/link") }
      claim.release()
    }
  }

  /// As a process leaves it that was killed.
  @Test func aLockOfNobodyIsNone() throws {
    try TemporaryFolder.with { folder in
      try AtomicFile.write("1\n", to: folder + "/out.lock")
      let claim = try FileClaim(folder + "/out")
      #expect(throws: FileClaim.Taken.self) { try FileClaim(folder + "/out") }
      claim.release()
      #expect(try names(in: folder) == [])
    }
  }

  @Test func devicesAndLongNames() throws {
    let claims = try [FileClaim("/dev/null"), FileClaim("/dev/null")]
    for claim in claims { claim.release() }
    try TemporaryFolder.with { folder in
      let path = folder + "/" + String(repeating: "n", count: 255)
      let claim = try FileClaim(path)
      #expect(throws: FileClaim.Taken.self) { try FileClaim(path) }
      claim.release()
      #expect(try names(in: folder) == [])
    }
  }

  @Test func onlyOneOfManyGetsIt() async throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = temporary.path
    for _ in 0..<20 {
      let claims = await withTaskGroup(of: FileClaim?.self) { group in
        for _ in 0..<8 { group.addTask { try? FileClaim(folder + "/out") } }
        return await group.reduce(into: [FileClaim?]()) { $0.append($1) }.compactMap { $0 }
      }
      #expect(claims.count == 1)
      for claim in claims { claim.release() }
    }
  }
}
