import Graphs
import Tensors

extension ONNXOperator {
  /// Channels as blocks of places and back, sums along an axis, and triangles of matrices.
  static let blocks: [String: ONNXOperator] = [
    "DepthToSpace": .one(["blocksize", "mode"]) { scope, call in
      let x = try call.operand(0)
      let block = try blockSize(call)
      guard x.rank == 4, x.shape[1] % (block * block) == 0 else {
        throw ONNXProblem("it makes blocks of \(block)x\(block) of \(Shape(x.shape))")
      }
      let (images, depth) = (x.shape[0], x.shape[1] / (block * block))
      let (height, width) = (x.shape[2], x.shape[3])
      let parts: [Int]
      let order: [Int]
      switch try call.node.text("mode") ?? "DCR" {
      case "DCR": (parts, order) = ([block, block, depth], [0, 3, 4, 1, 5, 2])
      case "CRD": (parts, order) = ([depth, block, block], [0, 1, 4, 2, 5, 3])
      case let other: throw ONNXProblem("its attribute 'mode' is \(other.quoted)")
      }
      let split = try reshaped(x, [images] + parts + [height, width], &scope)
      return try reshaped(
        try transposed(split, by: order, &scope), [images, depth, height * block, width * block],
        &scope)
    },
    "SpaceToDepth": .one(["blocksize", "mode"]) { scope, call in
      let x = try call.operand(0)
      let block = try blockSize(call)
      guard x.rank == 4, x.shape[2] % block == 0, x.shape[3] % block == 0 else {
        throw ONNXProblem("it makes channels of \(block)x\(block) blocks of \(Shape(x.shape))")
      }
      let (images, depth) = (x.shape[0], x.shape[1])
      let (height, width) = (x.shape[2] / block, x.shape[3] / block)
      let order: [Int]
      switch try call.node.text("mode") ?? "DCR" {
      case "DCR": order = [0, 3, 5, 1, 2, 4]
      case "CRD": order = [0, 1, 3, 5, 2, 4]
      case let other: throw ONNXProblem("its attribute 'mode' is \(other.quoted)")
      }
      let split = try reshaped(x, [images, depth, height, block, width, block], &scope)
      return try reshaped(
        try transposed(split, by: order, &scope),
        [images, depth * block * block, height, width], &scope)
    },
    "CumSum": .one(["exclusive", "reverse"]) { scope, call in
      let x = try call.operand(0)
      guard let along = try call.known(1, "axis", in: scope), along.count == 1,
        let given = try along.integers.first
      else { throw ONNXProblem("its axis is missing") }
      let axis = try ONNXShape.axis(given, rank: x.rank)
      let extent = x.shape[axis]
      guard extent * extent <= ONNXShape.foldLimit else {
        throw ONNXProblem("it sums along an axis of \(extent), which is too long")
      }
      let isReversed = try call.node.flag("reverse")
      let own = try call.node.flag("exclusive") ? 0 : 1
      let rows = (0..<extent).map { row in
        (isReversed ? row + 1 - own..<extent : 0..<row + own).map { SparseMatrix.Entry($0, 1) }
      }
      let (value, offset, isBatched) = try scope.withAxes(of: x, using: [axis])
      let y = try scope.graph.apply(
        SparseProduct(SparseMatrix(rows: rows, columnCount: extent), axis: axis + offset), value)
      return try scope.result(y, isBatched: isBatched, shape: x.shape, kind: x.kind)
    },
    "Trilu": .one(["upper"]) { scope, call in
      let x = try call.operand(0)
      guard x.rank >= 2 else { throw ONNXProblem("it takes a triangle of \(Shape(x.shape))") }
      let shift = try call.known(1, "diagonal", in: scope)?.integers.first ?? 0
      let isUpper = try call.node.flag("upper", true)
      let (rows, columns) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
      let size = rows.multipliedReportingOverflow(by: columns)
      guard !size.overflow, size.partialValue <= ONNXShape.foldLimit else {
        throw ONNXProblem("it takes a triangle of \(Shape(x.shape)), which is too large")
      }
      let limit = min(max(shift, -rows - 1), columns + 1)
      let mask = (0..<rows).flatMap { row in
        (0..<columns).map { column -> Float in
          (isUpper ? column - row >= limit : column - row <= limit) ? 1 : 0
        }
      }
      let chosen = try scope.broadcast(
        ONNXOperand(ONNXTensor(mask, shape: [rows, columns])), to: x.shape, isBatched: x.isBatched)
      let value = try scope.broadcast(x, to: x.shape, isBatched: x.isBatched)
      let y = try scope.graph.apply(Select(), chosen, value, try scope.graph.zeros(like: value))
      return try scope.result(y, isBatched: x.isBatched, shape: x.shape, kind: x.kind)
    },
  ]

  private static func blockSize(_ call: ONNXCall) throws -> Int {
    guard let size = try call.node.integer("blocksize"), 1...1 << 10 ~= size else {
      throw ONNXProblem("its attribute 'blocksize' is missing or absurd")
    }
    return size
  }
}
