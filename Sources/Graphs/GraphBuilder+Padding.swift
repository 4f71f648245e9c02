/// What values get where they are extended beyond their edges.
public enum PaddingMode: Hashable, Sendable {
  /// One value everywhere.
  case constant(Float)
  /// The value at the edge.
  case edge
  /// The values mirrored at the edge, which is not repeated.
  case reflect
  /// The values from the other end.
  case wrap
}

extension GraphBuilder {
  /// Positions added before and after along each axis, or removed where their number is negative.
  ///
  /// Both lists have a number for each axis, zero for the batch.
  ///
  /// - Throws: `GraphError.operands` if the numbers do not fit the extents.
  public mutating func pad(
    _ x: Value, before: [Int], after: [Int], mode: PaddingMode
  ) throws(GraphError) -> Value {
    let extents = extents(of: x)
    guard before.count == extents.rank, after.count == extents.rank else {
      throw .operands(
        operator: "padding", expected: "as many axes as there are numbers", found: [extents])
    }
    var y = x
    for axis in 0..<extents.rank where before[axis] != 0 || after[axis] != 0 {
      y = try pad(y, axis: axis, before: before[axis], after: after[axis], mode: mode)
    }
    return y
  }

  private mutating func pad(
    _ x: Value, axis: Int, before: Int, after: Int, mode: PaddingMode
  ) throws(GraphError) -> Value {
    let extents = extents(of: x)
    let extent = extents[axis]
    func misfit(_ expected: String) -> GraphError {
      .operands(operator: "padding", expected: expected, found: [extents])
    }
    let limit = Int(Int32.max)
    guard extent != Extents.batch, -extent...limit ~= before, -extent...limit ~= after,
      extent + before + after >= 0
    else { throw misfit("numbers of positions that fit axis \(axis)") }
    // What is removed is removed first: edges and mirrors are those of what is left.
    let (first, last) = (max(-before, 0), extent - max(-after, 0))
    guard first <= last else { throw misfit("numbers of positions that fit axis \(axis)") }
    let kept =
      first > 0 || last < extent ? try apply(Slice(axis: axis, range: first..<last), x) : x
    if before <= 0, after <= 0 { return kept }
    let (more, behind) = (max(before, 0), max(after, 0))
    if case .constant(let value) = mode {
      return try apply(Pad(axis: axis, before: more, after: behind, value: value), kept)
    }
    let count = last - first
    guard count > 0 else { throw misfit("values along axis \(axis)") }
    let indices = (-more..<count + behind).map { position in
      switch mode {
      case .constant, .edge: return min(max(position, 0), count - 1)
      case .wrap: return (position % count + count) % count
      case .reflect:
        // Mirrored as often as it takes.
        let period = max(2 * (count - 1), 1)
        let place = (position % period + period) % period
        return min(place, period - place) % count
      }
    }
    return try apply(Gather(indices: indices, axis: axis), kept)
  }
}
