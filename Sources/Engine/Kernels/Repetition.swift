import Graphs
import Tensors

/// A value that repeats another, and need not be computed where the other can be read several times.
struct Repetition {
  /// What is repeated.
  let operand: Value
  /// The operand's extents, with 1 along the axes in which it is repeated.
  let extents: [Int]

  /// The distances between the operand's neighbours along each axis of the repetition, zero where it repeats.
  var strides: [Int] { zip(extents, Shape(extents).strides).map { $0 == 1 ? 0 : $1 } }
}

extension Planner {
  /// The repetition that a value is, unless it has been computed.
  func repetition(_ value: Value) -> Repetition? {
    guard case .operation(let op, let operands, _) = graph[value], !isDefined(value) else {
      return nil
    }
    if let op = op as? Broadcast, !op.isMean { return repetition(of: operands[0], by: op) }
    return op is Expand
      ? Repetition(operand: operands[0], extents: shape(of: operands[0]).extents) : nil
  }

  /// The repetition of an operand along new axes, be it scaled or not.
  fileprivate func repetition(of operand: Value, by op: Broadcast) -> Repetition {
    let target = op.target.shape(batch: batch)
    return Repetition(
      operand: operand,
      extents: target.extents.enumerated().map { op.axes.contains($0.offset) ? 1 : $0.element })
  }

  /// The operand of a repetition, seen with extents of 1 where it is repeated.
  func place(_ repetition: Repetition) throws(EngineError) -> Placement {
    let storage = try placePlain(repetition.operand).storage
    return Placement(layout: .plain(.init(repetition.extents)), storage: storage)
  }

  /// Computes a repetition as it is.
  fileprivate func lower(
    _ value: Value, _ repetition: Repetition, factor: Float = 1
  ) throws(EngineError) {
    let shape = shape(of: value)
    let source = try placePlain(repetition.operand)
    let target = try define(value, as: .plain(shape))
    VectorOperation.scaled(by: factor).emit(
      StridedLoop(shape, strides: [repetition.strides]), [source], target, on: self)
  }
}

extension Broadcast {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    if isMean, axes == [2, 3], let layout = planner.layout(ofImagesAveragedLike: target),
      let image = ChannelImage(layout)
    {
      let means = try planner.placePlain(operands[0])
      let result = try planner.define(value, as: layout)
      planner.emitHost(name, [means, result]) { image.spread($0[0], into: $0[1]) }
      return
    }
    let repetitions = axes.reduce(1) { $0 * planner.shape(of: value)[$1] }
    try planner.lower(
      value, planner.repetition(of: operands[0], by: self),
      factor: isMean ? 1 / Float(max(repetitions, 1)) : 1)
  }

  func isDeferred(_ value: Value, on planner: Planner) -> Bool {
    !isMean && !planner.isOutput(value)
  }
}

extension Expand {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    try planner.lower(
      value, Repetition(operand: operands[0], extents: planner.shape(of: operands[0]).extents))
  }

  func isDeferred(_ value: Value, on planner: Planner) -> Bool { !planner.isOutput(value) }
}
