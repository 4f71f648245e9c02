/// Operations of OpenCV on one byte for each pixel, which spatter is made of.
struct BytePlane {
  /// Rows.
  let height: Int
  /// Pixels in a row.
  let width: Int
  /// Row after row, each in 0...255.
  var values: [Int32]

  /// The sums of each pixel's neighbourhood of 3 x 3 under whole weights, mirrored at the edges.
  func sums(_ weights: [Int32]) -> [Int32] {
    let columns = (-1...width).map { Edge.mirror.place($0, within: width) }
    var sums = [Int32](repeating: 0, count: values.count)
    for row in 0..<height {
      for (index, weight) in weights.enumerated() where weight != 0 {
        let start = Edge.mirror.place(row + index / 3 - 1, within: height) * width
        for column in 0..<width {
          sums[row * width + column] += weight * values[start + columns[column + index % 3]]
        }
      }
    }
    return sums
  }

  /// The plane blurred by a box of 3 x 3, rounded to the nearest.
  func boxBlurred() -> BytePlane {
    BytePlane(
      height: height, width: width,
      values: sums([1, 1, 1, 1, 1, 1, 1, 1, 1]).map {
        Int32((Float($0) / 9).rounded(.toNearestOrEven))
      })
  }

  /// The plane under whole weights of 3 x 3, cut off at 0 and 255.
  func filtered(_ weights: [Int32]) -> BytePlane {
    BytePlane(height: height, width: width, values: sums(weights).map { min(max($0, 0), 255) })
  }

  /// The plane with levels that are about equally frequent.
  func equalized() -> BytePlane {
    var counts = [Int](repeating: 0, count: 256)
    for value in values { counts[Int(value)] += 1 }
    guard let first = counts.firstIndex(where: { $0 > 0 }), counts[first] < values.count else {
      return self
    }
    let scale = 255 / Float(values.count - counts[first])
    var (sum, table) = (0, [Int32](repeating: 0, count: 256))
    for level in first + 1..<256 {
      sum += counts[level]
      table[level] = Int32(min((Float(sum) * scale).rounded(.toNearestOrEven), 255))
    }
    return BytePlane(height: height, width: width, values: values.map { table[Int($0)] })
  }

  /// The edges by Canny's method: gradients by Sobel, in absolute sum, strong ones and what hangs on them.
  func edges(low: Int32, high: Int32) -> [Bool] {
    let stride = width + 2
    var (across, down) = (
      [Int32](repeating: 0, count: values.count), [Int32](repeating: 0, count: values.count)
    )
    var magnitudes = [Int32](repeating: 0, count: (height + 2) * stride)
    for row in 0..<height {
      let (above, below) = (max(row - 1, 0) * width, min(row + 1, height - 1) * width)
      for column in 0..<width {
        let (left, right) = (max(column - 1, 0), min(column + 1, width - 1))
        let place = row * width + column
        across[place] =
          values[above + right] + 2 * values[row * width + right] + values[below + right]
          - values[above + left] - 2 * values[row * width + left] - values[below + left]
        down[place] =
          values[below + left] + 2 * values[below + column] + values[below + right]
          - values[above + left] - 2 * values[above + column] - values[above + right]
        magnitudes[(row + 1) * stride + column + 1] = abs(across[place]) + abs(down[place])
      }
    }
    var (isEdge, weak) = (
      [Bool](repeating: false, count: values.count), [Bool](repeating: false, count: values.count)
    )
    var strong: [Int] = []
    for place in values.indices {
      let own = (place / width + 1) * stride + place % width + 1
      let size = magnitudes[own]
      guard size > low else { continue }
      let (x, y) = (across[place], down[place])
      // The tangent of 22.5 degrees, and with it that of 67.5.
      let flat = Double(abs(x)) * 0.414_213_562_373_095_1
      let isLargest: Bool
      if Double(abs(y)) < flat {
        isLargest = size > magnitudes[own - 1] && size >= magnitudes[own + 1]
      } else if Double(abs(y)) > flat + 2 * Double(abs(x)) {
        isLargest = size > magnitudes[own - stride] && size >= magnitudes[own + stride]
      } else {
        let side = (x < 0) != (y < 0) ? -1 : 1
        isLargest = size > magnitudes[own - stride - side] && size > magnitudes[own + stride + side]
      }
      guard isLargest else { continue }
      if size > high { strong.append(place) } else { weak[place] = true }
    }
    Connected.spread(from: strong, over: weak, height: height, width: width) { isEdge[$0] = true }
    return isEdge
  }
}

/// What hangs together by neighbours on all eight sides.
enum Connected {
  /// Visits some places and those that hang on them.
  static func spread(
    from first: [Int], over others: [Bool], height: Int, width: Int, visit: (Int) -> Void
  ) {
    var left = others
    var open = first
    for place in first {
      left[place] = false
      visit(place)
    }
    while let place = open.popLast() {
      let (row, column) = (place / width, place % width)
      for nextRow in max(row - 1, 0)...min(row + 1, height - 1) {
        for nextColumn in max(column - 1, 0)...min(column + 1, width - 1)
        where left[nextRow * width + nextColumn] {
          left[nextRow * width + nextColumn] = false
          visit(nextRow * width + nextColumn)
          open.append(nextRow * width + nextColumn)
        }
      }
    }
  }
}
