import CKernels
import COneDNN
import Graphs
import Models
import Tensors

/// A convolution of stride 1 by Winograd's minimal filtering, with what follows it in the same pass.
///
/// Its gradient with respect to the input is a convolution of the same kind, with the weight turned and the
/// channels exchanged. Each result is summed in one order, whatever the batch.
struct WinogradConvolution {
  /// The tiles that there are transforms for, by the size of the kernel.
  static let tiles = [3: [4, 6, 2], 5: [4, 2]]

  /// Tiles that a thread transforms at once: enough to load each weight from memory seldom, and few enough to stay
  /// in the cache.
  private static let chunk = 48

  private let sizes: gibbon_winograd
  private let from: Placement
  private let to: MemoryDescriptor
  private let batch: Int
  private let isGradient: Bool

  /// Whether a convolution from values of some channels, height and width to others can be computed so.
  static func suits(_ window: Window, groups: Int, from: [Int], to: [Int]) -> Bool {
    let kernel = window.kernel
    return groups == 1 && window.stride == 1 && window.dilation == 1
      && kernel.height == kernel.width && tiles[kernel.height] != nil
      && max(window.paddingBefore.height, window.paddingBefore.width) < kernel.height
      && from[0] % 8 == 0 && to[0] % 8 == 0
  }

  /// y from x, or dx from dy.
  init(
    _ convolution: Convolution, tile: Int, from value: Value, shape: Shape, isGradient: Bool,
    on planner: Planner
  ) throws(EngineError) {
    let window = convolution.window
    from = try planner.placeBlocked(value)
    to = .blocked(like: from.layout, shape.extents)
    guard let source = from.layout.channelBlocks, let target = to.channelBlocks else {
      preconditionFailure("channels in whole vectors")
    }
    let input = planner.shape(of: value)
    let before = window.paddingBefore
    let last = window.kernel.height - 1
    sizes = gibbon_winograd(
      channels: input[1], height: input[2], width: input[3], results: shape[1],
      result_height: shape[2], result_width: shape[3],
      padding_height: isGradient ? last - before.height : before.height,
      padding_width: isGradient ? last - before.width : before.width,
      kernel: window.kernel.height, tile: tile, x_vectors: source.vectors,
      y_vectors: target.vectors, x: source.strides, y: target.strides)
    batch = shape[0]
    self.isGradient = isGradient
  }

  /// Adds the step that computes a value.
  func lower(
    _ value: Value, weight: Value, epilogue: Epilogue, on planner: Planner
  ) throws(EngineError) {
    let weight = try place(weight: weight, on: planner)
    let bias: Placement? = if let bias = epilogue.bias { try planner.placePlain(bias) } else { nil }
    let addend: Placement? =
      if let addend = epilogue.addend { try planner.place(addend, as: to) } else { nil }
    let gate: Placement? =
      if let gate = epilogue.gate { try planner.place(gate, as: to) } else { nil }
    let target = try planner.define(value, as: to, inPlaceOf: epilogue.addend)
    let extras = [bias, addend, gate]
    let (sizes, tiles) = (sizes, withUnsafePointer(to: sizes) { gibbon_winograd_tiles($0) } * batch)
    let threads = OpenMP.threadCount
    // Weights that no cache holds should be read by one thread only.
    let isHeavy = withUnsafePointer(to: sizes) { gibbon_winograd_weight_count($0) } > 4 << 20
    let isShared = tiles < Self.chunk / 4 * threads || isHeavy && tiles < 4 * Self.chunk
    let chunk = isShared ? tiles : Self.chunk
    let room = withUnsafePointer(to: sizes) { gibbon_winograd_workspace_count($0, chunk) }
    let workspace = planner.newBuffer(.plain([isShared ? room : room * threads]))
    let relu: Int32 = epilogue.relu ? 1 : 0
    let present = extras.map { $0 != nil }
    planner.emitHost(
      "winograd-\(sizes.tile)", [from, weight, workspace, target] + extras.compactMap { $0 }
    ) { pointers in
      let floats = pointers.map { $0.assumingMemoryBound(to: Float.self) }
      var rest = floats[4...].makeIterator()
      let given = present.map { $0 ? rest.next() : nil }
      let call = Call(
        sizes: sizes, x: floats[0], weight: floats[1], workspace: floats[2], y: floats[3],
        epilogue: gibbon_epilogue(bias: given[0], addend: given[1], gate: given[2], relu: relu))
      if isShared { call.runShared(tiles) } else { call.run(tiles, chunk: chunk, room: room) }
    }
  }

  /// The transformed weight, made once for all plans.
  private func place(weight: Value, on planner: Planner) throws(EngineError) -> Placement {
    let (sizes, isGradient) = (sizes, isGradient)
    let count = withUnsafePointer(to: sizes) { gibbon_winograd_weight_count($0) }
    let key = "winograd-\(sizes.tile)" + (isGradient ? " turned" : "")
    return try planner.place(weight: weight, key: key, count: count) { weight, transformed in
      let panels = withUnsafePointer(to: sizes) { gibbon_winograd_panels($0) }
      OpenMP.split(panels) { range in
        withUnsafePointer(to: sizes) {
          gibbon_winograd_weight(
            $0, weight, isGradient ? 1 : 0, transformed, range.lowerBound, range.upperBound)
        }
      }
    }
  }

