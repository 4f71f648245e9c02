import Foundation
import TestSupport
import Testing

/// The set-up of a machine, with stand-ins for its programs.
@Suite struct SetupTests {
  private static let script = Fixtures.package + "/Scripts/setup.sh"

  /// Runs the script where there are these programs only, given as shell scripts, besides what any system has.
  private func run(
    _ programs: [String: String], variables: [String: String] = [:]
  ) throws -> Command.Result {
    let folder = try Folder()
    for name in ["bash", "sh", "tail", "cat", "grep"] {
      let found = ["/usr/bin/", "/bin/"].map { $0 + name }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
      try FileManager.default.createSymbolicLink(
        atPath: folder / name, withDestinationPath: #require(found))
    }
    for (name, text) in programs {
      try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(filePath: folder / name))
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: folder / name)
    }
    return try Command(
      [Self.script], in: folder.path, executable: folder / "bash",
      environment: variables.merging(["PATH": folder.path]) { $1 }
    ).result()
  }

  /// A compiler that finds all headers but some, and a version of oneDNN.
  private static func compiler(missing: String = "none", version: String = "2 6") -> String {
    """
    text=$(cat)
    case $text in
      *'<\(missing)>'*) exit 1 ;;
      *DNNL_VERSION_MAJOR*) echo '\(version)' ;;
    esac
    """
  }

  @Test(arguments: ["2 6", "2 7", "2 10", "3 0", "3 2", "3 11"])
  func versionsThatWork(version: String) throws {
    let result = try run(["swift": "", "cc": Self.compiler(version: version)])
    #expect(result.status == 0 && result.errors.isEmpty)
    let number = version.replacing(" ", with: ".")
    #expect(
      result.output
        == "Everything that Gibbon builds with is installed: Swift, a C compiler, oneDNN "
        + "\(number), libpng, zlib, libzip, TurboJPEG.\n")
  }

  @Test(arguments: ["1 9", "2 5", "4 0", "0 0", "DNNL_VERSION_MAJOR DNNL_VERSION_MINOR", "", "x"])
  func versionsThatDoNot(version: String) throws {
    let result = try run(["swift": "", "cc": Self.compiler(version: version)])
    #expect(result.status == 2)
    let found = version.first?.isNumber == true ? version.replacing(" ", with: ".") : "unknown"
    #expect(result.message.hasPrefix("gibbon set-up: found "))
    #expect(result.message.contains(found))
    #expect(result.message.contains("install 2.6 or later, or 3.x (Debian: libdnnl-dev)"))
  }

  struct Case {
    let programs: [String: String]
    let message: String
  }

  static let cases = [
    Case(
      programs: ["cc": compiler()],
      message: "needs Swift 6.3 or later; see https://www.swift.org/install"),
    Case(
      programs: ["swift": ""], message: "needs a C compiler (cc), such as clang or gcc"),
    Case(
      programs: ["swift": "", "cc": compiler(missing: "oneapi/dnnl/dnnl.h")],
      message: "install oneDNN (2.6 or later, or 3.x), libpng 1.6, zlib, libzip and TurboJPEG with "
        + "their headers; on macOS: brew install onednn libpng zlib libzip jpeg-turbo"),
    Case(
      programs: [
        "swift": "", "cc": compiler(missing: "oneapi/dnnl/dnnl.h"), "apt-get": "exit 0",
        "id": "echo 1000",
      ], message: "needs root or sudo to install libdnnl-dev"),
    Case(
      programs: [
        "swift": "", "cc": compiler(missing: "oneapi/dnnl/dnnl.h"), "apt-get": "exit 1",
        "id": "echo 0",
      ], message: "apt-get update failed; install libdnnl-dev"),
    Case(
      programs: [
        "swift": "", "cc": compiler(missing: "png.h"), "apt-get": "[ $1 = update ]",
        "id": "echo 0",
      ], message: "apt-get could not install libpng-dev"),
  ]

  @Test(arguments: cases.indices)
  func whatIsMissing(index: Int) throws {
    let row = Self.cases[index]
    let result = try run(row.programs)
    #expect(result.status == 2)
    #expect(result.errors.hasSuffix("gibbon set-up: \(row.message)\n"))
    let said = result.errorLines.filter { !$0.isEmpty && !$0.hasPrefix("Installing ") }
    #expect(said.count == 1)
  }

  @Test func anotherOneDNN() throws {
    let prefix = try Folder()
    let cc = Self.compiler(version: "3 2")
    func run() throws -> Command.Result {
      try self.run(["swift": "", "cc": cc], variables: ["ONEDNN": prefix.path])
    }
    let message =
      "gibbon set-up: ONEDNN is \(prefix.path); expected a folder with "
      + "include/oneapi/dnnl/dnnl.h and lib/libdnnl.so"
    #expect(try run().message == message)
    for file in ["include/oneapi/dnnl/dnnl.h", "lib/libdnnl.so"] {
      let url = URL(filePath: prefix / file)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: url)
      let result = try run()
      #expect(file.hasPrefix("lib") ? result.status == 0 : result.message == message)
    }
  }
}
