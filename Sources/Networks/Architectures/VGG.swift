import Tensors

// The 16-layer network of Simonyan and Zisserman, "Very deep convolutional networks for large-scale image
// recognition" (2015), https://arxiv.org/abs/1409.1556.

extension Architecture {
  static let vgg = [vgg16, vgg16CIFAR]

  /// Numbers of channels between the poolings.
  private static let stages = [[64, 64], [128, 128]] + [256, 512, 512].map { [$0, $0, $0] }

  /// In torchvision's form, for ImageNet, without its dropout: 138,357,544 parameters.
  private static let vgg16 = Architecture(
    "vgg16", "thirteen 3x3 convolutions, three linear layers, for ImageNet (Simonyan 2015)",
    input: .imageNet
  ) {
    Sequential {
      for stage in stages {
        for channels in stage {
          Convolve(channels, kernel: 3, padding: 1, bias: .zeros, start: .kaimingFanOut)
          ReLU()
        }
        MaxPooling(2)
      }
    }.named("features")
    Flatten()
    Sequential {
      Linear(4096, bias: .zeros, start: .normal(0.01))
      ReLU()
      Linear(4096, bias: .zeros, start: .normal(0.01)).named("3")
      ReLU()
      Linear(1000, bias: .zeros, start: .normal(0.01)).named("6")
    }.named("classifier")
  }

  /// With normalisations, for CIFAR, in the form of https://github.com/kuangliu/pytorch-cifar.
  private static let vgg16CIFAR = Architecture(
    "vgg16-cifar", "thirteen normalised 3x3 convolutions, for 32x32 (Simonyan 2015)",
    input: .cifar10
  ) {
    Sequential {
      for stage in stages {
        for channels in stage {
          Convolve(channels, kernel: 3, padding: 1)
          BatchNorm()
          ReLU()
        }
        MaxPooling(2)
      }
    }.named("features")
    Flatten()
    Linear(10).named("classifier")
  }
}

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
