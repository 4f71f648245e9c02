import Graphs
import Tensors

/// A network extended by the relevance of its input: the score of a class, shared out layer by layer from the outputs
/// back.
struct RelevanceGraph {
  private(set) var builder: GraphBuilder
  private let form: NetworkForm
  private let depends: [Bool]
  private let uses: [Int]
  private let rule: RelevanceRule
  private let epsilon: Float
  private let gamma: Float
  /// What arrives at values: relevance, or relevance that was divided by the layer's result already.
  private var relevances: [Int: Value] = [:]
  private var ratios: [Int: Value] = [:]

  /// The input whose products with the outputs are their relevances.
  static let seed = "attribution.seed"

  /// Prepares the way back through a network.
  init(_ form: NetworkForm, _ rule: RelevanceRule, epsilon: Double, gamma: Double) {
    self.form = form
    self.rule = rule
    (self.epsilon, self.gamma) = (Float(epsilon), Float(gamma))
    builder = GraphBuilder(continuing: form.graph)
    depends = form.dependent
    uses = form.graph.useCounts
  }

  /// Writes the way back.
  ///
  /// - Returns: The relevance of the input, in its extents.
  /// - Throws: `AttributionError.unsupported` for an operator without a rule; `GraphError`.
  mutating func relevance() throws -> Value {
    let seed = builder.input(RelevanceGraph.seed, builder.extents(of: form.logits))
    relevances[form.logits.index] = try builder.multiply(seed, form.logits)
    for index in stride(from: form.logits.index, through: 0, by: -1) where depends[index] {
      guard case .operation(let op, let operands, _) = form.graph.nodes[index] else { continue }
      let result = Value(index: index)
      if let ratio = ratios[index] {
        try share(ratio, of: op, operands, result)
      } else if let arriving = relevances[index] {
        try pass(arriving, through: op, operands, result)
      }
    }
    return try relevances[form.x.index] ?? builder.scale(form.x, by: 0)
  }

  private mutating func add(_ relevance: Value, to value: Value) throws {
    relevances[value.index] =
      try relevances[value.index].map {
        earlier throws(GraphError) in try builder.add(earlier, relevance)
      } ?? relevance
  }

  /// Passes relevance from an operator's result to its operands.
  private mutating func pass(
    _ arriving: Value, through op: any Operator, _ operands: [Value], _ result: Value
  ) throws {
    switch op {
    case is Convolution, is MatrixMultiply, is Reduce, is AveragePool, is SparseProduct,
      is BatchNormalization:
      try layer(arriving, op, operands, result)
    case is MaxPool, is Extremum, is Reshape, is Transpose, is Slice, is Gather, is Concatenate,
      is Pad, is Expand:
      // What was chosen or moved gets the relevance of where it went.
      for (operand, share) in zip(operands, try transposed(op, operands, result, arriving)) {
        if let share { try add(share, to: operand) }
      }
    case let broadcast as Broadcast where !broadcast.isMean:
      if let share = try transposed(op, operands, result, arriving)[0] {
        try add(share, to: operands[0])
      }
    case let elementwise as Elementwise:
      switch elementwise.function {
      case .affine(_, let offset) where offset != 0:
        try shift(arriving, operands[0], result)
      case _ where elementwise.function.passesThroughZero: try add(arriving, to: operands[0])
      default: throw unsupported(op, result)
      }
    case let arithmetic as Arithmetic: try pass(arriving, through: arithmetic, operands, result)
    default: throw unsupported(op, result)
    }
  }

