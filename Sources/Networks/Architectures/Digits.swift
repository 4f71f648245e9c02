// Forms for MNIST: 28 x 28 grey digits in [0, 1].

extension Architecture {
  static let digits = [
    smallCNN, wideCNN, deepCNN, madryCNN, perceptron, leNet5, tradesCNN, advertorchLeNet5,
  ]

  /// The MNIST network of Wong, Rice and Kolter, "Fast is better than free" (2020): 166,406 parameters.
  public static let smallCNN = Architecture(
    "mnist-small", "two strided convolutions and two linear layers (Wong 2020)", input: .mnist
  ) {
    Convolve(16, kernel: 4, stride: 2, padding: 1)
    ReLU()
    Convolve(32, kernel: 4, stride: 2, padding: 1)
    ReLU()
    Flatten()
    Linear(100)
    ReLU()
    Linear(10)
  }

  /// `mnist-small` with twice the channels, which interval bounds need: 348,774 parameters.
  public static let wideCNN = Architecture(
    "mnist-wide", "mnist-small with twice the channels", input: .mnist
  ) {
    Convolve(32, kernel: 4, stride: 2, padding: 1)
    ReLU()
    Convolve(64, kernel: 4, stride: 2, padding: 1)
    ReLU()
    Flatten()
    Linear(100)
    ReLU()
    Linear(10)
  }

  /// Four convolutions in the manner of the medium network of Gowal et al., "On the effectiveness of interval bound
  /// propagation" (2018), half as wide: 453,290 parameters.
  public static let deepCNN = Architecture(
    "mnist-deep", "four convolutions and two linear layers (after Gowal 2018)", input: .mnist
  ) {
    Convolve(16, kernel: 3, padding: 1)
    ReLU()
    Convolve(32, kernel: 4, stride: 2, padding: 1)
    ReLU()
    Convolve(32, kernel: 3, padding: 1)
    ReLU()
    Convolve(64, kernel: 4, stride: 2, padding: 1)
    ReLU()
    Flatten()
    Linear(128)
    ReLU()
    Linear(10)
  }

  /// The MNIST network of Madry et al., "Towards deep learning models resistant to adversarial attacks"
  /// (2018): 3,274,634 parameters.
  public static let madryCNN = Architecture(
    "mnist-madry", "two 5x5 convolutions, pooling, 1024 units (Madry 2018)", input: .mnist
  ) {
    Convolve(32, kernel: 5, padding: 2)
    ReLU()
    MaxPooling(2)
    Convolve(64, kernel: 5, padding: 2)
    ReLU()
    MaxPooling(2)
    Flatten()
    Linear(1024)
    ReLU()
    Linear(10)
  }

  /// A plain multilayer perceptron.
  public static let perceptron = Architecture(
    "mnist-mlp", "two hidden layers of 200 units", input: .mnist
  ) {
    Flatten()
    Linear(200)
    ReLU()
    Linear(200)
    ReLU()
    Linear(10)
  }

  /// LeNet-5 with ReLUs and max pooling (LeCun et al., "Gradient-based learning applied to document
  /// recognition", 1998, as it is written today): 61,706 parameters.
  public static let leNet5 = Architecture(
    "lenet5", "two 5x5 convolutions, pooling, three linear layers (LeCun 1998)", input: .mnist
  ) {
    Convolve(6, kernel: 5, padding: 2).named("conv1")
    ReLU()
    MaxPooling(2)
    Convolve(16, kernel: 5).named("conv2")
    ReLU()
    MaxPooling(2)
    Flatten()
    Linear(120).named("fc1")
    ReLU()
    Linear(84).named("fc2")
    ReLU()
    Linear(10).named("fc3")
  }

  /// The MNIST network of Zhang et al., "Theoretically principled trade-off between robustness and accuracy"
  /// (2019), https://github.com/yaodongyu/TRADES, without its dropout: 312,202 parameters.
  public static let tradesCNN = Architecture(
    "trades-smallcnn", "four 3x3 convolutions, pooling, three linear layers (Zhang 2019)",
    input: .mnist
  ) {
    Sequential {
      Convolve(32, kernel: 3, bias: .zeros, start: .kaimingFanIn).named("conv1")
      ReLU()
      Convolve(32, kernel: 3, bias: .zeros, start: .kaimingFanIn).named("conv2")
      ReLU()
      MaxPooling(2)
      Convolve(64, kernel: 3, bias: .zeros, start: .kaimingFanIn).named("conv3")
      ReLU()
      Convolve(64, kernel: 3, bias: .zeros, start: .kaimingFanIn).named("conv4")
      ReLU()
      MaxPooling(2)
    }.named("feature_extractor")
    Flatten()
    Sequential {
      Linear(200).named("fc1")
      ReLU()
      Linear(200).named("fc2")
      ReLU()
      Linear(10, bias: .zeros, start: .zeros).named("fc3")
    }.named("classifier")
  }

  /// The MNIST network of https://github.com/BorealisAI/advertorch: 649,000 parameters.
  public static let advertorchLeNet5 = Architecture(
    "advertorch-lenet5", "two 3x3 convolutions, pooling, two linear layers (AdverTorch)",
    input: .mnist
  ) {
    Convolve(32, kernel: 3, padding: 1).named("conv1")
    ReLU()
    MaxPooling(2)
    Convolve(64, kernel: 3, padding: 1).named("conv2")
    ReLU()
    MaxPooling(2)
    Flatten()
    Linear(200).named("linear1")
    ReLU()
    Linear(10).named("linear2")
  }
}
