import CKernels
import Graphs
import Models
import Tensors

/// The products of a linear layer with what follows it: y from x, or dx from dy.
///
/// oneDNN's inner product runs through a general matrix product on processors without AVX-512, whose sums depend on
/// the number of rows, and whose gradient reaches half of the speed. Here each sum is taken in one order.
struct LinearKernel {
  private let sizes: gibbon_linear
  private let rows: Int
  private let isGradient: Bool

  /// The kernel for x (rows x depth) times the weight transposed, or for dy (rows x depth) times the weight.
  init(_ operand: Shape, columns: Int, isGradient: Bool) {
    sizes = gibbon_linear(depth: operand[1], columns: columns)
    rows = operand[0]
    self.isGradient = isGradient
  }

  /// Adds the step that computes a value.
  func lower(
    _ value: Value, from operand: Value, weight: Value, epilogue: Epilogue, on planner: Planner
  ) throws(EngineError) {
    let source = try planner.placePlain(operand)
    let packed = try place(weight: weight, on: planner)
    let bias: Placement? = if let bias = epilogue.bias { try planner.placePlain(bias) } else { nil }
    let gate: Placement? = if let gate = epilogue.gate { try planner.placePlain(gate) } else { nil }
    let target = try planner.define(value, as: .plain(planner.shape(of: value)))
    let room = gibbon_linear_workspace_count(rows)
    let workspace = planner.newBuffer(.plain([room * OpenMP.threadCount]))
    let (sizes, rows, relu) = (sizes, rows, Int32(epilogue.relu ? 1 : 0))
    let (hasBias, hasGate) = (bias != nil, gate != nil)
    planner.emitHost(
      "linear", [source, packed, workspace, target] + [bias, gate].compactMap { $0 }
    ) { pointers in
      let floats = pointers.map { $0.assumingMemoryBound(to: Float.self) }
      let epilogue = gibbon_epilogue(
        bias: hasBias ? floats[4] : nil, addend: nil,
        gate: hasGate ? floats[floats.count - 1] : nil, relu: relu)
      withUnsafePointer(to: sizes) { sizes in
        withUnsafePointer(to: epilogue) { epilogue in
          OpenMP.split(gibbon_linear_blocks(sizes)) { range, thread in
            gibbon_linear_apply(
              sizes, floats[0], floats[1], epilogue, floats[3], floats[2] + thread * room, rows,
              range.lowerBound, range.upperBound)
          }
        }
      }
    }
  }

  /// The packed weight, made once for all plans.
  private func place(weight: Value, on planner: Planner) throws(EngineError) -> Placement {
    let (sizes, isGradient) = (sizes, isGradient)
    let count = withUnsafePointer(to: sizes) { gibbon_linear_weight_count($0) }
    let key = isGradient ? "linear transposed" : "linear"
    return try planner.place(weight: weight, key: key, count: count) { weight, packed in
      withUnsafePointer(to: sizes) { sizes in
        OpenMP.split(gibbon_linear_blocks(sizes)) { range in
          gibbon_linear_weight(
            sizes, weight, isGradient ? 1 : 0, packed, range.lowerBound, range.upperBound)
        }
      }
    }
  }
}
