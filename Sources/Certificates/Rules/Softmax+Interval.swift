import Graphs
import Tensors

extension Softmax: IntervalOperator {
  /// The exact range along the innermost axis: the lowest value of an element is where it is lowest itself and all others
  /// are highest.
  ///
  /// Cost: the square of the axis' extent.
  func interval(
    of operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm? {
    let extents = graph.extents(of: operands[0])
    let axis = position(in: extents.rank)
    guard axis == extents.rank - 1 else { return nil }
    let pairs = Extents(extents.values + [extents[axis]])
    let axes = Array(0..<axis)
    let count = extents[axis]
    let identity = Tensor<Float>(
      (0..<count * count).map { $0 / count == $0 % count ? 1 : 0 }, shape: [count, count])
    let isOwn = try graph.apply(Broadcast(to: pairs, axes: axes), graph.constant(identity))
    let x = try bounds.interval(of: operands[0], in: &graph)

    // Row k of the last two axes is the operand where element k is one end and the others are the other.
    func end(
      own: Value, others: Value, in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
      let spread = Broadcast(to: pairs, axes: [axis])
      let mixed = try graph.apply(
        Select(), isOwn, try graph.apply(spread, own), try graph.apply(spread, others))
      let logarithms = try graph.apply(Softmax(logarithm: true), mixed)
      let ownOnes = try graph.apply(
        Reduce(axes: [axis + 1]), try graph.multiply(logarithms, isOwn))
      return isLogarithm ? ownOnes : try graph.apply(Elementwise(.exp), ownOnes)
    }
    return IntervalForm(
      lower: try end(own: x.lower, others: x.upper, in: &graph),
      upper: try end(own: x.upper, others: x.lower, in: &graph))
  }
}
