import Dispatch
public import Graphs
public import Tensors

/// Bounds of a network's outputs that surely hold for its exact real values, over boxes of inputs.
///
/// Intervals are carried forward in double precision, from the parameters as the numbers that they are. An affine layer is
/// W c and |W| (r + gamma_n |c|) with the largest relative error gamma_n of a sum of n products, in whatever order they are
/// added; every other operation is rounded outward, and what overflows verifies nothing. So rounding is accounted for, but
/// that of the network's own execution in single precision is not. The functions of the C library are trusted to be within a
/// hundred units in the last place.
///
/// Gowal et al., 2018, https://arxiv.org/abs/1810.12715; Higham, "Accuracy and stability of numerical algorithms", 2002.
///
/// Cost: two products in double precision for each layer and box, on all processors.
public struct VerifiedBounds: Sendable {
  /// The number of classes.
  public let classCount: Int
  /// The number of values of an input.
  public let inputCount: Int

  let graph: Graph
  let input: Value
  let output: Value
  /// Which values depend on the input.
  let depends: [Bool]
  /// What does not depend on the batch.
  let constants: [Int: Enclosure]
  private let layers: [Int: PackedLayer]
  private let lastLayer: LastLayer?
  /// How linear functions are carried backward.
  let adjoints: Adjoints
  /// How far the first layer's values go in balls.
  let reach: BallReach

  /// A last layer W h + b, which is merged with the difference of classes.
  private struct LastLayer {
    let hidden: Value
    /// K x I.
    let weight: Tensor<Double>
    /// What is added to the product.
    let offsets: [Value]
  }

  /// How many boxes are computed at once.
  static let chunk = 16

  /// Prepares a network.
  ///
  /// - Parameters:
  ///   - graph: The network in the form of evaluation.
  ///   - parameters: A tensor for each parameter that the output needs.
  ///   - input: The name of the only input that the output needs, N x ....
  ///   - output: The name of the scores, N x K.
  /// - Throws: `BoundError.unsupported` for an operator without a rule, `BoundError.graph` for what is missing or misshaped.
  public init(
    _ graph: Graph, parameters: [String: Tensor<Float>], input: String = "x",
    output: String = "logits"
  ) throws(BoundError) {
    let graph = try BoundError.writing { () throws(GraphError) -> Graph in
      try graph.selecting(outputs: [output])
    }
    let target = graph.outputs[0].value
    let names = graph.inputs.map(\.name)
    guard let source = graph.inputs.first(where: { $0.name == input })?.value, names.count == 1
    else {
      let other = names.first { $0 != input } ?? input
      throw .graph(.unknownName(other, kind: "input", known: [input]))
    }
    guard graph[target].extents.rank == 2, graph[target].extents.isBatched,
      graph[source].extents.isBatched
    else {
      throw .graph(
        .operands(
          operator: "verified bounds", expected: "rows of scores for a batch of inputs",
          found: [graph[target].extents, graph[source].extents]))
    }
    self.graph = graph
    self.input = source
    self.output = target
    classCount = graph[target].extents[1]
    inputCount = graph[source].extents.countPerExample

    var depends = [Bool](repeating: false, count: graph.nodes.count)
    depends[source.index] = true
    for (index, node) in graph.nodes.enumerated() where !depends[index] {
      depends[index] = node.operands.contains { depends[$0.index] }
    }
    self.depends = depends

    var constants: [Int: Enclosure] = [:]
    var layers: [Int: PackedLayer] = [:]
    for (index, node) in graph.nodes.enumerated() {
      switch node {
      case .input: continue
      case .constant(let tensor): constants[index] = Enclosure(.exact(tensor.converted()))
      case .parameter(let name, let shape):
        guard let tensor = parameters[name] else {
          throw .graph(
            .unknownName(name, kind: "parameter", known: parameters.keys.sorted()))
        }
        guard tensor.shape == shape else {
          throw .graph(
            .shape(name: name, expected: Extents(shape), found: tensor.shape.description))
        }
        constants[index] = Enclosure(.exact(tensor.converted()))
      case .operation(let op, let operands, let extents):
        if depends[index] {
          guard operands.count == 2, depends[operands[0].index],
            let weight = constants[operands[1].index]?.exact
          else { continue }
          layers[index] = PackedLayer(
            op, weight: weight, operand: graph[operands[0]].extents)
        } else if !extents.isBatched {
          let known = operands.compactMap { constants[$0.index] }
          // What takes values of the batch away, such as their mean, is no constant.
          guard known.count == operands.count else {
            throw .unsupported(
              operator: op.name, uncertainOperands: 0,
              node: VerifiedBounds.name(of: index, in: graph))
          }
          constants[index] = try VerifiedBounds.enclosure(
            op, known, shape: extents.shape(batch: 1), uncertain: 0,
            node: VerifiedBounds.name(of: index, in: graph))
        }
      }
    }
    self.constants = constants
    self.layers = layers
    lastLayer = VerifiedBounds.lastLayer(of: graph, target, depends: depends, constants)
    adjoints = Adjoints(of: graph, depends: depends, constants)
    reach = BallReach(
      adjoints, input: source.index,
      at: adjoints.frontier(input: source.index, graph, depends: depends))
    // What has no rule shows at once.
    let zeros = [Double](repeating: 0, count: inputCount)
    _ = try enclosures(of: [EnclosingBox(lower: zeros, upper: zeros)], until: target)
  }

