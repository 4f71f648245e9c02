/// An array computed by ONNX's rules in double precision, without anything of the reader's.
struct PlainArray {
  var shape: [Int]
  var values: [Double]

  init(_ values: [Double], shape: [Int]) {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values of \(shape)")
    self.shape = shape
    self.values = values
  }

  func map(_ function: (Double) -> Double) -> PlainArray {
    PlainArray(values.map(function), shape: shape)
  }

  func reshaped(_ shape: [Int]) -> PlainArray { PlainArray(values, shape: shape) }

  /// The position of each index of a shape in an array that is repeated to it.
  private func positions(in target: [Int]) -> [Int] {
    let own = [Int](repeating: 1, count: target.count - shape.count) + shape
    return (0..<target.reduce(1, *)).map { index in
      var (rest, position, stride) = (index, 0, 1)
      for axis in target.indices.reversed() {
        if own[axis] != 1 { position += rest % target[axis] * stride }
        stride *= own[axis]
        rest /= target[axis]
      }
      return position
    }
  }

  /// The shape that two arrays are repeated to; `nil` if they do not fit.
  static func shape(_ a: [Int], _ b: [Int]) -> [Int]? {
    let rank = max(a.count, b.count)
    let pair = [a, b].map { [Int](repeating: 1, count: rank - $0.count) + $0 }
    let shape = zip(pair[0], pair[1]).map { $0 == 1 ? $1 : $0 }
    return zip(shape, zip(pair[0], pair[1])).allSatisfy { $1.1 == 1 || $1.1 == $0 }
      ? shape : nil
  }

  func combined(_ other: PlainArray, _ function: (Double, Double) -> Double) -> PlainArray {
    guard let target = PlainArray.shape(shape, other.shape) else {
      preconditionFailure("\(shape) and \(other.shape) do not fit")
    }
    let pairs = zip(positions(in: target), other.positions(in: target))
    return PlainArray(pairs.map { function(values[$0], other.values[$1]) }, shape: target)
  }

  /// The mean over some axes.
  func mean(_ axes: [Int], keeps: Bool) -> PlainArray {
    let short = shape.enumerated().map { axes.contains($0.offset) ? 1 : $0.element }
    var sums = PlainArray([Double](repeating: 0, count: short.reduce(1, *)), shape: short)
    for (value, position) in zip(values, sums.positions(in: shape)) {
      sums.values[position] += value
    }
    let count = Double(values.count / max(sums.values.count, 1))
    let kept =
      keeps ? short : shape.enumerated().filter { !axes.contains($0.offset) }.map(\.element)
    return sums.map { $0 / count }.reshaped(kept)
  }

  func transposed(_ permutation: [Int]) -> PlainArray {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    let target = permutation.map { shape[$0] }
    let moved = (0..<values.count).map { index in
      var (rest, position) = (index, 0)
      for axis in target.indices.reversed() {
        position += rest % target[axis] * strides[permutation[axis]]
        rest /= target[axis]
      }
      return values[position]
    }
    return PlainArray(moved, shape: target)
  }

  /// The product of as many square matrices of one size on both sides.
  func multiplied(by other: PlainArray) -> PlainArray {
    let side = shape[shape.count - 1]
    let count = max(values.count, other.values.count) / (side * side)
    var result = [Double](repeating: 0, count: count * side * side)
    for index in result.indices {
      let (pair, row, column) = (index / (side * side), index / side % side, index % side)
      let left = values.count > side * side ? pair * side * side : 0
      let right = other.values.count > side * side ? pair * side * side : 0
      for k in 0..<side {
        result[index] += values[left + row * side + k] * other.values[right + k * side + column]
      }
    }
    return PlainArray(result, shape: shape.count >= other.shape.count ? shape : other.shape)
  }

  /// max |a - b| / max |b|, where what is below `floor` counts as much as it.
  func difference(from other: PlainArray, floor: Double = 1e-5) -> Double {
    guard values.count == other.values.count else { return .infinity }
    let largest = other.values.reduce(floor) { max($0, abs($1)) }
    return zip(values, other.values).reduce(0) {
      let distance = abs($1.0 - $1.1)
      return distance.isNaN ? .infinity : max($0, distance)
    } / largest
  }
}
