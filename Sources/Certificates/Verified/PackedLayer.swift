import CKernels
import Graphs
import Tensors

/// A linear layer or convolution with exact weights, made ready for quick products in double precision.
struct PackedLayer: Sendable {
  private enum Kind {
    /// Weights of I x O in panels.
    case linear(Panels, magnitudes: Panels, inputs: Int, outputs: Int)
    case convolution(Convolution, Tensor<Double>, magnitudes: Tensor<Double>)
  }

  private let kind: Kind

  /// Packs what an operator does with an exact right operand; `nil` for what is computed by definition.
  init?(_ op: any Operator, weight: Tensor<Double>, operand: Extents) {
    let magnitudes = weight.map { abs($0) }
    if let convolution = op as? Convolution {
      kind = .convolution(convolution, weight, magnitudes: magnitudes)
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
