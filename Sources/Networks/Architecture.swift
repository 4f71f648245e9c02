public import Graphs

/// A network's form, known by a name under which checkpoints are read again.
public struct Architecture: Sendable {
  /// The name.
  public let name: String
  /// One line for people.
  public let summary: String
  private let make: @Sendable (UInt64) throws(GraphError) -> Network

  /// A network of this form with fresh parameters.
  ///
  /// - Throws: `GraphError` if the form is inconsistent, which tests exclude for all known ones.
  public func network(seed: UInt64) throws(GraphError) -> Network { try make(seed) }

  /// All known forms.
  public static let all: [Architecture] = [smallCNN, madryCNN, perceptron]

  /// The form of a given name.
  ///
  /// - Throws: `NetworkError.unknownArchitecture`.
  public static func named(_ name: String) throws(NetworkError) -> Architecture {
    guard let found = all.first(where: { $0.name == name }) else {
      throw .unknownArchitecture(name, known: all.map(\.name))
    }
    return found
  }

  /// The MNIST network of Wong, Rice and Kolter, "Fast is better than free" (2020): 166,406 parameters.
  public static let smallCNN = Architecture(
    name: "mnist-small", summary: "two strided convolutions and two linear layers (Wong 2020)"
  ) { (seed: UInt64) throws(GraphError) -> Network in
    try Network("mnist-small", input: .mnist, seed: seed) {
      Convolve(16, kernel: 4, stride: 2, padding: 1)
      ReLU()
      Convolve(32, kernel: 4, stride: 2, padding: 1)
      ReLU()
      Flatten()
      Linear(100)
      ReLU()
      Linear(10)
    }
  }

  /// The MNIST network of Madry et al., "Towards deep learning models resistant to adversarial attacks"
  /// (2018): 3,274,634 parameters.
  public static let madryCNN = Architecture(
    name: "mnist-madry", summary: "two 5x5 convolutions, pooling, 1024 units (Madry 2018)"
  ) { (seed: UInt64) throws(GraphError) -> Network in
    try Network("mnist-madry", input: .mnist, seed: seed) {
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
  }

  /// A plain multilayer perceptron.
  public static let perceptron = Architecture(
    name: "mnist-mlp", summary: "two hidden layers of 200 units"
  ) { (seed: UInt64) throws(GraphError) -> Network in
    try Network("mnist-mlp", input: .mnist, seed: seed) {
      Flatten()
      Linear(200)
      ReLU()
      Linear(200)
      ReLU()
      Linear(10)
    }
  }
}
