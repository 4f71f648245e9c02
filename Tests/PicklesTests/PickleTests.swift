import Pickles
import TestSupport
import Testing

@Suite("Pickles of every protocol are read, and nothing of them is run")
struct PickleTests {
  static func read(
    _ name: String, allowing: Set<PickleGlobal> = PickleGlobal.containers
  ) throws -> Pickle {
    let bytes = try Fixtures.bytes("pickles/\(name)")
    let pickle = try Pickle(bytes[...], name: name, allowing: allowing)
    #expect(pickle.end == bytes.count)
    return pickle
  }

  @Test("one object in all protocols", arguments: 0...5)
  func protocols(version: Int) throws {
    let pickle = try Self.read("protocol\(version).pkl")
    func entry(_ key: String) throws -> PickleValue {
      try #require(pickle.entry(key, of: pickle.root), "\(key)")
    }
    let list = try #require(pickle.elements(of: entry("a")))
    #expect(list.prefix(4).map(\.integer) == [1, -2, 300, 70000])
    #expect(Array(list[4...6]) == [.real(3.5), .bool(true), .none])
    #expect(pickle.text(of: list[7]) == "\u{e9}\u{20ac}\n")
    #expect(pickle.bytes(of: list[8]).map { Array($0) } == [0, 255, 10])
    #expect(pickle.elements(of: list[9])?.map(\.integer) == [1, 2, 3, 4])
    guard case .set(let set) = pickle[list[10]] else { throw Unexpected() }
    #expect(set == [.integer(5)])
    guard case .large(let big) = pickle[try entry("big")] else { throw Unexpected() }
    #expect(big == 1 << 70)
    #expect(try entry("negative").integer == -(1 << 40))
    #expect(pickle.entry("x", of: try entry("od")) == .integer(1))
    #expect(try pickle.elements(of: entry("empty")) == [])
    #expect(try pickle.elements(of: entry("three"))?.map(\.natural) == [1, 2, 3])
    #expect(try entry("again") == entry("a"), "shared objects stay shared")
    #expect(try entry("self") == pickle.root, "a cycle is a reference")
  }

  @Test("NumPy arrays are calls that were noted", arguments: [0, 2, 5])
  func arrays(version: Int) throws {
    let pickle = try Self.read(
      "batch\(version).pkl", allowing: PickleGlobal.containers.union(PickleGlobal.arrays))
    let data = try #require(pickle.entry("data", of: pickle.root))
    let call = try #require(pickle.call(of: data))
    #expect(
      ["_reconstruct", "_frombuffer"].contains(call.function.name), "\(call.function)")
    #expect(pickle.entry("labels", of: pickle.root).flatMap { pickle.elements(of: $0) }?.count == 2)
  }

  @Test("a name that is not allowed is refused by its name", arguments: [2, 5])
  func refusal(version: Int) throws {
    let error = try #require(throws: PickleError.self) { try Self.read("batch\(version).pkl") }
    #expect(error.refused?.module.hasPrefix("numpy") == true)
    #expect(error.description.contains("asks for numpy"))
  }

  struct Unexpected: Error {}
}
