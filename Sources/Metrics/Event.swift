/// An event of TensorBoard as bytes: the few fields of the protocol buffer `tensorflow.Event` that are needed.
///
/// https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto
struct Event {
  private(set) var bytes: [UInt8] = []

  /// How the bytes of a field follow its number.
  private enum Wire: UInt64 {
    case varint = 0
    case eight = 1
    case counted = 2
    case four = 5
  }

  private init() {}

  private init(time: Double, step: Int) {
    put(1, .eight)
    withUnsafeBytes(of: time.bitPattern.littleEndian) { bytes += $0 }
    // As protocol buffers have it, what is zero is left out.
    if step != 0 {
      put(2, .varint)
      put(UInt64(bitPattern: Int64(step)))
    }
  }

  /// The first event of a file.
  static func version(time: Double) -> Event {
    var event = Event(time: time, step: 0)
    event.put(3, Array("brain.Event:2".utf8))
    return event
  }

  /// A session begins at a step: whatever was told of it and of later ones does not count any more.
  static func start(time: Double, step: Int) -> Event {
    var event = Event(time: time, step: step)
    var session = Event()
    session.put(1, .varint)
    session.put(1)
    event.put(7, session.bytes)
    return event
  }

  /// Numbers with their tags.
  static func scalars(time: Double, step: Int, _ values: [(name: String, value: Double)]) -> Event {
    var event = Event(time: time, step: step)
    var summary = Event()
    for (name, value) in values {
      var scalar = Event()
      scalar.put(1, Array(name.utf8))
      scalar.put(2, .four)
      withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { scalar.bytes += $0 }
      summary.put(1, scalar.bytes)
    }
    event.put(5, summary.bytes)
    return event
  }

  private mutating func put(_ field: UInt64, _ wire: Wire) { put(field << 3 | wire.rawValue) }

  private mutating func put(_ field: UInt64, _ content: [UInt8]) {
    put(field, .counted)
    put(UInt64(content.count))
    bytes += content
  }

  private mutating func put(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
