/// How values at new positions along an axis are made from those at the old ones.
public struct Resampling: Hashable, Sendable {
  /// Which old values make a new one.
  public var interpolation: Interpolation
  /// Where a new position lies among the old ones.
  public var coordinates: Coordinates
  /// Whether the interpolating function is widened where positions become fewer.
  public var antialiases: Bool
  /// Whether positions beyond the ends have no weight, where else those at the ends stand for them.
  public var excludesOutside: Bool

  /// The interpolating functions.
  public enum Interpolation: Hashable, Sendable {
    /// The value at one position.
    case nearest(Rounding)
    /// A straight line between two neighbours.
    case linear
    /// A cubic convolution of four neighbours (Keys 1981) with its coefficient, usually -0.75 or -0.5.
    case cubic(coefficient: Float)
  }

  /// Which position is nearest.
  public enum Rounding: Hashable, Sendable, CaseIterable {
    /// The one before.
    case floor
    /// The one behind.
    case ceiling
    /// The nearer one, of two the one before.
    case preferringFloor
    /// The nearer one, of two the one behind.
    case preferringCeiling
  }

  /// The maps of new positions to old ones; "scale" is the number of new positions for an old one.
  public enum Coordinates: Hashable, Sendable {
    /// (x + 1/2) / scale - 1/2.
    case halfPixel
    /// The same about the middle of the axis, where the scale is no quotient of the sizes.
    case symmetricHalfPixel
    /// As `halfPixel`, but 0 for a single new position.
    case halfPixelUnlessSingle
    /// (x + 1/2) / scale.
    case halfPixelWithoutShift
    /// First on first and last on last, whatever the scale.
    case alignedCorners
    /// x / scale.
    case asymmetric
    /// From `start` to `end`, as shares of the axis; positions beyond its ends give zero.
    case crop(start: Float, end: Float)
  }

  /// Creates a way to resample.
  public init(
    _ interpolation: Interpolation, _ coordinates: Coordinates = .halfPixel,
    antialiases: Bool = false, excludesOutside: Bool = false
  ) {
    self.interpolation = interpolation
    self.coordinates = coordinates
    self.antialiases = antialiases
    self.excludesOutside = excludesOutside
  }

  /// The matrix from `extent` old positions to `count` new ones.
  ///
  /// Positions and weights are computed in single precision, as those who run such networks do: in another one a
  /// position could fall on the other side of a half.
  ///
  /// - Parameters:
  ///   - extent: The number of old positions, at least 1.
  ///   - count: The number of new positions.
  ///   - scale: The number of new positions for an old one; the quotient of both by default.
  /// - Returns: A matrix of `count` rows.
  public func matrix(from extent: Int, to count: Int, scale: Float? = nil) -> SparseMatrix {
    precondition(extent >= 1 && count >= 0, "there is nothing to resample")
    let scale = scale ?? Float(count) / Float(extent)
    let rows = (0..<count).map { position -> [SparseMatrix.Entry] in
      let place = place(of: Float(position), from: extent, to: count, scale: scale)
      if case .crop = coordinates, place < 0 || place > Float(extent - 1) { return [] }
      return entries(at: place, extent: extent, scale: scale)
    }
    return SparseMatrix(rows: rows, columnCount: extent)
  }

  /// Whether the nearest of some positions is decided by the last bits of where they lie.
  ///
  /// - Parameters: As those of `matrix`.
  /// - Returns: Whether one lies within 1e-5 of the border between two old ones; `false` unless the nearest is taken.
  public func hasTies(from extent: Int, to count: Int, scale: Float? = nil) -> Bool {
    guard case .nearest(let rounding) = interpolation else { return false }
    let scale = scale ?? Float(count) / Float(extent)
    let border: Float = rounding == .floor || rounding == .ceiling ? 0 : 0.5
    return (0..<count).contains { position in
      let shifted = place(of: Float(position), from: extent, to: count, scale: scale) - border
      return abs(shifted - shifted.rounded()) < 1e-5
    }
  }

