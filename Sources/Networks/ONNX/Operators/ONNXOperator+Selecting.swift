import Graphs
import Tensors

extension ONNXOperator {
  /// Parts of values, values joined, and values extended.
  static let selecting: [String: ONNXOperator] = [
    "Concat": .one(["axis"], concatenation),
    "Split": ONNXOperator(["axis", "split", "num_outputs"], split),
    "Slice": .one(["axes", "starts", "ends"], slice),
    "Gather": .one(["axis"], gather),
    "Pad": .one(["mode", "pads", "value"], pad),
  ]

  private static func concatenation(
    _ scope: inout ONNXScope, _ call: ONNXCall
  ) throws -> ONNXOperand {
    let operands = try call.all()
    guard let given = try call.node.integer("axis") else {
      throw ONNXProblem("its attribute 'axis' is missing")
    }
    let rank = operands[0].rank
    let axis = try ONNXShape.axis(given, rank: rank)
    var shape = operands[0].shape
    for operand in operands.dropFirst() {
      guard operand.rank == rank,
        (0..<rank).allSatisfy({ $0 == axis || operand.shape[$0] == shape[$0] })
      else { throw ONNXProblem("\(Shape(operand.shape)) cannot be joined to \(Shape(shape))") }
      shape[axis] += operand.shape[axis]
      try ONNXShape.checked(shape)
    }
    let isBatched = operands.contains(where: \.isBatched)
    var parts: [Value] = []
    // All in full extents if the first axis is the one along which they are joined.
    let isFull = isBatched && (axis == 0 || shape[0] != 1)
    for operand in operands {
      let value = try scope.broadcast(operand, to: operand.shape, isBatched: isBatched)
      parts.append(
        isFull ? try scope.reshape(value, to: Extents([Extents.batch] + operand.shape)) : value)
    }
    let y = try scope.graph.apply(Concatenate(axis: axis + (isFull ? 1 : 0)), to: parts)
    return try scope.result(y, isBatched: isBatched, shape: shape, kind: operands[0].kind)
  }

  private static func split(_ scope: inout ONNXScope, _ call: ONNXCall) throws -> [ONNXOperand] {
    let x = try call.operand(0)
    let axis = try ONNXShape.axis(try call.node.integer("axis") ?? 0, rank: x.rank)
    let extent = x.shape[axis]
    let sizes: [Int]
    if let given = try call.integers("split", input: 1, since: 13, in: scope) {
      sizes = given
    } else {
      let parts = try call.node.integer("num_outputs") ?? call.node.outputs.count
      guard 1...max(extent, 1) ~= parts else { throw ONNXProblem("it splits into \(parts) parts") }
      let size = (extent + parts - 1) / parts
      sizes = (0..<parts).map { min(size, extent - min($0 * size, extent)) }
    }
    guard sizes.allSatisfy({ 0...extent ~= $0 }), sizes.reduce(0, +) == extent,
      sizes.count >= call.node.outputs.count
    else { throw ONNXProblem("it splits \(extent) into parts of \(sizes.prefix(20))") }
    var start = 0
    var parts: [ONNXOperand] = []
    for size in sizes {
      parts.append(
        try selection(of: x, axis: axis, start: start, step: 1, count: size, &scope))
      start += size
    }
    return parts
  }

  /// Evenly spaced positions along one axis.
  private static func selection(
    of x: ONNXOperand, axis: Int, start: Int, step: Int, count: Int, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    if start == 0, step == 1, count == x.shape[axis] { return x }
    var shape = x.shape
    shape[axis] = count
    try ONNXShape.checked(shape)
    let (value, offset, isBatched) = try scope.withAxes(of: x, using: [axis])
    let y = try scope.graph.apply(
      Slice(axis: axis + offset, start: start, step: step, count: count), value)
    return try scope.result(y, isBatched: isBatched, shape: shape, kind: x.kind)
  }

  private static func slice(_ scope: inout ONNXScope, _ call: ONNXCall) throws -> ONNXOperand {
    var x = try call.operand(0)
    for part in try slices(call, of: x.shape, in: scope) {
      x = try selection(
        of: x, axis: part.axis, start: part.start, step: part.step, count: part.count, &scope)
    }
    return x
  }

