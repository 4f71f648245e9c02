/// Values taken from between pixels by bilinear interpolation.
enum Warp {
  /// Moves every pixel of a picture.
  ///
  /// - Parameters:
  ///   - picture: The picture.
  ///   - edge: What lies beyond its edges; black by default.
  ///   - source: The place, in rows and columns, from which a pixel takes its value.
  static func apply(
    to picture: inout Picture, edge: Edge? = nil,
    source: (_ row: Int, _ column: Int) -> (row: Float, column: Float)
  ) {
    let (height, width, area) = (picture.height, picture.width, picture.area)
    var moved = [Float](repeating: 0, count: picture.levels.count)
    picture.levels.withUnsafeBufferPointer { levels in
      moved.withUnsafeMutableBufferPointer { moved in
        for row in 0..<height {
          for column in 0..<width {
            let place = source(row, column)
            let (top, left) = (place.row.rounded(.down), place.column.rounded(.down))
            let (down, right) = (place.row - top, place.column - left)
            let (firstRow, firstColumn) = (Int(top), Int(left))
            let rows = (firstRow, firstRow + 1)
            let columns = (firstColumn, firstColumn + 1)
            let isInside =
              rows.0 >= 0 && rows.1 < height && columns.0 >= 0 && columns.1 < width
            var start = 0
            while start < moved.count {
              func level(_ row: Int, _ column: Int) -> Float {
                if isInside { return levels[start + row * width + column] }
                if let edge {
                  return levels[
                    start + edge.place(row, within: height) * width
                      + edge.place(column, within: width)]
                }
                guard 0..<height ~= row, 0..<width ~= column else { return 0 }
                return levels[start + row * width + column]
              }
              let (a, b) = (level(rows.0, columns.0), level(rows.0, columns.1))
              let (c, d) = (level(rows.1, columns.0), level(rows.1, columns.1))
              let (above, below) = (a + right * (b - a), c + right * (d - c))
              moved[start + row * width + column] = above + down * (below - above)
              start += area
            }
          }
        }
      }
    }
    picture.levels = moved
  }
}

/// A linear map of places: rotation, shear, scale and a shift.
struct AffineMap: Sendable {
  /// The new x is `a` x + `b` y + `x`.
  var (a, b, x): (Double, Double, Double)
  /// The new y is `c` x + `d` y + `y`.
  var (c, d, y): (Double, Double, Double)

  /// The map of a matrix that keeps the middle of a picture in its place.
  init(_ a: Double, _ b: Double, _ c: Double, _ d: Double, around picture: Picture) {
    let (middleX, middleY) = (Double(picture.width - 1) / 2, Double(picture.height - 1) / 2)
    (self.a, self.b, x) = (a, b, middleX - a * middleX - b * middleY)
    (self.c, self.d, y) = (c, d, middleY - c * middleX - d * middleY)
  }

  /// The map that takes three places to three others; `nil` where the places lie on a line.
  init?(from places: [SIMD2<Double>], to others: [SIMD2<Double>]) {
    let (u, v) = (places[1] - places[0], places[2] - places[0])
    let (p, q) = (others[1] - others[0], others[2] - others[0])
    let determinant = u.x * v.y - u.y * v.x
    guard abs(determinant) > 1e-9 else { return nil }
    a = (p.x * v.y - q.x * u.y) / determinant
    b = (q.x * u.x - p.x * v.x) / determinant
    c = (p.y * v.y - q.y * u.y) / determinant
    d = (q.y * u.x - p.y * v.x) / determinant
    x = others[0].x - a * places[0].x - b * places[0].y
    y = others[0].y - c * places[0].x - d * places[0].y
  }

  /// Takes every pixel of a picture from where the map leads.
  func apply(to picture: inout Picture, edge: Edge? = nil) {
    Warp.apply(to: &picture, edge: edge) { row, column in
      let (right, down) = (Double(column), Double(row))
      return (
        row: Float(c * right + d * down + y), column: Float(a * right + b * down + x)
      )
    }
  }
}
