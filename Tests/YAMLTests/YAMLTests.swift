import Foundation
import JSON
import TestSupport
import Testing
import YAML

/// What a text says.
private func read(_ text: String) throws(YAMLError) -> YAMLDocument {
  try YAMLDocument(parsing: Array(text.utf8), named: "r.yaml")
}

@Suite struct YAMLDocumentTests {
  @Test func aRecipe() throws {
    let document = try read(
      """
      # A recipe.
      architecture: mlp
      epochs: 10

      optimizer:
        name: sgd          # heavy ball
        learning_rate: 1e-2
        nesterov: true
      threat: linf:8/255
      drops: [0.5, .75]
      stages:
        - attack: pgd
          steps: 10
        - {attack: fgsm, steps: null}
      note: "a: 'b' #c"
      text: |
        one
        two
      """)
    #expect(
      document.value == [
        "architecture": "mlp", "epochs": 10,
        "optimizer": ["name": "sgd", "learning_rate": 0.01, "nesterov": true],
        "threat": "linf:8/255", "drops": [0.5, 0.75],
        "stages": [["attack": "pgd", "steps": 10], ["attack": "fgsm", "steps": nil]],
        "note": "a: 'b' #c", "text": "one\ntwo",
      ])
    #expect(document.line(of: ["architecture"]) == 2)
    #expect(document.line(of: ["optimizer"]) == 5)
    #expect(document.line(of: ["optimizer", "learning_rate"]) == 7)
    #expect(document.line(of: ["stages", "1", "steps"]) == 14)
    #expect(document.line(of: ["stages", "1", "none"]) == 14)
    #expect(document.line(of: ["text"]) == 16)
    #expect(
      document.error(at: ["epochs"], "expected 1 to 5").description
        == "r.yaml: line 3: expected 1 to 5")
  }

  @Test(
    arguments: [
      ("1", 1), ("-7", -7), ("+7", 7), ("007", 7), ("0x1F", 31), ("0o17", 15), ("1.5", 1.5),
      ("1.", 1.0), (".5", 0.5), ("-.5", -0.5), ("1e3", 1000.0), ("1.5E-3", 0.0015), ("-0.0", -0.0),
      ("18446744073709551615", JSONValue(UInt64.max)), ("true", true), ("False", false),
      ("null", nil), ("~", nil), ("", nil), (".inf", "inf"), ("-.INF", "-inf"), (".nan", "nan"),
      ("yes", "yes"), ("no", "no"), ("1_000", "1_000"), ("1:30", "1:30"), ("0x", "0x"),
      ("0xg", "0xg"),
      ("0x-1", "0x-1"), ("1e", "1e"), ("e5", "e5"), (".", "."), ("-", "-"), ("+", "+"),
      ("1.2.3", "1.2.3"), ("1 2", "1 2"), ("inf", "inf"), ("'5'", "5"), ("\"5\"", "5"),
      ("\"\\u00e4\\t\"", "ä\t"), ("!!str 5", "5"), ("2024-01-01", "2024-01-01"), ("0b1", "0b1"),
      ("١", "١"), ("|\n  5", "5"),
    ] as [(String, JSONValue)])
  func scalars(text: String, value: JSONValue) throws {
    // A dash alone begins a list.
    if text == "-" {
      #expect(try read("k: -x").value == ["k": "-x"])
    } else {
      #expect(try read("k: \(text)").value["k"] == value)
    }
  }

  @Test func marksAndEndsOfLines() throws {
    let document = try YAMLDocument(
      parsing: [0xEF, 0xBB, 0xBF] + Array("a: 1\r\nb: 2\r\n".utf8), named: "r")
    #expect(document.value == ["a": 1, "b": 2])
    #expect(document.line(of: ["b"]) == 2)
    #expect(try read("---\na: 1\n...\n").value == ["a": 1])
  }

  @Test(arguments: [
    ("", "r.yaml: holds nothing"),
    ("# nothing\n", "r.yaml: holds nothing"),
    ("word", "r.yaml: line 1: expected keys and values"),
    ("\n- 1\n", "r.yaml: line 2: expected keys and values"),
    ("a: 1\nb: 2\na: 3\n", "r.yaml: line 1: the key 'a' is given twice; expected it once"),
    ("a:\n  b: 1\n  'b': 2\n", "r.yaml: line 2: the key 'b' is given twice; expected it once"),
    ("a: 1\n\tb: 2\n", "r.yaml: line 2: begins with a tab; expected spaces"),
    ("a:\n\tb: 2\n", "r.yaml: line 2: begins with a tab; expected spaces"),
    ("a: &x 1\nb: *x\n", "r.yaml: line 2: *x is an alias"),
    ("a: 1\nb: &x 1\n", "r.yaml: line 2: an anchor; expected"),
    ("a: *x\n", "r.yaml: line 1: found undefined alias"),
    (
      "a: 1\nb: !!python/object:os.system x\n", "r.yaml: line 2: the tag 'tag:yaml.org,2002:python/"
    ),
    ("a: !!int 5\n", "r.yaml: line 1: the tag"),
    ("a: !!set {x}\n", "r.yaml: line 1: the tag"),
    ("a: 1\n---\nb: 1\n", "r.yaml: line 2: a second document begins"),
    ("a: 1\n? [x, y]\n: 2\n", "r.yaml: line 2: expected a word as a key"),
    ("a: 1\n'': 2\n", "r.yaml: line 2: expected a word as a key"),
    ("a: 1\nb: [1, 2\nc: 3\n", "r.yaml: line 3: "),
    ("a: 1\nb: 'x\n", "r.yaml: line 3: found unexpected end of stream (while scanning a quoted"),
    ("a: b: c\n", "r.yaml: line 1: mapping values are not allowed in this context"),
    ("a: 1\n b: 2\n", "r.yaml: line 2: "),
    ("a: @x\n", "r.yaml: line 1: found character that cannot start any token"),
    ("a: 1e999\n", "r.yaml: line 1: '1e999' is beyond the range of numbers"),
    ("a: 1\nb: x\u{0}y\n", "r.yaml: line 2: a character that does not show, U+0000"),
    ("a: 1\nb: \u{202E}y\n", "r.yaml: line 2: a character that does not show, U+202E"),
    ("a: \"\\ud800\"\n", "r.yaml: line 1: "),
    ("%YAML 9.9\n---\na: 1\n", "r.yaml: line 1: "),
  ])
  func faultsAreNamedWithTheirLine(text: String, beginning: String) {
    let error = #expect(throws: YAMLError.self) { try read(text) }
    let line = error?.description ?? ""
    #expect(line.hasPrefix(beginning), "\(line)")
    #expect(line.count <= 200 && !line.contains("\n"), "\(line)")
  }

  @Test func bytesThatAreNoText() throws {
    func message(_ bytes: [UInt8]) -> String? {
      #expect(throws: YAMLError.self) {
        try YAMLDocument(parsing: bytes, named: "r")
      }?.description
    }
    #expect(
      message(Array("a: 1\nb: ".utf8) + [0xFF, 10])
        == "r: line 2: expected UTF-8, found other bytes")
    #expect(message([0xFF, 0xFE, 0x61, 0, 0x3A, 0]) == "r: line 1: expected UTF-8, found UTF-16")
    #expect(
      message([UInt8](repeating: 0x20, count: YAMLDocument.sizeLimit + 1))?
        .hasPrefix("r: has 1048577 bytes; expected") == true)
  }

  @Test func filesAreReadAndNamed() throws {
    try TemporaryFolder.with { folder in
      let path = folder + "/recipe.yaml"
      try "epochs: 3\n".write(toFile: path, atomically: true, encoding: .utf8)
      #expect(try YAMLDocument(path: path).value == ["epochs": 3])
      try String(repeating: " ", count: 2 << 20).write(
        toFile: path, atomically: true, encoding: .utf8)
      let error = #expect(throws: YAMLError.self) { try YAMLDocument(path: path) }
      #expect(error?.description.hasPrefix("\(path): has 2097152 bytes; expected") == true)
      for path in [folder, folder + "/none", "/dev/zero"] {
        #expect(throws: (any Error).self) { try YAMLDocument(path: path) }
      }
    }
  }
}