  private mutating func pass(
    _ arriving: Value, through op: Arithmetic, _ operands: [Value], _ result: Value
  ) throws {
    let known = operands.map { !depends[$0.index] }
    switch (op.operation, known[0], known[1]) {
    case (.add, false, false):
      let ratio = try quotient(arriving, stabilized(result))
      for operand in operands { try add(try builder.multiply(operand, ratio), to: operand) }
    case (.add, false, true): try shift(arriving, operands[0], result)
    case (.add, true, false): try shift(arriving, operands[1], result)
    case (.multiply, false, true), (.divide, false, true): try add(arriving, to: operands[0])
    case (.multiply, true, false): try add(arriving, to: operands[1])
    case (.maximum, _, _), (.minimum, _, _):
      for (operand, share) in zip(operands, try transposed(op, operands, result, arriving)) {
        if let share { try add(share, to: operand) }
      }
    default: throw unsupported(op, result)
    }
  }

  /// Passes relevance through the sum with a known value, such as a bias.
  ///
  /// Behind a layer the known value keeps its share, as each summand of the layer does. Of a value as it is, such as a
  /// pixel that is normalised, nothing is kept: both stand for one and the same thing.
  private mutating func shift(_ arriving: Value, _ operand: Value, _ result: Value) throws {
    guard case .operation(let op, let operands, _) = form.graph[operand], op.addsUp(operands.count),
      rule(for: op) == .epsilon
    else { return try add(arriving, to: operand) }
    let ratio = try quotient(arriving, stabilized(result))
    if uses[operand.index] == 1 {
      ratios[operand.index] = ratio
    } else {
      try add(try builder.multiply(operand, ratio), to: operand)
    }
  }

  /// Shares relevance among the operands of a layer.
  private mutating func layer(
    _ arriving: Value, _ op: any Operator, _ operands: [Value], _ result: Value
  ) throws {
    let known = operands.map { !depends[$0.index] }
    switch rule(for: op) {
    case .epsilon:
      try share(try quotient(arriving, stabilized(result)), of: op, operands, result)
    case .gamma:
      guard let weight = known.firstIndex(of: true), let x = known.firstIndex(of: false) else {
        throw unsupported(op, result)
      }
      let (above, below) = (try raised(operands[weight], false), try raised(operands[weight], true))
      let (plus, minus) = (try builder.relu(operands[x]), try negativePart(operands[x]))
      // What speaks for a sum's own sign is raised, so that denominators stay away from zero.
      for (isNegative, weights) in [(false, (above, below)), (true, (below, above))] {
        let mask = try builder.apply(
          Elementwise(.step), isNegative ? try builder.scale(result, by: -1) : result)
        try share(
          try builder.multiply(arriving, mask), of: op, operands,
          [(weight, weights.0, plus), (weight, weights.1, minus)])
      }
    case .zPlus, .composite:
      guard let weight = known.firstIndex(of: true), let x = known.firstIndex(of: false) else {
        throw unsupported(op, result)
      }
      // Products above zero come of two positive factors or of two negative ones.
      let (w, a) = (operands[weight], operands[x])
      let parts = [
        (weight, try builder.relu(w), try builder.relu(a)),
        (weight, try negativePart(w), try negativePart(a)),
      ]
      try share(arriving, of: op, operands, parts)
    }
  }

  /// Shares a quotient of relevance and result: each operand times the transposed layer's value.
  private mutating func share(
    _ ratio: Value, of op: any Operator, _ operands: [Value], _ result: Value
  ) throws {
    guard
      op is Reduce || op is AveragePool || op is SparseProduct
        || operands.count(where: { depends[$0.index] }) == 1
    else { throw unsupported(op, result) }
    for (operand, slope) in zip(operands, try transposed(op, operands, result, ratio)) {
      if let slope { try add(try builder.multiply(operand, slope), to: operand) }
    }
  }

