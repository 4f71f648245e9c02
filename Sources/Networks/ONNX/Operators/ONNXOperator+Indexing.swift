import Graphs
import Tensors

extension ONNXOperator {
  /// Selections and assignments by indices that are known when a network is read.
  static let indexing: [String: ONNXOperator] = [
    "GatherND": .one(["batch_dims"]) { scope, call in
      let x = try call.operand(0)
      let indices = try indices(call, of: x, in: scope)
      let batch = try call.node.integer("batch_dims") ?? 0
      let (places, depth) = try positions(indices, in: x.shape, batch: batch)
      return try rows(places, of: x, depth: depth, indices.shape.dropLast(), &scope)
    },
    "GatherElements": .one(["axis"]) { scope, call in
      let x = try call.operand(0)
      let indices = try indices(call, of: x, in: scope)
      let axis = try ONNXShape.axis(try call.node.integer("axis") ?? 0, rank: x.rank)
      let places = try elements(indices, in: x.shape, axis: axis)
      return try rows(places, of: x, depth: x.rank, indices.shape[...], &scope)
    },
    "ScatterND": .one(["reduction"]) { scope, call in
      let x = try call.operand(0)
      let indices = try indices(call, of: x, in: scope)
      let (places, depth) = try positions(indices, in: x.shape, batch: 0)
      return try assigned(call, places, depth: depth, indices.shape.dropLast(), &scope)
    },
    "ScatterElements": .one(["axis", "reduction"], scatterElements),
    "Scatter": .one(["axis"], scatterElements),
    "Compress": .one(["axis"]) { scope, call in
      var x = try call.operand(0)
      guard let condition = try call.known(1, "condition", in: scope)?.integers else {
        throw ONNXProblem("its condition is missing")
      }
      let given = try call.node.integer("axis")
      if given == nil { x = try reshaped(x, [x.count], &scope) }
      let axis = try ONNXShape.axis(given ?? 0, rank: x.rank)
      let chosen = condition.indices.filter { condition[$0] != 0 }
      guard condition.count <= x.shape[axis] else {
        throw ONNXProblem("its condition has more places than the axis")
      }
      let indices = ONNXOperand(ONNXTensor(chosen, shape: [chosen.count]))
      return try apply(
        ONNXNode("Gather", opset: 13, integers: ["axis": axis]), [x, indices], &scope)
    },
    "NonZero": .one { scope, call in
      guard let tensor = try call.known(0, "input", in: scope) else {
        throw ONNXProblem("its input is missing")
      }
      let floats = tensor.floats
      let found = floats.indices.filter { floats[$0] != 0 }
      var strides = [Int](repeating: 1, count: tensor.shape.count)
      for axis in strides.indices.dropLast().reversed() {
        strides[axis] = strides[axis + 1] * tensor.shape[axis + 1]
      }
      let values = strides.enumerated().flatMap { axis, stride in
        found.map { $0 / stride % tensor.shape[axis] }
      }
      return ONNXOperand(ONNXTensor(values, shape: [strides.count, found.count]))
    },
  ]

  private static func scatterElements(
    _ scope: inout ONNXScope, _ call: ONNXCall
  ) throws -> ONNXOperand {
    let x = try call.operand(0)
    let indices = try indices(call, of: x, in: scope)
    let axis = try ONNXShape.axis(try call.node.integer("axis") ?? 0, rank: x.rank)
    let places = try elements(indices, in: x.shape, axis: axis)
    return try assigned(call, places, depth: x.rank, indices.shape[...], &scope)
  }

  private static func indices(
    _ call: ONNXCall, of x: ONNXOperand, in scope: ONNXScope
  ) throws -> ONNXTensor {
    guard let tensor = try call.known(1, "indices", in: scope) else {
      throw ONNXProblem("its indices are missing")
    }
    guard tensor.kind == .integer, tensor.shape.count > 0, x.rank > 0 else {
      throw ONNXProblem("its indices are \(Shape(tensor.shape)) for \(Shape(x.shape))")
    }
    return tensor
  }

  /// Where indices of several axes point to, as rows of these axes joined; and how many axes these are.
  private static func positions(
    _ indices: ONNXTensor, in shape: [Int], batch: Int
  ) throws -> (places: [Int], depth: Int) {
    let width = indices.shape[indices.shape.count - 1]
    guard 0..<indices.shape.count ~= batch, width >= 1, batch + width <= shape.count,
      indices.shape[..<batch] == shape[..<batch]
    else {
      throw ONNXProblem("its indices are \(Shape(indices.shape)) for \(Shape(shape))")
    }
    let values = try indices.integers
    let count = values.count / width
    let block = max(indices.shape[batch...].dropLast().reduce(1, *), 1)
    let places = try (0..<count).map { row in
      try (0..<width).reduce(row / block) { place, axis in
        place * shape[batch + axis] + (try index(values[row * width + axis], shape[batch + axis]))
      }
    }
    return (places, batch + width)
  }

