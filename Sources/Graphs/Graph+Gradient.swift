import Tensors

extension Graph {
  /// The name of the output that holds the gradient with respect to an input or parameter.
  public static func gradientName(_ name: String) -> String { "gradient(\(name))" }

  /// The graph extended by a vector-Jacobian product, built in reverse from the operators' rules.
  ///
  /// The result has one more input, the cotangent of the output, and for each name in `names` one more
  /// output, `Graph.gradientName(name)`, of the shape of that input or parameter: the gradient of the
  /// sum over all elements of cotangent times output. Only what the asked gradients need is added.
  ///
  /// - Parameters:
  ///   - output: The name of the output to differentiate.
  ///   - cotangent: The name of the new input.
  ///   - names: The inputs and parameters to differentiate with respect to.
  /// - Returns: The extended graph.
  /// - Throws: `GraphError.unknownName`, or `GraphError.duplicateName` if the graph already has an input or
  ///   parameter named as the cotangent, or an output named as a gradient.
  public func gradient(
    of output: String, cotangent: String, withRespectTo names: [String]
  ) throws(GraphError) -> Graph {
    let target = try self.output(output)
    guard !(inputs + parameters).contains(where: { $0.name == cotangent }) else {
      throw .duplicateName(cotangent, kind: "input or parameter")
    }
    return try gradient(of: target, withRespectTo: names) {
      $0.input(cotangent, self[target].extents)
    }
  }

  /// The graph extended by the gradient of a scalar output; as `gradient(of:cotangent:withRespectTo:)` with 1 as the
  /// cotangent.
  ///
  /// - Parameters:
  ///   - loss: The name of the output to differentiate.
  ///   - names: The inputs and parameters to differentiate with respect to.
  /// - Returns: The extended graph.
  /// - Throws: As that; `GraphError.operands` if the output is no scalar.
  public func gradient(
    ofScalar loss: String, withRespectTo names: [String]
  ) throws(GraphError) -> Graph {
    let target = try self.output(loss)
    guard self[target].extents == [] else {
      throw .operands(operator: "gradient", expected: "a scalar", found: [self[target].extents])
    }
    return try gradient(of: target, withRespectTo: names) { $0.constant(Tensor(1)) }
  }

  private func gradient(
    of target: Value, withRespectTo names: [String], seed: (inout GraphBuilder) -> Value
  ) throws(GraphError) -> Graph {
    var sources: [(name: String, value: Value)] = []
    let known = inputs + parameters
    var taken = Set(outputs.map(\.name))
    for name in names {
      guard let source = known.first(where: { $0.name == name }) else {
        throw .unknownName(name, kind: "input or parameter", known: known.map(\.name))
      }
      guard taken.insert(Graph.gradientName(name)).inserted else {
        throw .duplicateName(Graph.gradientName(name), kind: "output")
      }
      sources.append(source)
    }
    var builder = GraphBuilder(continuing: self)
    let cotangent = seed(&builder)
    let gradients = try builder.gradients(
      of: target, cotangent: cotangent, withRespectTo: sources.map(\.value))
    for (source, gradient) in zip(sources, gradients) {
      builder.output(Graph.gradientName(source.name), gradient)
    }
    return builder.finish().pruned()
  }
}

extension GraphBuilder {
  /// Writes the gradients of the sum over all elements of cotangent times a value, in reverse from the operators' rules.
  ///
  /// They are values like others: a loss may contain them and be differentiated again.
  ///
  /// - Parameters:
  ///   - target: The value that is differentiated.
  ///   - cotangent: A value of its extents.
  ///   - sources: The values to differentiate with respect to.
  /// - Returns: A gradient for each source, of its extents; zeros where the target does not depend on it.
  /// - Throws: `GraphError` where a rule is not defined.
  public mutating func gradients(
    of target: Value, cotangent: Value, withRespectTo sources: [Value]
  ) throws(GraphError) -> [Value] {
    let nodes = self.nodes
    var depends = [Bool](repeating: false, count: nodes.count)
    for source in sources { depends[source.index] = true }
    for (index, node) in nodes.enumerated() where !depends[index] {
      depends[index] = node.operands.contains { depends[$0.index] }
    }

    var cotangents: [Int: Value] = [target.index: cotangent]
    for index in stride(from: target.index, through: 0, by: -1) where depends[index] {
      guard let arriving = cotangents[index],
        case .operation(let op, let operands, _) = nodes[index]
      else { continue }
      let application = Application(
        operands: operands, result: Value(index: index), cotangent: arriving,
        wanted: operands.map { depends[$0.index] })
      let gradients = try op.gradients(application, in: &self)
      for (operand, gradient) in zip(operands, gradients) where depends[operand.index] {
        guard let gradient else { continue }
        if let sum = cotangents[operand.index] {
          cotangents[operand.index] = try add(sum, gradient)
        } else {
          cotangents[operand.index] = gradient
        }
      }
    }
    var results: [Value] = []
    for source in sources {
      if let found = cotangents[source.index] {
        results.append(found)
      } else {
        results.append(try scale(source, by: 0))
      }
    }
    return results
  }
}