  /// Upper bounds of z_k - z_label for all classes k over a box, 0 at the label itself; NaN where none is known.
  ///
  /// - Precondition: The box has `inputCount` values, and the label is a class.
  public func margins(of box: EnclosingBox, label: Int) -> [Double] {
    margins(of: [box], labels: [label])[0]
  }

  /// The same for many boxes, on all processors.
  ///
  /// - Precondition: There are as many labels as boxes.
  public func margins(of boxes: [EnclosingBox], labels: [Int]) -> [[Double]] {
    precondition(boxes.count == labels.count, "\(boxes.count) boxes and \(labels.count) labels")
    precondition(
      labels.allSatisfy { 0..<classCount ~= $0 }, "a label is none of \(classCount) classes")
    return inChunks(of: boxes) { range in
      margins(of: Array(boxes[range]), by: Array(labels[range]))
    }
  }

  /// Whether margins verify that all inputs of their box belong to the label: all others are below zero.
  public static func isVerified(_ margins: [Double], label: Int) -> Bool {
    margins.indices.allSatisfy { $0 == label || margins[$0] < 0 }
  }

  /// Boxes that surely hold the scores over some boxes of inputs.
  ///
  /// - Precondition: The boxes have `inputCount` values.
  public func scores(of boxes: [EnclosingBox]) -> [EnclosingBox] {
    inChunks(of: boxes) { range in
      let (lower, upper) = known(until: output, of: Array(boxes[range]))[output.index].ends
      return (0..<range.count).map { row in
        EnclosingBox(lower: lower.row(row).scalars, upper: upper.row(row).scalars)
      }
    }
  }
}

extension VerifiedBounds {
  /// Results for boxes, some boxes at a time, on all processors.
  func inChunks<Result: Sendable>(
    of boxes: [EnclosingBox], _ chunk: Int = VerifiedBounds.chunk,
    _ body: (Range<Int>) -> [Result]
  ) -> [Result] {
    precondition(
      boxes.allSatisfy { $0.lower.count == inputCount }, "a box has not \(inputCount) values")
    let count = (boxes.count + chunk - 1) / chunk
    var results = [[Result]](repeating: [], count: count)
    results.withUnsafeMutableBufferPointer { results in
      // Each chunk has a place of its own.
      nonisolated(unsafe) let results = results
      withoutActuallyEscaping(body) { body in
        nonisolated(unsafe) let body = body
        DispatchQueue.concurrentPerform(iterations: count) { index in
          let start = index * chunk
          results[index] = body(start..<min(start + chunk, boxes.count))
        }
      }
    }
    return Array(results.joined())
  }

  private func margins(of boxes: [EnclosingBox], by labels: [Int]) -> [[Double]] {
    guard let layer = lastLayer else {
      let (lower, upper) = known(until: output, of: boxes)[output.index].ends
      return labels.enumerated().map { row, label in
        (0..<classCount).map { k in
          k == label
            ? 0
            : (upper[row * classCount + k] - lower[row * classCount + label]).nextUp
        }
      }
    }
    let values = known(until: layer.hidden, of: boxes)
    let (center, radius) = values[layer.hidden.index].centered
    let offsets = layer.offsets.map { values[$0.index].ends }
    let inputs = layer.weight.shape[1]
    let gamma = Rounding.gamma(inputs + 3)
    let outward = Rounding.outward(inputs + 6)
    let floor = Double(inputs + 6) * Rounding.underflow
    return labels.enumerated().map { row, label in
      (0..<classCount).map { k in
        if k == label { return 0 }
        var (value, spread) = (0.0, 0.0)
        for i in 0..<inputs {
          let slope = layer.weight[k * inputs + i] - layer.weight[label * inputs + i]
          let place = row * inputs + i
          value += slope * center[place]
          spread += abs(slope) * (radius[place] + gamma * abs(center[place]))
        }
        var margin = (value + (spread * outward + floor + (value - value))).nextUp
        for (lower, upper) in offsets {
          let own = lower.count == classCount ? 0 : row * classCount
          margin = (margin + (upper[own + k] - lower[own + label]).nextUp).nextUp
        }
        return margin
      }
    }
  }

