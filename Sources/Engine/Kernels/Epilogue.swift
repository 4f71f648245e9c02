import COneDNN
import Graphs

/// What follows a convolution or linear layer in the same step: bias, addend, ReLU, gate, in this order.
struct Epilogue {
  /// One value per channel.
  var bias: Value?
  /// Values of the result's extents that are added.
  var addend: Value?
  /// Whether negative results become zero.
  var relu = false
  /// Results become zero where this is not above zero: the gradient of a ReLU.
  var gate: Value?
}

extension Planner {
  /// Adds what a layer's own step could not take along: addend, ReLU and gate.
  func lower(
    _ value: Value, from result: Placement, rest epilogue: Epilogue
  ) throws(EngineError) {
    let layout = result.layout
    if let addend = epilogue.addend {
      let addend = try place(addend, as: layout)
      try emit(
        .binary(dnnl_binary_add, layout, layout, layout),
        [(DNNL_ARG_SRC_0, result), (DNNL_ARG_SRC_1, addend), (DNNL_ARG_DST, result)])
    }
    if epilogue.relu {
      try emit(
        .elementwise(dnnl_eltwise_relu, layout, alpha: 0, beta: 0),
        [(DNNL_ARG_SRC, result), (DNNL_ARG_DST, result)])
    }
    if let gate = epilogue.gate {
      let gate = try place(gate, as: layout)
      try emit(
        .reluGradient(y: layout, dy: layout),
        [(DNNL_ARG_DST, gate), (DNNL_ARG_DIFF_DST, result), (DNNL_ARG_DIFF_SRC, result)])
    }
  }
}