  /// Where indices along one axis point to, the other axes being as they are in the indices' own shape.
  private static func elements(
    _ indices: ONNXTensor, in shape: [Int], axis: Int
  ) throws -> [Int] {
    guard indices.shape.count == shape.count,
      shape.indices.allSatisfy({ $0 == axis || indices.shape[$0] <= shape[$0] })
    else {
      throw ONNXProblem("its indices are \(Shape(indices.shape)) for \(Shape(shape))")
    }
    let values = try indices.integers
    return try values.indices.map { place in
      var (rest, stride, position) = (place, 1, 0)
      for own in shape.indices.reversed() {
        let coordinate = rest % indices.shape[own]
        rest /= indices.shape[own]
        position += stride * (own == axis ? try index(values[place], shape[own]) : coordinate)
        stride *= shape[own]
      }
      return position
    }
  }

  private static func index(_ index: Int, _ extent: Int) throws -> Int {
    guard -extent..<extent ~= index else {
      throw ONNXProblem("its index \(index) is outside an axis of \(extent)")
    }
    return index < 0 ? index + extent : index
  }

  /// Rows of the first axes joined.
  private static func rows(
    _ places: [Int], of x: ONNXOperand, depth: Int, _ outer: ArraySlice<Int>,
    _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    let inner = x.shape[depth...]
    let flat = try reshaped(x, [x.shape[..<depth].reduce(1, *)] + inner, &scope)
    let indices = ONNXOperand(ONNXTensor(places, shape: [places.count]))
    let y = try apply(
      ONNXNode("Gather", opset: 13, integers: ["axis": 0]), [flat, indices], &scope)
    return try reshaped(y, Array(outer) + inner, &scope)
  }

  /// Rows of the first axes joined, some of which are replaced by others or added to.
  private static func assigned(
    _ call: ONNXCall, _ places: [Int], depth: Int, _ outer: ArraySlice<Int>,
    _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    let (x, updates) = (try call.operand(0), try call.operand(2))
    let inner = x.shape[depth...]
    let expected = Array(outer) + inner
    guard updates.shape == expected else {
      throw ONNXProblem("its updates are \(Shape(updates.shape)), expected \(Shape(expected))")
    }
    // Known integers are computed as floats here.
    for tensor in [x, updates].compactMap(\.known) where tensor.kind == .integer {
      guard try tensor.integers.allSatisfy({ $0.magnitude <= 1 << 24 }) else {
        throw ONNXProblem("its integers are larger than 2 to the 24th")
      }
    }
    let count = x.shape[..<depth].reduce(1, *)
    let rows = try reshaped(x, [count] + inner, &scope)
    let others = try reshaped(updates, [places.count] + inner, &scope)
    let y: ONNXOperand
    switch try call.node.text("reduction") ?? "none" {
    case "none":
      var sources = Array(0..<count)
      for (row, place) in places.enumerated() { sources[place] = count + row }
      let all = try apply(
        ONNXNode("Concat", opset: 13, integers: ["axis": 0]), [rows, others], &scope)
      let indices = ONNXOperand(ONNXTensor(sources, shape: [count]))
      y = try apply(
        ONNXNode("Gather", opset: 13, integers: ["axis": 0]), [all, indices], &scope)
    case "add":
      let (value, offset, isBatched) = try scope.withAxes(of: others, using: [0])
      let matrix = SparseMatrix(selecting: places, of: count).transposed
      let spread = try scope.graph.apply(SparseProduct(matrix, axis: offset), value)
      y = try binary(
        .add, rows,
        try scope.result(spread, isBatched: isBatched, shape: [count] + inner, kind: x.kind),
        &scope)
    case let reduction:
      throw ONNXProblem("its attribute 'reduction' is \(reduction.quoted), expected none or add")
    }
    return try reshaped(y, x.shape, &scope)
  }

  /// What another of ONNX's operators with one result makes of operands.
  static func apply(
    _ node: ONNXNode, _ operands: [ONNXOperand], _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    guard let op = all[node.op],
      let result = try op.build(&scope, ONNXCall(node: node, operands: operands)).first
    else { throw ONNXProblem("the operator \(node.op) is not supported") }
    return result
  }
}
