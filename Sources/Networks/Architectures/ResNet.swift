// Residual networks for ImageNet (He et al. 2016) in torchvision's form.

extension Architecture {
  static let residualImageNet = [
    residualImageNet(18, blocks: [2, 2, 2, 2], isBottleneck: false),
    residualImageNet(34, blocks: [3, 4, 6, 3], isBottleneck: false),
    residualImageNet(50, blocks: [3, 4, 6, 3], isBottleneck: true),
  ]

  private static func residualImageNet(
    _ depth: Int, blocks: [Int], isBottleneck: Bool
  ) -> Architecture {
    let kind = isBottleneck ? "bottlenecks" : "basic blocks"
    return Architecture(
      "resnet\(depth)", "\(depth) layers in residual \(kind), for ImageNet (He 2016)",
      input: .imageNet
    ) {
      Convolve(64, kernel: 7, stride: 2, padding: 3, bias: .absent, start: .kaimingFanOut)
        .named("conv1")
      BatchNorm().named("bn1")
      ReLU()
      MaxPooling(3, stride: 2, padding: 1)
      for (index, count) in blocks.enumerated() {
        Sequential.stage(count, stride: index == 0 ? 1 : 2) { stride in
          let projection = Projection(name: "downsample", start: .kaimingFanOut)
          return isBottleneck
            ? Bottleneck(channels: 64 << index, stride: stride, projection: projection)
            : BasicBlock(channels: 64 << index, stride: stride, projection: projection)
        }.named("layer\(index + 1)")
      }
      GlobalAveragePooling()
      Linear(1000).named("fc")
    }
  }
}
