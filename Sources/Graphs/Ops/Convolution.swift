public import Tensors

/// Two-dimensional cross-correlation: x (N x C x H x W), weight (O x C/groups x kh x kw) -> N x O x H' x W'.
public struct Convolution: Operator {
  /// How the kernel slides.
  public let window: Window
  /// Number of groups into which the channels fall; C for a depthwise convolution.
  public let groups: Int

  /// The operator's name in messages.
  public var name: String { "convolution" }

  /// Creates a convolution; the window's kernel size must be that of the weight.
  public init(_ window: Window, groups: Int = 1) {
    self.window = window
    self.groups = groups
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 2, operands[0].rank == 4, operands[1].rank == 4,
      !operands[1].isBatched, groups >= 1, operands[0][1] == operands[1][1] * groups,
      operands[1][0] % groups == 0, operands[1].spatial == window.kernel,
      let size = window.outputSize(of: operands[0].spatial)
    else {
      throw .operands(
        operator: name,
        expected: "x of N x C x H x W and weight of O x C/\(groups) x \(window.kernel.height)"
          + " x \(window.kernel.width) that fits", found: operands)
    }
    return Extents([operands[0][0], operands[1][0], size.height, size.width])
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let x = operands[0]
    let weight = operands[1]
    var result = Tensor<Scalar>.zeros(shape)
    forEachProduct(x: x.shape, weight: weight.shape, y: shape) { xi, wi, yi in
      result[yi] += x[xi] * weight[wi]
    }
    return result
  }

  /// The cotangents: a transposed convolution and a correlation of input and cotangent.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let (x, weight) = (application.operands[0], application.operands[1])
    let size = graph.extents(of: x).spatial
    return [
      application.wanted[0]
        ? try graph.apply(
          ConvolutionInputGradient(self, inputSize: size), application.cotangent, weight) : nil,
      application.wanted[1]
        ? try graph.apply(ConvolutionWeightGradient(self), x, application.cotangent) : nil,
    ]
  }

  /// Calls `body` with the positions of each product x * weight that is summed into y, y's channels in an order.
  @inline(__always)
  func forEachProduct(
    x: Shape, weight: Shape, y: Shape, _ order: SummationOrder = .forward,
    _ body: (_ x: Int, _ weight: Int, _ y: Int) -> Void
  ) {
    let perGroup = weight[1]
    let outputsPerGroup = y[1] / groups
    let size = Window.Pair(x[2], x[3])
    for n in 0..<y[0] {
      for o in order.places(of: y[1]) {
        let firstChannel = o / outputsPerGroup * perGroup
        for row in 0..<y[2] {
          for column in 0..<y[3] {
            let yIndex = ((n * y[1] + o) * y[2] + row) * y[3] + column
            window.forEachElement(atRow: row, column: column, of: size) { kr, kc, ir, ic in
              for c in 0..<perGroup {
                body(
                  ((n * x[1] + firstChannel + c) * x[2] + ir) * x[3] + ic,
                  ((o * perGroup + c) * weight[2] + kr) * weight[3] + kc, yIndex)
              }
            }
          }
        }
      }
    }
  }
}
