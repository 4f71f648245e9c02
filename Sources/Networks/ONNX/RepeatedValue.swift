import Graphs

/// A value seen as functions of every element of another, which is repeated and given axes of 1.
struct RepeatedValue {
  /// The value that is none of this.
  let source: Value
  /// The functions, the last applied first.
  let functions: [Elementwise.Function]
  /// Each axis with the distance in the source between its neighbours, zero where the source is repeated; `nil` if other
  /// shapes than those by axes of 1 were given.
  private let axes: [Axis]?

  private struct Axis {
    let extent: Int
    let stride: Int
  }

  /// Follows a value back to what it is made of.
  init(_ value: Value, in graph: Graph) {
    var source = value
    var functions: [Elementwise.Function] = []
    var moves: [any Operator] = []
    search: while case .operation(let op, let operands, _) = graph[source] {
      switch op {
      case let op as Elementwise: functions.append(op.function)
      case is Reshape, is Expand: moves.append(op)
      case let op as Broadcast where !op.isMean: moves.append(op)
      default: break search
      }
      source = operands[0]
    }
    self.source = source
    self.functions = functions
    axes = moves.reversed().reduce(Self.axes(of: graph[source].extents)) { axes, op in
      axes.flatMap { Self.axes($0, after: op) }
    }
  }

  /// Whether the source, of the extents without some axes, is repeated along just these.
  func repeats(alongAxes repeated: [Int], of extents: Extents) -> Bool {
    guard let axes, axes.map(\.extent) == extents.values else { return false }
    let kept = extents.values.indices.filter { !repeated.contains($0) }
    let strides = Self.axes(of: Extents(kept.map { extents[$0] })).map(\.stride)
    let expected = Dictionary(uniqueKeysWithValues: zip(kept, strides))
    return axes.indices.allSatisfy {
      axes[$0].extent == 1 || axes[$0].stride == expected[$0] ?? 0
    }
  }

  /// The axes of a value as it is.
  private static func axes(of extents: Extents) -> [Axis] {
    var axes: [Axis] = []
    var stride = 1
    for extent in extents.values.reversed() {
      axes.append(Axis(extent: extent, stride: stride))
      stride *= extent
    }
    return axes.reversed()
  }

  /// The axes after one more operator.
  private static func axes(_ axes: [Axis], after op: any Operator) -> [Axis]? {
    switch op {
    case let op as Broadcast:
      var rest = axes[...]
      return op.target.values.enumerated().compactMap { index, extent in
        op.axes.contains(index) ? Axis(extent: extent, stride: 0) : rest.popFirst()
      }
    case let op as Expand:
      return zip(axes, op.target.values).map { axis, extent in
        axis.extent == extent ? axis : Axis(extent: extent, stride: 0)
      }
    case let op as Reshape:
      let kept = axes.filter { $0.extent != 1 }
      guard kept.map(\.extent) == op.target.values.filter({ $0 != 1 }) else { return nil }
      var rest = kept[...]
      return op.target.values.compactMap {
        $0 == 1 ? Axis(extent: 1, stride: 0) : rest.popFirst()
      }
    default: return nil
    }
  }
}
