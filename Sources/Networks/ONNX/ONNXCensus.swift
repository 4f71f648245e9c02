/// Counts the messages of a file before it is decoded, for an empty one takes two bytes there and hundreds in memory.
struct ONNXCensus {
  /// More than any network has, and little enough for any machine.
  static let limit = 400_000

  /// The most inputs that all nodes may have together, of which a file holds one in three bytes, and each of which an
  /// operator may make a step of.
  static let inputLimit = 200_000

  private(set) var count = 0
  private(set) var inputs = 0
  private let bytes: [UInt8]

  /// Counts nodes, attributes, tensors and their like; what is malformed is left for the decoder to refuse.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    visit(0..<bytes.count, ONNXCensus.model)
  }

  /// The fields of a message that are messages, and what these hold.
  private struct Level {
    var fields: [Int: Level] = [:]
    /// Whether its first field is the name of an input.
    var isNode = false
  }

  private static let leaf = Level()
  private static let tensor = Level(fields: [13: leaf])
  private static let attribute = Level(fields: [5: tensor])
  private static let node = Level(fields: [5: attribute], isNode: true)
  private static let graph = Level(fields: [
    1: node, 5: tensor, 11: leaf, 12: leaf, 15: leaf,
  ])
  private static let function = Level(fields: [7: node, 9: leaf, 11: attribute])
  private static let model = Level(fields: [7: graph, 8: leaf, 14: leaf, 25: function])

  /// Whether there is no more of anything than a network may have.
  var isWithinLimits: Bool { count <= ONNXCensus.limit && inputs <= ONNXCensus.inputLimit }

  private mutating func visit(_ range: Range<Int>, _ level: Level) {
    var position = range.lowerBound
    while position < range.upperBound, isWithinLimits {
      guard let key = number(&position, range.upperBound) else { return }
      switch key & 7 {
      case 0: guard number(&position, range.upperBound) != nil else { return }
      case 1: position += 8
      case 5: position += 4
      case 2:
        guard let length = number(&position, range.upperBound),
          length <= UInt64(range.upperBound - position)
        else { return }
        let end = position + Int(length)
        if level.isNode, key >> 3 == 1 { inputs += 1 }
        if let inner = level.fields[Int(truncatingIfNeeded: key >> 3)] {
          count += 1
          visit(position..<end, inner)
        }
        position = end
      default: return
      }
    }
  }

  private func number(_ position: inout Int, _ end: Int) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard position < end else { return nil }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
