import Tensors

/// A blur by a normal density.
enum GaussianBlur: Corruption {
  static let name = "gaussian_blur"
  static let isDrawn = false

  /// The filter, of a standard deviation in pixels.
  static let strengths: [CorruptionSuite: [GaussianFilter]] = [
    .cifar10C: [0.4, 0.6, 0.7, 0.8, 1].map { GaussianFilter(deviation: $0) },
    .imagenetC: [1, 2, 3, 4, 6].map { GaussianFilter(deviation: $0) },
  ]

  static func apply(
    to picture: inout Picture, _ filter: GaussianFilter, drawing generator: inout Philox
  ) {
    filter.apply(to: &picture)
  }
}
