import Files
public import Tensors

/// A map of the plane: where a place of the result is read, relative to the middle, rows down and columns right.
struct PlaneMap<Scalar: TensorScalar> {
  /// The row that is read is rowRow times the row, plus rowColumn times the column, plus row.
  var (rowRow, rowColumn, row): (Scalar, Scalar, Scalar)
  /// The column that is read.
  var (columnRow, columnColumn, column): (Scalar, Scalar, Scalar)

  static var identity: PlaneMap {
    PlaneMap(rowRow: 1, rowColumn: 0, row: 0, columnRow: 0, columnColumn: 1, column: 0)
  }

  /// The map that applies `inner` first; without this map's own shift, it is linear in `inner`.
  func after(_ inner: PlaneMap, adding shift: Bool = true) -> PlaneMap {
    PlaneMap(
      rowRow: rowRow * inner.rowRow + rowColumn * inner.columnRow,
      rowColumn: rowRow * inner.rowColumn + rowColumn * inner.columnColumn,
      row: rowRow * inner.row + rowColumn * inner.column + (shift ? row : 0),
      columnRow: columnRow * inner.rowRow + columnColumn * inner.columnRow,
      columnColumn: columnRow * inner.rowColumn + columnColumn * inner.columnColumn,
      column: columnRow * inner.row + columnColumn * inner.column + (shift ? column : 0))
  }
}

/// A change that moves the whole plane, such as a rotation; neighbours in a composition are one reading.
protocol AffineChange: ThreatModel {
  /// The values that each coordinate may take.
  var bounds: InputBounds { get }

  /// The number of parameters.
  var parameterCount: Int { get }

  /// Where a place of the result is read.
  func map<Scalar: TensorScalar>(_ z: [Scalar]) -> PlaneMap<Scalar>

  /// The derivatives of the map with respect to the parameters.
  func derivatives<Scalar: TensorScalar>(_ z: [Scalar]) -> [PlaneMap<Scalar>]
}

/// Rotations and shifts one after the other, with one bilinear reading for all.
///
/// What comes into sight from beyond the picture is the lower bound: black, zero for values in 0...1.
struct Motion: ParametricThreat {
  let parts: [any AffineChange]
  let bounds: InputBounds

  /// Parts from left to right, the first one applied first.
  init(_ parts: [any AffineChange], bounds: InputBounds) {
    self.parts = parts
    self.bounds = bounds
  }

  /// The number of parameters.
  private var count: Int { parts.reduce(0) { $0 + $1.parameterCount } }

