import Tensors

// Small networks of strided convolutions for CIFAR, which complete verifiers are compared on.

extension Architecture {
  /// The base network of Wong, Schmidt, Metzen and Kolter, "Scaling provable adversarial defenses" (2018), as
  /// https://github.com/oval-group/oval-bab uses it, which normalises by a deviation of 0.225.
  static let baseKW = Architecture(
    "cifar-base-kw", "two strided convolutions and two linear layers, for 32x32 (Wong 2018)",
    input: InputDescription(
      shape: [3, 32, 32], mean: [0.485, 0.456, 0.406], standardDeviation: [0.225, 0.225, 0.225],
      classNames: InputDescription.cifar10.classNames)
  ) {
    Convolve(8, kernel: 4, stride: 2, padding: 1)
    ReLU()
    Convolve(16, kernel: 4, stride: 2, padding: 1)
    ReLU()
    Flatten()
    Linear(100)
    ReLU()
    Linear(10)
  }
}
