public import Tensors

/// A published set of corruptions with its constants.
public enum CorruptionSuite: String, CaseIterable, Hashable, Codable, Sendable {
  /// CIFAR-10-C: 15 common corruptions and 4 more, for small pictures.
  ///
  /// Hendrycks and Dietterich, "Benchmarking neural network robustness to common corruptions and perturbations",
  /// ICLR 2019, https://arxiv.org/abs/1903.12261.
  case cifar10C = "cifar10-c"
  /// ImageNet-C: the same 19 for photographs, as `imagecorruptions` 1.1.2 computes them at any size.
  ///
  /// Michaelis et al., "Benchmarking robustness in object detection", 2019, https://arxiv.org/abs/1907.07484.
  case imagenetC = "imagenet-c"
  /// MNIST-C: 15 corruptions of digits.
  ///
  /// Mu and Gilmer, "MNIST-C: a robustness benchmark for computer vision", 2019, https://arxiv.org/abs/1906.02337.
  case mnistC = "mnist-c"

  /// The suite that fits a shape: MNIST-C for grey pictures of up to 32 pixels a side, CIFAR-10-C for others of up to 64,
  /// ImageNet-C for larger ones.
  public init(fitting shape: Shape) {
    let side = max(shape.extents.dropFirst().max() ?? 1, 1)
    self =
      if shape.extents.first == 1 && side <= 32 { .mnistC } else if side <= 64 { .cifar10C } else {
        .imagenetC
      }
  }

  /// The number of severities.
  public static let severities = 1...5
}
