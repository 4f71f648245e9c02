import CKernels
import COneDNN
import Graphs
import Models
import Tensors

/// How N x C x H x W values lie whose channels are contiguous in blocks of whole vectors of 8.
struct ChannelBlocks {
  /// The number of blocks of an example.
  let blocks: Int
  /// The number of vectors of a block.
  let vectors: Int
  /// Distances between neighbours.
  let strides: gibbon_layout
}

extension MemoryDescriptor {
  /// The channel blocks of N x C x H x W values, or `nil` if channels are not contiguous in vectors of 8.
  var channelBlocks: ChannelBlocks? {
    guard let blocking, blocking.rank == 4, blocking.offset == 0,
      blocking.padded.1 == blocking.extents.1
    else { return nil }
    let channels = Int(blocking.extents.1)
    let size: Int
    switch blocking.inner_count {
    case 0 where blocking.strides.1 == 1: size = channels
    case 1 where blocking.inner_axes.0 == 1: size = Int(blocking.inner_blocks.0)
    default: return nil
    }
    guard size > 0, size % 8 == 0, channels % size == 0 else { return nil }
    return ChannelBlocks(
      blocks: channels / size, vectors: size / 8,
      strides: gibbon_layout(
        example: Int(blocking.strides.0), block: Int(blocking.strides.1),
        row: Int(blocking.strides.2), column: Int(blocking.strides.3)))
  }

  /// The layout with neighbouring channels next to each other.
  static func channelsLast(_ extents: [Int]) -> MemoryDescriptor {
    let (channels, height, width) = (extents[1], extents[2], extents[3])
    return strided(
      extents, strides: [height * width * channels, 1, width * channels, channels])
  }

  /// The layout with channels in blocks as they are in another layout, as far as there are enough.
  static func blocked(like other: MemoryDescriptor, _ extents: [Int]) -> MemoryDescriptor {
    guard let blocks = other.channelBlocks, blocks.vectors <= 2 else {
      return .channelsLast(extents)
    }
    let size = 8 * blocks.vectors
    let tag = size == 16 && extents[1] % 16 == 0 ? dnnl_nChw16c : dnnl_nChw8c
    return other.extents[1] == size ? .channelsLast(extents) : .tagged(tag, extents)
  }
}

extension Planner {
  /// A value whose channels come in whole vectors, in a layout that keeps them together.
  func placeBlocked(_ value: Value) throws(EngineError) -> Placement {
    let existing = try place(value)
    if existing.layout.channelBlocks != nil { return existing }
    return try place(value, as: .tagged(dnnl_nChw8c, shape(of: value).extents))
  }
}

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
