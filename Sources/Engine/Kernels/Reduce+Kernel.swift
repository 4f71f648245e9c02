import CKernels
import COneDNN
import Graphs
import Models
import Tensors

extension Reduce {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let shape = planner.shape(of: operands[0])
    let reduced = shape.extents.enumerated().map { axes.contains($0.offset) ? 1 : $0.element }
    // Over axes of extent 1, as the batch may be, nothing is summed, which oneDNN refuses to do.
    guard reduced != shape.extents else {
      let storage = try planner.placePlain(operands[0]).storage
      let layout = MemoryDescriptor.plain(planner.shape(of: value))
      planner.define(value, at: Placement(layout: layout, storage: storage))
      return
    }
    let x = try planner.place(operands[0])
    let y = try planner.define(value, as: .plain(planner.shape(of: value)))
    if isBiasGradient(of: shape), let sum = ChannelSum(x.layout) {
      planner.emitHost("sum", [x, y]) { sum($0[0], into: $0[1]) }
      return
    }
    if isMean, axes == [2, 3], let image = ChannelImage(x.layout) {
      planner.emitHost(name, [x, y]) { image.average($0[0], into: $0[1]) }
      return
    }
    // What oneDNN takes ten times as long for.
    if axes.count == shape.rank {
      let sum = WholeSum(x.layout, divisor: isMean ? Float(shape.count) : 1)
      planner.emitHost(name, [x, y]) { sum($0[0], into: $0[1]) }
      return
    }
    let seen = Placement(layout: .plain(Shape(reduced)), storage: y.storage)
    try planner.emit(
      .reduction(isMean ? dnnl_reduction_mean : dnnl_reduction_sum, x.layout, seen.layout),
      [(DNNL_ARG_SRC, x), (DNNL_ARG_DST, seen)])
  }

  /// A bias gradient comes with the weight gradient of the same layer.
  func isDeferred(_ value: Value, on planner: Planner) -> Bool {
    guard case .operation(_, let operands, _) = planner.graph[value],
      isBiasGradient(of: planner.shape(of: operands[0])),
      planner.useCounts[value.index] == 1, planner.isOutput(value)
    else { return false }
    return planner.users(of: operands[0]).contains { planner.isWeightGradient($0, of: operands[0]) }
  }

  /// Whether this sums over all axes but that of the channels.
  func isBiasGradient(of shape: Shape) -> Bool {
    !isMean && shape.rank >= 2 && axes == (0..<shape.rank).filter { $0 != 1 }
  }
}

extension Planner {
  /// Whether a value is a layer's weight gradient, computed from a cotangent.
  fileprivate func isWeightGradient(_ value: Value, of dy: Value) -> Bool {
    guard case .operation(let op, let operands, _) = graph[value] else { return false }
    if op is ConvolutionWeightGradient { return operands[1] == dy }
    guard let product = op as? MatrixMultiply else { return false }
    return product.transposesLeft && !product.transposesRight && operands[0] == dy
  }
}

/// The sum of all values, whatever their layout: the gaps of a padded one are zero.
///
/// Values are added in vectors within parts of one size, and parts in double precision in their order, so the sum does not
/// depend on the number of threads.
struct WholeSum {
  private static let part = 4096

  private let count: Int
  private let divisor: Float

  init(_ layout: MemoryDescriptor, divisor: Float) {
    count = layout.byteCount / MemoryLayout<Float>.stride
    self.divisor = divisor
  }

  /// Writes the sum divided by the divisor.
  func callAsFunction(_ x: UnsafeMutableRawPointer, into sum: UnsafeMutableRawPointer) {
    let source = UnsafeRawPointer(x)
    let parts = (count + WholeSum.part - 1) / WholeSum.part
    withUnsafeTemporaryAllocation(of: Double.self, capacity: parts) { totals in
      nonisolated(unsafe) let totals = totals
      OpenMP.split(parts) { range in
        for part in range {
          let places = part * WholeSum.part..<min((part + 1) * WholeSum.part, count)
          totals[part] = WholeSum.total(source, places)
        }
      }
      let total = totals.reduce(0, +)
      sum.storeBytes(of: Float(total / Double(divisor)), as: Float.self)
    }
  }

  private static func total(_ source: UnsafeRawPointer, _ places: Range<Int>) -> Double {
    let size = MemoryLayout<Float>.stride
    var vectors = (SIMD16<Float>(), SIMD16<Float>())
    var place = places.lowerBound
    while place + 32 <= places.upperBound {
      vectors.0 += source.loadUnaligned(fromByteOffset: place * size, as: SIMD16<Float>.self)
      vectors.1 += source.loadUnaligned(
        fromByteOffset: (place + 16) * size, as: SIMD16<Float>.self)
      place += 32
    }
    var total = Double((vectors.0 + vectors.1).sum())
    while place < places.upperBound {
      total += Double(source.loadUnaligned(fromByteOffset: place * size, as: Float.self))
      place += 1
    }
    return total
  }
}

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

extension Extremum {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    guard let rows = StridedRows(planner.shape(of: operands[0]), axes: axes) else {
      try planner.lowerByDefinition(self, value, operands)
      return
    }
    let x = try planner.placePlain(operands[0])
    let y = try planner.define(value, as: .plain(planner.shape(of: value)))
    let isMaximum = isMaximum
    planner.emitHost("extremum", [x, y]) { pointers in
      rows.extremum(pointers[0], to: pointers[1], isMaximum: isMaximum)
    }
  }
}