  /// The product of the parts' regions.
  func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    let regions = try parts.map { try $0.region(around: x) }
    return regions.count == 1 ? regions[0] : ProductRegion(regions)
  }

  /// Makes sure that the example is a picture within the bounds.
  func check(_ x: Tensor<Float>) throws { try checkPicture(x) }

  /// The parts' text forms.
  var description: String { parts.map { "\($0)" }.joined(separator: "+") }

  func changed<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, by z: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    warp(x.shape).apply(positions(of: map(z), in: x.shape), to: x)
  }

  func gradients<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, at z: Tensor<Scalar>, of x: Tensor<Scalar>, needsInput: Bool
  ) -> (z: Tensor<Scalar>, input: Tensor<Scalar>?) {
    let positions = positions(of: map(z), in: x.shape)
    let warp = warp(x.shape)
    let slopes = warp.positionPullback(gradient, at: positions, of: x)
    var sums = PlaneMap<Scalar>(
      rowRow: 0, rowColumn: 0, row: 0, columnRow: 0, columnColumn: 0, column: 0)
    Motion.forEachPlace(in: x.shape) { place, row, column in
      let (down, across) = (slopes[2 * place], slopes[2 * place + 1])
      sums.rowRow += down * row
      sums.rowColumn += down * column
      sums.row += down
      sums.columnRow += across * row
      sums.columnColumn += across * column
      sums.column += across
    }
    let values = derivatives(z).map { map in
      let rows = map.rowRow * sums.rowRow + map.rowColumn * sums.rowColumn + map.row * sums.row
      return rows + map.columnRow * sums.columnRow + map.columnColumn * sums.columnColumn
        + map.column * sums.column
    }
    return (
      Tensor(values, shape: z.shape),
      needsInput ? warp.inputPullback(gradient, at: positions) : nil
    )
  }

  private func warp(_ shape: Shape) -> Warp {
    let size = shape[1] * shape[2]
    return Warp(
      shape, outside: .fill((0..<shape[0]).map { bounds.range(at: $0 * size).lowerBound }))
  }

  /// The map of the whole: the last part's is applied to a place of the result first.
  private func map<Scalar: TensorScalar>(_ z: Tensor<Scalar>) -> PlaneMap<Scalar> {
    pieces(z).reduce(.identity) { $0.after($1.part.map($1.z)) }
  }

  /// The derivatives of the whole with respect to each parameter.
  private func derivatives<Scalar: TensorScalar>(_ z: Tensor<Scalar>) -> [PlaneMap<Scalar>] {
    let pieces = pieces(z)
    return pieces.indices.flatMap { index in
      let before = pieces[..<index].reduce(PlaneMap<Scalar>.identity) {
        $0.after($1.part.map($1.z))
      }
      let behind = pieces[(index + 1)...].reduce(PlaneMap<Scalar>.identity) {
        $0.after($1.part.map($1.z))
      }
      return pieces[index].part.derivatives(pieces[index].z).map { derivative in
        before.after(derivative.after(behind), adding: false)
      }
    }
  }

  private func pieces<Scalar: TensorScalar>(
    _ z: Tensor<Scalar>
  ) -> [(part: any AffineChange, z: [Scalar])] {
    var first = 0
    return parts.map { part in
      defer { first += part.parameterCount }
      return (part, Array(z.scalars[first..<first + part.parameterCount]))
    }
  }

  private func positions<Scalar: TensorScalar>(
    of map: PlaneMap<Scalar>, in shape: Shape
  ) -> [Scalar] {
    var positions = [Scalar](repeating: 0, count: 2 * shape[1] * shape[2])
    let (middleRow, middleColumn) = (Scalar(shape[1] - 1) / 2, Scalar(shape[2] - 1) / 2)
    Motion.forEachPlace(in: shape) { place, row, column in
      positions[2 * place] = middleRow + (map.rowRow * row + map.rowColumn * column + map.row)
      positions[2 * place + 1] =
        middleColumn + (map.columnRow * row + map.columnColumn * column + map.column)
    }
    return positions
  }

  /// Each place of a picture with its row and column relative to the middle.
  private static func forEachPlace<Scalar: TensorScalar>(
    in shape: Shape, _ body: (Int, Scalar, Scalar) -> Void
  ) {
    let (middleRow, middleColumn) = (Scalar(shape[1] - 1) / 2, Scalar(shape[2] - 1) / 2)
    var place = 0
    for row in 0..<shape[1] {
      for column in 0..<shape[2] {
        body(place, Scalar(row) - middleRow, Scalar(column) - middleColumn)
        place += 1
      }
    }
  }
}

extension AffineChange {
  /// The same alone.
  var motion: Motion { Motion([self], bounds: bounds) }
}

/// Rotation of a picture about its middle, counter-clockwise, by at most so many degrees.
///
/// z is the angle in degrees. Pixels are read bilinearly; what comes into sight is black (the lower bound).
///
/// Engstrom, Tran, Tsipras, Schmidt and Madry, "Exploring the landscape of spatial robustness", 2019,
/// https://arxiv.org/abs/1712.02779.
public struct Rotation: ParametricThreat, AffineChange, Hashable {
  /// The largest angle, in degrees.
  public let degrees: Double
  /// The values that each coordinate may take.
  public let bounds: InputBounds

  /// Creates a rotation.
  ///
  /// - Throws: `ThreatError.size` unless the angle is in 0...180.
  public init(degrees: Double, bounds: InputBounds = .unit) throws(ThreatError) {
    guard degrees >= 0, degrees <= 180 else { throw .size("rotation", degrees, expected: 0...180) }
    self.degrees = degrees
    self.bounds = bounds
  }

