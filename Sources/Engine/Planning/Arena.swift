/// Assigns addresses to buffers so that those alive at once do not overlap.
struct Arena {
  /// A buffer and the steps between which its content matters, both included.
  struct Buffer {
    let byteCount: Int
    var first: Int
    var last: Int
  }

  /// Offset of each buffer, a multiple of 64.
  let offsets: [Int]
  /// Size of the whole.
  let byteCount: Int

  /// Places large buffers first, each at the lowest offset that is free during its life.
  init(_ buffers: [Buffer]) {
    var offsets = [Int](repeating: 0, count: buffers.count)
    var placed: [(range: Range<Int>, first: Int, last: Int)] = []
    var total = 0
    let order = buffers.indices.sorted {
      (buffers[$0].byteCount, $1) > (buffers[$1].byteCount, $0)
    }
    for index in order {
      let buffer = buffers[index]
      let size = max(64, (buffer.byteCount + 63) / 64 * 64)
      var offset = 0
      for other in placed where other.first <= buffer.last && buffer.first <= other.last {
        if offset + size <= other.range.lowerBound { break }
        offset = max(offset, other.range.upperBound)
      }
      offsets[index] = offset
      let entry = (range: offset..<offset + size, first: buffer.first, last: buffer.last)
      let position = placed.firstIndex { $0.range.lowerBound > offset } ?? placed.endIndex
      placed.insert(entry, at: position)
      total = max(total, offset + size)
    }
    self.offsets = offsets
    byteCount = total
  }
}

/// A block of memory aligned to a cache line, freed with its owner.
final class AlignedBlock: @unchecked Sendable {
  // Whoever holds the block decides which thread writes it.
  let pointer: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    pointer = .allocate(byteCount: max(byteCount, 64), alignment: 64)
    pointer.initializeMemory(as: UInt8.self, repeating: 0, count: max(byteCount, 64))
  }

  deinit { pointer.deallocate() }

  var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }
}
