package import Datasets
package import Tensors

/// A picture in the middle of a larger black one, on which it can be turned and moved without losing a pixel.
package enum BlackCanvas {
  /// The picture with rows and columns of one value on all sides.
  ///
  /// - Parameters:
  ///   - picture: C x H x W.
  ///   - rows: How many rows above, and as many below.
  ///   - columns: How many columns to the left, and as many to the right.
  ///   - black: Their value.
  /// - Returns: C x (H + 2 rows) x (W + 2 columns).
  package static func padded(
    _ picture: Tensor<Float>, rows: Int, columns: Int, black: Float
  ) -> Tensor<Float> {
    let (channels, height, width) = (picture.shape[0], picture.shape[1], picture.shape[2])
    let shape: Shape = [channels, height + 2 * rows, width + 2 * columns]
    var result = Tensor<Float>(repeating: black, shape: shape)
    for channel in 0..<channels {
      for row in 0..<height {
        let from = (channel * height + row) * width
        let to = (channel * shape[1] + row + rows) * shape[2] + columns
        for column in 0..<width { result[to + column] = picture[from + column] }
      }
    }
    return result
  }

  /// Whether a picture on a canvas is black outside of the middle, to within single precision.
  package static func isWhole(
    _ canvas: Tensor<Float>, rows: Int, columns: Int, black: Float
  ) -> Bool {
    let (height, width) = (canvas.shape[1], canvas.shape[2])
    for place in 0..<canvas.count where abs(canvas[place] - black) > 1e-6 {
      let row = place / width % height
      let column = place % width
      let isInside =
        rows..<height - rows ~= row && columns..<width - columns ~= column
      if !isInside { return false }
    }
    return true
  }

  /// How far a picture of a size can reach beyond its frame by any rotation and a shift of up to `shift` pixels.
  package static func margin(side: Int, shift: Double) -> Int {
    // The diagonal of a square is sqrt(2) times its side, and a shift along both axes may be turned along one.
    Int((Double(side) * (2.0.squareRoot() - 1) / 2 + shift * 2.0.squareRoot()).rounded(.up)) + 1
  }
}

extension Dataset {
  /// The same pictures on a black canvas, in memory.
  ///
  /// - Parameter shape: The shape of the canvas: as many channels, and an even number of more rows and columns.
  /// - Returns: The pictures in the middle of their canvases.
  /// - Throws: `DatasetError` where examples cannot be read.
  package func onBlackCanvas(_ shape: Shape) throws(DatasetError) -> Dataset {
    let (rows, columns) = ((shape[1] - exampleShape[1]) / 2, (shape[2] - exampleShape[2]) / 2)
    var values: [Float] = []
    values.reserveCapacity(count * shape.count)
    for position in 0..<count {
      values +=
        BlackCanvas.padded(
          try image(at: position), rows: rows, columns: columns, black: bounds.lowerBound
        ).scalars
    }
    return Dataset(
      name: "\(name) on a black canvas of \(shape[1]) pixels", exampleShape: shape, values: values,
      labels: labels(at: 0..<count), classNames: classNames, bounds: bounds)
  }
}
