import Graphs
import Tensors

/// How a linear function of a value is carried back to what the value is computed from, with verified coefficients.
struct Adjoints: Sendable {
  /// What a linear function of a node's value becomes.
  enum Step: Sendable {
    /// It counts with the interval of the value: an input, or an operator without a linear bound.
    case interval
    /// It stays below a linear function of the operand.
    case relu(operand: Int)
    /// It is one of the operands.
    case affine(Part)
  }

  /// The operator's own gradient, which for what is affine is its adjoint.
  struct Part: Sendable {
    /// Where the coefficients come in.
    let cotangent: Int
    /// The coefficients of each operand; an operand may occur twice.
    let results: [(operand: Int, coefficients: Int)]
    /// The operator's value where the uncertain operands are zero, for one example; `nil` if that is exactly zero.
    let offset: Enclosure?
  }

  private let program: Program
  /// One for each node of the network.
  let steps: [Step]
  /// The nodes whose intervals are needed.
  let kept: Set<Int>
  /// Whether each value that depends on the input has a row for each example, without which there are no linear bounds.
  let isAvailable: Bool

  /// Writes the parts of a network.
  ///
  /// - Parameters:
  ///   - graph: The network.
  ///   - depends: Which of its values depend on the input.
  ///   - constants: What does not depend on the batch.
  init(of graph: Graph, depends: [Bool], _ constants: [Int: Enclosure]) {
    var builder = GraphBuilder(continuing: graph)
    var parts: [Int: (cotangent: Int, results: [(operand: Int, coefficients: Int)])] = [:]
    var steps = [Step](repeating: .interval, count: graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() where depends[index] {
      guard case .operation(let op, let operands, let extents) = node, extents.isBatched else {
        continue
      }
      let uncertain = operands.map { depends[$0.index] }
      if op as? Elementwise == Elementwise(.relu) {
        steps[index] = .relu(operand: operands[0].index)
        continue
      }
      guard let affine = op as? any IntervalOperator, affine.isAffine(inUncertain: uncertain)
      else { continue }
      // A rule that turns out not to fit leaves nothing behind.
      var trial = builder
      let cotangent = trial.input("coefficients of \(index)", extents)
      let application = Application(
        operands: operands, result: Value(index: index), cotangent: cotangent, wanted: uncertain)
      guard let gradients = try? op.gradients(application, in: &trial) else { continue }
      let results = zip(operands, gradients).compactMap { operand, gradient in
        gradient.flatMap { gradient in
          depends[operand.index] ? (operand: operand.index, coefficients: gradient.index) : nil
        }
      }
      let isLinear = trial.nodes[cotangent.index...].allSatisfy { node in
        node.operands.allSatisfy { $0.index >= depends.count || !depends[$0.index] }
      }
      guard isLinear, results.count == uncertain.count(where: { $0 }) else { continue }
      builder = trial
      parts[index] = (cotangent.index, results)
    }
    let nodes = builder.nodes
    var known = constants
    var layers: [Int: PackedLayer] = [:]
    for index in graph.nodes.count..<nodes.count {
      guard case .operation(let op, let operands, let extents) = nodes[index] else {
        if case .constant(let tensor) = nodes[index] {
          known[index] = Enclosure(.exact(tensor.converted()))
        }
        continue
      }
      let given = operands.compactMap { known[$0.index] }
      if !extents.isBatched, given.count == operands.count,
        let value = try? VerifiedBounds.enclosure(
          op, given, shape: extents.shape(batch: 1), uncertain: 0)
      {
        known[index] = value
      } else if operands.count == 2, let weight = known[operands[1].index]?.exact {
        layers[index] = PackedLayer(
          op, weight: weight, operand: nodes[operands[0].index].extents)
      }
    }
    let program = Program(nodes: nodes, constants: known, layers: layers)

    // What a rule of enclosures is missing for is not carried either.
    for (index, part) in parts {
      guard case .operation(let op, let operands, let extents) = graph.nodes[index] else {
        continue
      }
      let zeros = Enclosure(.exact(.zeros(extents.shape(batch: 1))))
      var given: [Enclosure] = []
      for operand in operands {
        if depends[operand.index] {
          let shape = graph[operand].extents.shape(batch: 1)
          given.append(Enclosure(.exact(.zeros(shape))))
        } else if let value = program.enclosure(of: operand.index, batch: 1) {
          given.append(value)
        }
      }
      guard given.count == operands.count,
        program.values(part.results.map(\.coefficients), of: zeros, at: part.cotangent) != nil,
        let offset = try? VerifiedBounds.enclosure(
          op, given, shape: extents.shape(batch: 1), uncertain: 0)
      else { continue }
      let isZero = offset.exact?.scalars.allSatisfy { $0 == 0 } ?? false
      steps[index] = .affine(
        Part(
          cotangent: part.cotangent, results: part.results, offset: isZero ? nil : offset))
    }
    self.program = program
    self.steps = steps
    var kept: Set<Int> = []
    for (index, step) in steps.enumerated() where depends[index] {
      switch step {
      case .interval: kept.insert(index)
      case .relu(let operand): kept.insert(operand)
      case .affine: break
      }
    }
    self.kept = kept
    isAvailable = depends.indices.allSatisfy { !depends[$0] || graph.nodes[$0].extents.isBatched }
  }

  /// The extents of a node's value.
  func extents(of index: Int) -> Extents { program.nodes[index].extents }

  /// The input's coefficients of rows of linear functions of a value that is affine in the input.
  func inputCoefficients(of rows: Enclosure, at target: Int, input: Int) -> Enclosure {
    var pending = [target: rows]
    for index in stride(from: target, to: input, by: -1) {
      guard let coefficients = pending.removeValue(forKey: index) else { continue }
      guard case .affine(let part) = steps[index] else {
        preconditionFailure("what is affine consists of affine steps")
      }
      for (operand, carried) in operands(of: part, coefficients) {
        Adjoints.add(carried, to: operand, in: &pending)
      }
    }
    guard let result = pending[input] else { preconditionFailure("what depends on no input") }
    return result
  }

  /// Adds coefficients to those that an operand has.
  static func add(
    _ coefficients: Enclosure, to operand: Int, in pending: inout [Int: Enclosure]
  ) {
    guard let other = pending[operand] else {
      pending[operand] = coefficients
      return
    }
    pending[operand] = Arithmetic(.add).enclosure(
      of: [other, coefficients], shape: coefficients.shape)
  }

  /// The values that are affine in the input, and from which what is not affine is computed: where the functions of a
  /// first layer end.
  func frontier(input: Int, _ graph: Graph, depends: [Bool]) -> Set<Int> {
    var isAffine = [Bool](repeating: false, count: graph.nodes.count)
    isAffine[input] = true
    var frontier: Set<Int> = []
    for (index, node) in graph.nodes.enumerated() where depends[index] && index != input {
      let operands = node.operands.map(\.index).filter { depends[$0] }
      if case .affine = steps[index], operands.allSatisfy({ isAffine[$0] }) {
        isAffine[index] = true
      } else {
        frontier.formUnion(operands.filter { isAffine[$0] && $0 != input })
      }
    }
    return frontier
  }

  /// The coefficients of each operand of an affine operator, given those of its result.
  func operands(of part: Part, _ coefficients: Enclosure) -> [(operand: Int, Enclosure)] {
    guard
      let found = program.values(
        part.results.map(\.coefficients), of: coefficients, at: part.cotangent)
    else { preconditionFailure("that the part has rules was seen at the start") }
    return zip(part.results, found).map { ($0.operand, $1) }
  }
}

/// The network, with the parts of all steps behind it.
private struct Program {
  let nodes: [Node]
  let constants: [Int: Enclosure]
  let layers: [Int: PackedLayer]

