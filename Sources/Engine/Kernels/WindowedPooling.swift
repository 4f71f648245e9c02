import Graphs
import Models
import Tensors

/// Max pooling by windows that oneDNN does not know, such as dilated ones, and its gradient, on row-major values.
struct WindowedPooling {
  private let window: Window
  private let planes: Int
  private let size: Window.Pair
  private let resultSize: Window.Pair

  /// The kernel from inputs of one shape to results of another.
  init(_ window: Window, x: Shape, y: Shape) {
    self.window = window
    planes = x[0] * x[1]
    size = Window.Pair(x[2], x[3])
    resultSize = Window.Pair(y[2], y[3])
  }

  /// Adds the step that picks the values, which may be x itself, where the largest x stand.
  func emitGather(_ values: Placement, x: Placement, y: Placement, on planner: Planner) {
    let (count, resultCount) = counts
    planner.emitHost("windowed max pooling", [values, x, y]) { pointers in
      let floats = pointers.map { $0.assumingMemoryBound(to: Float.self) }
      OpenMP.split(planes) { range in
        for plane in range {
          let values = floats[0] + plane * count
          let y = floats[2] + plane * resultCount
          forEachWinner(floats[1] + plane * count) { y[$0] = values[$1] }
        }
      }
    }
  }

  /// Adds the step that adds each dy where the largest x stands.
  func emitScatter(dy: Placement, x: Placement, dx: Placement, on planner: Planner) {
    let (count, resultCount) = counts
    planner.emitHost("windowed max pooling's gradient", [dy, x, dx]) { pointers in
      let floats = pointers.map { $0.assumingMemoryBound(to: Float.self) }
      OpenMP.split(planes) { range in
        for plane in range {
          let dy = floats[0] + plane * resultCount
          let dx = floats[2] + plane * count
          dx.update(repeating: 0, count: count)
          forEachWinner(floats[1] + plane * count) { dx[$1] += dy[$0] }
        }
      }
    }
  }

  private var counts: (Int, Int) {
    (size.height * size.width, resultSize.height * resultSize.width)
  }

  /// Calls `body` with each position of the result and the place of the first of the largest values under it.
  @inline(__always)
  private func forEachWinner(
    _ x: UnsafeMutablePointer<Float>, _ body: (_ result: Int, _ winner: Int) -> Void
  ) {
    for row in 0..<resultSize.height {
      let top = row * window.stride.height - window.paddingBefore.height
      for column in 0..<resultSize.width {
        let left = column * window.stride.width - window.paddingBefore.width
        var winner = -1
        var best: Float = 0
        var y = top
        for _ in 0..<window.kernel.height {
          if y >= 0, y < size.height {
            var place = left
            for _ in 0..<window.kernel.width {
              if place >= 0, place < size.width {
                let value = x[y * size.width + place]
                if winner < 0 || value > best || (value.isNaN && !best.isNaN) {
                  (winner, best) = (y * size.width + place, value)
                }
              }
              place += window.dilation.width
            }
          }
          y += window.dilation.height
        }
        body(row * resultSize.width + column, max(winner, 0))
      }
    }
  }
}

extension MaxPool {
  /// Lowers the pooling, its gather or its gradient on row-major values.
  func lowerWindowed(
    _ value: Value, _ values: Value, x: Value, scatters: Bool = false, on planner: Planner
  ) throws(EngineError) {
    let kernel = WindowedPooling(
      window, x: planner.shape(of: x), y: planner.shape(of: scatters ? values : value))
    let (source, x) = (try planner.placePlain(values), try planner.placePlain(x))
    let target = try planner.define(value, as: .plain(planner.shape(of: value)))
    if scatters {
      kernel.emitScatter(dy: source, x: x, dx: target, on: planner)
    } else {
      kernel.emitGather(source, x: x, y: target, on: planner)
    }
  }
}

extension MaxPoolGather {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    try pooling.lowerWindowed(value, operands[0], x: operands[1], on: planner)
  }
}