  /// The enclosures that lead to a value, by node; those of nodes that do not, and are not to be kept, are empty.
  func known(
    until target: Value, of boxes: [EnclosingBox], keeping kept: Set<Int> = []
  ) -> [Enclosure] {
    do throws(BoundError) {
      return try enclosures(of: boxes, until: target, keeping: kept)
    } catch {
      preconditionFailure("that every operator has a rule was seen at the start: \(error)")
    }
  }

  private func enclosures(
    of boxes: [EnclosingBox], until target: Value, keeping kept: Set<Int> = []
  ) throws(BoundError) -> [Enclosure] {
    let nothing = Enclosure(.exact(Tensor([], shape: [0])))
    var values = [Enclosure](repeating: nothing, count: graph.nodes.count)
    var centers: [Int: Enclosure]?
    var remaining = graph.useCounts
    for (index, node) in graph.nodes.enumerated() {
      if let constant = constants[index] {
        values[index] = constant
        continue
      }
      // What the target does not need may be behind it, but for what is added to a last layer.
      if index > target.index, depends[index] { continue }
      let shape = node.extents.shape(batch: boxes.count)
      switch node {
      case .input:
        values[index] = Enclosure(
          .ends(
            lower: Tensor(Array(boxes.map(\.lower).joined()), shape: shape),
            upper: Tensor(Array(boxes.map(\.upper).joined()), shape: shape)))
      case .operation(let op, let operands, _):
        if let layer = layers[index] {
          values[index] = layer.enclosure(of: values[operands[0].index], shape: shape)
        } else {
          values[index] = try VerifiedBounds.enclosure(
            op, operands.map { values[$0.index] }, shape: shape,
            uncertain: operands.count { depends[$0.index] },
            node: VerifiedBounds.name(of: index, in: graph))
        }
        if reach.places.contains(index), boxes.contains(where: { $0.ball != nil }) {
          if centers == nil { centers = try self.centers(of: boxes) }
          if let center = centers?[index] {
            values[index] = reach.narrowed(values[index], at: index, around: center, boxes)
          }
        }
        for operand in operands where depends[operand.index] && operand != target {
          remaining[operand.index] -= 1
          if remaining[operand.index] == 0, !kept.contains(operand.index) {
            values[operand.index] = nothing
          }
        }
      case .constant, .parameter: preconditionFailure("a constant is known from the start")
      }
    }
    return values
  }

  /// The first layer's values at the centers of balls; of boxes without a ball, at their lower ends.
  private func centers(of boxes: [EnclosingBox]) throws(BoundError) -> [Int: Enclosure] {
    guard let last = reach.places.max() else { return [:] }
    let points = boxes.map { box in
      let point = box.ball?.center ?? box.lower
      return EnclosingBox(lower: point, upper: point)
    }
    let values = try enclosures(
      of: points, until: Value(index: last), keeping: reach.places)
    return Dictionary(uniqueKeysWithValues: reach.places.map { ($0, values[$0]) })
  }

  /// A node as messages name it: its place among all, and its extents.
  private static func name(of index: Int, in graph: Graph) -> String {
    "node \(index + 1) of \(graph.nodes.count), \(graph.nodes[index].extents)"
  }

  static func enclosure(
    _ op: any Operator, _ operands: [Enclosure], shape: Shape, uncertain: Int,
    node: @autoclosure () -> String? = nil
  ) throws(BoundError) -> Enclosure {
    guard let ruled = op as? any EnclosureOperator,
      let result = ruled.enclosure(of: operands, shape: shape)
    else { throw .unsupported(operator: op.name, uncertainOperands: uncertain, node: node()) }
    return result
  }

  private static func lastLayer(
    of graph: Graph, _ scores: Value, depends: [Bool], _ constants: [Int: Enclosure]
  ) -> LastLayer? {
    var value = scores
    var offsets: [Value] = []
    while true {
      guard depends[value.index], case .operation(let op, let operands, _) = graph[value] else {
        return nil
      }
      if op as? Arithmetic == Arithmetic(.add) {
        guard let place = operands.firstIndex(where: { !depends[$0.index] }) else { return nil }
        offsets.append(operands[place])
        value = operands[1 - place]
        continue
      }
      guard let product = op as? MatrixMultiply, !product.transposesLeft, !product.addsPairs,
        depends[operands[0].index], graph[operands[0]].extents.rank == 2,
        let weight = constants[operands[1].index]?.exact, weight.shape.rank == 2
      else { return nil }
      let rows = weight.shape
      return LastLayer(
        hidden: operands[0],
        weight: product.transposesRight
          ? weight
          : Transpose([1, 0]).value(of: [weight], shape: [rows[1], rows[0]]), offsets: offsets)
    }
  }
}
