import Graphs
import Tensors

extension ONNXOperator {
  /// Attention in one step, as exporters write it from opset 23 on.
  static let attention: [String: ONNXOperator] = [
    "Attention": .one(
      [
        "is_causal", "kv_num_heads", "q_num_heads", "qk_matmul_output_mode", "scale", "softcap",
        "softmax_precision",
      ], attention)
  ]

  /// softmax(scale Q K' + mask) V, for each head.
  private static func attention(
    _ scope: inout ONNXScope, _ call: ONNXCall
  ) throws -> ONNXOperand {
    guard call.operands.dropFirst(4).allSatisfy({ $0 == nil }),
      try call.node.number("softcap", 0) == 0
    else {
      throw ONNXProblem("past keys and values and its attribute 'softcap' are not supported")
    }
    let isJoined = try call.operand(0).rank == 3
    let query = try heads(call.operand(0), try call.node.integer("q_num_heads"), &scope)
    let count = query.shape[1]
    var others: [ONNXOperand] = []
    for index in 1...2 {
      let x = try heads(call.operand(index), try call.node.integer("kv_num_heads"), &scope)
      others.append(try repeated(x, count, &scope))
    }
    let (key, value) = (others[0], others[1])
    let (length, width) = (query.shape[2], query.shape[3])
    guard width > 0 else { throw ONNXProblem("its queries are empty") }
    let scale = try call.node.number("scale", 1 / Float(width).squareRoot())
    let product = try apply(
      ONNXNode("MatMul", opset: 13),
      [
        try unary(.affine(factor: scale, offset: 0), of: query, &scope),
        try transposed(key, by: [0, 1, 3, 2], &scope),
      ], &scope)
    var scores = product
    let columns = key.shape[2]
    var isCausal = try call.node.flag("is_causal")
    var kept: ONNXOperand?
    if let mask = call.optional(3) {
      if mask.kind == .boolean, let known = mask.known, known.shape.suffix(2) == [length, columns] {
        let (open, rows) = try opened(isCausal ? causal(known) : known)
        isCausal = false
        scores = try masked(scores, ONNXOperand(open), &scope)
        kept = rows.map { ONNXOperand($0) }
      } else {
        scores = try masked(scores, mask, &scope)
      }
    }
    if isCausal {
      let all = ONNXTensor(
        [Int](repeating: 1, count: length * columns), shape: [length, columns], kind: .boolean)
      scores = try masked(scores, ONNXOperand(try causal(all)), &scope)
    }
    guard scores.shape == product.shape else { throw ONNXProblem("its mask does not fit") }
    var weights = try apply(
      ONNXNode("Softmax", opset: 13, integers: ["axis": 3]), [scores], &scope)
    if let kept { weights = try binary(.multiply, weights, kept, &scope) }
    let y = try apply(ONNXNode("MatMul", opset: 13), [weights, value], &scope)
    guard isJoined else { return y }
    return try reshaped(
      try transposed(y, by: [0, 2, 1, 3], &scope), [y.shape[0], length, count * y.shape[3]], &scope)
  }

  /// A mask without what lies behind each row's own place.
  private static func causal(_ mask: ONNXTensor) throws -> ONNXTensor {
    let (length, columns) = (mask.shape[mask.shape.count - 2], mask.shape[mask.shape.count - 1])
    var allowed = try mask.integers
    for place in allowed.indices where place % columns > place / columns % length {
      allowed[place] = 0
    }
    return ONNXTensor(allowed, shape: mask.shape, kind: .boolean)
  }

  /// A mask in which rows that allow nothing allow all, and what their weights are to be multiplied by: 0, and 1 for
  /// the others; `nil` if there are no such rows.
  private static func opened(
    _ mask: ONNXTensor
  ) throws -> (mask: ONNXTensor, rows: ONNXTensor?) {
    let columns = mask.shape[mask.shape.count - 1]
    var allowed = try mask.integers
    var kept = [Float](repeating: 1, count: allowed.count / max(columns, 1))
    for row in kept.indices
    where allowed[row * columns..<(row + 1) * columns].allSatisfy({ $0 == 0 }) {
      kept[row] = 0
      for place in row * columns..<(row + 1) * columns { allowed[place] = 1 }
    }
    guard kept.contains(0) else { return (mask, nil) }
    return (
      ONNXTensor(allowed, shape: mask.shape, kind: .boolean),
      ONNXTensor(kept, shape: mask.shape.dropLast() + [1])
    )
  }

  /// Tokens as one table for each head.
  private static func heads(
    _ x: ONNXOperand, _ count: Int?, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    if x.rank == 4 { return x }
    guard x.rank == 3, let count, count > 0, x.shape[2] % count == 0 else {
      throw ONNXProblem("\(Shape(x.shape)) is not divided into \(count ?? 0) heads")
    }
    let parts = try reshaped(x, [x.shape[0], x.shape[1], count, x.shape[2] / count], &scope)
    return try transposed(parts, by: [0, 2, 1, 3], &scope)
  }

  /// Each head repeated until there are as many as there are of queries.
  private static func repeated(
    _ x: ONNXOperand, _ count: Int, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    let own = x.shape[1]
    guard own != count else { return x }
    guard own > 0, count % own == 0 else {
      throw ONNXProblem("its \(count) heads are no multiple of \(own)")
    }
    let spread = try reshaped(x, [x.shape[0], own, 1, x.shape[2], x.shape[3]], &scope)
    let shape = [x.shape[0], own, count / own, x.shape[2], x.shape[3]]
    let wide = try apply(
      ONNXNode("Expand", opset: 13),
      [spread, ONNXOperand(ONNXTensor(shape, shape: [5]))], &scope)
    return try reshaped(wide, [x.shape[0], count, x.shape[2], x.shape[3]], &scope)
  }

  /// Scores, and minus infinity where a mask forbids; a mask of floats is added.
  private static func masked(
    _ scores: ONNXOperand, _ mask: ONNXOperand, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    guard mask.kind == .boolean else { return try binary(.add, scores, mask, &scope) }
    let bias = try apply(
      ONNXNode("Where", opset: 13),
      [
        mask, ONNXOperand(ONNXTensor([0], shape: [])),
        ONNXOperand(ONNXTensor([-Float.infinity], shape: [])),
      ], &scope)
    return try binary(.add, scores, bias, &scope)
  }
}
