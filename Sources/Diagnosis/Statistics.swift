import Networks

/// Means and standard deviations by which data sets are usually normalised.
struct Statistics: Sendable {
  let name: String
  let mean: [Float]
  let deviation: [Float]

  func mean(_ channel: Int) -> Float { mean[mean.count == 1 ? 0 : channel] }
  func deviation(_ channel: Int) -> Float { deviation[deviation.count == 1 ? 0 : channel] }

  /// Those of values from 0 to 1, in the order in which they are preferred where they do equally well.
  static let known = [
    Statistics(name: "ImageNet's", mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225]),
    Statistics(
      name: "CIFAR-10's", mean: [0.4914, 0.4822, 0.4465], deviation: [0.247, 0.2435, 0.2616]),
    Statistics(
      name: "CIFAR-100's", mean: [0.5071, 0.4867, 0.4408], deviation: [0.2675, 0.2565, 0.2761]),
    Statistics(name: "MNIST's", mean: [0.1307], deviation: [0.3081]),
    Statistics(name: "neutral (0.5)", mean: [0.5], deviation: [0.5]),
  ]

  /// Those that make sense for inputs of a shape.
  static func known(for channels: Int, size: Int) -> [Statistics] {
    known.filter { statistics in
      switch statistics.mean.count {
      case 1: statistics.mean[0] == 0.5 || channels == 1 && size >= 784
      default: statistics.mean.count == channels
      }
    }
  }

  /// The same in the units of another range than 0 to 1.
  func scaled(to range: ClosedRange<Float>) -> Statistics {
    let length = range.upperBound - range.lowerBound
    return Statistics(
      name: name, mean: mean.map { $0 * length + range.lowerBound },
      deviation: deviation.map { $0 * length })
  }
}

extension InputDescription {
  /// Another description that differs in what is given.
  func with(
    range: ClosedRange<Float>?? = nil, statistics: Statistics?? = nil,
    channelOrder: ChannelOrder? = nil
  ) -> InputDescription {
    InputDescription(
      shape: shape, lowerBound: lowerBound, upperBound: upperBound,
      networkRange: range ?? networkRange,
      mean: statistics.map { $0?.mean ?? [] } ?? mean,
      standardDeviation: statistics.map { $0?.deviation ?? [] } ?? standardDeviation,
      layout: layout, channelOrder: channelOrder ?? self.channelOrder, classNames: classNames)
  }
}
