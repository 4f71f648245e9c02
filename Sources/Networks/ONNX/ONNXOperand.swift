import Graphs
import Tensors

/// A value while a network is read, with its shape for one example as ONNX sees it.
struct ONNXOperand {
  enum Content {
    /// Known when the network is read; a named one is a parameter of the network.
    case known(ONNXTensor, parameter: String?)
    /// A value in the graph; a batched one holds such a value for each example.
    case value(Value, isBatched: Bool)
  }

  let content: Content
  let kind: ONNXTensor.Kind
  /// The shape at batch size 1.
  let shape: [Int]
  /// Whether it is the network's input but for elementwise arithmetic with known values.
  var isNormalizedInput = false

  init(_ tensor: ONNXTensor, parameter: String? = nil) {
    content = .known(tensor, parameter: parameter)
    kind = tensor.kind
    shape = tensor.shape
  }

  init(_ value: Value, isBatched: Bool, shape: [Int], kind: ONNXTensor.Kind = .float) {
    content = .value(value, isBatched: isBatched)
    self.kind = kind
    self.shape = shape
  }

  var rank: Int { shape.count }

  /// Number of values per example.
  var count: Int { shape.reduce(1, *) }

  var isBatched: Bool { if case .value(_, true) = content { true } else { false } }

  /// The known values, if they are.
  var known: ONNXTensor? {
    if case .known(let tensor, _) = content { tensor } else { nil }
  }

  /// Whether a trainer could change it: floats of the file that are more than one number.
  var isParameter: Bool {
    if case .known(let tensor, .some) = content {
      tensor.kind == .float && tensor.precision == .single && tensor.count > 1
    } else {
      false
    }
  }
}

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

/// Arithmetic of shapes that come from files, checked for overflow and absurd sizes.
enum ONNXShape {
  /// The largest number of axes.
  static let rankLimit = 16
  /// The largest number of values of one tensor per example: half a gigabyte.
  static let countLimit = 1 << 27
  /// The largest number of values of a tensor that is computed while reading.
  static let foldLimit = 1 << 22

  /// Extents of a file as non-negative integers; `nil` if one is negative.
  static func integers(_ extents: [Int64]) -> [Int]? {
    let result = extents.map { Int($0) }
    return result.allSatisfy { $0 >= 0 } ? result : nil
  }

  /// The number of values; `nil` if it is above the limit, or would be but for axes of nothing.
  static func count(_ shape: [Int]) -> Int? {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: max(extent, 1))
      guard !overflow, product <= countLimit, extent >= 0 else { return nil }
      count = product
    }
    return shape.contains(0) ? 0 : count
  }

  /// A shape that is not absurd; nothing along an axis is allowed.
  ///
  /// - Throws: `ONNXProblem` if it is.
  @discardableResult
  static func checked(_ shape: [Int]) throws -> [Int] {
    guard shape.count <= rankLimit, shape.allSatisfy({ 0...countLimit ~= $0 }), count(shape) != nil
    else {
      throw ONNXProblem(
        "a value of \(shape.map(String.init).joined(separator: "x")) is too large")
    }
    return shape
  }

  /// An axis counted from the front.
  ///
  /// - Throws: `ONNXProblem` if there is no such axis.
  static func axis(_ axis: Int, rank: Int) throws -> Int {
    guard -rank..<rank ~= axis else {
      throw ONNXProblem("there is no axis \(axis) among \(rank)")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// Several different axes counted from the front.
  static func axes(_ axes: [Int], rank: Int) throws -> [Int] {
    let result = try axes.map { try axis($0, rank: rank) }
    guard Set(result).count == result.count else { throw ONNXProblem("an axis is named twice") }
    return result
  }

  /// The shape to which NumPy's rules broadcast two.
  static func broadcast(_ left: [Int], _ right: [Int]) throws -> [Int] {
    let rank = max(left.count, right.count)
    let a = [Int](repeating: 1, count: rank - left.count) + left
    let b = [Int](repeating: 1, count: rank - right.count) + right
    return try checked(
      zip(a, b).map { l, r in
        guard l == r || l == 1 || r == 1 else {
          throw ONNXProblem("\(Shape(left)) and \(Shape(right)) do not broadcast")
        }
        return l == 1 ? r : l
      })
  }
}
