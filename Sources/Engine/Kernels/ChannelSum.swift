import CKernels
import Models
import Tensors

/// The sum over all axes but the channels, of images whose channels lie in whole vectors of 8.
///
/// Each thread takes some of the channels, so the order of the sums does not depend on their number; sums are
/// taken within an example first, so that rounding errors stay small.
struct ChannelSum {
  private let blocks: ChannelBlocks
  private let examples: Int
  private let height: Int
  private let width: Int

  /// The kernel for values of a layout; `nil` if their channels do not lie so.
  init?(_ layout: MemoryDescriptor) {
    guard let blocks = layout.channelBlocks else { return nil }
    self.blocks = blocks
    let extents = layout.extents
    (examples, height, width) = (extents[0], extents[2], extents[3])
  }

  /// Sums into a vector of all channels.
  func callAsFunction(_ x: UnsafeMutableRawPointer, into sums: UnsafeMutableRawPointer) {
    let source = UnsafeRawPointer(x)
    let size = MemoryLayout<Float>.stride
    let strides = blocks.strides
    OpenMP.split(blocks.blocks * blocks.vectors) { range in
      for vector in range {
        let start =
          vector / blocks.vectors * Int(strides.block) + vector % blocks.vectors * 8
        var total = SIMD8<Float>()
        for example in 0..<examples {
          var sum = SIMD8<Float>()
          for row in 0..<height {
            var place = start + example * Int(strides.example) + row * Int(strides.row)
            var part = SIMD8<Float>()
            for _ in 0..<width {
              part += source.loadUnaligned(
                fromByteOffset: place * size, as: SIMD8<Float>.self)
              place += Int(strides.column)
            }
            sum += part
          }
          total += sum
        }
        sums.storeBytes(
          of: total, toByteOffset: vector * 8 * size, as: SIMD8<Float>.self)
      }
    }
  }
}