  /// Some values of a part, for rows of coefficients; `nil` where an operator has no rule.
  func values(
    _ values: [Int], of rows: Enclosure, at cotangent: Int
  ) -> [Enclosure]? {
    var known = [cotangent: rows]
    let batch = rows.shape[0]
    var results: [Enclosure] = []
    for value in values {
      guard let result = enclosure(of: value, batch: batch, &known) else { return nil }
      results.append(result)
    }
    return results
  }

  /// A value that depends on no example.
  func enclosure(of index: Int, batch: Int) -> Enclosure? {
    var known: [Int: Enclosure] = [:]
    return enclosure(of: index, batch: batch, &known)
  }

  private func enclosure(
    of index: Int, batch: Int, _ known: inout [Int: Enclosure]
  ) -> Enclosure? {
    if let value = constants[index] ?? known[index] { return value }
    guard case .operation(let op, let operands, let extents) = nodes[index] else { return nil }
    var given: [Enclosure] = []
    let layer = layers[index]
    for operand in layer == nil ? operands : [operands[0]] {
      guard let value = enclosure(of: operand.index, batch: batch, &known) else { return nil }
      given.append(value)
    }
    let shape = extents.shape(batch: batch)
    let value =
      layer.map { $0.enclosure(of: given[0], shape: shape) }
      ?? (op as? any EnclosureOperator)?.enclosure(of: given, shape: shape)
    known[index] = value
    return value
  }
}
