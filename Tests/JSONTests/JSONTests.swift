import JSON
import TestSupport
import Testing

@Suite struct JSONTests {
  @Test func compactText() {
    let value: JSONValue = [
      "b": 1, "a": [1.5, true, nil], "empty": [], "none": [:], "text": "a\"b\\c\n\u{1}é",
    ]
    #expect(
      value.text()
        == #"{"b":1,"a":[1.5,true,null],"empty":[],"none":{},"text":"a\"b\\c\n\u0001é"}"#)
  }

  @Test func prettyText() {
    let value: JSONValue = ["b": [1, 2], "a": ["x": [["y": nil]], "e": [:]]]
    #expect(
      value.text(.pretty) == """
        {
          "b": [1, 2],
          "a": {
            "x": [
              {
                "y": null
              }
            ],
            "e": {}
          }
        }

        """)
  }

  @Test func numbersKeepTheirValue() throws {
    #expect(JSONValue(Double.nan).text() == "null")
    #expect(JSONValue(-Double.infinity).text() == "null")
    #expect(JSONValue(Float(0.1)).text() == "0.1")
    #expect(JSONValue(UInt64.max).text() == "18446744073709551615")
    #expect(try JSONValue(parsing: "18446744073709551615") == JSONValue(UInt64.max))
    #expect(try JSONValue(parsing: "-0.0").text() == "-0.0")
    #expect(try JSONValue(parsing: "1E2") == .number(100))
    #expect(try JSONValue(parsing: "\(Int.min)").intValue == Int.min)
    #expect(try JSONValue(parsing: "\(UInt64.max)").intValue == nil)
    var generator = SeededGenerator(3)
    for _ in 0..<5000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      #expect(try JSONValue(parsing: JSONValue(value).text()).doubleValue == value)
    }
  }

  private func randomValue(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
    let alphabet: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "\u{0}", "é", "😀", "/", "\u{7f}", "漢"]
    func text() -> String {
      var view = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...6, using: &generator) {
        view.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
      }
      return String(view)
    }
    let count = Int.random(in: 0...4, using: &generator)
    switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return JSONValue(Int64(bitPattern: generator.next()))
    case 3: return .number(Double.random(in: -1e9...1e9, using: &generator))
    case 4: return .string(text())
    case 5: return .array((0..<count).map { _ in randomValue(depth: depth - 1, &generator) })
    default:
      var object = JSONObject()
      for _ in 0..<count { object[text()] = randomValue(depth: depth - 1, &generator) }
      return .object(object)
    }
  }

  @Test func everyTreeSurvivesBothStyles() throws {
    var generator = SeededGenerator(11)
    for _ in 0..<1000 {
      let value = randomValue(depth: 5, &generator)
      #expect(try JSONValue(parsing: value.bytes(.compact)) == value)
      #expect(try JSONValue(parsing: value.bytes(.pretty)) == value)
    }
  }

  @Test func damagedTextNeverTraps() {
    var generator = SeededGenerator(5)
    var refused = 0
    for _ in 0..<3000 {
      var bytes = randomValue(depth: 4, &generator).bytes(.pretty)
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      bytes[index] = UInt8.random(in: 0...255, using: &generator)
      if Bool.random(using: &generator) { bytes.removeLast(bytes.count - index - 1) }
      do throws(JSONError) { _ = try JSONValue(parsing: bytes) } catch {
        refused += 1
        #expect((0...bytes.count).contains(error.offset))
      }
    }
    #expect(refused > 1500)
  }

  @Test(arguments: [
    ("", 0, JSONError.Reason.unexpectedEnd), ("[1,", 3, .unexpectedEnd),
    ("[1,]", 3, .unexpectedByte(UInt8(ascii: "]"))),
    ("{\"a\":1,}", 7, .unexpectedByte(UInt8(ascii: "}"))),
    ("{a:1}", 1, .unexpectedByte(UInt8(ascii: "a"))), ("1 2", 2, .trailingContent),
    ("[01]", 3, .malformedNumber), ("1.", 2, .malformedNumber), ("-", 1, .malformedNumber),
    (".5", 0, .unexpectedByte(UInt8(ascii: "."))), ("+1", 0, .unexpectedByte(UInt8(ascii: "+"))),
    ("1e", 2, .malformedNumber), (" 1e999", 1, .numberOutOfRange),
    ("{\"a\":1, \"a\":2}", 8, .duplicateKey("a")), ("\"a\nb\"", 2, .controlCharacter(10)),
    ("\"\\x\"", 1, .malformedEscape), ("\"\\ud800\"", 1, .malformedEscape),
    ("\"\\ud800\\u0041\"", 1, .malformedEscape), ("\"\\udc00\"", 1, .malformedEscape),
    ("\"\\u12g4\"", 1, .malformedEscape), ("nul", 3, .unexpectedEnd),
    ("nulL", 3, .unexpectedByte(UInt8(ascii: "L"))), ("NaN", 0, .unexpectedByte(UInt8(ascii: "N"))),
    ("\u{FEFF}1", 0, .unexpectedByte(0xEF)),
  ])
  func faultsAreNamedWithTheirPlace(text: String, offset: Int, reason: JSONError.Reason) {
    #expect(throws: JSONError(offset: offset, reason: reason)) { try JSONValue(parsing: text) }
  }

  @Test func escapesAreRead() throws {
    #expect(try JSONValue(parsing: #""\u0041\ud83d\ude00\/\b\f""#).stringValue == "A😀/\u{8}\u{c}")
  }

  @Test func invalidUTF8IsRefused() {
    #expect(throws: JSONError(offset: 0, reason: .invalidUTF8)) {
      try JSONValue(parsing: [0x22, 0xC3, 0x28, 0x22])
    }
  }

  @Test func nestingIsLimited() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(try JSONValue(parsing: nested(64)).arrayValue?.count == 1)
    #expect(throws: JSONError(offset: 64, reason: .tooDeep(limit: 64))) {
      try JSONValue(parsing: nested(65))
    }
    #expect(throws: JSONError(offset: 512, reason: .tooDeep(limit: 512))) {
      try JSONValue(parsing: String(repeating: "[", count: 1_000_000), depthLimit: 512)
    }
  }

  @Test func objectsKeepTheirOrder() throws {
    var object: JSONObject = ["z": 1, "a": 2, "m": 3]
    object["a"] = 4
    #expect(object.keys == ["z", "a", "m"])
    object["z"] = nil
    #expect(object.map(\.key) == ["a", "m"])
    #expect(object["a"] == 4)
    let read = try JSONValue(parsing: #"{"q": [10, {"w": "deep"}]}"#)
    #expect(read["q"]?[1]?["w"]?.stringValue == "deep")
    #expect(read["q"]?[2] == nil)
  }
}
