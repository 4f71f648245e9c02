import Graphs
import Tensors
import Testing

/// A row of the table of operators: how a small graph is written, and where it is tested.
struct OperatorCase: Sendable, CustomTestStringConvertible {
  /// An input or parameter of the graph, named after its position.
  struct Operand: Sendable {
    let extents: Extents
    let isParameter: Bool
    let domain: Domain

    /// An input whose outermost axis is the batch.
    static func batch(_ example: Shape, _ domain: Domain = .awayFromZero) -> Operand {
      Operand(extents: Extents(batchOf: example), isParameter: false, domain: domain)
    }

    /// An input that does not depend on the batch.
    static func single(_ shape: Shape, _ domain: Domain = .awayFromZero) -> Operand {
      Operand(extents: Extents(shape), isParameter: false, domain: domain)
    }

    static func parameter(_ shape: Shape, _ domain: Domain = .awayFromZero) -> Operand {
      Operand(extents: Extents(shape), isParameter: true, domain: domain)
    }
  }

  let name: String
  let operands: [Operand]
  /// Whether all gradients are exactly zero.
  let isFlat: Bool
  let write: @Sendable (inout GraphBuilder, [Value]) throws -> [Value]

  static let batch = 2

  /// A row that writes its graph and returns the outputs.
  init(
    _ name: String, _ operands: [Operand], isFlat: Bool = false,
    _ write: @escaping @Sendable (inout GraphBuilder, [Value]) throws -> [Value]
  ) {
    self.name = name
    self.operands = operands
    self.isFlat = isFlat
    self.write = write
  }

  /// A row that is one operator applied to all operands.
  init(_ name: String, _ operands: [Operand], isFlat: Bool = false, _ op: some Operator) {
    self.init(name, operands, isFlat: isFlat) { graph, values in
      [try graph.apply(op, to: values)]
    }
  }

  var testDescription: String { name }
  var key: RandomKey { RandomKey(seed: 7).child(name) }
  var names: [String] { operands.indices.map { "operand \($0)" } }

  /// The graph; its outputs are "y 0", "y 1" and so on.
  func graph() throws -> Graph {
    var builder = GraphBuilder()
    let values = zip(names, operands).map { name, operand in
      operand.isParameter
        ? builder.parameter(name, operand.extents.shape(batch: OperatorCase.batch))
        : builder.input(name, operand.extents)
    }
    for (index, output) in try write(&builder, values).enumerated() {
      builder.output("y \(index)", output)
    }
    return builder.finish()
  }

  /// Seeded random operands.
  func point() -> Point {
    var point = Point()
    for (name, operand) in zip(names, operands) {
      let tensor = operand.domain.draw(
        operand.extents.shape(batch: OperatorCase.batch), from: key.child(name))
      if operand.isParameter {
        point.parameters[name] = tensor
      } else {
        point.inputs[name] = tensor
      }
    }
    return point
  }
}
