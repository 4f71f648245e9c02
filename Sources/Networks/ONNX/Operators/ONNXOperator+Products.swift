import Graphs
import Tensors

extension ONNXOperator {
  /// Matrix products.
  static let products: [String: ONNXOperator] = [
    "MatMul": .one { scope, call in try product(call.operand(0), call.operand(1), &scope) },
    "Gemm": .one(["alpha", "beta", "transA", "transB", "broadcast"], gemm),
  ]

  private static func gemm(_ scope: inout ONNXScope, _ call: ONNXCall) throws -> ONNXOperand {
    var (a, b) = (try call.operand(0), try call.operand(1))
    guard a.rank == 2, b.rank == 2 else {
      throw ONNXProblem("it multiplies \(Shape(a.shape)) by \(Shape(b.shape)); expected matrices")
    }
    let (alpha, beta) = (try call.node.number("alpha", 1), try call.node.number("beta", 1))
    if try call.node.flag("transA") { a = try transposed(a, by: [1, 0], &scope) }
    let transposes = try call.node.flag("transB")
    let inner = b.shape[transposes ? 1 : 0]
    let columns = b.shape[transposes ? 0 : 1]
    guard a.shape[1] == inner else {
      throw ONNXProblem("it multiplies \(Shape(a.shape)) by \(Shape(b.shape))")
    }
    let y: ONNXOperand
    if a.isBatched, a.shape[0] == 1, !b.isBatched {
      // A linear layer, written as our own are so that the engine knows it.
      var weight = try scope.value(of: b).value
      if !transposes { weight = try scope.graph.apply(Transpose([1, 0]), weight) }
      let value = try scope.graph.apply(
        MatrixMultiply(transposesRight: true), try scope.value(of: a).value, weight)
      y = try scope.result(value, isBatched: true, shape: [1, columns])
    } else {
      if transposes { b = try transposed(b, by: [1, 0], &scope) }
      y = try product(a, b, &scope)
    }
    let scaled = try scaled(y, by: alpha, &scope)
    guard let c = call.optional(2), beta != 0 else { return scaled }
    let sum = try binary(.add, scaled, try self.scaled(c, by: beta, &scope), &scope)
    guard sum.shape == y.shape else { throw ONNXProblem("its third input does not broadcast") }
    return sum
  }

  private static func scaled(
    _ x: ONNXOperand, by factor: Float, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    factor == 1 ? x : try unary(.affine(factor: factor, offset: 0), of: x, &scope)
  }

  /// The product of the innermost two axes, all others broadcast.
  static func product(
    _ a: ONNXOperand, _ b: ONNXOperand, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    guard a.rank >= 1, b.rank >= 1 else { throw ONNXProblem("it multiplies a single number") }
    // A vector is a row on the left and a column on the right.
    if a.rank == 1 || b.rank == 1 {
      let left = a.rank == 1 ? try reshaped(a, [1] + a.shape, &scope) : a
      let right = b.rank == 1 ? try reshaped(b, b.shape + [1], &scope) : b
      let y = try product(left, right, &scope)
      var shape = y.shape
      if b.rank == 1 { shape.removeLast() }
      if a.rank == 1 { shape.remove(at: shape.count - (b.rank == 1 ? 1 : 2)) }
      return try reshaped(y, shape, &scope)
    }
    let (rows, inner, columns) = (
      a.shape[a.rank - 2], a.shape[a.rank - 1], b.shape[b.rank - 1]
    )
    guard inner == b.shape[b.rank - 2], inner > 0, rows > 0, columns > 0 else {
      throw ONNXProblem("it multiplies \(Shape(a.shape)) by \(Shape(b.shape))")
    }
    let lead = try ONNXShape.broadcast(
      Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2)))
    let shape = try ONNXShape.checked(lead + [rows, columns])
    if a.isBatched, !b.isBatched, b.count == inner * columns {
      return try linear(a, by: b, rows: a.count / inner, columns: columns, shape: shape, &scope)
    }
    let isBatched = a.isBatched || b.isBatched
    let outer = Array(lead.drop { $0 == 1 })
    func matrices(_ x: ONNXOperand, _ extents: [Int]) throws -> Value {
      if !x.isBatched, x.count == extents[0] * extents[1] {
        return try scope.reshape(try scope.value(of: x).value, to: Extents(extents))
      }
      let value = try scope.broadcast(x, to: lead + extents, isBatched: isBatched)
      return try scope.reshape(
        value, to: Extents((isBatched ? [Extents.batch] : []) + outer + extents))
    }
    let left = try matrices(a, [rows, inner])
    let right = try matrices(b, [inner, columns])
    let y = try scope.graph.product(left, right)
    return try scope.result(y, isBatched: isBatched, shape: shape)
  }

  /// A product with one matrix that does not depend on the input, for all rows at once.
  private static func linear(
    _ a: ONNXOperand, by b: ONNXOperand, rows: Int, columns: Int, shape: [Int],
    _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    let inner = b.shape[b.rank - 2]
    let matrix = try scope.reshape(
      try scope.value(of: b).value, to: Extents([inner, columns]))
    let value = try scope.value(of: a).value
    if rows == 1 {
      let row = try scope.reshape(value, to: [Extents.batch, inner])
      let weight = try scope.graph.apply(Transpose([1, 0]), matrix)
      return try scope.result(
        try scope.graph.apply(MatrixMultiply(transposesRight: true), row, weight),
        isBatched: true, shape: shape)
    }
    let table = try scope.reshape(value, to: [Extents.batch, rows, inner])
    return try scope.result(
      try scope.graph.apply(MatrixMultiply(), table, matrix), isBatched: true, shape: shape)
  }
}