@Suite struct KnownKeysTests {
  static let known: KnownKeys = [
    "epochs": .integer, "momentum": .number, "threat": .text, "exact": .flag,
    "optimizer": ["name": .text, "learning_rate": .number],
    "stages": .list(["attack": .text, "steps": .integer]), "drops": .list(.number),
    "free": .anything,
  ]

  @Test func whatIsKnownPasses() throws {
    try read(
      """
      epochs: 3
      momentum: 1
      threat: 2
      exact: false
      optimizer: {name: sgd, learning_rate: inf}
      stages: [{attack: pgd, steps: 3}, {attack: fgsm}]
      drops: [0.5, 1]
      free: {a: [b]}
      """
    ).check(Self.known)
    try read("optimizer:\nepochs: null\n").check(Self.known)
  }

  @Test(arguments: [
    (
      "epochs: 1\noptimizer:\n  name: sgd\n  learning_rte: 1\n",
      "line 4: unknown key 'learning_rte'; did you mean learning_rate?"
    ),
    ("epoch: 1\n", "line 1: unknown key 'epoch'; did you mean epochs?"),
    (
      "xyzzy: 1\n",
      "line 1: unknown key 'xyzzy'; expected epochs, momentum, threat, exact, optimizer, stages, drops, free"
    ),
    (
      "stages:\n- attack: pgd\n- attack: pgd\n  step: 3\n",
      "line 4: unknown key 'step'; did you mean steps?"
    ),
    ("\nepochs: ten\n", "line 2: 'epochs' is 'ten'; expected an integer"),
    ("epochs: 1.5\n", "line 1: 'epochs' is 1.5; expected an integer"),
    ("exact: yes\n", "line 1: 'exact' is 'yes'; expected true or false"),
    ("drops: [1, x]\n", "line 1: 'drops' is 'x'; expected a number"),
    ("drops: 1\n", "line 1: 'drops' is 1; expected a list, such as [1, 2]"),
    (
      "optimizer: sgd\n",
      "line 1: 'optimizer' is 'sgd'; expected keys and values, such as 'name: ...'"
    ),
    ("threat: [1]\n", "line 1: 'threat' is a list; expected a text"),
  ])
  func whatIsNotIsNamed(text: String, message: String) throws {
    let document = try read(text)
    let error = #expect(throws: YAMLError.self) { try document.check(Self.known) }
    #expect(error?.description == "r.yaml: " + message)
  }
}

