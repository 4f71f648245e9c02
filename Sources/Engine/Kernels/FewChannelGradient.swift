import CKernels
import COneDNN
import Graphs
import Models
import Tensors

/// The input gradient of a convolution on one to four channels, such as an image's.
///
/// oneDNN pads the input's channels to a vector and so computes up to sixteen times too much; here
/// vectors run along the rows of the kernel instead. Rows are independent, whatever the batch.
struct FewChannelGradient {
  private let gradient: ConvolutionInputGradient
  private let x: Shape
  private let y: Shape

  /// The kernel, if it suits the convolution.
  init?(_ gradient: ConvolutionInputGradient, x: Shape, y: Shape) {
    let window = gradient.convolution.window
    guard gradient.convolution.groups == 1, x[1] <= 4, y[1] % 8 == 0, window.kernel.width <= 8,
      window.dilation == 1
    else { return nil }
    self.gradient = gradient
    self.x = x
    self.y = y
  }

  /// Adds the step.
  func lower(
    _ value: Value, dy: Value, weight: Value, on planner: Planner
  ) throws(EngineError) -> Placement {
    var source = try planner.place(dy)
    if source.layout.channelBlocks == nil {
      source = try planner.place(dy, as: .channelsLast(y.extents))
    }
    guard let blocks = source.layout.channelBlocks else {
      preconditionFailure("channels last come in whole vectors")
    }
    let shape = planner.shape(of: weight)
    let packed = try planner.place(
      weight: weight, key: "rows of 8", count: shape.count / shape[3] * 8
    ) { Self.pack($0, shape, to: $1) }
    let dx = try planner.define(value, as: .plain(x))
    let convolution = description(blocks)
    let canvas = withUnsafePointer(to: convolution) { gibbon_convolution_canvas($0) }
    let batch = x[0]
    planner.emitHost("few channels' gradient", [source, packed, dx]) { pointers in
      let floats = pointers.map { $0.assumingMemoryBound(to: Float.self) }
      OpenMP.split(batch) { range in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: canvas) { canvas in
          withUnsafePointer(to: convolution) {
            gibbon_convolution_input_gradient(
              $0, floats[0], floats[1], canvas.baseAddress, floats[2], range.lowerBound,
              range.upperBound)
          }
        }
      }
    }
    return dx
  }

  private func description(_ dy: ChannelBlocks) -> gibbon_convolution {
    let window = gradient.convolution.window
    return gibbon_convolution(
      channels: x[1], height: x[2], width: x[3], kernel_height: window.kernel.height,
      kernel_width: window.kernel.width, stride_height: window.stride.height,
      stride_width: window.stride.width, padding_height: window.paddingBefore.height,
      padding_width: window.paddingBefore.width, blocks: dy.blocks, vectors: dy.vectors,
      result_height: y[2], result_width: y[3], dy: dy.strides)
  }

  /// O x C x kh x kw -> C x O x kh x 8.
  private static func pack(
    _ weight: UnsafePointer<Float>, _ shape: Shape, to packed: UnsafeMutablePointer<Float>
  ) {
    let (outputs, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
    packed.update(repeating: 0, count: outputs * channels * height * 8)
    for output in 0..<outputs {
      for channel in 0..<channels {
        for row in 0..<height {
          let source = ((output * channels + channel) * height + row) * width
          let target = ((channel * outputs + output) * height + row) * 8
          (packed + target).update(from: weight + source, count: width)
        }
      }
    }
  }
}
