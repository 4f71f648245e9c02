import Graphs

extension Architecture {
  /// Inverted residual blocks of depthwise convolutions, for ImageNet, in torchvision's form, without its
  /// dropout: 3,504,872 parameters.
  ///
  /// Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", 2018,
  /// https://arxiv.org/abs/1801.04381.
  static let mobileNetV2 = Architecture(
    "mobilenetv2", "inverted residual blocks, for ImageNet (Sandler 2018)", input: .imageNet
  ) {
    let stages: [(expansion: Int, channels: Int, count: Int, stride: Int)] = [
      (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
      (6, 320, 1, 1),
    ]
    Sequential {
      Sequential.normalized(32, kernel: 3, stride: 2)
      for stage in stages {
        for index in 0..<stage.count {
          InvertedResidual(
            expansion: stage.expansion, channels: stage.channels,
            stride: index == 0 ? stage.stride : 1)
        }
      }
      Sequential.normalized(1280, kernel: 1)
    }.named("features")
    GlobalAveragePooling()
    Sequential {
      Linear(1000, bias: .zeros, start: .normal(0.01)).named("1")
    }.named("classifier")
  }
}

extension Sequential {
  /// A convolution, its normalisation and min(max(x, 0), 6).
  fileprivate static func normalized(
    _ channels: Int, kernel: Int, stride: Int = 1, groups: Int = 1
  ) -> Sequential {
    Sequential {
      Convolve(
        channels, kernel: kernel, stride: stride, padding: kernel / 2, groups: groups,
        bias: .absent, start: .kaimingFanOut)
      BatchNorm()
      ReLU6()
    }
  }
}

/// More channels, a depthwise convolution, and fewer channels again, around which the input is added if the
/// shapes are equal.
private struct InvertedResidual: Layer {
  let expansion: Int
  let channels: Int
  let stride: Int

  func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let inputs = context.graph.extents(of: x)[1]
    let hidden = inputs * expansion
    let body = Sequential {
      if expansion != 1 { Sequential.normalized(hidden, kernel: 1) }
      Sequential.normalized(hidden, kernel: 3, stride: stride, groups: hidden)
      Convolve(channels, kernel: 1, bias: .absent, start: .kaimingFanOut)
      BatchNorm()
    }
    let y = try body.apply(to: x, named: name + ".conv", in: &context)
    return stride == 1 && inputs == channels ? try context.graph.add(x, y) : y
  }
}