  private func place(of x: Float, from extent: Int, to count: Int, scale: Float) -> Float {
    let last = Float(extent - 1)
    switch coordinates {
    case .halfPixel: return (x + 0.5) / scale - 0.5
    case .symmetricHalfPixel:
      let adjustment = Float(count) / (scale * Float(extent))
      let offset = Float(extent) / 2 * (1 - adjustment)
      // In double precision here, as onnxruntime adds it.
      return Float(Double(offset) + (Double(x) + 0.5) / Double(scale) - 0.5)
    case .halfPixelUnlessSingle: return count > 1 ? (x + 0.5) / scale - 0.5 : 0
    case .halfPixelWithoutShift: return (x + 0.5) / scale
    case .alignedCorners: return count > 1 ? x * last / Float(count - 1) : 0
    case .asymmetric: return x / scale
    case .crop(let start, let end):
      return count > 1
        ? start * last + x * (end - start) * last / Float(count - 1) : (start + end) / 2 * last
    }
  }

  private func entries(at place: Float, extent: Int, scale: Float) -> [SparseMatrix.Entry] {
    // Far beyond the ends all is as at the ends; this keeps what follows within the integers.
    let place = place.isNaN ? 0 : min(max(place, -Float(extent) - 4), 2 * Float(extent) + 4)
    let support: Float
    switch interpolation {
    case .nearest(let rounding):
      return [.init(min(max(rounding.position(of: place), 0), extent - 1), 1)]
    case .linear: support = 1
    case .cubic: support = 2
    }
    // Less than one new position in all is no resampling; the bound keeps rows short.
    let narrowing = antialiases ? max(min(scale, 1), 0.5 / Float(extent)) : 1
    let reach = support / narrowing
    let first = Int((place - reach).rounded(.down)) + 1
    let end = max(Int((place + reach).rounded(.up)), first + 1)
    var terms = (first..<end).map { ($0, weight(atDistance: (Float($0) - place) * narrowing)) }
    if excludesOutside { terms.removeAll { !(0..<extent ~= $0.0) } }
    if excludesOutside || antialiases {
      let sum = terms.reduce(0) { $0 + $1.1 }
      if sum != 0 { terms = terms.map { ($0.0, $0.1 / sum) } }
    }
    var merged: [SparseMatrix.Entry] = []
    for (position, weight) in terms where weight != 0 {
      let column = min(max(position, 0), extent - 1)
      if merged.last?.column == column {
        merged[merged.count - 1].weight += weight
      } else {
        merged.append(.init(column, weight))
      }
    }
    return merged
  }

  private func weight(atDistance distance: Float) -> Float {
    let x = abs(distance)
    switch interpolation {
    case .nearest: return x < 0.5 ? 1 : 0
    case .linear: return max(1 - x, 0)
    case .cubic(let a):
      if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
    }
  }
}

extension Resampling.Rounding {
  fileprivate func position(of place: Float) -> Int {
    switch self {
    case .floor: Int(place.rounded(.down))
    case .ceiling: Int(place.rounded(.up))
    case .preferringFloor: Int((place - 0.5).rounded(.up))
    case .preferringCeiling: Int((place + 0.5).rounded(.down))
    }
  }
}

extension GraphBuilder {
  /// The values at `count` new positions along one axis other than the batch; for images, one axis after the other.
  ///
  /// - Throws: `GraphError.operands` if there is no such axis, or nothing along it.
  public mutating func resample(
    _ x: Value, axis: Int, to count: Int, scale: Float? = nil, _ resampling: Resampling
  ) throws(GraphError) -> Value {
    let extents = extents(of: x)
    guard 0..<extents.rank ~= axis, extents[axis] >= 1, count >= 0, scale.map({ $0 > 0 }) ?? true
    else {
      throw .operands(
        operator: "resampling", expected: "one operand with values along axis \(axis)",
        found: [extents])
    }
    let matrix = resampling.matrix(from: extents[axis], to: count, scale: scale)
    if matrix.columns.count == count, matrix.weights.allSatisfy({ $0 == 1 }),
      (0..<count).allSatisfy({ matrix.starts[$0] == $0 })
    {
      return try apply(Gather(indices: matrix.columns, axis: axis), x)
    }
    return try apply(SparseProduct(matrix, axis: axis), x)
  }
}
