import COneDNN
import Graphs
import Tensors

/// The sum of the products of many pairs of matrices, as the gradient of a matrix that met many others.
///
/// It mixes the examples, so its bits may depend on their number.
struct SumOfProducts {
  let product: MatrixMultiply

  /// Adds the steps.
  func lower(
    _ value: Value, left: Value, right: Value, on planner: Planner
  ) throws(EngineError) {
    let shape = planner.shape(of: value)
    if product.transposesLeft, !product.transposesRight {
      // The rows of all pairs are contracted as those of one pair.
      let (a, b) = (try planner.placePlain(left), try planner.placePlain(right))
      let depth = planner.shape(of: left).count / max(shape[0], 1)
      let y = try planner.define(value, as: .plain(shape))
      let seen = [
        Placement(
          layout: .strided([shape[0], depth], strides: [1, shape[0]]), storage: a.storage),
        Placement(layout: .plain([depth, shape[1]]), storage: b.storage),
      ]
      try planner.emit(
        .matrixMultiply(seen[0].layout, seen[1].layout, y.layout),
        [(DNNL_ARG_SRC, seen[0]), (DNNL_ARG_WEIGHTS, seen[1]), (DNNL_ARG_DST, y)])
      return
    }
    let leading = planner.shape(of: left).extents.dropLast(2)
    let count = leading.reduce(1, *)
    let products = planner.newBuffer(.plain(shape.prepending(count)))
    try BatchedMatrixMultiply(
      product: MatrixMultiply(
        transposesLeft: product.transposesLeft, transposesRight: product.transposesRight)
    ).emit(products, Shape(leading + shape.extents), left: left, right: right, on: planner)
    let y = try planner.define(value, as: .plain(shape))
    if count == 1 {
      try planner.reorder(
        Placement(layout: y.layout, storage: products.storage), to: y)
      return
    }
    let seen = Placement(layout: .plain(shape.prepending(1)), storage: y.storage)
    try planner.emit(
      .reduction(dnnl_reduction_sum, products.layout, seen.layout),
      [(DNNL_ARG_SRC, products), (DNNL_ARG_DST, seen)])
  }
}
