import Graphs
import Tensors

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

/// All of a convolution that the choice of its algorithm may depend on; the batch is not part of it.
struct ConvolutionSignature: Hashable {
  let convolution: Convolution
  /// Channels, height and width of x.
  let x: [Int]
  /// Channels, height and width of y.
  let y: [Int]
  /// What is computed.
  let pass: Pass

  /// What is computed from the two others of input, weight and result.
  enum Pass: String {
    /// y from x.
    case forward = "->"
    /// dx from dy.
    case inputGradient = "<-"
    /// The weight's gradient from x and dy.
    case weightGradient = "><"
  }

  init(_ convolution: Convolution, x: Shape, y: Shape, _ pass: Pass) {
    self.convolution = convolution
    self.x = Array(x.extents.dropFirst())
    self.y = Array(y.extents.dropFirst())
    self.pass = pass
  }

  /// The algorithms that can compute it, the direct one first.
  var candidates: [ConvolutionAlgorithm] {
    let window = convolution.window
    let (from, to) = pass == .inputGradient ? (y, x) : (x, y)
    guard WinogradConvolution.suits(window, groups: convolution.groups, from: from, to: to) else {
      return [.direct]
    }
    return [.direct]
      + (WinogradConvolution.tiles[window.kernel.height] ?? []).map { .winograd(tile: $0) }
  }

  /// Multiplications of the definition, for one example.
  var products: Int {
    let kernel = convolution.window.kernel
    return y.reduce(1, *) * x[0] / convolution.groups * kernel.height * kernel.width
  }
}

extension ConvolutionSignature: CustomStringConvertible {
  /// One line without commas or tabs, such as "3x3 64x32x32 -> 128x16x16 stride 2x2 padding 1x1".
  var description: String {
    let window = convolution.window
    func pair(_ pair: Window.Pair) -> String { "\(pair.height)x\(pair.width)" }
    func size(_ values: [Int]) -> String { values.map(String.init).joined(separator: "x") }
    var words = [pair(window.kernel), size(x), pass.rawValue, size(y)]
    if window.stride != 1 { words += ["stride", pair(window.stride)] }
    if window.paddingBefore != 0 { words += ["padding", pair(window.paddingBefore)] }
    if window.dilation != 1 { words += ["dilation", "\(window.dilation)"] }
    if convolution.groups != 1 { words += ["groups", "\(convolution.groups)"] }
    return words.joined(separator: " ")
  }
}
