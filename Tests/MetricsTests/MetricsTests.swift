import Foundation
import JSON
import Metrics
import TestSupport
import Testing

@Suite struct CRC32CTests {
  /// The vectors of RFC 3720, B.4, and the usual one.
  @Test func knownValues() {
    #expect(CRC32C.sum([UInt8]()) == 0)
    #expect(CRC32C.sum(Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.sum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.sum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.sum((0..<32).map { UInt8($0) }) == 0x46DD_794E)
    #expect(CRC32C.sum((0..<32).reversed().map { UInt8($0) }) == 0x113F_DB5C)
  }

  /// As LevelDB and TensorFlow mask it.
  @Test func masking() {
    let sum = CRC32C.sum(Array("foo".utf8))
    let masked = CRC32C.masked(Array("foo".utf8))
    #expect(masked != sum)
    let rotated = masked &- 0xA282_EAD8
    #expect(rotated >> 17 | rotated << 15 == sum)
  }
}

/// What a training measures at a step.
private func record(_ step: Int, time: Double = 5) -> MetricsRecord {
  MetricsRecord(
    step: step, epoch: (step + 9) / 10, time: time,
    values: [("loss", 1 / Double(step)), ("rate", 0.1), ("robust", step == 2 ? .nan : 0.5)])
}

@Suite struct MetricsFileTests {
  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  /// The lines without their times.
  private func timeless(_ path: String) throws -> [JSONValue] {
    try text(path).split(separator: "\n").map { line in
      guard case .object(var object) = try JSONValue(parsing: String(line)) else { return .null }
      object["time"] = nil
      return .object(object)
    }
  }

  @Test func linesAreReadableWhileTheFileGrows() throws {
    try TemporaryFolder.with { folder in
      let path = folder + "/m.jsonl"
      let file = try MetricsFile(path: path)
      #expect(try text(path).isEmpty)
      try file.append(record(1, time: 1_764_540_000.123_456))
      #expect(
        try text(path)
          == #"{"step":1,"epoch":1,"time":1764540000.123,"loss":1.0,"rate":0.1,"robust":0.5}"#
          + "\n")
      try file.append(record(2))
      #expect(try text(path).hasSuffix(#""rate":0.1,"robust":null}"# + "\n"))
    }
  }

  @Test func aResumedFileIsThatOfTheUninterruptedRun() throws {
    try TemporaryFolder.with { folder in
      let whole = try MetricsFile(path: folder + "/whole")
      for step in 1...40 { try whole.append(record(step, time: 1)) }
      for kept in [0, 1, 7, 25, 30] {
        let path = folder + "/resumed"
        let first = try MetricsFile(path: path)
        for step in 1...30 { try first.append(record(step, time: 2)) }
        // Killed in the midst of a line.
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(#"{"step":31,"epo"#.utf8))
        try handle.close()
        let second = try MetricsFile(path: path, keepingThrough: kept)
        for step in kept + 1...40 { try second.append(record(step, time: 3)) }
        #expect(try timeless(path) == timeless(folder + "/whole"), "kept \(kept)")
      }
      // Nothing is taken back where nothing is later.
      let before = try text(folder + "/whole")
      _ = try MetricsFile(path: folder + "/whole", keepingThrough: 40)
      #expect(try text(folder + "/whole") == before)
    }
  }

  @Test func anotherTrainingBeginsAnew() throws {
    try TemporaryFolder.with { folder in
      let path = folder + "/m"
      let first = try MetricsFile(path: path)
      for step in 1...5 { try first.append(record(step)) }
      let second = try MetricsFile(path: path)
      try second.append(record(1))
      #expect(try timeless(path).count == 1)
      // A first line that was cut off is ours as well.
      for part in ["{\"st", "{\"step\":1,\"ep"] {
        try part.write(toFile: path, atomically: true, encoding: .utf8)
        _ = try MetricsFile(path: path, keepingThrough: 3)
        #expect(try text(path).isEmpty)
      }
    }
  }

  @Test(arguments: [
    "thesis\n", "thesis", "[1]\n", "{\"loss\":1}\n", "{\"step\":1,", "\n", "{\"step\":\"a\"}\n",
  ])
  func filesOfSomethingElseStay(content: String) throws {
    try TemporaryFolder.with { folder in
      let path = folder + "/m"
      try content.write(toFile: path, atomically: true, encoding: .utf8)
      let isPart = content == "{\"step\":1,"
      for step in [nil, 7] as [Int?] {
        if isPart { continue }
        let error = #expect(throws: MetricsError.self) {
          try MetricsFile(path: path, keepingThrough: step)
        }
        #expect(error?.description.hasPrefix("\(path): line 1: expected metrics") == true)
        #expect(try text(path) == content)
      }
    }
  }

  @Test func aDamagedLineIsNamed() throws {
    try TemporaryFolder.with { folder in
      let path = folder + "/m"
      let file = try MetricsFile(path: path)
      for step in 1...3 { try file.append(record(step)) }
      let damaged = try text(path).replacingOccurrences(of: "\"step\":2", with: "\"step;2")
      try damaged.write(toFile: path, atomically: true, encoding: .utf8)
      let error = #expect(throws: MetricsError.self) {
        try MetricsFile(path: path, keepingThrough: 3)
      }
      #expect(error?.description.contains("line 2:") == true)
    }
  }

  @Test func longFilesAreReadInParts() throws {
    try TemporaryFolder.with { folder in
      let path = folder + "/m"
      let lines = (1...60_000).map { #"{"step":\#($0),"epoch":1,"time":0.0,"loss":0.25}"# + "\n" }
      try lines.joined().write(toFile: path, atomically: true, encoding: .utf8)
      _ = try MetricsFile(path: path, keepingThrough: 54_321)
      #expect(try text(path) == lines[..<54_321].joined())
      try String(repeating: "x", count: 3 << 20).write(
        toFile: path, atomically: true, encoding: .utf8)
      #expect(throws: MetricsError.self) { try MetricsFile(path: path, keepingThrough: 3) }
    }
  }

  @Test func placesWhereNothingCanBe() throws {
    try TemporaryFolder.with { folder in
      for path in [folder, folder + "/none/m", "/dev/null"] {
        #expect(throws: (any Error).self) { try MetricsFile(path: path) }
      }
    }
  }
}

