/// A way to compute a convolution or its gradient with respect to the input.
public enum ConvolutionAlgorithm: Hashable, Sendable {
  /// Sums products in the order of the definition, one rounding each.
  case direct
  /// Winograd's minimal filtering on square tiles of so many results a side (Lavin and Gray 2016,
  /// https://arxiv.org/abs/1509.09308): two to six times fewer products, and errors a few times as large.
  case winograd(tile: Int)

  /// The name under which records keep it, such as "winograd-4".
  public var name: String {
    switch self {
    case .direct: "direct"
    case .winograd(let tile): "winograd-\(tile)"
    }
  }

  /// The algorithm of a name; `nil` if there is none.
  public init?(name: String) {
    let known: [ConvolutionAlgorithm] =
      [.direct] + WinogradConvolution.tiles.values.flatMap { $0 }.map { .winograd(tile: $0) }
    guard let found = known.first(where: { $0.name == name }) else { return nil }
    self = found
  }
}
