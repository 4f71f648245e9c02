import Graphs
import ONNXMessages
import Tensors

extension ONNXGraphReader {
  /// Checks that a network whose batch is free computes each example of a larger batch as it computes one alone.
  ///
  /// The nodes that outputs need are written once more, for several examples in one value, and the axis that holds
  /// the examples is followed through them. A file that cannot be computed for several examples is one for single ones.
  ///
  /// - Parameters:
  ///   - input: The input's name; what needs it has been read.
  ///   - shape: Its shape for one example.
  ///   - outputs: The names of the outputs.
  /// - Throws: `ONNXError` naming the node that combines examples.
  func checkExamples(
    of input: String, shape: [Int], outputs: [String]
  ) throws(ONNXError) {
    var larger = self
    let examples = larger.largerBatch(for: shape)
    var changed: [String: ONNXBatchedValue] = [:]
    do {
      let full = [examples] + shape.dropFirst()
      try ONNXShape.checked(full)
      let value = larger.scope.graph.input("several examples", Extents(full))
      changed[input] = ONNXBatchedValue(
        operand: ONNXOperand(value, isBatched: false, shape: full),
        position: ONNXBatchPosition(axis: 0))
    } catch { return }
    for index in try nodes.needed(for: outputs) {
      let node = nodes[index]
      guard node.inputs.contains(where: { changed[$0] != nil }) else { continue }
      do {
        try larger.follow(node, examples, &changed)
      } catch let problem as ONNXProblem
        where problem.text == ONNXProblem.mixing.text || node.op == "Resize"
      {
        // Sizes of a resizing that do not fit several examples change them all.
        let single = shape.map(String.init).joined(separator: ",")
        throw ONNXError(
          file: file, place: node.place, problem: ONNXProblem.mixing.text,
          hint: "each example by itself: fix the batch at 1 by python -m"
            + " onnxruntime.tools.make_dynamic_shape_fixed --input_name \(input)"
            + " --input_shape \(single) IN.onnx OUT.onnx")
      } catch {
        return
      }
    }
  }

  /// A number of examples that no extent of the file could be taken for.
  private func largerBatch(for shape: [Int]) -> Int {
    let extents = Set(shape + message.initializer.flatMap { $0.dims.map { Int($0) } })
    return [3, 5, 7, 11, 13, 17, 19, 23, 29, 31].first { prime in
      !extents.contains { $0 > 0 && $0 % prime == 0 }
    } ?? 37
  }

  private mutating func follow(
    _ node: ONNXNode, _ examples: Int, _ changed: inout [String: ONNXBatchedValue]
  ) throws {
    let inputs = node.inputs.map { name -> ONNXBatchedValue? in
      name.isEmpty
        ? nil
        : changed[name] ?? values[name].map { ONNXBatchedValue(operand: $0, isRepeated: true) }
    }
    for (name, input) in zip(node.inputs, inputs) where !name.isEmpty {
      if let operand = input?.operand { define(name, operand) }
    }
    let singles = node.outputs.map { values[$0] }
    let results = try self.results(of: node)
    let call = ONNXCall(node: node, operands: inputs.map { $0?.operand })
    let dependsOnInput =
      !ONNXBatchRule.shapeReaders.contains(node.op) && inputs.contains { $0?.position != nil }
    if dependsOnInput { try checkNumbers(node, inputs, examples) }
    var positions = results.map { _ in ONNXBatchPosition?.none }
    if dependsOnInput {
      positions = try ONNXBatchRule(
        call: call, scope: scope, operands: inputs, results: results.map(\.shape),
        examples: examples
      ).positions()
    }
    for (index, name) in node.outputs.enumerated() where !name.isEmpty {
      guard results.indices.contains(index), let single = singles[index] else { continue }
      let result = results[index]
      if let position = positions[index] {
        var shape = result.shape
        guard shape.indices.contains(position.axis), shape[position.axis] % examples == 0 else {
          throw ONNXProblem.mixing
        }
        shape[position.axis] /= examples
        guard shape.filter({ $0 != 1 }) == single.shape.filter({ $0 != 1 }) else {
          throw ONNXProblem.mixing
        }
      } else if result.shape == single.shape, isUnchanged(result, single, inputs) {
        continue
      }
      changed[name] = ONNXBatchedValue(
        operand: result, position: positions[index],
        isRepeated: isRepeated(node, inputs, result, single))
    }
  }

  /// Whether a value that does not depend on the input is the same for any number of examples.
  private func isUnchanged(
    _ result: ONNXOperand, _ single: ONNXOperand, _ inputs: [ONNXBatchedValue?]
  ) -> Bool {
    if let new = result.known, let old = single.known { return new == old }
    return inputs.allSatisfy { $0?.isRepeated ?? true }
  }

  /// Whether a value that does not depend on the input is a repetition of that for one example.
  private func isRepeated(
    _ node: ONNXNode, _ inputs: [ONNXBatchedValue?], _ result: ONNXOperand, _ single: ONNXOperand
  ) -> Bool {
    if let new = result.known, let old = single.known { return new.repeats(old) }
    if node.op == "ConstantOfShape" { return true }
    let data = ONNXBatchRule.data(of: node.op, inputs)
    return data.allSatisfy { $0?.isRepeated ?? true }
  }

  /// Refuses arithmetic of examples with values that depend on their number.
  private func checkNumbers(
    _ node: ONNXNode, _ inputs: [ONNXBatchedValue?], _ examples: Int
  ) throws {
    let data = ONNXBatchRule.data(of: node.op, inputs)
    guard data.allSatisfy({ $0.map { $0.position != nil || $0.isRepeated } ?? true }) else {
      throw ONNXProblem.mixing
    }
  }
}

extension ONNXTensor {
  /// Whether these are the values of another tensor, repeated along at most one axis.
  fileprivate func repeats(_ other: ONNXTensor) -> Bool {
    if self == other { return true }
    let axes = zip(shape, other.shape).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
    guard kind == other.kind, shape.count == other.shape.count, axes.count == 1,
      let axis = axes.first, other.shape[axis] > 0, shape[axis] % other.shape[axis] == 0
    else { return false }
    let inner = other.shape[axis...].reduce(1, *)
    let times = shape[axis] / other.shape[axis]
    let (new, old) = (floats, other.floats)
    return new.indices.allSatisfy { index in
      new[index] == old[index / (inner * times) * inner + index % inner]
    }
  }
}
