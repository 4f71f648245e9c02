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
    let (xShape, weightShape) = (operands[0].shape, operands[1].shape)
    return summing(operands[0], operands[1], to: shape) { x, weight, y in
      forEachProduct(x: xShape, weight: weightShape, y: shape) { xi, wi, yi in
        y[yi] += x[xi] * weight[wi]
      }
    }
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

  /// A tensor of zeros to which `body` adds products of the values of two others.
  @inline(__always)
  func summing<Scalar: TensorScalar>(
    _ left: Tensor<Scalar>, _ right: Tensor<Scalar>, to shape: Shape,
    _ body: (
      _ left: UnsafeBufferPointer<Scalar>, _ right: UnsafeBufferPointer<Scalar>,
      _ sums: UnsafeMutableBufferPointer<Scalar>
    ) -> Void
  ) -> Tensor<Scalar> {
    Tensor(shape: shape) { sums in
      sums.update(repeating: 0)
      left.withUnsafeScalars { left in right.withUnsafeScalars { body(left, $0, sums) } }
    }
  }

  /// Calls `body` with the positions of each product x * weight that is summed into y, y's channels in an order.
  @inline(__always)
  func forEachProduct(
    x: Shape, weight: Shape, y: Shape, _ order: SummationOrder = .forward,
    _ body: (_ x: Int, _ weight: Int, _ y: Int) -> Void
  ) {
    // Shapes are arrays, which are not to be looked at again for each product.
    let (perGroup, kernel) = (weight[1], Window.Pair(weight[2], weight[3]))
    let (channels, size) = (x[1], Window.Pair(x[2], x[3]))
    let (outputs, height, width) = (y[1], y[2], y[3])
    let outputsPerGroup = outputs / groups
    for n in 0..<y[0] {
      for o in order.places(of: outputs) {
        let firstChannel = o / outputsPerGroup * perGroup
        for row in 0..<height {
          for column in 0..<width {
            let yIndex = ((n * outputs + o) * height + row) * width + column
            window.forEachElement(atRow: row, column: column, of: size) { kr, kc, ir, ic in
              for c in 0..<perGroup {
                body(
                  ((n * channels + firstChannel + c) * size.height + ir) * size.width + ic,
                  ((o * perGroup + c) * kernel.height + kr) * kernel.width + kc, yIndex)
              }
            }
          }
        }
      }
    }
  }
}

extension Convolution: SummingOperator {
  /// The value with the products of each sum added in an order, as quickly as simple loops do it.
  ///
  /// Padding is multiplied as zeros.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape, order: SummationOrder
  ) -> Tensor<Scalar> {
    let (x, weight) = (operands[0], operands[1])
    let terms = Terms(
      window, channels: weight.shape[1], size: Window.Pair(x.shape[2], x.shape[3]),
      width: shape[3], places: order.places(of: weight.shape.droppingFirst.count))
    let plane = shape[2] * shape[3]
    let outputsPerGroup = shape[1] / groups
    let kernel = terms.places.count
    // What is read again for each output channel shall stay in the cache.
    let block = max(32, min(1024, 16_384 / max(kernel, 1)))
    var patches = [Scalar](repeating: 0, count: kernel * block)
    var factors = [Scalar](repeating: 0, count: kernel)
    return Tensor(shape: shape) { y in
      y.update(repeating: 0)
      x.withUnsafeScalars { x in
        weight.withUnsafeScalars { weight in
          for image in 0..<shape[0] * groups {
            let (example, group) = (image / groups, image % groups)
            let source = image * terms.channels * terms.size.height * terms.size.width
            for first in stride(from: 0, to: plane, by: block) {
              let count = min(block, plane - first)
              patches.withUnsafeMutableBufferPointer { patches in
                terms.copy(x, from: source, positions: first..<first + count, into: patches)
                let columns = UnsafeBufferPointer(patches)
                for output in group * outputsPerGroup..<(group + 1) * outputsPerGroup {
                  for (place, term) in terms.places.enumerated() {
                    factors[place] = weight[output * kernel + term]
                  }
                  let target = (example * shape[1] + output) * plane + first
                  factors.withUnsafeBufferPointer {
                    addProducts(
                      $0, columns, count,
                      to: UnsafeMutableBufferPointer(rebasing: y[target..<target + count]))
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// What is multiplied by a kernel: its elements in an order, each with where it lies in the input.
  private struct Terms {
    let window: Window
    let channels: Int
    let size: Window.Pair
    let width: Int
    let places: [Int]

    init(_ window: Window, channels: Int, size: Window.Pair, width: Int, places: [Int]) {
      self.window = window
      self.channels = channels
      self.size = size
      self.width = width
      self.places = places
    }

    /// Copies what each element of the kernel meets at some positions of the output, element by element.
    @inline(__always)
    func copy<Scalar: TensorScalar>(
      _ x: UnsafeBufferPointer<Scalar>, from source: Int, positions: Range<Int>,
      into patches: UnsafeMutableBufferPointer<Scalar>
    ) {
      let area = window.kernel.height * window.kernel.width
      for (place, term) in places.enumerated() {
        let plane = source + term / area * size.height * size.width
        let kernelRow = term % area / window.kernel.width
        let kernelColumn = term % window.kernel.width
        let top = kernelRow * window.dilation.height - window.paddingBefore.height
        let left = kernelColumn * window.dilation.width - window.paddingBefore.width
        var (row, column) = positions.lowerBound.quotientAndRemainder(dividingBy: width)
        for index in 0..<positions.count {
          let inRow = row * window.stride.height + top
          let inColumn = column * window.stride.width + left
          let isInside = 0..<size.height ~= inRow && 0..<size.width ~= inColumn
          patches[place * positions.count + index] =
            isInside ? x[plane + inRow * size.width + inColumn] : 0
          column += 1
          if column == width { (row, column) = (row + 1, 0) }
        }
      }
    }
  }
}

/// Adds to each sum the products of its column with the factors, one after the other.
@inline(__always)
private func addProducts<Scalar: TensorScalar>(
  _ factors: UnsafeBufferPointer<Scalar>, _ columns: UnsafeBufferPointer<Scalar>, _ count: Int,
  to sums: UnsafeMutableBufferPointer<Scalar>
) {
  var term = 0
  // Four at once, so that a sum is loaded and stored once for four products.
  while term + 4 <= factors.count {
    let (a, b, c, d) = (factors[term], factors[term + 1], factors[term + 2], factors[term + 3])
    let first = term * count
    for index in 0..<count {
      let start = first + index
      var sum: Scalar = sums[index]
      sum += a * columns[start]
      sum += b * columns[start + count]
      sum += c * columns[start + 2 * count]
      sum += d * columns[start + 3 * count]
      sums[index] = sum
    }
    term += 4
  }
  while term < factors.count {
    for index in 0..<count { sums[index] += factors[term] * columns[term * count + index] }
    term += 1
  }
}
