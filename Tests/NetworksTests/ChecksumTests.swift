import Networks
import Tensors
import Testing

/// Bits of a training's file that are flipped are found, or change nothing.
@Suite struct ChecksumTests {
  private static func file() throws -> NetworkFile {
    let network = try Architecture.leNet5.network(seed: 3)
    return NetworkFile(
      network, history: ["recipe": "adam, 3 epochs", "progress.step": "17", "metrics": "loss 0.5"],
      state: ["mean/0.bias": Tensor([1, -2, 3], shape: [3])])
  }

  private static let bytes = Result { try file().encoded() }

  @Test func bitsOfTheHeaderCount() throws {
    let bytes = try ChecksumTests.bytes.get()
    let end = 8 + bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    // A bit of each byte, another one in turn, and all of the length and of the first names.
    try flip(Array(0..<8 * 24) + (24..<end).map { 8 * $0 + $0 % 8 }, of: bytes)
  }

  @Test func bitsOfTheValuesCount() throws {
    let bytes = try ChecksumTests.bytes.get()
    try flip(Array(stride(from: 8 * 2000 + 5, to: 8 * bytes.count, by: 19_997)), of: bytes)
    try flip(Array(8 * bytes.count - 8..<8 * bytes.count), of: bytes)
  }

  private func flip(_ bits: [Int], of bytes: [UInt8]) throws {
    let expected = try NetworkFile(bytes: bytes, name: "net")
    var found = 0
    for bit in bits {
      var broken = bytes
      broken[bit / 8] ^= 1 << UInt8(bit % 8)
      do {
        let file = try NetworkFile(bytes: broken, name: "net")
        #expect(
          file.network.parameters == expected.network.parameters
            && file.network.input == expected.network.input && file.history == expected.history
            && file.state == expected.state, "bit \(bit)")
      } catch {
        #expect("\(error)".hasPrefix("net: "), "bit \(bit): \(error)")
        found += 1
      }
    }
    #expect(found > 0)
  }

  @Test func whatWasChangedOnTheWayIsNamed() throws {
    var file = try SafeTensorsFile(bytes: ChecksumTests.bytes.get(), name: "net")
    file.metadata["progress.step"] = "18"
    let error = #expect(throws: NetworkError.self) {
      try NetworkFile(bytes: file.encoded(), name: "net")
    }
    #expect(error?.description.hasPrefix("net: is damaged: its checksum is ") == true)
    file.metadata["checksum"] = nil
    let other = #expect(throws: NetworkError.self) {
      try NetworkFile(bytes: file.encoded(), name: "net")
    }
    #expect(other?.description.hasPrefix("net: is damaged: its checksum is missing, ") == true)
  }

  @Test func filesFromBeforeAreRead() throws {
    var file = try SafeTensorsFile(bytes: ChecksumTests.bytes.get(), name: "net")
    file.metadata["checksum"] = nil
    file.metadata["format"] = "gibbon-network-1"
    let read = try NetworkFile(bytes: file.encoded(), name: "net")
    #expect(read.history == (try ChecksumTests.file().history))
  }
}
