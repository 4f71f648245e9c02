import ONNXMessages
import SwiftProtobuf
import Tensors

/// A small ONNX file that is drawn near a pattern, with what it means by ONNX's rules.
struct DrawnFile {
  /// The shape of its input, with a batch of 1.
  let shape: [Int]
  /// What the pattern stands for, of the input; where the file means something else the pattern must not be found.
  var ideal: ((PlainArray) -> PlainArray)?
  /// Whether the pattern must not be found whatever the values.
  var mustRefuse = false
  /// What the file is, in words.
  var form = ""
  private(set) var nodes: [Onnx_NodeProto] = []
  private var tensors: [Onnx_TensorProto] = []
  private var steps: [(name: String, inputs: [String], meaning: ([PlainArray]) -> PlainArray)] = []
  private var known: [String: PlainArray] = [:]
  private(set) var shapes: [String: [Int]]
  private var random: Philox

  init(pattern: String, seed: Int, shape: (inout Philox) -> [Int]) {
    random = RandomKey(seed: 37).child(pattern).child(seed).generator
    self.shape = shape(&random)
    shapes = ["in": self.shape]
  }

  // MARK: Chance

  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + random.integer(below: range.count)
  }

  mutating func chance(_ outOf: Int) -> Bool { random.integer(below: outOf) == 0 }

  mutating func element<Element>(of elements: [Element]) -> Element {
    elements[random.integer(below: elements.count)]
  }

  /// Numbers from -1.5 to 1.5.
  mutating func numbers(_ count: Int) -> [Float] {
    (0..<count).map { _ in 3 * random.uniform() - 1.5 }
  }

  // MARK: Nodes

  /// A node and what it means.
  mutating func add(
    _ op: String, _ inputs: [String], _ attributes: [Onnx_AttributeProto] = [],
    _ meaning: @escaping ([PlainArray]) -> PlainArray
  ) -> String {
    let name = "v\(nodes.count)"
    nodes.append(ONNXModels.node(op, inputs, [name], attributes))
    let operands = inputs.filter { shapes[$0] != nil }
    steps.append((name, operands, meaning))
    let zeros = operands.map { name in
      let shape = shapes[name] ?? []
      return known[name] ?? PlainArray(.init(repeating: 1, count: shape.reduce(1, *)), shape: shape)
    }
    shapes[name] = meaning(zeros).shape
    return name
  }

  /// A known tensor, as an initialiser or as a node.
  mutating func tensor(_ shape: [Int], _ values: [Float], isNode: Bool? = nil) -> String {
    let name = "t\(known.count)"
    known[name] = PlainArray(values.map { Double($0) }, shape: shape)
    shapes[name] = shape
    let message = ONNXModels.tensor(name, shape.map { Int64($0) }, floats: values)
    if isNode ?? chance(2) {
      let attribute = Onnx_AttributeProto.with {
        $0.name = "value"
        $0.type = .tensor
        $0.t = message
      }
      nodes.append(ONNXModels.node("Constant", [], [name], [attribute]))
    } else {
      tensors.append(message)
    }
    return name
  }

  /// A single number, whose shape may be of axes of 1.
  mutating func number(_ value: Float) -> String {
    tensor([Int](repeating: 1, count: integer(0...2)), [value], isNode: true)
  }

  /// Integers such as a shape.
  mutating func integers(_ values: [Int]) -> String {
    let name = "i\(tensors.count)"
    tensors.append(
      ONNXModels.tensor(name, [Int64(values.count)], integers: values.map { Int64($0) }))
    return name
  }

  /// The sum, difference, product and so on of two values.
  mutating func combine(_ op: String, _ left: String, _ right: String) -> String {
    let function: (Double, Double) -> Double =
      switch op {
      case "Add": { $0 + $1 }
      case "Sub": { $0 - $1 }
      case "Mul": { $0 * $1 }
      case "Div": { $0 / $1 }
      case "Max": { max($0, $1) }
      case "Min": { min($0, $1) }
      default: { Double.pow($0, $1) }
      }
    return add(op, [left, right]) { $0[0].combined($0[1], function) }
  }

  /// A mean over axes, or a sum.
  mutating func mean(
    _ x: String, _ axes: [Int], keeps: Bool, isSum: Bool = false
  ) -> String {
    let rank = shapes[x]?.count ?? 0
    // Negative axes count from behind.
    let named = axes.map { chance(2) ? $0 : $0 - rank }
    let keeping = ONNXModels.integer("keepdims", keeps ? 1 : 0)
    guard isSum else {
      return add(
        "ReduceMean", [x], [ONNXModels.integers("axes", named.map { Int64($0) }), keeping]
      ) { $0[0].mean(axes, keeps: keeps) }
    }
    let count = Double(axes.reduce(1) { $0 * (shapes[x]?[$1] ?? 1) })
    return add("ReduceSum", [x, integers(named)], [keeping]) {
      $0[0].mean(axes, keeps: keeps).map { count * $0 }
    }
  }

  // MARK: Result

  /// The file, whose output is all of a value.
  func model(_ value: String) -> Onnx_ModelProto {
    ONNXModels.model(
      input: [1] + shape.dropFirst().map { Int64($0) },
      nodes + [ONNXModels.node("Flatten", [value], ["out"], [ONNXModels.integer("axis", 0)])],
      tensors)
  }

  /// A value at an input, by ONNX's rules.
  func value(_ name: String, at input: PlainArray) -> PlainArray {
    var values = known
    values["in"] = input
    for step in steps {
      values[step.name] = step.meaning(step.inputs.compactMap { values[$0] })
    }
    return values[name] ?? input
  }
}
