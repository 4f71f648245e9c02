import CHost
import COneDNN
import Graphs
import Tensors

/// The input gradient of a convolution on one to four channels, such as an image's.
///
/// oneDNN pads the input's channels to a vector and so computes sixteen times too much; here vectors run
/// along the result's channels instead. Rows are independent, whatever the batch.
struct FewChannelGradient {
  private let gradient: ConvolutionInputGradient
  private let x: Shape
  private let y: Shape

  /// The kernel, if it suits the convolution.
  init?(_ gradient: ConvolutionInputGradient, x: Shape, y: Shape) {
    guard gradient.convolution.groups == 1, x[1] <= 4, y[1] % 16 == 0 else { return nil }
    self.gradient = gradient
    self.x = x
    self.y = y
  }

  /// Adds the step.
  func lower(
    _ value: Value, dy: Value, weight: Value, on planner: Planner
  ) throws(EngineError) {
    var source = try planner.place(dy)
    var strides = source.layout.channelBlockStrides
    if strides == nil {
      // Channels innermost: neighbours along them are neighbours in memory.
      let plain = y.strides
      let layout = MemoryDescriptor.strided(
        y.extents, strides: [plain[0], 1, y[3] * y[1], y[1]])
      source = try planner.place(dy, as: layout)
      strides = layout.channelBlockStrides
    }
    guard let strides else { preconditionFailure("channels innermost is a known layout") }
    let weightPlacement = try planner.placePlain(weight)
    let dx = try planner.define(value, as: .plain(x))
    let convolution = description(strides)
    let shape = planner.shape(of: weight)
    let batch = x[0]
    planner.emitHost([source, weightPlacement, dx]) { pointers in
      let dy = pointers[0].assumingMemoryBound(to: Float.self)
      let packed = Self.pack(pointers[1].assumingMemoryBound(to: Float.self), shape)
      let dx = pointers[2].assumingMemoryBound(to: Float.self)
      packed.withUnsafeBufferPointer { packed in
        OpenMP.split(batch) { range in
          withUnsafePointer(to: convolution) {
            gibbon_convolution_input_gradient(
              $0, dy, packed.baseAddress, dx, range.lowerBound, range.upperBound)
          }
        }
      }
    }
  }

  private func description(_ strides: ChannelBlockStrides) -> gibbon_convolution {
    let window = gradient.convolution.window
    return gibbon_convolution(
      channels: x[1], height: x[2], width: x[3], kernel_height: window.kernel.height,
      kernel_width: window.kernel.width, stride_height: window.stride.height,
      stride_width: window.stride.width, padding_height: window.paddingBefore.height,
      padding_width: window.paddingBefore.width, dilation_height: window.dilation.height,
      dilation_width: window.dilation.width, result_blocks: y[1] / 16, result_height: y[2],
      result_width: y[3], result_example_stride: strides.example,
      result_block_stride: strides.block, result_row_stride: strides.row,
      result_column_stride: strides.column)
  }

  /// O x C x kh x kw -> C x kh x kw x O.
  private static func pack(_ weight: UnsafePointer<Float>, _ shape: Shape) -> [Float] {
    let outputs = shape[0]
    let inner = shape.count / outputs
    var packed = [Float](repeating: 0, count: shape.count)
    for output in 0..<outputs {
      for position in 0..<inner {
        packed[position * outputs + output] = weight[output * inner + position]
      }
    }
    return packed
  }
}

/// Distances in floats between neighbours, where channels come in contiguous blocks of 16.
struct ChannelBlockStrides: Equatable {
  let example: Int
  let block: Int
  let row: Int
  let column: Int
}

extension MemoryDescriptor {
  /// The distances of N x C x H x W values whose channels are contiguous in blocks of 16, or `nil`.
  var channelBlockStrides: ChannelBlockStrides? {
    let blocking = raw.format_desc.blocking
    guard raw.ndims == 4, raw.format_kind == dnnl_blocked, raw.offset0 == 0 else { return nil }
    let channelStride: Int
    switch blocking.inner_nblks {
    case 0 where blocking.strides.1 == 1:
      channelStride = 16
    case 1 where blocking.inner_blks.0 == 16 && blocking.inner_idxs.0 == 1:
      channelStride = Int(blocking.strides.1)
    default:
      return nil
    }
    return ChannelBlockStrides(
      example: Int(blocking.strides.0), block: channelStride, row: Int(blocking.strides.2),
      column: Int(blocking.strides.3))
  }
}