  /// One execution.
  private struct Call {
    let sizes: gibbon_winograd
    let x: UnsafePointer<Float>
    let weight: UnsafePointer<Float>
    let workspace: UnsafeMutablePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let epilogue: gibbon_epilogue

    init(
      sizes: gibbon_winograd, x: UnsafeMutablePointer<Float>, weight: UnsafeMutablePointer<Float>,
      workspace: UnsafeMutablePointer<Float>, y: UnsafeMutablePointer<Float>,
      epilogue: gibbon_epilogue
    ) {
      self.sizes = sizes
      self.x = UnsafePointer(x)
      self.weight = UnsafePointer(weight)
      self.workspace = workspace
      self.y = y
      self.epilogue = epilogue
    }

    /// Each thread takes some tiles from beginning to end.
    func run(_ tiles: Int, chunk: Int, room: Int) {
      OpenMP.split(tiles) { range, thread in
        withUnsafePointer(to: sizes) { sizes in
          withUnsafePointer(to: epilogue) {
            gibbon_winograd_convolve(
              sizes, x, weight, $0, y, workspace + thread * room, chunk, range.lowerBound,
              range.upperBound)
          }
        }
      }
    }

    /// Few tiles: all threads do one part after the other, so that none idles and each weight is read once.
    func runShared(_ count: Int) {
      let tiles = gibbon_tiles(start: 0, count: count)
      withUnsafePointer(to: sizes) { sizes in
        withUnsafePointer(to: tiles) { tiles in
          OpenMP.split(count) { range in
            gibbon_winograd_spread(sizes, x, workspace, tiles, range.lowerBound, range.upperBound)
          }
          OpenMP.split(gibbon_winograd_positions(sizes)) { range in
            gibbon_winograd_multiply(
              sizes, weight, workspace, tiles, range.lowerBound, range.upperBound)
          }
          withUnsafePointer(to: epilogue) { epilogue in
            OpenMP.split(count) { range in
              gibbon_winograd_collect(
                sizes, workspace, epilogue, y, tiles, range.lowerBound, range.upperBound)
            }
          }
        }
      }
    }
  }
}

/// The gradient of a convolution of stride 1 with respect to its weight by Winograd's minimal filtering.
///
/// Tiles of x and of dy are transformed; at each position of a window the products are summed over all tiles, and the
/// sums are transformed back once. Each sum is taken in one order, whatever the number of threads.
struct WinogradWeightGradient {
  /// Floats of working memory for some tiles at once, which should stay in the last cache.
  private static let room = 1_500_000

  private let sizes: gibbon_winograd
  private let x: Placement
  private let dy: Placement
  private let batch: Int

  /// The weight's gradient from x and dy.
  init(
    _ convolution: Convolution, tile: Int, x: Value, dy: Value, on planner: Planner
  ) throws(EngineError) {
    let window = convolution.window
    self.x = try planner.placeBlocked(x)
    self.dy = try planner.placeBlocked(dy)
    guard let source = self.x.layout.channelBlocks, let target = self.dy.layout.channelBlocks else {
      preconditionFailure("channels in whole vectors")
    }
    let (input, result) = (planner.shape(of: x), planner.shape(of: dy))
    let before = window.paddingBefore
    sizes = gibbon_winograd(
      channels: input[1], height: input[2], width: input[3], results: result[1],
      result_height: result[2], result_width: result[3], padding_height: before.height,
      padding_width: before.width, kernel: window.kernel.height, tile: tile,
      x_vectors: source.vectors, y_vectors: target.vectors, x: source.strides, y: target.strides)
    batch = input[0]
  }

  /// Adds the step that computes a value.
  func lower(_ value: Value, on planner: Planner) throws(EngineError) {
    let sizes = sizes
    let (tiles, positions, sumsCount) = withUnsafePointer(to: sizes) {
      (
        gibbon_winograd_tiles($0) * batch, gibbon_winograd_positions($0),
        gibbon_winograd_gradient_sums_count($0)
      )
    }
    let each = positions * (sizes.channels + sizes.results)
    let chunk = min(tiles, max(Self.room / each / 12 * 12, 48))
    let workspaceCount = withUnsafePointer(to: sizes) {
      gibbon_winograd_workspace_count($0, chunk)
    }
    let workspace = planner.newBuffer(.plain([workspaceCount]))
    let sums = planner.newBuffer(.plain([sumsCount]))
    let target = try planner.define(value, as: .plain(planner.shape(of: value)))
    planner.emitHost("winograd-\(sizes.tile) of weights", [x, dy, workspace, sums, target]) {
      let floats = $0.map { $0.assumingMemoryBound(to: Float.self) }
      withUnsafePointer(to: sizes) { sizes in
        for start in stride(from: 0, to: tiles, by: chunk) {
          let part = gibbon_tiles(start: start, count: min(chunk, tiles - start))
          withUnsafePointer(to: part) { part in
            OpenMP.split(part.pointee.count) { range in
              gibbon_winograd_gradient_spread(
                sizes, floats[0], floats[1], floats[2], part, start + range.lowerBound,
                start + range.upperBound)
            }
            OpenMP.split(positions) { range in
              gibbon_winograd_gradient_multiply(
                sizes, floats[2], floats[3], part, start > 0 ? 1 : 0, range.lowerBound,
                range.upperBound)
            }
          }
        }
        OpenMP.split(sizes.pointee.results / 8) { range in
          gibbon_winograd_gradient_collect(
            sizes, floats[3], floats[4], range.lowerBound, range.upperBound)
        }
      }
    }
  }
}
