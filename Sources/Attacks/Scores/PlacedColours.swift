import Robustness
import Tensors

/// Pixels as the numbers that `OnePixel` lets evolve: row, column and one number from 0 to 1 per channel, for each.
struct PlacedColours {
  let pixels: Pixels
  private let region: any FeasibleSet
  private let rows: Int
  private let columns: Int

  init(_ region: any FeasibleSet) {
    self.region = region
    pixels = Pixels(region)
    let shape = region.center.shape
    (rows, columns) =
      shape.rank == 3 ? (shape.extents[1], shape.extents[2]) : (1, pixels.count)
  }

  private var size: Int { 2 + pixels.channels }

  /// Pixels anywhere, with each channel at an end of its range.
  func random(_ count: Int, using randomness: inout Philox) -> [Float] {
    var numbers: [Float] = []
    numbers.reserveCapacity(count * size)
    for _ in 0..<count {
      numbers.append(Float(rows) * randomness.uniform())
      numbers.append(Float(columns) * randomness.uniform())
      for _ in 0..<pixels.channels {
        numbers.append(randomness.uniform() < 0.5 ? 0 : 1)
      }
    }
    return numbers
  }

  /// The numbers with places inside the picture and colours inside their range.
  func wrapped(_ numbers: [Float]) -> [Float] {
    var result = numbers
    for index in result.indices {
      let part = index % size
      let extent = Float(part == 0 ? rows : columns)
      if part < 2 {
        let turn = result[index] - extent * (result[index] / extent).rounded(.down)
        result[index] = turn < extent ? turn : 0
      } else {
        result[index] = min(max(result[index], 0), 1)
      }
    }
    return result
  }

  /// The example with these pixels in it.
  func point(of numbers: [Float]) -> Tensor<Float> {
    var point = region.center
    let (lower, upper) = (region.hull.lower, region.hull.upper)
    for start in stride(from: 0, to: numbers.count, by: size) {
      let row = min(Int(numbers[start]), rows - 1)
      let column = min(Int(numbers[start + 1]), columns - 1)
      for (channel, index) in pixels.indices(of: row * columns + column).enumerated() {
        let share = numbers[start + 2 + channel]
        let value = lower[index] * (1 - share) + upper[index] * share
        point[index] = min(max(value, lower[index]), upper[index])
      }
    }
    return point
  }
}
