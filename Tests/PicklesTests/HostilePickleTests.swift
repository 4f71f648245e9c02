import Pickles
import TestSupport
import Testing

@Suite("Hostile pickles end in an error of one line")
struct HostilePickleTests {
  /// Programs, as text, and a part of what the error must say.
  static let programs: [(String, String)] = [
    ("", "ends within the pickle"),
    (".", "0 objects on its stack"),
    ("NN.", "2 objects on its stack"),
    ("(N.", "expected one"),
    ("cos\nsystem\n(S'touch x'\ntR.", "asks for os.system"),
    ("c__builtin__\neval\n(S'1'\ntR.", "asks for __builtin__.eval"),
    ("(S'1'\ni__main__\nx\n.", "instances of Python 2's classes"),
    ("ccollections\nOrderedDict\nNR.", "expected a tuple of arguments"),
    ("N(tR.", "expected a function"),
    ("t.", "needs a mark"),
    ("0.", "needs an object"),
    ("(a.", "needs an object"),
    ("N(a.", "needs an object"),
    ("h\u{7}.", "memo 7 was never set"),
    ("g-1\n.", "expected the number of a memo"),
    ("Na.", "needs an object"),
    ("NNa.", "expected a list"),
    ("](Nu.", "a key without a value"),
    ("](NNu.", "expected a dictionary"),
    ("]NNs.", "expected a dictionary"),
    ("NNb.", "expected an object to build"),
    ("]Nb.", "expected an object with attributes"),
    ("I1", "no end of it"),
    ("Ix\n.", "expected an integer"),
    ("Fx\n.", "expected a number"),
    ("S1\n.", "expected a text in quotes"),
    ("S'\\x4'\n.", "two hexadecimal digits"),
    ("V\\u12\n.", "4 hexadecimal digits"),
    ("Xabcd", "announces 1684234849 bytes"),
    ("\u{1}.", "not an instruction"),
    ("L" + String(repeating: "9", count: 500) + "L\n.", "digits"),
  ]

  static func read(_ bytes: [UInt8], limits: PickleLimits = PickleLimits()) throws -> Pickle {
    try Pickle(bytes[...], name: "bad", allowing: PickleGlobal.containers, limits: limits)
  }

  @Test("malformed programs", arguments: programs)
  func malformed(program: String, reason: String) throws {
    let error = try #require(throws: PickleError.self) { try Self.read(Array(program.utf8)) }
    let line = error.description
    #expect(line.contains(reason), "\(line)")
    #expect(line.hasPrefix("bad: byte ") && !line.contains("\n"))
  }

  @Test("absurd lengths", arguments: [0x42, 0x54, 0x58, 0x8B, 0x8D, 0x8E, 0x95, 0x96] as [UInt8])
  func lengths(code: UInt8) throws {
    for length in [0xFF, 0x7F] as [UInt8] {
      let bytes = [code] + [UInt8](repeating: 0xFF, count: 7) + [length, 0x2E]
      #expect(throws: PickleError.self) { try Self.read(bytes) }
    }
  }

  @Test("a million nested lists and tuples need no recursion")
  func depth() throws {
    let count = 400_000
    // ] ] ] ... a a a ... : each list in the one before.
    let lists =
      [UInt8](repeating: 0x5D, count: count) + [UInt8](repeating: 0x61, count: count - 1) + [0x2E]
    let pickle = try Self.read(lists)
    #expect(pickle.elements(of: pickle.root)?.count == 1)
    let tuples = [0x4E] + [UInt8](repeating: 0x85, count: count) + [0x2E]
    #expect(try Self.read(tuples).end == count + 2)
  }

  @Test("budgets hold")
  func budgets() {
    let limits = PickleLimits(instructions: 100, objects: 10, memos: 10)
    let programs: [[UInt8]] = [
      [UInt8](repeating: 0x4E, count: 101), [UInt8](repeating: 0x5D, count: 11),
      [0x4E] + [UInt8](repeating: 0x94, count: 11),
    ]
    for program in programs {
      let error = #expect(throws: PickleError.self) { try Self.read(program, limits: limits) }
      #expect(error?.message.hasPrefix("more than") == true)
    }
  }

  @Test("a set that is copied again and again is stopped")
  func copies() {
    let list = "(" + String(repeating: "N", count: 10_000) + "lp0\n0cbuiltins\nset\np1\n0"
    let copy = "g1\n(g0\ntR0"
    let program = list + String(repeating: copy, count: 1000) + "N."
    let error = #expect(throws: PickleError.self) { try Self.read(Array(program.utf8)) }
    #expect(error?.message.contains("copies more than its own size") == true)
  }

  @Test("mutations of real pickles are read or refused", arguments: 0...5)
  func mutations(version: Int) throws {
    let whole = try Fixtures.bytes("pickles/protocol\(version).pkl")
    var random = SeededGenerator(UInt64(version))
    var refused = 0
    for length in 0..<whole.count {
      #expect(throws: PickleError.self) { try Self.read(Array(whole[..<length])) }
    }
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255)
      }
      do throws(PickleError) {
        _ = try Pickle(bytes[...], name: "bad", allowing: PickleGlobal.containers)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 500)
  }
}
