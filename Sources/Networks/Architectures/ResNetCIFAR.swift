// Residual networks for CIFAR in the form of https://github.com/kuangliu/pytorch-cifar: those for ImageNet,
// beginning with a 3x3 convolution and without the first pooling.

extension Architecture {
  static let residualCIFAR = [
    residualCIFAR(18, blocks: [2, 2, 2, 2], isBottleneck: false),
    residualCIFAR(34, blocks: [3, 4, 6, 3], isBottleneck: false),
    residualCIFAR(50, blocks: [3, 4, 6, 3], isBottleneck: true),
  ]

  private static func residualCIFAR(
    _ depth: Int, blocks: [Int], isBottleneck: Bool
  ) -> Architecture {
    let kind = isBottleneck ? "bottlenecks" : "basic blocks"
    return Architecture(
      "resnet\(depth)-cifar", "\(depth) layers in residual \(kind), for 32x32 (He 2016)",
      input: .cifar10
    ) {
      Convolve(64, kernel: 3, padding: 1, bias: .absent).named("conv1")
      BatchNorm().named("bn1")
      ReLU()
      for (index, count) in blocks.enumerated() {
        Sequential.stage(count, stride: index == 0 ? 1 : 2) { stride in
          let projection = Projection(name: "shortcut", start: .uniform)
          return isBottleneck
            ? Bottleneck(channels: 64 << index, stride: stride, projection: projection)
            : BasicBlock(channels: 64 << index, stride: stride, projection: projection)
        }.named("layer\(index + 1)")
      }
      GlobalAveragePooling()
      Linear(10).named("linear")
    }
  }
}
