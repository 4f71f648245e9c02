import Tensors

/// Arithmetic of shapes that come from files, checked for overflow and absurd sizes.
enum ONNXShape {
  /// The largest number of axes.
  static let rankLimit = 16
  /// The largest number of values of one tensor per example: half a gigabyte.
  static let countLimit = 1 << 27
  /// The largest number of values of a tensor that is computed while reading.
  static let foldLimit = 1 << 22

  /// Extents of a file as non-negative integers; `nil` if one is negative.
  static func integers(_ extents: [Int64]) -> [Int]? {
    let result = extents.map { Int($0) }
    return result.allSatisfy { $0 >= 0 } ? result : nil
  }

  /// The number of values; `nil` if it is above the limit, or would be but for axes of nothing.
  static func count(_ shape: [Int]) -> Int? {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: max(extent, 1))
      guard !overflow, product <= countLimit, extent >= 0 else { return nil }
      count = product
    }
    return shape.contains(0) ? 0 : count
  }

  /// A shape that is not absurd; nothing along an axis is allowed.
  ///
  /// - Throws: `ONNXProblem` if it is.
  @discardableResult
  static func checked(_ shape: [Int]) throws -> [Int] {
    guard shape.count <= rankLimit, shape.allSatisfy({ 0...countLimit ~= $0 }), count(shape) != nil
    else {
      throw ONNXProblem(
        "a value of \(shape.map(String.init).joined(separator: "x")) is too large")
    }
    return shape
  }

  /// An axis counted from the front.
  ///
  /// - Throws: `ONNXProblem` if there is no such axis.
  static func axis(_ axis: Int, rank: Int) throws -> Int {
    guard -rank..<rank ~= axis else {
      throw ONNXProblem("there is no axis \(axis) among \(rank)")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// Several different axes counted from the front.
  static func axes(_ axes: [Int], rank: Int) throws -> [Int] {
    let result = try axes.map { try axis($0, rank: rank) }
    guard Set(result).count == result.count else { throw ONNXProblem("an axis is named twice") }
    return result
  }

  /// The shape to which NumPy's rules broadcast two.
  static func broadcast(_ left: [Int], _ right: [Int]) throws -> [Int] {
    let rank = max(left.count, right.count)
    let a = [Int](repeating: 1, count: rank - left.count) + left
    let b = [Int](repeating: 1, count: rank - right.count) + right
    return try checked(
      zip(a, b).map { l, r in
        guard l == r || l == 1 || r == 1 else {
          throw ONNXProblem("\(Shape(left)) and \(Shape(right)) do not broadcast")
        }
        return l == 1 ? r : l
      })
  }
}
