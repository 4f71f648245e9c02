import Graphs
import Tensors

/// A piecewise linear network extended by its slope along a direction, with what decides which piece an input is on.
struct TangentGraph: Sendable {
  /// Where the network is not linear: values that bend at levels, or of which the largest counts.
  struct Bend: Sendable {
    /// The value that decides.
    let value: Value
    /// Its slope along the direction.
    let slope: Value
    /// What happens there.
    let kind: Kind

    enum Kind: Sendable {
      /// Each number by itself, at these levels.
      case levels([Float])
      /// The largest (or smallest, with the sign -1) of each group of positions within an example.
      case winners(groups: [[Int]], sign: Float)
    }
  }

  /// The extended graph.
  private(set) var builder: GraphBuilder
  /// Where it bends.
  private(set) var bends: [Bend] = []
  private var tangents: [Int: Value] = [:]

  /// The input that holds the direction.
  static let direction = "attribution.direction"

  /// Extends a graph up to a value; `nil` where an operator is not piecewise linear in the input.
  ///
  /// - Parameters:
  ///   - builder: The graph.
  ///   - x: Its input.
  ///   - target: The last value that is needed.
  /// - Throws: `GraphError`, though never for a graph that is right.
  init?(_ builder: GraphBuilder, from x: Value, to target: Value) throws(GraphError) {
    let nodes = builder.nodes
    self.builder = builder
    tangents[x.index] = self.builder.input(
      TangentGraph.direction, builder.extents(of: x))
    for (index, node) in nodes[...target.index].enumerated() {
      guard case .operation(let op, let operands, _) = node,
        operands.contains(where: { tangents[$0.index] != nil })
      else { continue }
      guard let tangent = try tangent(of: op, operands, result: Value(index: index)) else {
        return nil
      }
      tangents[index] = tangent
    }
  }

  /// The slope of an operator's result along the direction; `nil` where it is not piecewise linear.
  private mutating func tangent(
    of op: any Operator, _ operands: [Value], result: Value
  ) throws(GraphError) -> Value? {
    let slopes = operands.map { tangents[$0.index] }
    switch op {
    case is Reshape, is Transpose, is Slice, is Gather, is Reduce, is Broadcast, is Expand,
      is SparseProduct, is AveragePool:
      return try slopes[0].map { slope throws(GraphError) in try apply(op, [slope]) }
    case let pad as Pad:
      return try slopes[0].map { slope throws(GraphError) in
        try apply(Pad(axis: pad.axis, before: pad.before, after: pad.after), [slope])
      }
    case is Concatenate:
      var parts: [Value] = []
      for (operand, slope) in zip(operands, slopes) {
        parts.append(try self.slope(slope, of: operand))
      }
      return try apply(op, parts)
    case is Convolution, is MatrixMultiply:
      guard slopes.count(where: { $0 != nil }) == 1 else { return nil }
      return try apply(op, zip(operands, slopes).map { $1 ?? $0 })
    case is BatchNormalization:
      guard let slope = slopes[0], slopes.dropFirst().allSatisfy({ $0 == nil }) else { return nil }
      let zeros = try builder.scale(operands[2], by: 0)
      return try apply(op, [slope, operands[1], zeros, zeros, operands[4]])
    case let arithmetic as Arithmetic: return try tangent(of: arithmetic, operands, slopes)
    case let elementwise as Elementwise:
      guard let slope = slopes[0] else { return nil }
      return try tangent(of: elementwise.function, operands[0], slope, result)
    case let pool as MaxPool:
      guard let slope = slopes[0] else { return nil }
      bends.append(
        Bend(
          value: operands[0], slope: slope,
          kind: .winners(groups: pool.groups(of: builder.extents(of: operands[0])), sign: 1)))
      return try apply(MaxPoolGather(pool), [slope, operands[0]])
    case let extremum as Extremum where !extremum.axes.contains(0):
      guard let slope = slopes[0] else { return nil }
      return try tangent(of: extremum, operands[0], slope, result)
    default: return nil
    }
  }

  private mutating func tangent(
    of op: Arithmetic, _ operands: [Value], _ slopes: [Value?]
  ) throws(GraphError) -> Value? {
    let (left, right) = (operands[0], operands[1])
    switch (op.operation, slopes[0], slopes[1]) {
    case (.add, let first?, let second?): return try builder.add(first, second)
    case (.add, let only?, nil), (.add, nil, let only?): return only
    case (.multiply, let slope?, nil): return try builder.multiply(slope, right)
    case (.multiply, nil, let slope?): return try builder.multiply(slope, left)
    case (.divide, let slope?, nil): return try apply(op, [slope, right])
    case (.maximum, _, _), (.minimum, _, _):
      let first = try slope(slopes[0], of: left)
      let second = try slope(slopes[1], of: right)
      bends.append(
        Bend(
          value: try builder.subtract(left, right), slope: try builder.subtract(first, second),
          kind: .levels([0])))
      let isFirst = try apply(
        Comparison(op.operation == .maximum ? .greater : .less), [left, right])
      let isSecond = try builder.affine(isFirst, factor: -1, offset: 1)
      return try builder.add(
        try builder.multiply(isFirst, first), try builder.multiply(isSecond, second))
    default: return nil
    }
  }