@Suite struct EventFileTests {
  /// An event, read by other code than wrote it.
  private struct ReadEvent: Equatable {
    var time = 0.0
    var step: Int64 = 0
    var version: String?
    var session: UInt64?
    var scalars: [String: Float] = [:]
  }

  private struct Fault: Error {}

  /// Takes numbers apart as protocol buffers have them.
  private struct Fields {
    var bytes: ArraySlice<UInt8>

    mutating func varint() throws -> UInt64 {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 64, by: 7) {
        guard let byte = bytes.popFirst() else { throw Fault() }
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
      }
      throw Fault()
    }

    mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
      guard bytes.count >= count else { throw Fault() }
      defer { bytes = bytes.dropFirst(count) }
      return bytes.prefix(count)
    }

    mutating func fixed(_ count: Int) throws -> UInt64 {
      try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  private func events(_ path: String) throws -> [ReadEvent] {
    var file = Fields(bytes: Array(try Data(contentsOf: URL(fileURLWithPath: path)))[...])
    var events: [ReadEvent] = []
    while !file.bytes.isEmpty {
      let head = try file.take(8)
      let length = head.reversed().reduce(0) { $0 << 8 | Int($1) }
      guard try file.fixed(4) == UInt64(CRC32C.masked(head)) else { throw Fault() }
      let body = try file.take(length)
      guard try file.fixed(4) == UInt64(CRC32C.masked(body)) else { throw Fault() }
      events.append(try event(Fields(bytes: body)))
    }
    return events
  }

  private func event(_ fields: Fields) throws -> ReadEvent {
    var (fields, event) = (fields, ReadEvent())
    while !fields.bytes.isEmpty {
      switch try fields.varint() {
      case 1 << 3 | 1: event.time = Double(bitPattern: try fields.fixed(8))
      case 2 << 3 | 0: event.step = Int64(bitPattern: try fields.varint())
      case 3 << 3 | 2:
        event.version = String(decoding: try fields.take(Int(fields.varint())), as: UTF8.self)
      case 7 << 3 | 2:
        var session = Fields(bytes: try fields.take(Int(fields.varint())))
        guard try session.varint() == 1 << 3 | 0 else { throw Fault() }
        event.session = try session.varint()
      case 5 << 3 | 2:
        var summary = Fields(bytes: try fields.take(Int(fields.varint())))
        while !summary.bytes.isEmpty {
          guard try summary.varint() == 1 << 3 | 2 else { throw Fault() }
          var value = Fields(bytes: try summary.take(Int(summary.varint())))
          guard try value.varint() == 1 << 3 | 2 else { throw Fault() }
          let tag = String(decoding: try value.take(Int(value.varint())), as: UTF8.self)
          guard try value.varint() == 2 << 3 | 5 else { throw Fault() }
          event.scalars[tag] = Float(bitPattern: UInt32(try value.fixed(4)))
          guard value.bytes.isEmpty else { throw Fault() }
        }
      default: throw Fault()
      }
    }
    return event
  }

  @Test func eventsReadBack() throws {
    try TemporaryFolder.with { folder in
      let file = try EventFile(folder: folder + "/a/run", time: 1_764_540_000.5)
      let name = file.path.split(separator: "/").last ?? ""
      #expect(name.hasPrefix("events.out.tfevents.1764540000."))
      #expect(
        try events(file.path) == [
          ReadEvent(time: 1_764_540_000.5, version: "brain.Event:2"),
          ReadEvent(time: 1_764_540_000.5, session: 1),
        ])
      try file.append(record(1, time: 7.25))
      // Each event can be read at once.
      #expect(
        try events(file.path).last
          == ReadEvent(
            time: 7.25, step: 1, scalars: ["loss": 1, "rate": 0.1, "robust": 0.5, "epoch": 1]))
      let long = String(repeating: "ä", count: 3000)
      try file.append(
        MetricsRecord(
          step: 1 << 40, epoch: 3, time: 8, values: [(long, -1e300), ("x", .infinity)]))
      #expect(
        try events(file.path).last
          == ReadEvent(
            time: 8, step: 1 << 40, scalars: [long: -.infinity, "x": .infinity, "epoch": 3]))
      try file.append(record(2))
      #expect(try events(file.path).last?.scalars["robust"]?.isNaN == true)
    }
  }

  @Test func aResumedTrainingTakesBackLaterSteps() throws {
    try TemporaryFolder.with { folder in
      let first = try EventFile(folder: folder, time: 100)
      let second = try EventFile(folder: folder, keepingThrough: 30, time: 100)
      let third = try EventFile(folder: folder, keepingThrough: 50, time: 50)
      let fourth = try EventFile(folder: folder, time: 5000)
      // TensorBoard reads them in the order of their names.
      let paths = [first, second, third, fourth].map(\.path)
      #expect(paths == paths.sorted() && Set(paths).count == 4)
      #expect(try events(first.path).count == 2)
      #expect(
        try events(second.path) == [
          ReadEvent(time: 100, version: "brain.Event:2"),
          ReadEvent(time: 100, step: 31, session: 1),
        ])
      #expect(try events(third.path).last == ReadEvent(time: 50, step: 51, session: 1))
      #expect(try events(fourth.path).last == ReadEvent(time: 5000, step: 0, session: 1))
    }
  }

  @Test func placesWhereNothingCanBe() throws {
    try TemporaryFolder.with { folder in
      let file = folder + "/file"
      try "x".write(toFile: file, atomically: true, encoding: .utf8)
      #expect(throws: (any Error).self) { try EventFile(folder: file) }
    }
  }
}