extension GraphBuilder {
  /// The product of matrices, where a transposition of the right ones is part of it.
  mutating func product(_ left: Value, _ right: Value) throws(GraphError) -> Value {
    if case .operation(let op, let operands, let extents) = nodes[right.index],
      let transpose = op as? Transpose, extents.rank >= 2
    {
      let last = extents.rank - 1
      if transpose.permutation == Array(0..<last - 1) + [last, last - 1] {
        return try apply(MatrixMultiply(transposesRight: true), left, operands[0])
      }
    }
    return try apply(MatrixMultiply(), left, right)
  }
}

/// The equation of a sum of products, with a label for every axis.
struct ONNXEinsum {
  let operands: [[String]]
  let result: [String]

  /// Reads an equation.
  ///
  /// - Parameters:
  ///   - equation: Labels of the operands' axes, and of the result's if they are given; three dots stand for any axes.
  ///   - ranks: The operands' numbers of axes.
  /// - Throws: `ONNXProblem` if it does not fit the operands.
  init(_ equation: String, ranks: [Int]) throws {
    let text = equation.filter { $0 != " " }
    guard text.utf8.count <= 1 << 10 else { throw ONNXProblem("its equation is absurdly long") }
    let sides = text.split(separator: "-", omittingEmptySubsequences: false)
    guard sides.count == 1 || sides.count == 2 && sides[1].first == ">" else {
      throw ONNXProblem("its equation is \(text.quoted)")
    }
    let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    guard terms.count == ranks.count else {
      throw ONNXProblem("its equation \(text.quoted) does not fit \(ranks.count) operands")
    }
    operands = try zip(terms, ranks).map { try ONNXEinsum.labels($0, rank: $1) }
    if sides.count == 2 {
      let dots = operands.flatMap { $0 }.filter { $0.hasPrefix(".") }
      let count = Set(dots).count
      let term = sides[1].dropFirst()
      let written = term.count - (term.contains("...") ? 3 : 0)
      result = try ONNXEinsum.labels(term, rank: written + (term.contains("...") ? count : 0))
    } else {
      let all = operands.flatMap { $0 }
      let dots = Set(all.filter { $0.hasPrefix(".") }).sorted { $0.count > $1.count }
      result =
        dots
        + Set(
          all.filter { label in
            !label.hasPrefix(".") && all.count { $0 == label } == 1
          }
        ).sorted()
    }
    guard Set(result).count == result.count, Set(result).isSubset(of: operands.joined()) else {
      throw ONNXProblem("its equation is \(text.quoted)")
    }
  }

  /// A label for each axis; those that dots stand for are counted from behind.
  private static func labels(_ term: Substring, rank: Int) throws -> [String] {
    var labels: [String] = []
    var rest = term
    while let first = rest.first {
      if rest.hasPrefix("...") {
        let letters = term.count - 3
        guard rank >= letters, !labels.contains(where: { $0.hasPrefix(".") }) else {
          throw ONNXProblem("its equation does not fit its operands")
        }
        labels += (0..<rank - letters).reversed().map {
          String(repeating: ".", count: $0 + 1)
        }
        rest = rest.dropFirst(3)
      } else {
        guard first.isASCII, first.isLetter else {
          throw ONNXProblem("its equation has \(String(first).quoted)")
        }
        labels.append(String(first))
        rest = rest.dropFirst()
      }
    }
    guard labels.count == rank else { throw ONNXProblem("its equation does not fit its operands") }
    return labels
  }
}
