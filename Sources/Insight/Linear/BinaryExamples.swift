package import Datasets
import Tensors

/// Examples of two classes as rows of numbers, for linear models in double precision.
package struct BinaryExamples: Sendable {
  /// The values, one row after the other.
  package let values: [Float]
  /// +1 for the first class and -1 for the second.
  package let signs: [Double]
  /// The number of values of an example.
  package let width: Int

  /// The number of examples.
  package var count: Int { signs.count }

  /// Takes the examples of two classes out of a data set.
  ///
  /// - Throws: `DatasetError` where examples cannot be read.
  package init(_ data: Dataset, first: Int, second: Int) throws(DatasetError) {
    let positions = (0..<data.count).filter { [first, second].contains(data.label(at: $0)) }
    let inputs = try data.inputs(at: positions)
    values = inputs.scalars
    signs = positions.map { data.label(at: $0) == first ? 1 : -1 }
    width = data.exampleShape.count
  }

  /// Takes examples as they are.
  ///
  /// - Precondition: There are `width` values for each sign.
  package init(values: [Float], signs: [Double], width: Int) {
    precondition(values.count == signs.count * width, "\(values.count) values of \(width)")
    self.values = values
    self.signs = signs
    self.width = width
  }

  /// An example in double precision.
  package func input(_ place: Int) -> [Double] {
    values[place * width..<(place + 1) * width].map(Double.init)
  }

  /// w.x + b of every example.
  ///
  /// - Parameters:
  ///   - model: The function.
  ///   - change: What is taken from examples of the first class and added to those of the second, if anything.
  /// - Returns: A score for each example.
  package func scores(_ model: LinearScore, changedBy change: [Double]? = nil) -> [Double] {
    let change = change ?? [Double](repeating: 0, count: width)
    var scores = [Double](repeating: model.offset, count: count)
    values.withUnsafeBufferPointer { values in
      model.weights.withUnsafeBufferPointer { weights in
        change.withUnsafeBufferPointer { change in
          for row in 0..<count {
            let (start, sign) = (row * width, signs[row])
            // Four sums, so that additions need not wait for one another.
            var sums = SIMD4<Double>()
            var index = 0
            while index + 4 <= width {
              for lane in 0..<4 {
                let place = index + lane
                let input = Double(values[start + place]) - sign * change[place]
                sums[lane] += weights[place] * input
              }
              index += 4
            }
            var sum = sums.sum()
            while index < width {
              sum += weights[index] * (Double(values[start + index]) - sign * change[index])
              index += 1
            }
            scores[row] += sum
          }
        }
      }
    }
    return scores
  }

  /// The sum of the examples, each times a factor; `change` as for `scores`.
  package func sum(times factors: [Double], changedBy change: [Double]? = nil) -> [Double] {
    let change = change ?? [Double](repeating: 0, count: width)
    var result = [Double](repeating: 0, count: width)
    values.withUnsafeBufferPointer { values in
      change.withUnsafeBufferPointer { change in
        result.withUnsafeMutableBufferPointer { result in
          for row in 0..<count where factors[row] != 0 {
            let (factor, start, sign) = (factors[row], row * width, signs[row])
            for index in 0..<width {
              result[index] += factor * (Double(values[start + index]) - sign * change[index])
            }
          }
        }
      }
    }
    return result
  }
}