@Suite struct YAMLWriterTests {
  @Test func theOrderIsThatOfTheKnownKeys() {
    let value: JSONValue = [
      "zeta": 1, "epochs": 10, "optimizer": ["rate": 1e-5, "other": nil, "name": "sgd"],
      "threat": "linf:8/255", "drops": [0.5, 0.75], "none": [], "empty": [:],
      "stages": [["steps": 3, "attack": "pgd"], ["attack": "no"]], "flag": true, "digits": "12",
      "words": "two words", "lists": [[1, 2], [3]],
    ]
    let known: KnownKeys = [
      "epochs": .integer, "optimizer": ["name": .text, "rate": .number],
      "stages": .list(["attack": .text]),
    ]
    #expect(
      value.yaml(order: known) == """
        epochs: 10
        optimizer:
          name: sgd
          rate: 1.0e-05
          other: null
        stages:
          -
            attack: pgd
            steps: 3
          -
            attack: "no"
        zeta: 1
        threat: linf:8/255
        drops: [0.5, 0.75]
        none: []
        empty: {}
        flag: true
        digits: "12"
        words: "two words"
        lists:
          - [1, 2]
          - [3]

        """)
  }

  private func random(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
    let texts = [
      "", "a", "sgd", "linf:8/255", "x:", ": x", "yes", "No", "~", "null", "1", "1.5", "-", "- a",
      "a # b", "#", "a: b", "'", "\"", "\\", "\n", "\t", "é", "😀", "|", ">", "[", "{", "*a", "&a",
      "!x", "%x", "@x", "`x", "1e5", "0x1F", "1:30", " lead", "trail ", "a\nb", "\u{7F}", "\u{85}",
      "<<", "=", "...", "---", "?", "inf", ".inf", "true", "2024-01-01", "on", "\u{2028}",
      "\u{202E}",
    ]
    let count = Int.random(in: 0...4, using: &generator)
    switch Int.random(in: 0...(depth > 0 ? 7 : 5), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return JSONValue(Int64(bitPattern: generator.next()))
    case 3: return .number(Double.random(in: -1e9...1e9, using: &generator))
    case 4:
      let value = Double(bitPattern: generator.next())
      return .number(value.isFinite ? value : 0)
    case 5: return .string(texts[Int.random(in: 0..<texts.count, using: &generator)])
    case 6: return .array((0..<count).map { _ in random(depth: depth - 1, &generator) })
    default:
      var object = JSONObject()
      for _ in 0..<count {
        let key = texts[Int.random(in: 1..<texts.count, using: &generator)]
        // The writer is asked about everything, the reader refuses what looks like aliases.
        object[key] = random(depth: depth - 1, &generator)
      }
      return .object(object)
    }
  }

  @Test func everyValueReadsBack() throws {
    var generator = SeededGenerator(5)
    var count = 0
    for _ in 0..<3000 {
      let value = random(depth: 4, &generator)
      let document: JSONValue = ["value": value, "other": 1]
      let text = document.yaml()
      // Names behind & and * that are the same are refused wherever they stand.
      if text.contains("\"&a\"") && text.contains("\"*a\"") { continue }
      count += 1
      #expect(try read(text).value == document, "\(text)")
    }
    #expect(count > 2000)
  }
}

