/// Networks as other programs write them to ONNX: without a word about what their input means.
enum PlainONNX {
  /// A network that hands its input on as a row of scores.
  static func flatten(_ shape: [Int]) -> [UInt8] {
    let node = text(1, "x") + text(2, "y") + text(4, "Flatten")
    let outputs = [shape.reduce(1, *)]
    let graph =
      message(1, node) + text(2, "g") + message(11, value("x", shape))
      + message(12, value("y", outputs))
    return number(1, 8) + message(7, graph) + message(8, number(2, 17))
  }

  /// A name, and the shape of many examples.
  private static func value(_ name: String, _ shape: [Int]) -> [UInt8] {
    let axes = shape.flatMap { message(1, number(1, $0)) }
    let type = number(1, 1) + message(2, message(1, text(2, "N")) + axes)
    return text(1, name) + message(2, message(1, type))
  }

  private static func varint(_ value: Int) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F | 0x80)] + varint(value >> 7)
  }

  private static func number(_ field: Int, _ value: Int) -> [UInt8] {
    varint(field << 3) + varint(value)
  }

  private static func message(_ field: Int, _ bytes: [UInt8]) -> [UInt8] {
    varint(field << 3 | 2) + varint(bytes.count) + bytes
  }

  private static func text(_ field: Int, _ text: String) -> [UInt8] {
    message(field, Array(text.utf8))
  }
}
