/// Means and standard deviations by which data sets are usually normalised.
struct Statistics: Sendable {
  let name: String
  let mean: [Float]
  let deviation: [Float]

  func mean(_ channel: Int) -> Float { mean[mean.count == 1 ? 0 : channel] }
  func deviation(_ channel: Int) -> Float { deviation[deviation.count == 1 ? 0 : channel] }

  var means: String { mean.map(\.description).joined(separator: ",") }
  var deviations: String { deviation.map(\.description).joined(separator: ",") }

  static let known = [
    Statistics(name: "ImageNet's", mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225]),
    Statistics(
      name: "CIFAR-10's", mean: [0.4914, 0.4822, 0.4465], deviation: [0.247, 0.2435, 0.2616]),
    Statistics(name: "MNIST's", mean: [0.1307], deviation: [0.3081]),
  ]
}