@Suite struct HostileYAMLTests {
  /// Whatever comes of it, it comes within a time, and as an error of one line if it is one.
  private func survive(_ bytes: [UInt8], seconds: Double = 20) {
    let used = ProcessorTime.seconds {
      do {
        try YAMLDocument(parsing: bytes, named: "r").check(KnownKeysTests.known)
      } catch {
        let line = "\(error)"
        #expect(!line.contains("\n") && line.count <= 200, "\(line)")
      }
    }
    #expect(used < seconds)
  }

  @Test func randomBytes() {
    var generator = SeededGenerator(17)
    let marks = Array("abc01:-?[]{},&*!|>'\"%@`# \n\n  \t.~<=\\".utf8)
    for _ in 0..<4000 {
      let count = Int.random(in: 0...200, using: &generator)
      survive((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
      survive((0..<count).map { _ in marks[Int.random(in: 0..<marks.count, using: &generator)] })
    }
  }

  @Test func damagedRecipes() {
    let recipe = Array(
      """
      epochs: 10
      optimizer: {name: sgd, learning_rate: 1e-2}
      stages:
        - attack: pgd
          steps: 10
        - "attack": 'fgsm'
      note: >-
        folded
        text
      free: [1, [2, {a: b}], !x y, ? z]
      """.utf8)
    var generator = SeededGenerator(23)
    for _ in 0..<4000 {
      var bytes = recipe
      for _ in 0..<Int.random(in: 1...5, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0...3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(bytes[place], at: place)
        default: bytes.removeSubrange(place...)
        }
        if bytes.isEmpty { break }
      }
      survive(bytes)
    }
  }

  private static func repeated(_ text: String, _ count: Int) -> [UInt8] {
    Array(String(repeating: text, count: count).utf8)
  }

  @Test(arguments: [
    "[", "{", "{a: ", "[[]", "- ", "? ", "a: ", "[{a: ", "!", "&a ", "*a ", "'", "\"", "|\n", ": ",
    "{[", "- - ", "%", "a: [", ",", "{{}: ", "[a]: ", "\\", "- {a: ", "!a ", "\n ", "?", "[?",
    "-\n",
    "a: 1\n", "# ", "\"\\u", "&", "*", "---\n", "...\n", "<<: ", "a,", "[a,", "[a, b]: ",
  ])
  func repetitions(part: String) {
    for count in [10, 100, 999, 5000, YAMLDocument.sizeLimit / part.utf8.count - 4] {
      survive(Self.repeated(part, count))
      survive(Array("a: ".utf8) + Self.repeated(part, count))
    }
  }

  @Test func nestingEnds() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array("a: ".utf8) + Self.repeated("[", depth) + Self.repeated("]", depth)
    }
    _ = try YAMLDocument(parsing: nested(62), named: "r")
    for depth in [65, 500, 999, 1001, 19_000] {
      let error = #expect(throws: YAMLError.self) {
        try YAMLDocument(parsing: nested(depth), named: "r")
      }
      #expect(error?.description == "r: line 1: nested deeper than 64 levels", "\(depth)")
    }
    // Blocks, each deeper than the one before.
    var text = ""
    for depth in 0..<1400 where text.utf8.count < 1_000_000 {
      text += String(repeating: " ", count: depth) + "k:\n"
    }
    survive(Array(text.utf8))
  }

  @Test func keysThatAreComparedAsAWhole() {
    let list = "[" + String(repeating: "a,", count: 480_000) + "]"
    for depth in [16, 17, 900] {
      survive(
        Array((String(repeating: "{? ", count: depth) + list).utf8)
          + Self.repeated(": 1}", depth))
    }
    // Keys without a mark are at most 1024 characters long.
    let key = String(repeating: "{", count: 190) + "a" + String(repeating: ": 1}", count: 190)
    for count in [100, 1000] {
      survive(Array("{".utf8) + Self.repeated("\(key): 1,\n", count) + Array("}".utf8))
    }
  }

  @Test func aliasesDoNotMultiply() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<12 {
      text += "a\(level): &a\(level) ["
      text += Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
    }
    text += "? *a11\n: 1\n"
    let used = ProcessorTime.seconds {
      let error = #expect(throws: YAMLError.self) { try read(text) }
      #expect(error?.description.contains("line 2: *a0 is an alias") == true)
    }
    #expect(used < 1)
    survive(Self.repeated("a: &a [*a, *a]\n", 50_000))
    survive((0..<60_000).flatMap { Array("&b\($0) *c\($0) ".utf8) })
  }

  @Test func hugeScalars() throws {
    let long = String(repeating: "x", count: 1_000_000)
    #expect(try read("a: \(long)").value["a"] == .string(long))
    #expect(try read("a: \"\(long)\"").value["a"] == .string(long))
    #expect(try read("a: |\n  \(long)\n").value["a"] == .string(long + "\n"))
    survive(Array("\(long): 1".utf8))
    survive(Array("a: \(String(repeating: "9", count: 1_000_000))".utf8))
    survive(Array("a: 0x\(String(repeating: "F", count: 1_000_000))".utf8))
    survive(Array("a: !\(long) b".utf8))
    survive(Array("a: &\(long) b".utf8))
    survive(Array("%TAG ! \(long)\n--- b".utf8))
    let error = #expect(throws: YAMLError.self) {
      try read("\(long.prefix(900)): 1").check(KnownKeysTests.known)
    }
    #expect((error?.description.count ?? 999) <= 200)
    survive((0..<80_000).flatMap { Array("k\($0): \($0)\n".utf8) })
  }
}