  /// Shares relevance by the sum of several layers, each with a weight and an operand in place of the layer's own.
  private mutating func share(
    _ arriving: Value, of op: any Operator, _ operands: [Value],
    _ parts: [(weight: Int, by: Value, operand: Value)]
  ) throws {
    var runs: [(operands: [Value], result: Value)] = []
    for part in parts {
      var replaced = operands
      for place in operands.indices where place != part.weight {
        replaced[place] = part.operand
      }
      replaced[part.weight] = part.by
      runs.append((replaced, try apply(op, replaced)))
    }
    var sum = runs[0].result
    for run in runs.dropFirst() { sum = try builder.add(sum, run.result) }
    let ratio = try quotient(arriving, stabilized(sum))
    for run in runs {
      let slopes = try transposed(op, operands, run.result, ratio, replacing: run.operands)
      for (place, slope) in slopes.enumerated() {
        guard let slope else { continue }
        try add(try builder.multiply(run.operands[place], slope), to: operands[place])
      }
    }
  }

  /// The operator's gradient rule, for the operands that depend on the input.
  private mutating func transposed(
    _ op: any Operator, _ operands: [Value], _ result: Value, _ cotangent: Value,
    replacing replaced: [Value]? = nil
  ) throws -> [Value?] {
    let wanted = operands.map { depends[$0.index] }
    let application = Application(
      operands: replaced ?? operands, result: result, cotangent: cotangent, wanted: wanted)
    return zip(try op.gradients(application, in: &builder), wanted).map { $1 ? $0 : nil }
  }

  private mutating func apply(_ op: some Operator, _ operands: [Value]) throws -> Value {
    try builder.apply(op, to: operands)
  }

  /// Weights whose positive (or negative) part counts 1 + gamma times.
  private mutating func raised(_ weight: Value, _ isNegative: Bool) throws -> Value {
    let part = isNegative ? try negativePart(weight) : try builder.relu(weight)
    return try builder.add(weight, try builder.scale(part, by: gamma))
  }

  /// min(x, 0).
  private mutating func negativePart(_ x: Value) throws -> Value {
    try builder.subtract(x, try builder.relu(x))
  }

  /// z + epsilon sign(z), where the sign of zero is positive.
  private mutating func stabilized(_ z: Value) throws -> Value {
    let isNegative = try builder.apply(Elementwise(.step), try builder.scale(z, by: -1))
    return try builder.add(
      z, try builder.affine(isNegative, factor: -2 * epsilon, offset: epsilon))
  }

  private mutating func quotient(_ left: Value, _ right: Value) throws -> Value {
    try builder.apply(Arithmetic(.divide), left, right)
  }

  private func unsupported(_ op: any Operator, _ value: Value) -> AttributionError {
    .unsupported(operator: op.name, node: value.index)
  }

  /// The rule of a layer; poolings and sums, which have no weights, share by their summands.
  private func rule(for op: any Operator) -> RelevanceRule {
    guard op is Convolution || op is MatrixMultiply else { return .epsilon }
    if rule == .composite { return op is Convolution ? .zPlus : .epsilon }
    return rule
  }
}

/// How a layer shares relevance among its operands.
public enum RelevanceRule: String, CaseIterable, Sendable {
  /// Each summand by its share, the denominator kept away from zero by epsilon.
  case epsilon
  /// The same with products of the sum's own sign raised by gamma, and without biases.
  case gamma
  /// Only products above zero, without biases.
  case zPlus = "z-plus"
  /// `z-plus` in convolutions, `epsilon` in linear layers.
  case composite
}

extension Operator {
  /// Whether a result is a sum of several products, behind which a bias has a share of its own.
  fileprivate func addsUp(_ operandCount: Int) -> Bool {
    self is Convolution || self is MatrixMultiply || self is Reduce || self is AveragePool
      || self is SparseProduct
  }
}

extension Elementwise.Function {
  /// Whether zero stays zero, so that a function of one number hands its relevance on.
  fileprivate var passesThroughZero: Bool {
    switch self {
    case .relu, .leakyReLU, .elu, .tanh, .gelu, .hardSwish, .abs, .squareRoot, .square: true
    case .affine(_, let offset): offset == 0
    case .clip(let lower, let upper): lower <= 0 && 0 <= upper
    default: false
    }
  }
}
