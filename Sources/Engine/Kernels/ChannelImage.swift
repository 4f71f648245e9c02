import CKernels
import Graphs
import Models
import Tensors

/// Steps on N x C x H x W values whose channels lie in whole vectors of 8, for which oneDNN has reference code only.
struct ChannelImage {
  private let image: gibbon_image
  private let examples: Int

  /// The view of a layout; `nil` if its channels do not lie so.
  init?(_ layout: MemoryDescriptor) {
    guard let blocks = layout.channelBlocks else { return nil }
    let extents = layout.extents
    examples = extents[0]
    image = gibbon_image(
      blocks: blocks.blocks, vectors: blocks.vectors, height: extents[2], width: extents[3],
      layout: blocks.strides)
  }

  private func forEachPart(
    _ body: (_ image: UnsafePointer<gibbon_image>, _ first: Int, _ last: Int) -> Void
  ) {
    OpenMP.split(examples) { range in
      withUnsafePointer(to: image) { body($0, range.lowerBound, range.upperBound) }
    }
  }

  /// y from x and a value per channel, by addition or multiplication; in place if both are the same.
  func combine(
    _ x: UnsafeMutableRawPointer, _ values: UnsafeMutableRawPointer, multiplies: Bool,
    into y: UnsafeMutableRawPointer
  ) {
    forEachPart { image, first, last in
      gibbon_channels_combine(
        image, x.assumingMemoryBound(to: Float.self), values.assumingMemoryBound(to: Float.self),
        multiplies ? 1 : 0, y.assumingMemoryBound(to: Float.self), first, last)
    }
  }

  /// The mean over height and width.
  func average(_ x: UnsafeMutableRawPointer, into means: UnsafeMutableRawPointer) {
    forEachPart { image, first, last in
      gibbon_spatial_mean(
        image, x.assumingMemoryBound(to: Float.self), means.assumingMemoryBound(to: Float.self),
        first, last)
    }
  }

  /// The gradient of `average`.
  func spread(_ means: UnsafeMutableRawPointer, into x: UnsafeMutableRawPointer) {
    forEachPart { image, first, last in
      gibbon_spatial_mean_gradient(
        image, means.assumingMemoryBound(to: Float.self), x.assumingMemoryBound(to: Float.self),
        first, last)
    }
  }
}

extension Planner {
  /// The layout of the images whose means over height and width a value of these extents is the gradient of.
  func layout(ofImagesAveragedLike target: Extents) -> MemoryDescriptor? {
    for (index, node) in graph.nodes.enumerated() {
      guard case .operation(let op, let operands, _) = node,
        op as? Reduce == Reduce(axes: [2, 3], isMean: true), isDefined(Value(index: index)),
        graph[operands[0]].extents == target
      else { continue }
      return try? layout(of: operands[0])
    }
    return nil
  }
}
