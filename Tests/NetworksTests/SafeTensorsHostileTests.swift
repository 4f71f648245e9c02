import Networks
import Tensors
import TestSupport
import Testing

@Suite("SafeTensorsFile refuses bad files with one clear line")
struct SafeTensorsHostileTests {
  /// Headers over eight bytes of data, and a part of what the error must say.
  static let headers: [(String, String)] = [
    ("", "byte 8: the JSON ends too early"),
    ("[]", "byte 8: expected an object"),
    ("{} x", "byte 11: content after the JSON value"),
    ("{}", "byte 10: expected the end of the file, found 8 more bytes"),
    (#"{"a":1}"#, "tensor \"a\": expected an object"),
    (#"{"a":{}}"#, "expected a dtype"),
    (tensor("F33", "2", "0,8"), "found \"F33\""),
    (tensor("F32", "-2", "0,8"), "expected a shape of natural numbers"),
    (tensor("F32", "2.0", "0,8"), "expected a shape of natural numbers"),
    (tensor("F32", "02", "0,8"), "malformed JSON number"),
    (tensor("F32", "3", "0,8"), "expected 12 bytes of F32 for the shape 3, found 8"),
    (tensor("F32", "2", "0,9"), "within 8 bytes"),
    (tensor("F32", "2", "8,0"), "within 8 bytes"),
    (tensor("F32", "2", "8"), "expected data_offsets"),
    (tensor("F32", "1", "4,8"), "expected data from offset 0"),
    (tensor("F32", "1", "0,4"), "found 4 more bytes"),
    (tensor("F32", "4611686018427387904,4", "0,8"), "fits an integer"),
    (tensor("F32", "0,4611686018427387904,4611686018427387904", "0,0"), "fits an integer"),
    (tensor("F32", "99999999999999999999", "0,8"), "expected a shape of natural numbers"),
    (#"{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8],"x":1}}"#, "no field \"x\""),
    (#"{"a":{},"a":{}}"#, "byte 16: duplicate JSON key \"a\""),
    (#"{"__metadata__":{"a":1}}"#, "__metadata__ \"a\": expected a string"),
    (#"{"__metadata__":[]}"#, "__metadata__: expected an object of strings"),
    (#"{"__metadata__":{"a":"\uD800"}}"#, "malformed escape in a JSON string"),
    (#"{"__metadata__":{"a":"\x"}}"#, "malformed escape in a JSON string"),
    ("{\"a\n\":{}}", "unescaped byte 0xa in a JSON string"),
    (String(repeating: "[", count: 100_000), "JSON nested deeper than 8 levels"),
    (String(repeating: "{\"a\":", count: 100_000), "JSON nested deeper than 8 levels"),
    ("{\"a\":\"", "the JSON ends too early"),
  ]

  static func tensor(_ type: String, _ shape: String, _ offsets: String) -> String {
    "{\"a\":{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(offsets)]}}"
  }

  @Test("a bad header is refused for the right reason", arguments: headers)
  func badHeader(header: String, reason: String) {
    let raw = RawSafeTensors.bytes(header, data: [UInt8](repeating: 0, count: 8))
    let error = #expect(throws: SafeTensorsError.self) {
      try SafeTensorsFile(bytes: raw, name: "bad")
    }
    let line = error?.description ?? ""
    #expect(line.contains(reason), "\(line)")
    #expect(line.hasPrefix("bad: ") && isOneLine(line))
  }

  @Test("overlapping tensors and gaps are refused")
  func overlap() {
    for offsets in ["[4,8]", "[12,16]"] {
      let header = """
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},\
        "b":{"dtype":"F32","shape":[1],"data_offsets":\(offsets)}}
        """
      let raw = RawSafeTensors.bytes(header, data: [UInt8](repeating: 0, count: 16))
      #expect(throws: SafeTensorsError.self) { try SafeTensorsFile(bytes: raw, name: "bad") }
    }
  }

  @Test("absurd header lengths are refused", arguments: [3, 1 << 40, 1 << 63, UInt64.max])
  func badLength(length: UInt64) {
    let raw = RawSafeTensors.bytes("{}", length: length)
    #expect(throws: SafeTensorsError.self) { try SafeTensorsFile(bytes: raw, name: "bad") }
    #expect(throws: SafeTensorsError.self) {
      try SafeTensorsFile(bytes: Array(raw.prefix(7)), name: "bad")
    }
  }

  @Test("names from the file cannot break the line or flood it")
  func errorIsOneLine() {
    let header = "{\"a\\n\\r\\u2028\\u202e" + String(repeating: "z", count: 10_000) + "\":1}"
    let error = #expect(throws: SafeTensorsError.self) {
      try SafeTensorsFile(bytes: RawSafeTensors.bytes(header), name: "bad\n")
    }
    let line = error?.description ?? "\n"
    #expect(isOneLine(line) && line.utf8.count < 400, "\(line)")
  }

  @Test("missing files and folders are refused")
  func unreadable() {
    for path in ["/nowhere/at all", Fixtures.path("safetensors")] {
      #expect(throws: SafeTensorsError.self) { try SafeTensorsFile(path: path) }
    }
  }

  @Test("2,000 mutated files are read or refused, never a crash")
  func mutation() {
    var refused = 0
    for seed in 0..<2000 {
      var random = RandomKey(seed: 11).child("mutation").child(seed).generator
      var bytes = SafeTensorsTests.random(seed % 50).encoded()
      for _ in 0...random.integer(below: 4) { mutate(&bytes, &random) }
      do {
        let file = try SafeTensorsFile(bytes: bytes, name: "mutated")
        #expect(file.encoded().count <= 16 * bytes.count + 1024, "seed \(seed)")
      } catch {
        refused += 1
        #expect(isOneLine(error.description), "seed \(seed)")
      }
    }
    #expect((1000..<2000).contains(refused))
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout Philox) {
    guard bytes.count > 8 else { return bytes.append(0x7B) }
    let header = min(bytes.count, 8 + bytes[..<4].reversed().reduce(0) { $0 << 8 | Int($1) })
    let place = random.integer(below: random.uniform() < 0.8 ? header : bytes.count)
    switch random.integer(below: 7) {
    case 0: bytes[place] ^= 1 << UInt8(random.integer(below: 8))
    case 1: bytes[place] = UInt8(random.integer(below: 256))
    case 2: bytes.removeLast(random.integer(below: bytes.count))
    case 3: bytes[random.integer(below: 8)] = UInt8(random.integer(below: 256))
    case 4:
      let nesting = [UInt8](repeating: random.uniform() < 0.5 ? 0x5B : 0x7B, count: 5000)
      bytes.replaceSubrange(place..<place, with: nesting)
    case 5:
      let digits = bytes.indices.filter { (0x30...0x39).contains(bytes[$0]) }
      guard !digits.isEmpty else { return }
      bytes[digits[random.integer(below: digits.count)]] = 0x30 + UInt8(random.integer(below: 10))
    default:
      let tokens = ["9223372036854775807", "\"", "\\u", "},{", ":", "\"t\":{}", "-1", "\u{0}"]
      bytes.replaceSubrange(place..<place, with: tokens[random.integer(below: tokens.count)].utf8)
    }
  }

  private func isOneLine(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy {
      $0.value >= 0x20 && ![0x85, 0x2028, 0x2029].contains($0.value)
    }
  }
}
