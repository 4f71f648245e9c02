import Networks
import Tensors
import TestSupport
import Testing

@Suite("SafeTensorsFile reads what it and others write")
struct SafeTensorsTests {
  /// A file of random tensors with awkward names and shapes.
  static func random(_ seed: Int) -> SafeTensorsFile {
    var random = RandomKey(seed: 7).child("safetensors").child(seed).generator
    let names = [
      "w", "0.weight", "é\u{1F600}", "quote\"back\\slash", "line\nfeed\u{1}", "", "a/b c",
    ]
    var file = SafeTensorsFile(name: "random \(seed)")
    for name in names where random.uniform() < 0.7 {
      let extents = (0..<random.integer(below: 4)).map { _ in random.integer(below: 5) }
      if random.uniform() < 0.25 {
        let count = Shape(extents).count
        file.integers[name] = SafeTensorsIntegers(
          (0..<count).map { _ in Int64(bitPattern: random.next()) }, shape: Shape(extents))
      } else {
        file.tensors[name] = random.normals(Shape(extents))
      }
      if random.uniform() < 0.5 { file.metadata[name] = String(name.reversed()) + "\u{7F}\t" }
    }
    return file
  }

  @Test("200 random files survive writing and reading, and are written the same again")
  func roundTrip() throws {
    for seed in 0..<200 {
      let file = Self.random(seed)
      let bytes = file.encoded()
      let copy = try SafeTensorsFile(bytes: bytes, name: "copy")
      #expect(copy.tensors == file.tensors, "seed \(seed)")
      #expect(copy.integers == file.integers, "seed \(seed)")
      #expect(copy.metadata == file.metadata, "seed \(seed)")
      #expect(copy.names == file.names, "seed \(seed)")
      #expect(copy.encoded() == bytes, "seed \(seed)")
      #expect(bytes[0] % 8 == 0, "seed \(seed)")
    }
  }

  @Test("every bit of a float survives")
  func specialFloats() throws {
    let patterns: [UInt32] = [
      0, 0x8000_0000, 1, 0x8000_0001, 0x007F_FFFF, 0x0080_0000, 0x7F7F_FFFF, 0x7F80_0000,
      0xFF80_0000, 0x7FC0_0000, 0xFFC0_1234, 0x7F80_0001, 0x3F80_0001,
    ]
    var file = SafeTensorsFile(name: "special")
    file.tensors["t"] = Tensor(patterns.map { Float(bitPattern: $0) }, shape: [patterns.count])
    let copy = try SafeTensorsFile(bytes: file.encoded(), name: "copy").tensor("t")
    #expect(copy.scalars.map(\.bitPattern) == patterns)
  }

  @Test("the format is the published one")
  func exactBytes() {
    var file = SafeTensorsFile(name: "tiny")
    file.metadata = ["format": "pt"]
    file.tensors["b"] = Tensor([1, -2], shape: [2, 1])
    let header = """
      {"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}
      """
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let data: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
    #expect(file.encoded() == RawSafeTensors.bytes(padded, data: data))
  }

  #if !(os(macOS) && arch(x86_64))
    @Test("every half becomes the float of equal value")
    func halves() throws {
      let bits = (0...UInt16.max).map { $0 }
      let data = bits.flatMap {
        [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
      }
      let raw = RawSafeTensors.bytes(type: "F16", shape: [bits.count], data: data)
      let values = try SafeTensorsFile(bytes: raw, name: "halves").tensor("t")
      for (bits, value) in zip(bits, values.scalars) {
        let expected = Float(Float16(bitPattern: bits))
        if expected.isNaN {
          #expect(value.isNaN)
        } else if value.bitPattern != expected.bitPattern {
          Issue.record("half \(bits) became \(value), expected \(expected)")
        }
      }
    }
  #endif

  @Test("a file of the Python library is read")
  func pythonLibrary() throws {
    let file = try SafeTensorsFile(path: Fixtures.path("safetensors/python-library.safetensors"))
    #expect(file.metadata == ["note": "\"quoted\" \\ tab\t and é"])
    #expect(
      file.names == ["bfloat16", "empty", "float16", "float32", "float64", "scalar", "é.weight"])
    let values: [Float] = [0, -1.5, 2.25, 0.5, -.infinity, 65504]
    for name in ["float32", "float64", "float16"] {
      #expect(try file.tensor(name, shape: [2, 3]).scalars == values)
    }
    #expect(try file.tensor("bfloat16").scalars == [0, -1.5, 2.25, 0.5, -.infinity, 65536])
    #expect(try file.tensor("empty", shape: [0, 3]).scalars.isEmpty)
    #expect(try file.tensor("scalar", shape: []).scalars == [0.1])
    #expect(try file.tensor("é.weight").scalars == [1, 2])
    #expect(file.integers["int64"] == SafeTensorsIntegers([.max, .min, -1], shape: [3]))
    #expect(file.integers["int32"] == SafeTensorsIntegers([2_147_483_647, -2], shape: [2, 1]))
    #expect(file.integers["uint8"] == SafeTensorsIntegers([0, 7, 255], shape: [3]))
  }

  @Test("a tensor that is asked for must be there in its shape")
  func lookUp() throws {
    var file = SafeTensorsFile(name: "f")
    file.tensors["t"] = Tensor([1, 2], shape: [2])
    #expect(throws: SafeTensorsError.self) { try file.tensor("u") }
    let error = #expect(throws: SafeTensorsError.self) { try file.tensor("t", shape: [1, 2]) }
    #expect(error?.description == "f: tensor \"t\": expected the shape 1x2, found 2")
  }
}