  /// The positions that are selected along each axis that a slice names.
  static func slices(
    _ call: ONNXCall, of shape: [Int], in scope: ONNXScope
  ) throws -> [(axis: Int, start: Int, step: Int, count: Int)] {
    guard let starts = try call.integers("starts", input: 1, since: 10, in: scope),
      let ends = try call.integers("ends", input: 2, since: 10, in: scope),
      starts.count == ends.count
    else { throw ONNXProblem("its starts and ends are missing or differ in number") }
    let given = try call.integers("axes", input: 3, since: 10, in: scope)
    let axes = try ONNXShape.axes(given ?? Array(starts.indices), rank: shape.count)
    let steps =
      try call.opset < 10 ? nil : call.known(4, "steps", in: scope)?.integers
    guard axes.count == starts.count, steps.map({ $0.count == starts.count }) ?? true else {
      throw ONNXProblem("its starts, ends, axes and steps differ in number")
    }
    return try axes.enumerated().map { index, axis in
      let extent = shape[axis]
      let step = steps?[index] ?? 1
      guard step != 0, step > Int.min else { throw ONNXProblem("its step is \(step)") }
      func position(_ value: Int, _ range: ClosedRange<Int>) -> Int {
        let shifted = value < 0 ? value.addingReportingOverflow(extent).partialValue : value
        return min(max(shifted, range.lowerBound), range.upperBound)
      }
      let range = step > 0 ? 0...extent : -1...extent - 1
      let start = position(starts[index], range)
      // A negative end counts from behind; one far below zero means all in reverse.
      let end = position(ends[index], range)
      let way = step > 0 ? end - start : start - end
      return (axis, start, step, way <= 0 ? 0 : (way - 1) / Int(step.magnitude) + 1)
    }
  }

  private static func gather(_ scope: inout ONNXScope, _ call: ONNXCall) throws -> ONNXOperand {
    let x = try call.operand(0)
    let axis = try ONNXShape.axis(try call.node.integer("axis") ?? 0, rank: x.rank)
    let extent = x.shape[axis]
    guard let tensor = try call.known(1, "indices", in: scope) else {
      throw ONNXProblem("its indices are missing")
    }
    let indices = try tensor.integers.map { index in
      guard -extent..<extent ~= index else {
        throw ONNXProblem("its index \(index) is outside an axis of \(extent)")
      }
      return index < 0 ? index + extent : index
    }
    let shape = x.shape[..<axis] + tensor.shape + x.shape[(axis + 1)...]
    try ONNXShape.checked(Array(shape))
    let first = indices.first ?? 0
    if indices == Array(first..<first + indices.count) {
      let y = try selection(
        of: x, axis: axis, start: first, step: 1, count: indices.count, &scope)
      return try reshaped(y, Array(shape), &scope)
    }
    let (value, offset, isBatched) = try scope.withAxes(of: x, using: [axis])
    let y = try scope.graph.apply(Gather(indices: indices, axis: axis + offset), value)
    return try scope.result(y, isBatched: isBatched, shape: Array(shape), kind: x.kind)
  }

  private static func pad(_ scope: inout ONNXScope, _ call: ONNXCall) throws -> ONNXOperand {
    let x = try call.operand(0)
    guard let pads = try call.integers("pads", input: 1, since: 11, in: scope) else {
      throw ONNXProblem("its pads are missing")
    }
    let value =
      try call.opset < 11
      ? call.node.number("value", 0)
      : call.known(2, "padding value", in: scope)?.floats.first ?? 0
    let given = try call.opset < 18 ? nil : call.known(3, "axes", in: scope)?.integers
    let axes = try ONNXShape.axes(given ?? Array(0..<x.rank), rank: x.rank)
    let limit = ONNXNode.sizeLimit
    guard pads.count == 2 * axes.count, pads.allSatisfy({ -limit...limit ~= $0 }) else {
      throw ONNXProblem("its pads are \(pads.prefix(20)) for \(axes.count) axes")
    }
    let mode: PaddingMode
    switch try call.node.text("mode") ?? "constant" {
    case "constant": mode = .constant(value)
    case "edge": mode = .edge
    case "reflect": mode = .reflect
    case "wrap": mode = .wrap
    case let other: throw ONNXProblem("its attribute 'mode' is \(other.quoted)")
    }
    var shape = x.shape
    var used: [Int] = []
    for (index, axis) in axes.enumerated() where pads[index] != 0 || pads[index + axes.count] != 0 {
      shape[axis] += pads[index] + pads[index + axes.count]
      used.append(axis)
    }
    try ONNXShape.checked(shape)
    let (source, offset, isBatched) = try scope.withAxes(of: x, using: used)
    var before = [Int](repeating: 0, count: scope.graph.extents(of: source).rank)
    var after = before
    for (index, axis) in axes.enumerated() where used.contains(axis) {
      before[axis + offset] = pads[index]
      after[axis + offset] = pads[index + axes.count]
    }
    let y = try scope.graph.pad(source, before: before, after: after, mode: mode)
    return try scope.result(y, isBatched: isBatched, shape: shape, kind: x.kind)
  }
}
