import CKernels
import Graphs
import Tensors

/// A linear layer, convolution or transposed convolution with exact weights, made ready for quick products in double
/// precision.
struct PackedLayer: Sendable {
  private enum Kind {
    /// Weights of I x O in panels.
    case linear(Panels, magnitudes: Panels, inputs: Int, outputs: Int)
    case convolution(Convolution, Tensor<Double>, magnitudes: Tensor<Double>)
    /// Weights whose first two axes have changed places within each group.
    case transposed(ConvolutionInputGradient, Tensor<Double>, magnitudes: Tensor<Double>)
  }

  private let kind: Kind

  /// Packs what an operator does with an exact right operand; `nil` for what is computed by definition.
  init?(_ op: any Operator, weight: Tensor<Double>, operand: Extents) {
    let magnitudes = weight.map { abs($0) }
    if let convolution = op as? Convolution {
      kind = .convolution(convolution, weight, magnitudes: magnitudes)
    } else if let gradient = op as? ConvolutionInputGradient {
      let groups = gradient.convolution.groups
      kind = .transposed(
        gradient, weight.transposed(groups: groups),
        magnitudes: magnitudes.transposed(groups: groups))
    } else if let product = op as? MatrixMultiply, !product.transposesLeft, !product.addsPairs,
      operand.rank == 2, weight.shape.rank == 2
    {
      func packed(_ weight: Tensor<Double>) -> Panels {
        let (rows, columns) = (weight.shape[0], weight.shape[1])
        return product.transposesRight
          ? Panels(inner: columns, columns: rows) { k, column in weight[column * columns + k] }
          : Panels(inner: rows, columns: columns) { k, column in weight[k * columns + column] }
      }
      let (inputs, outputs) =
        product.transposesRight
        ? (weight.shape[1], weight.shape[0]) : (weight.shape[0], weight.shape[1])
      kind = .linear(
        packed(weight), magnitudes: packed(magnitudes), inputs: inputs, outputs: outputs)
    } else {
      return nil
    }
  }

  /// What surely holds the result.
  func enclosure(of x: Enclosure, shape: Shape) -> Enclosure {
    switch kind {
    case .linear(let panels, let magnitudes, let inputs, _):
      sum(x, count: inputs) {
        panels.product($0, shape: shape)
      } magnitudes: {
        magnitudes.product($0, shape: shape)
      }
    case .convolution(let convolution, let weight, let magnitudes):
      sum(x, count: weight.shape.droppingFirst.count) {
        convolution.packedProduct($0, weight, shape: shape)
      } magnitudes: {
        convolution.packedProduct($0, magnitudes, shape: shape)
      }
    case .transposed(let gradient, let weight, let magnitudes):
      sum(x, count: gradient.termCount(outputs: weight.shape[2])) {
        gradient.packedProduct($0, weight, shape: shape)
      } magnitudes: {
        gradient.packedProduct($0, magnitudes, shape: shape)
      }
    }
  }
}

/// A matrix in panels of eight columns, each row after row, the last filled up with zeros.
struct Panels: Sendable {
  static let width = 8

  let inner: Int
  let columns: Int
  private(set) var values: [Double]

  /// Zeros.
  init(inner: Int, columns: Int) {
    self.inner = inner
    self.columns = columns
    let count = (columns + Panels.width - 1) / Panels.width
    values = [Double](repeating: 0, count: count * inner * Panels.width)
  }

  init(inner: Int, columns: Int, _ element: (_ row: Int, _ column: Int) -> Double) {
    self.init(inner: inner, columns: columns)
    for column in 0..<columns {
      for row in 0..<inner { values[place(row, column)] = element(row, column) }
    }
  }

  @inline(__always)
  func place(_ row: Int, _ column: Int) -> Int {
    (column / Panels.width * inner + row) * Panels.width + column % Panels.width
  }

  /// Rows of `inner` values times the matrix.
  func product(_ x: Tensor<Double>, shape: Shape) -> Tensor<Double> {
    Tensor(shape: shape) { target in
      x.withUnsafeScalars { rows in
        multiply(rows, count: shape[0], into: target)
      }
    }
  }

  /// Writes the products of some rows with the matrix, row after row.
  func multiply(
    _ rows: UnsafeBufferPointer<Double>, count: Int,
    into target: UnsafeMutableBufferPointer<Double>
  ) {
    guard let rows = rows.baseAddress, let result = target.baseAddress, inner > 0 else {
      target.update(repeating: 0)
      return
    }
    values.withUnsafeBufferPointer { values in
      gibbon_double_product(rows, count, inner, values.baseAddress, columns, result)
    }
  }

  /// Copies a matrix that lies row after row.
  mutating func fill(from matrix: UnsafeBufferPointer<Double>) {
    let (inner, columns) = (inner, columns)
    values.withUnsafeMutableBufferPointer { values in
      for row in 0..<inner {
        for column in 0..<columns {
          values[(column >> 3) * inner * 8 + row * 8 + (column & 7)] =
            matrix[row * columns + column]
        }
      }
    }
  }

