import CKernels
import Graphs
import Models
import Tensors

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
