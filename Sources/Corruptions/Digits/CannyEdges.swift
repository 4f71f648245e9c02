import Tensors

/// The edges of the digit alone, by Canny's method as scikit-image has it: a blur of deviation 1, gradients from 0.1 that
/// hang on some from 0.2 on.
///
/// Canny, "A computational approach to edge detection", 1986, https://doi.org/10.1109/TPAMI.1986.4767851.
enum CannyEdges: Corruption {
  static let name = "canny_edges"
  static let isDrawn = false

  static let strengths: [CorruptionSuite: [Void]] = [.mnistC: [()]]

  static func apply(to picture: inout Picture, _ strength: Void, drawing generator: inout Philox) {
    let edges = Gradients(of: picture).edges()
    for index in picture.levels.indices {
      picture.levels[index] = edges[index % picture.area] ? 255 : 0
    }
  }
}

/// The gradients of a blurred picture.
private struct Gradients {
  private let height: Int
  private let width: Int
  private var across: [Double] = []
  private var down: [Double] = []
  private var sizes: [Double] = []

  init(of picture: Picture) {
    (height, width) = (picture.height, picture.width)
    let values = picture.luma.map { Double($0) / 255 }
    // Beyond the edges is nothing, which is made up for by the weights that fall inside.
    let weights = blurred([Double](repeating: 1, count: values.count))
    let smooth = zip(blurred(values), weights).map { $0 / ($1 + 2.220_446_049_250_313e-16) }
    across = sobel(smooth, along: 1)
    down = sobel(smooth, along: 0)
    sizes = zip(across, down).map { ($0 * $0 + $1 * $1).squareRoot() }
  }

  private func blurred(_ values: [Double]) -> [Double] {
    let shares = (-4...4).map { Double.exp(-0.5 * Double($0 * $0)) }
    let sum = shares.reduce(0, +)
    var values = values
    for (step, extent) in [(width, height), (1, width)] {
      values = values.indices.map { place in
        let position = place / step % extent
        return zip(-4...4, shares).reduce(0) { total, pair in
          0..<extent ~= position + pair.0
            ? total + pair.1 / sum * values[place + pair.0 * step] : total
        }
      }
    }
    return values
  }

  /// The difference of neighbours along an axis, smoothed along the other, mirrored at the edges.
  private func sobel(_ values: [Double], along axis: Int) -> [Double] {
    func at(_ row: Int, _ column: Int) -> Double {
      values[
        Edge.reflect.place(row, within: height) * width + Edge.reflect.place(column, within: width)]
    }
    return values.indices.map { place in
      let (row, column) = (place / width, place % width)
      return zip(-1...1, [1.0, 2, 1]).reduce(0) { sum, pair in
        sum + pair.1
          * (axis == 1
            ? at(row + pair.0, column + 1) - at(row + pair.0, column - 1)
            : at(row + 1, column + pair.0) - at(row - 1, column + pair.0))
      }
    }
  }

  /// Which places are edges.
  func edges() -> [Bool] {
    var (strong, weak) = ([Int](), [Bool](repeating: false, count: sizes.count))
    // Places at the border are none.
    if height > 2, width > 2 {
      for row in 1..<height - 1 {
        for column in 1..<width - 1 where isRidge(row, column) {
          let place = row * width + column
          if sizes[place] >= 0.2 { strong.append(place) }
          weak[place] = sizes[place] >= 0.1
        }
      }
    }
    var isEdge = [Bool](repeating: false, count: sizes.count)
    Connected.spread(from: strong, over: weak, height: height, width: width) { isEdge[$0] = true }
    return isEdge
  }

  /// Whether no place before or behind, along the gradient, has a larger one.
  private func isRidge(_ row: Int, _ column: Int) -> Bool {
    let place = row * width + column
    let (x, y, size) = (across[place], down[place], sizes[place])
    guard size > 0 else { return false }
    // Where the gradient lies between two directions, the last one counts that the reference asks.
    let isSteep = abs(y) >= abs(x)
    let isFalling = (y <= 0 && x >= 0) || (y >= 0 && x <= 0)
    let isDiagonal = abs(y) == abs(x)
    let usesSteep = isFalling ? isSteep : isSteep && !isDiagonal
    let (near, far) =
      switch (isFalling, usesSteep) {
      case (false, false): (1, width + 1)
      case (false, true): (width, width + 1)
      case (true, false): (1, 1 - width)
      case (true, true): (-width, 1 - width)
      }
    let share = usesSteep ? abs(x) / abs(y) : abs(y) / abs(x)
    func value(_ near: Int, _ far: Int) -> Double {
      sizes[place + far] * share + sizes[place + near] * (1 - share)
    }
    return value(near, far) <= size && value(-near, -far) <= size
  }
}
