/// Where the examples are in a value of a larger batch.
///
/// The axis has `outer` parts, each with as many places for each example: examples may be merged with other axes.
struct ONNXBatchPosition: Equatable {
  var axis: Int
  var outer = 1

  /// The places of one part along the axis.
  func block(in shape: [Int]) -> Int { shape[axis] / outer }

  /// The position after the same values were given another shape.
  ///
  /// - Throws: `ONNXProblem` if an axis there holds parts of examples.
  func reshaped(
    from shape: [Int], to result: [Int], examples: Int
  ) throws -> ONNXBatchPosition {
    let before = shape[..<axis].reduce(outer, *)
    let after = shape.reduce(1, *) / max(before, 1)
    var product = 1
    for (axis, extent) in result.enumerated() {
      let rest = product * extent
      if rest > before {
        guard before % product == 0, extent % (before / product * examples) == 0,
          after % examples == 0
        else { break }
        return ONNXBatchPosition(axis: axis, outer: before / product)
      }
      product = rest
    }
    throw ONNXProblem.mixing
  }
}

extension ONNXProblem {
  /// Why a node cannot be vectorised over examples.
  static let mixing = ONNXProblem(
    "it combines the examples of a batch, so that what one gives depends on the others")
}

/// A value of a larger batch.
struct ONNXBatchedValue {
  let operand: ONNXOperand
  /// Where the examples are; `nil` if it does not depend on the input.
  var position: ONNXBatchPosition?
  /// Whether it repeats what it is for one example, if it does not depend on the input.
  var isRepeated = false

  var shape: [Int] { operand.shape }
}
