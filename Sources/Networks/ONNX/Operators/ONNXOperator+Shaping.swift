import Graphs
import Tensors

extension ONNXOperator {
  /// The same values in other shapes and orders, and repeated.
  static let shaping: [String: ONNXOperator] = [
    "Flatten": .one(["axis"]) { scope, call in
      let x = try call.operand(0)
      let given = try call.node.integer("axis") ?? 1
      guard -x.rank...x.rank ~= given else { throw ONNXProblem("there is no axis \(given)") }
      let axis = given < 0 ? given + x.rank : given
      return try reshaped(
        x, [x.shape[..<axis].reduce(1, *), x.shape[axis...].reduce(1, *)], &scope)
    },
    "Reshape": .one(["allowzero"]) { scope, call in
      let x = try call.operand(0)
      guard let wanted = try call.known(1, "shape", in: scope)?.integers else {
        throw ONNXProblem("its shape is missing")
      }
      let copiesZero = try !call.node.flag("allowzero")
      return try reshaped(x, try shape(wanted, of: x, copiesZero: copiesZero), &scope)
    },
    "Squeeze": .one(["axes"]) { scope, call in
      let x = try call.operand(0)
      let given = try call.integers("axes", input: 1, since: 13, in: scope)
      let axes =
        try given.map { try ONNXShape.axes($0, rank: x.rank) }
        ?? x.shape.indices.filter { x.shape[$0] == 1 }
      guard axes.allSatisfy({ x.shape[$0] == 1 }) else {
        throw ONNXProblem("it removes axes \(axes) of \(Shape(x.shape)), which are not all 1")
      }
      return try reshaped(
        x, x.shape.indices.filter { !axes.contains($0) }.map { x.shape[$0] }, &scope)
    },
    "Unsqueeze": .one(["axes"]) { scope, call in
      let x = try call.operand(0)
      guard let given = try call.integers("axes", input: 1, since: 13, in: scope) else {
        throw ONNXProblem("its axes are missing")
      }
      let rank = x.rank + given.count
      guard rank <= ONNXShape.rankLimit else { throw ONNXProblem("it makes \(rank) axes") }
      let axes = Set(try ONNXShape.axes(given, rank: rank))
      var rest = x.shape[...]
      return try reshaped(
        x, (0..<rank).map { axes.contains($0) ? 1 : rest.removeFirst() }, &scope)
    },
    "Transpose": .one(["perm"]) { scope, call in
      let x = try call.operand(0)
      let order = try call.node.integers("perm") ?? Array((0..<x.rank).reversed())
      guard order.sorted() == Array(0..<x.rank) else {
        throw ONNXProblem("its attribute 'perm' is not an order of \(x.rank) axes")
      }
      return try transposed(x, by: order, &scope)
    },
    "Expand": .one { scope, call in
      let x = try call.operand(0)
      guard let wanted = try call.known(1, "shape", in: scope)?.integers else {
        throw ONNXProblem("its shape is missing")
      }
      let shape = try ONNXShape.broadcast(x.shape, try ONNXShape.checked(wanted))
      if shape == x.shape { return x }
      return try scope.result(
        try scope.broadcast(x, to: shape, isBatched: x.isBatched), isBatched: x.isBatched,
        shape: shape, kind: x.kind)
    },
    "Tile": .one { scope, call in
      let x = try call.operand(0)
      guard let repeats = try call.known(1, "repeats", in: scope)?.integers,
        repeats.count == x.rank, repeats.allSatisfy({ 1...ONNXShape.countLimit ~= $0 })
      else { throw ONNXProblem("its repeats are not one positive number per axis") }
      // Each axis gets another in front of it, along which it is repeated.
      let spread = x.shape.flatMap { [1, $0] }
      let repeated = zip(repeats, x.shape).flatMap { [$0, $1] }
      try ONNXShape.checked(repeated)
      let source = try reshaped(x, spread, &scope)
      let y = try scope.broadcast(source, to: repeated, isBatched: x.isBatched)
      return try scope.result(
        y, isBatched: x.isBatched, shape: zip(repeats, x.shape).map { $0 * $1 }, kind: x.kind)
    },
  ]

  /// The shape that Reshape's input asks for.
  private static func shape(
    _ wanted: [Int], of x: ONNXOperand, copiesZero: Bool
  ) throws -> [Int] {
    guard wanted.count <= ONNXShape.rankLimit, wanted.allSatisfy({ $0 >= -1 }),
      wanted.count(where: { $0 == -1 }) <= 1
    else { throw ONNXProblem("it asks for the shape \(wanted.prefix(20))") }
    var shape = wanted
    for (axis, extent) in wanted.enumerated() where extent == 0 && copiesZero {
      guard x.shape.indices.contains(axis) else { throw ONNXProblem("there is no axis \(axis)") }
      shape[axis] = x.shape[axis]
    }
    if let free = shape.firstIndex(of: -1) {
      shape[free] = 1
      guard let rest = ONNXShape.count(shape), rest > 0, x.count % rest == 0 else {
        throw ONNXProblem("\(Shape(x.shape)) cannot become \(wanted)")
      }
      shape[free] = x.count / rest
    }
    guard ONNXShape.count(shape) == x.count else {
      throw ONNXProblem(
        "\(Shape(x.shape)) cannot become \(wanted)",
        hint: x.isBatched ? "export with a dynamic batch dimension, or a batch of 1" : nil)
    }
    return shape
  }

  /// An operand with its axes in another order.
  static func transposed(
    _ x: ONNXOperand, by order: [Int], _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    let shape = order.map { x.shape[$0] }
    let moved = order.filter { x.shape[$0] != 1 }
    // Axes of 1 may go anywhere.
    if moved == moved.sorted() { return try reshaped(x, shape, &scope) }
    let (value, offset, isBatched) = try scope.withAxes(of: x, using: order[0] == 0 ? [] : [0])
    let permutation: [Int] =
      switch (isBatched, offset) {
      case (true, 1): [0] + order.map { $0 + 1 }
      default: order
      }
    return try scope.result(
      try scope.graph.apply(Transpose(permutation), value), isBatched: isBatched, shape: shape,
      kind: x.kind)
  }
}