  /// The angles.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try check(x)
    return BoxRegion(parameters: [1], in: -degrees...degrees)
  }

  /// Rotations by any angle.
  public var withoutLimit: (any ThreatModel)? { try? Rotation(degrees: 180, bounds: bounds) }

  /// The text form, such as `rotation:30`.
  public var description: String { "rotation:\(degrees.plain)" }

  /// Makes sure that the example is a picture within the bounds.
  public func check(_ x: Tensor<Float>) throws { try checkPicture(x) }

  /// The changed input.
  public func changed<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, by z: Tensor<Scalar>
  ) -> Tensor<Scalar> { motion.changed(x, by: z) }

  /// The gradients with respect to z and the input.
  public func gradients<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, at z: Tensor<Scalar>, of x: Tensor<Scalar>, needsInput: Bool
  ) -> (z: Tensor<Scalar>, input: Tensor<Scalar>?) {
    motion.gradients(gradient, at: z, of: x, needsInput: needsInput)
  }

  var parameterCount: Int { 1 }

  func map<Scalar: TensorScalar>(_ z: [Scalar]) -> PlaneMap<Scalar> {
    let angle = z[0] * Scalar(Double.pi / 180)
    let (sine, cosine) = (Scalar.sin(angle), Scalar.cos(angle))
    return PlaneMap(
      rowRow: cosine, rowColumn: sine, row: 0, columnRow: -sine, columnColumn: cosine, column: 0)
  }

  func derivatives<Scalar: TensorScalar>(_ z: [Scalar]) -> [PlaneMap<Scalar>] {
    let rate = Scalar(Double.pi / 180)
    let (sine, cosine) = (rate * Scalar.sin(z[0] * rate), rate * Scalar.cos(z[0] * rate))
    return [
      PlaneMap(
        rowRow: -sine, rowColumn: cosine, row: 0, columnRow: -cosine, columnColumn: -sine,
        column: 0)
    ]
  }
}

/// A shift of a picture by at most so many pixels down or up, and as many to the right or left.
///
/// z holds the pixels down and the pixels to the right, whole or not. Pixels are read bilinearly; what comes into
/// sight is black (the lower bound).
///
/// Engstrom, Tran, Tsipras, Schmidt and Madry, "Exploring the landscape of spatial robustness", 2019,
/// https://arxiv.org/abs/1712.02779.
public struct Shift: ParametricThreat, AffineChange, Hashable {
  /// The largest shift along either axis, in pixels.
  public let pixels: Double
  /// The values that each coordinate may take.
  public let bounds: InputBounds

  /// Creates a shift.
  ///
  /// - Throws: `ThreatError.size` unless the number of pixels is in 0...10000.
  public init(pixels: Double, bounds: InputBounds = .unit) throws(ThreatError) {
    guard pixels >= 0, pixels <= 10_000 else {
      throw .size("shift", pixels, expected: 0...10_000)
    }
    self.pixels = pixels
    self.bounds = bounds
  }

  /// The shifts, two numbers.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try check(x)
    return BoxRegion(parameters: [2], in: -pixels...pixels)
  }

  /// The text form, such as `shift:3`.
  public var description: String { "shift:\(pixels.plain)" }

  /// Makes sure that the example is a picture within the bounds.
  public func check(_ x: Tensor<Float>) throws { try checkPicture(x) }

  /// The changed input.
  public func changed<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, by z: Tensor<Scalar>
  ) -> Tensor<Scalar> { motion.changed(x, by: z) }

  /// The gradients with respect to z and the input.
  public func gradients<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, at z: Tensor<Scalar>, of x: Tensor<Scalar>, needsInput: Bool
  ) -> (z: Tensor<Scalar>, input: Tensor<Scalar>?) {
    motion.gradients(gradient, at: z, of: x, needsInput: needsInput)
  }

  var parameterCount: Int { 2 }

  func map<Scalar: TensorScalar>(_ z: [Scalar]) -> PlaneMap<Scalar> {
    PlaneMap(rowRow: 1, rowColumn: 0, row: -z[0], columnRow: 0, columnColumn: 1, column: -z[1])
  }

  func derivatives<Scalar: TensorScalar>(_ z: [Scalar]) -> [PlaneMap<Scalar>] {
    [
      PlaneMap(rowRow: 0, rowColumn: 0, row: -1, columnRow: 0, columnColumn: 0, column: 0),
      PlaneMap(rowRow: 0, rowColumn: 0, row: 0, columnRow: 0, columnColumn: 0, column: -1),
    ]
  }
}