  /// Copies what each element of a convolution's kernel meets at every position of the output.
  mutating func fill(
    from x: UnsafeBufferPointer<Double>, channels: Range<Int>, image: Int, of shape: Shape,
    under window: Window, outputWidth: Int
  ) {
    let (height, width) = (shape[2], shape[3])
    let outputHeight = columns / max(outputWidth, 1)
    let inner = inner
    values.withUnsafeMutableBufferPointer { values in
      var element = 0
      for channel in channels {
        let plane = (image * shape[1] + channel) * height * width
        for kernelRow in 0..<window.kernel.height {
          for kernelColumn in 0..<window.kernel.width {
            for row in 0..<outputHeight {
              let inRow =
                row * window.stride.height - window.paddingBefore.height
                + kernelRow * window.dilation.height
              guard 0..<height ~= inRow else { continue }
              for column in 0..<outputWidth {
                let inColumn =
                  column * window.stride.width - window.paddingBefore.width
                  + kernelColumn * window.dilation.width
                guard 0..<width ~= inColumn else { continue }
                let position = row * outputWidth + column
                values[(position >> 3) * inner * 8 + element * 8 + (position & 7)] =
                  x[plane + inRow * width + inColumn]
              }
            }
            element += 1
          }
        }
      }
    }
  }
}

extension Convolution {
  /// The convolution by products of the weight with patches of each image.
  fileprivate func packedProduct(
    _ x: Tensor<Double>, _ weight: Tensor<Double>, shape: Shape
  ) -> Tensor<Double> {
    let perGroup = weight.shape[1]
    let outputs = shape[1] / groups
    let plane = shape[2] * shape[3]
    let inner = weight.shape.droppingFirst.count
    // What lies outside the image stays zero from one image to the next.
    var patches = Panels(inner: inner, columns: plane)
    return Tensor(shape: shape) { target in
      x.withUnsafeScalars { values in
        weight.withUnsafeScalars { weight in
          for image in 0..<shape[0] {
            for group in 0..<groups {
              patches.fill(
                from: values, channels: group * perGroup..<(group + 1) * perGroup, image: image,
                of: x.shape, under: window, outputWidth: shape[3])
              let start = (image * shape[1] + group * outputs) * plane
              let rows = group * outputs * inner..<(group + 1) * outputs * inner
              patches.multiply(
                UnsafeBufferPointer(rebasing: weight[rows]), count: outputs,
                into: UnsafeMutableBufferPointer(
                  rebasing: target[start..<start + outputs * plane]))
            }
          }
        }
      }
    }
  }
}

extension Tensor<Double> {
  /// A weight O x I x kh x kw as groups x (I kh kw) x (O / groups).
  fileprivate func transposed(groups: Int) -> Tensor<Double> {
    let outputs = shape[0] / groups
    let inner = shape.droppingFirst.count
    var result = Tensor<Double>.zeros([groups, inner, outputs])
    for group in 0..<groups {
      for output in 0..<outputs {
        for element in 0..<inner {
          result[(group * inner + element) * outputs + output] =
            self[(group * outputs + output) * inner + element]
        }
      }
    }
    return result
  }
}

extension ConvolutionInputGradient {
  /// The most products that are added to one value.
  fileprivate func termCount(outputs: Int) -> Int {
    outputs * convolution.window.kernel.height * convolution.window.kernel.width
  }

  /// The transposed convolution by products of each position's channels with the weight, added up where they meet.
  fileprivate func packedProduct(
    _ dy: Tensor<Double>, _ weight: Tensor<Double>, shape: Shape
  ) -> Tensor<Double> {
    let (groups, inner, outputs) = (weight.shape[0], weight.shape[1], weight.shape[2])
    let window = convolution.window
    let (height, width) = (dy.shape[2], dy.shape[3])
    let plane = height * width
    let size = shape[2] * shape[3]
    let kernel = window.kernel.height * window.kernel.width
    let channels = inner / max(kernel, 1)
    var columns = Panels(inner: outputs, columns: plane)
    var products = [Double](repeating: 0, count: inner * plane)
    return Tensor(shape: shape) { target in
      target.update(repeating: 0)
      dy.withUnsafeScalars { dy in
        weight.withUnsafeScalars { weight in
          products.withUnsafeMutableBufferPointer { products in
            for image in 0..<shape[0] {
              for group in 0..<groups {
                let start = (image * groups + group) * outputs * plane
                let own = start..<start + outputs * plane
                columns.fill(from: UnsafeBufferPointer(rebasing: dy[own]))
                let rows = group * inner * outputs..<(group + 1) * inner * outputs
                columns.multiply(
                  UnsafeBufferPointer(rebasing: weight[rows]), count: inner, into: products)
                for element in 0..<inner {
                  let channel = element / kernel
                  let (kernelRow, kernelColumn) = (
                    element % kernel / window.kernel.width, element % window.kernel.width
                  )
                  let base = (image * shape[1] + group * channels + channel) * size
                  for row in 0..<height {
                    let outRow =
                      row * window.stride.height - window.paddingBefore.height
                      + kernelRow * window.dilation.height
                    guard 0..<shape[2] ~= outRow else { continue }
                    for column in 0..<width {
                      let outColumn =
                        column * window.stride.width - window.paddingBefore.width
                        + kernelColumn * window.dilation.width
                      guard 0..<shape[3] ~= outColumn else { continue }
                      target[base + outRow * shape[3] + outColumn] +=
                        products[element * plane + row * width + column]
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
