import ONNXMessages
import Tensors

extension ONNXOperator {
  /// What is known from the file and the shapes alone.
  static let constants: [String: ONNXOperator] = [
    "Constant": .one(
      [
        "value", "value_float", "value_floats", "value_int", "value_ints",
      ]
    ) { _, call in ONNXOperand(try constant(call.node)) },
    "ConstantOfShape": .one(["value"]) { scope, call in
      guard let shape = try call.known(0, "shape", in: scope)?.integers else {
        throw ONNXProblem("its shape is missing")
      }
      try ONNXShape.checked(shape)
      let count = shape.reduce(1, *)
      let value = try call.node.tensor("value").map { try ONNXTensor($0, external: refused) }
      switch value?.values ?? .floats([0]) {
      case .floats(let values) where values.count == 1 && count > 1 << 16:
        return try filled(shape, with: values[0], &scope)
      case .floats(let values) where values.count == 1:
        return ONNXOperand(ONNXTensor(.init(repeating: values[0], count: count), shape: shape))
      case .integers(let values) where values.count == 1 && count <= ONNXShape.foldLimit:
        return ONNXOperand(
          ONNXTensor(
            .init(repeating: values[0], count: count), shape: shape, kind: value?.kind ?? .integer))
      default: throw ONNXProblem("its value is not one number, or repeated too often")
      }
    },
    "Shape": .one(["start", "end"]) { _, call in
      let shape = try call.operand(0).shape
      func position(_ value: Int) -> Int {
        min(max(value < 0 ? value + shape.count : value, 0), shape.count)
      }
      let start = position(max(try call.node.integer("start") ?? 0, -shape.count))
      let end = position(max(try call.node.integer("end") ?? shape.count, -shape.count))
      let part = Array(shape[start..<max(start, end)])
      return ONNXOperand(ONNXTensor(part, shape: [part.count]))
    },
    "Size": .one { _, call in ONNXOperand(ONNXTensor([try call.operand(0).count], shape: [])) },
    "EyeLike": .one(["dtype", "k"]) { _, call in
      let shape = try call.operand(0).shape
      guard shape.count == 2, let count = ONNXShape.count(shape), count <= ONNXShape.foldLimit
      else { throw ONNXProblem("it makes a diagonal of \(Shape(shape))") }
      guard try call.node.integer("dtype") ?? 1 == 1 else {
        throw ONNXProblem("it makes a diagonal of other than floats in single precision")
      }
      let shift = try call.node.integer("k") ?? 0
      let values = (0..<count).map { index -> Float in
        index % shape[1] - index / shape[1] == shift ? 1 : 0
      }
      return ONNXOperand(ONNXTensor(values, shape: shape))
    },
    "Mod": integerOnly(["fmod"]),
    "Range": .one { scope, call in
      let limits = try call.operands.indices.map { index in
        guard let tensor = try call.known(index, "limits", in: scope), tensor.count == 1 else {
          throw ONNXProblem("its limits are not single numbers")
        }
        return tensor
      }
      guard limits.count == 3 else { throw ONNXProblem("expected start, limit and step") }
      return ONNXOperand(try range(limits))
    },
  ]

  /// An operator of shapes alone, which are computed when a file is read (`ONNXIntegers`).
  private static func integerOnly(_ attributes: Set<String>) -> ONNXOperator {
    .one(attributes) { _, _ in
      throw ONNXProblem("it is supported for known integers only")
    }
  }

  private static func range(_ limits: [ONNXTensor]) throws -> ONNXTensor {
    let numbers = limits.map { limit -> Double in
      switch limit.values {
      case .floats(let values): Double(values[0])
      case .integers(let values): Double(values[0])
      }
    }
    let steps = ((numbers[1] - numbers[0]) / numbers[2]).rounded(.up)
    guard steps.isFinite, steps <= Double(ONNXShape.foldLimit) else {
      throw ONNXProblem("it counts from \(numbers[0]) to \(numbers[1]) by \(numbers[2])")
    }
    let count = max(Int(steps), 0)
    if limits.allSatisfy({ $0.kind == .integer }) {
      let values = try limits.map { try $0.integers[0] }
      return ONNXTensor(
        (0..<count).map { values[0] &+ $0 &* values[2] }, shape: [count])
    }
    let (start, step) = (limits[0].floats[0], limits[2].floats[0])
    return ONNXTensor((0..<count).map { start + Float($0) * step }, shape: [count])
  }

  private static func constant(_ node: ONNXNode) throws -> ONNXTensor {
    if let tensor = try node.tensor("value") { return try ONNXTensor(tensor, external: refused) }
    if node.has("value_float") {
      return ONNXTensor([try node.number("value_float", 0)], shape: [])
    }
    if let values = try node.numbers("value_floats") {
      return ONNXTensor(values, shape: [values.count])
    }
    if let value = try node.integer("value_int") { return ONNXTensor([value], shape: []) }
    if let values = try node.integers("value_ints") {
      return ONNXTensor(values, shape: [values.count])
    }
    throw ONNXProblem("it has no value")
  }

  private static func refused(_: Onnx_TensorProto) throws -> [UInt8] {
    throw ONNXProblem("its value is in another file; expected in an initializer")
  }
}