  private mutating func tangent(
    of function: Elementwise.Function, _ x: Value, _ slope: Value, _ y: Value
  ) throws(GraphError) -> Value? {
    let levels: [Float]
    let factor: Value
    switch function {
    case .affine(let factor, _): return try builder.scale(slope, by: factor)
    case .relu:
      levels = [0]
      factor = try apply(Elementwise(.step), [x])
    case .leakyReLU(let below):
      levels = [0]
      factor = try builder.affine(
        try apply(Elementwise(.step), [x]), factor: 1 - below, offset: below)
    case .abs:
      levels = [0]
      factor = try apply(Elementwise(.sign), [x])
    case .clip(let lower, let upper):
      levels = [lower, upper].filter(\.isFinite)
      factor = try apply(Elementwise(.inside(lower: lower, upper: upper)), [x])
    case .hardSigmoid(let alpha, let beta) where alpha != 0:
      levels = [-beta / alpha, (1 - beta) / alpha]
      factor = try builder.scale(
        try apply(Elementwise(.inside(lower: 0, upper: 1)), [y]), by: alpha)
    default: return nil
    }
    bends.append(Bend(value: x, slope: slope, kind: .levels(levels)))
    return try builder.multiply(slope, factor)
  }

  private mutating func tangent(
    of op: Extremum, _ x: Value, _ slope: Value, _ y: Value
  ) throws(GraphError) -> Value? {
    let extents = builder.extents(of: x)
    let spread = Broadcast(to: extents, axes: op.axes)
    let winners = try apply(Comparison(.equal), [x, try apply(spread, [y])])
    let sum = try apply(Reduce(axes: op.axes), [try builder.multiply(winners, slope)])
    bends.append(
      Bend(
        value: x, slope: slope,
        kind: .winners(groups: extents.groups(along: op.axes), sign: op.isMaximum ? 1 : -1)))
    return try apply(
      Arithmetic(.divide), [sum, try apply(Reduce(axes: op.axes), [winners])])
  }

  /// The slope of an operand; zeros where it does not depend on the input.
  private mutating func slope(_ known: Value?, of operand: Value) throws(GraphError) -> Value {
    if let known { return known }
    return try builder.scale(operand, by: 0)
  }

  private mutating func apply(
    _ op: some Operator, _ operands: [Value]
  ) throws(GraphError) -> Value { try builder.apply(op, to: operands) }
}

extension MaxPool {
  /// The positions of an example, C x H x W, that lie under each position of the window.
  fileprivate func groups(of extents: Extents) -> [[Int]] {
    let size = (height: extents[2], width: extents[3])
    guard let steps = window.outputSize(of: Window.Pair(size.height, size.width)) else { return [] }
    func line(
      _ step: Int, _ size: Int, _ kernel: Int, _ stride: Int, _ before: Int, _ dilation: Int
    ) -> [Int] {
      (0..<kernel).map { step * stride - before + $0 * dilation }.filter { 0..<size ~= $0 }
    }
    var groups: [[Int]] = []
    for plane in 0..<extents[1] {
      for row in 0..<steps.height {
        let rows = line(
          row, size.height, window.kernel.height, window.stride.height,
          window.paddingBefore.height, window.dilation.height)
        for column in 0..<steps.width {
          let columns = line(
            column, size.width, window.kernel.width, window.stride.width,
            window.paddingBefore.width, window.dilation.width)
          groups.append(
            rows.flatMap { row in
              columns.map { (plane * size.height + row) * size.width + $0 }
            })
        }
      }
    }
    return groups
  }
}

extension Extents {
  /// The positions of an example that differ only along some axes, group after group.
  fileprivate func groups(along axes: [Int]) -> [[Int]] {
    let shape = Shape(Array(values.dropFirst()))
    let strides = shape.strides
    let kept = shape.extents.indices.filter { !axes.contains($0 + 1) }
    var groups: [Int: [Int]] = [:]
    for position in 0..<shape.count {
      var key = 0
      for axis in kept { key = key * shape[axis] + position / strides[axis] % shape[axis] }
      groups[key, default: []].append(position)
    }
    return groups.sorted { $0.key < $1.key }.map(\.value)
  }
}
