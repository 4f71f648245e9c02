import Foundation
import ONNXMessages
import Tensors

/// What the reader looks for in files, and how files near it are drawn.
struct NearFilePattern: Sendable {
  let name: String
  /// The operator that stands for it; `nil` if that some are gone shows it.
  let isFound: @Sendable (_ operators: [String]) -> Bool
  let shape: @Sendable (inout Philox) -> [Int]
  /// Draws a file near the pattern; the result is the output's name.
  let draw: @Sendable (inout DrawnFile) -> String
}

extension NearFilePattern {
  private static func squares(_ ranks: ClosedRange<Int>) -> @Sendable (inout Philox) -> [Int] {
    { random in
      let rank = ranks.lowerBound + random.integer(below: ranks.count)
      let side = 3 + random.integer(below: 2)
      let isSquare = random.integer(below: 4) > 0
      return [1]
        + (0..<rank).map { _ in isSquare ? side : 1 + random.integer(below: 5) }
    }
  }

  /// (x - mean) / sqrt(variance + epsilon) as exporters write it out.
  static let layerNormalization = NearFilePattern(
    name: "layer normalisation written out", isFound: { $0.contains("standardisation") },
    shape: squares(1...3)
  ) { file in
    let rank = file.shape.count
    var axes = (1..<rank).filter { _ in file.chance(2) }
    if axes.isEmpty { axes = [file.integer(1...rank - 1)] }
    let epsilon = file.element(of: [1e-5, 1e-3, 0.25] as [Float])
    let reduced = axes
    file.ideal = { x in
      let centred = x.combined(x.mean(reduced, keeps: true)) { $0 - $1 }
      let variance = centred.map { $0 * $0 }.mean(reduced, keeps: true)
      return centred.combined(variance) { $0 / ($1 + Double(epsilon)).squareRoot() }
    }
    let form = file.chance(5) ? 0 : file.integer(1...14)
    file.form = "form \(form), axes \(axes)"
    /// The mean, whose axes come back or not, here or elsewhere.
    func mean(_ x: String, _ axes: [Int], in file: inout DrawnFile) -> String {
      let kept = file.mean(x, axes, keeps: form != 1 && form != 2 || file.chance(3))
      guard form == 2, let shape = file.shapes[kept], shape.count == rank - axes.count else {
        return fits(kept, in: file) ? kept : file.mean(x, axes, keeps: true)
      }
      // The axes are put back, somewhere.
      var target = shape
      let places = file.chance(2) ? axes : axes.map { _ in file.integer(0...shape.count) }
      for axis in places { target.insert(1, at: min(axis, target.count)) }
      let spread = file.add("Reshape", [kept, file.integers(target)]) { $0[0].reshaped(target) }
      return fits(spread, in: file) ? spread : file.mean(x, axes, keeps: true)
    }
    func fits(_ value: String, in file: DrawnFile) -> Bool {
      PlainArray.shape(file.shapes[value] ?? [], file.shape) == file.shape
    }
    let m = mean("in", axes, in: &file)
    let centred =
      switch form {
      case 3: file.combine("Sub", m, "in")
      case 4: file.combine("Add", "in", m)
      default: file.combine("Sub", "in", m)
      }
    let other = form == 5 ? file.combine("Sub", "in", file.number(0.25)) : centred
    let square =
      switch form {
      case 6: file.combine("Pow", centred, file.number(4))
      case 7: file.combine("Mul", centred, "in")
      default:
        file.chance(2)
          ? file.combine("Mul", other, other) : file.combine("Pow", other, file.number(2))
      }
    let others = form == 8 ? [file.integer(1...rank - 1)] : axes
    var variance = mean(square, others, in: &file)
    if form == 9 {
      // The variance that is not biased.
      let count = axes.reduce(1) { $0 * file.shape[$1] }
      let factor = Float(count) / Float(max(count - 1, 1))
      variance = file.combine("Mul", variance, file.number(factor))
    }
    let deviation: String
    switch form {
    case 10:
      let root = file.add("Sqrt", [variance]) { $0[0].map { $0.squareRoot() } }
      deviation = file.combine("Add", root, file.number(epsilon))
    case 11:
      let sum = file.combine("Add", variance, file.number(epsilon))
      deviation = file.chance(2) ? sum : file.combine("Pow", sum, file.number(0.25))
    default:
      // A number that is added, or one for each position.
      let last = file.shape[rank - 1]
      let number =
        form == 12
        ? file.tensor([last], (0..<last).map { epsilon * Float(1 + $0) }) : file.number(epsilon)
      let sum =
        file.chance(2)
        ? file.combine("Add", variance, number) : file.combine("Add", number, variance)
      deviation =
        file.chance(3)
        ? file.combine("Pow", sum, file.number(0.5))
        : file.add("Sqrt", [sum]) { $0[0].map { $0.squareRoot() } }
    }
    let y =
      switch form {
      case 13: file.combine("Div", deviation, file.combine("Add", centred, file.number(9)))
      case 14: file.combine("Div", "in", deviation)
      default: file.combine("Div", centred, deviation)
      }
    // What is used once more is still what it is.
    return file.chance(4) ? file.combine("Add", y, file.combine("Mul", centred, centred)) : y
  }

  /// x / 2 (1 + erf(x / sqrt(2))) in the orders that exporters write.
  static let gelu = NearFilePattern(
    name: "GELU written out", isFound: { $0.contains { $0 == "gelu" } },
    shape: squares(2...2)
  ) { file in
    file.ideal = { $0.map { $0 / 2 * (1 + erf($0 / 2.0.squareRoot())) } }
    let form = file.chance(5) ? 0 : file.integer(1...10)
    file.form = "form \(form)"
    let turned = file.add("Transpose", ["in"], [ONNXModels.integers("perm", [0, 2, 1])]) {
      $0[0].transposed([0, 2, 1])
    }
    let isSquare = file.shape[1] == file.shape[2]
    let other =
      switch form {
      case 1 where isSquare: turned
      case 1, 2: file.combine("Mul", "in", file.number(1.5))
      case 3: file.add("Relu", ["in"]) { $0[0].map { max($0, 0) } }
      default: "in"
      }
    let inner =
      switch form {
      case 4: file.combine("Mul", other, file.number(file.element(of: [0.7071, 1.4142135, 0.5])))
      case 5: file.combine("Div", other, file.number(file.element(of: [1.414, 2, -1.4142135])))
      default:
        file.chance(2)
          ? file.combine("Div", other, file.number(1.414_213_5))
          : file.combine("Mul", file.number(0.707_106_77), other)
      }
    let isTanh = form == 6
    let error = file.add(isTanh ? "Tanh" : "Erf", [inner]) { operands in
      operands[0].map { isTanh ? tanh($0) : erf($0) }
    }
    let one = file.number(form == 7 ? file.element(of: [0.5, -1, 1.01]) : 1)
    let tail =
      form == 8
      ? file.combine("Sub", one, error)
      : file.chance(2) ? file.combine("Add", error, one) : file.combine("Add", one, error)
    let half = file.number(form == 9 ? file.element(of: [0.25, -0.5, 1, 0.501]) : 0.5)
    func product(_ a: String, _ b: String, in file: inout DrawnFile) -> String {
      file.chance(2) ? file.combine("Mul", a, b) : file.combine("Mul", b, a)
    }
    let y: String
    switch file.integer(0...2) {
    case 0: y = product(product("in", half, in: &file), tail, in: &file)
    case 1: y = product(product("in", tail, in: &file), half, in: &file)
    default: y = product("in", product(tail, half, in: &file), in: &file)
    }
    if form == 10 {
      // Halved twice.
      return file.combine("Mul", y, file.number(0.5))
    }
    return file.chance(4) ? file.combine("Add", y, tail) : y
  }

  /// Arithmetic with one number, which is a function of the other operand.
  static let numbers = NearFilePattern(
    name: "arithmetic with one number",
    isFound: { operators in
      !operators.contains {
        ["add", "multiply", "divide", "power", "maximum", "minimum"].contains($0)
      }
    },
    shape: squares(2...2)
  ) { file in
    let op = file.element(of: ["Add", "Sub", "Mul", "Div", "Pow", "Max", "Min"])
    let isNumber = file.chance(2)
    let count = file.shape[2]
    var values = file.numbers(isNumber ? 1 : count)
    if file.chance(3) { values = values.map { $0.rounded() == 0 ? 2 : $0.rounded() } }
    if op == "Div" || op == "Pow" { values = values.map { abs($0) + 0.5 } }
    // Vectors that happen to be one number many times are still no number.
    let other =
      isNumber ? file.number(values[0]) : file.tensor([count], values, isNode: true)
    file.mustRefuse = !isNumber && count > 1
    file.form = "\(op) \(isNumber ? "a number" : "a vector")"
    // A function whose result is positive and no normalisation of the input.
    let x = file.add("Exp", ["in"]) { $0[0].map { Foundation.exp($0) } }
    return file.chance(2) || op == "Div" || op == "Pow"
      ? file.combine(op, x, other) : file.combine(op, other, x)
  }

  /// The product with a transposed matrix, where the transposition is part of the product.
  static let transposedProduct = NearFilePattern(
    name: "a product with a transposed matrix", isFound: { !$0.contains("transpose") },
    shape: { random in
      let side = 2 + random.integer(below: 3)
      return [1, side, side, side]
    }
  ) { file in
    let side = file.shape[1]
    let permutations: [[Int]] = [
      [0, 1, 3, 2], [0, 1, 3, 2], [0, 1, 3, 2], [0, 1, 3, 2], [0, 2, 1, 3], [0, 3, 2, 1],
      [0, 2, 3, 1], [0, 3, 1, 2],
    ]
    let permutation = file.element(of: permutations)
    let source = file.chance(2) ? "in" : file.combine("Mul", "in", "in")
    let turned = file.add(
      "Transpose", [source], [ONNXModels.integers("perm", permutation.map { Int64($0) })]
    ) { $0[0].transposed(permutation) }
    let isLeft = file.chance(4)
    let left =
      file.chance(3)
      ? file.tensor([side, side], file.numbers(side * side))
      : file.add("Relu", ["in"]) { $0[0].map { max($0, 0) } }
    file.mustRefuse = isLeft || permutation != [0, 1, 3, 2]
    file.form = "permutation \(permutation)\(isLeft ? " on the left" : "")"
    let operands = isLeft ? [turned, left] : [left, turned]
    return file.add("MatMul", operands) { $0[0].multiplied(by: $0[1]) }
  }

  /// Limits, of which those from zero on are a ReLU.
  static let limits = NearFilePattern(
    name: "limits of a ReLU", isFound: { $0.contains("relu") }, shape: squares(2...2)
  ) { file in
    let pairs: [(Float?, Float?)] = [
      (0, 6), (6, 0), (0, 1), (-0.5, 6), (0.25, nil), (nil, 0), (nil, 6),
    ]
    let (lower, upper) = file.chance(2) ? (0, nil) : file.element(of: pairs)
    file.mustRefuse = lower != 0 || upper != nil
    file.form = "from \(lower ?? -.infinity) to \(upper ?? .infinity)"
    // Small values too, which 6 - (6 - x) would lose.
    let scale = file.number(file.element(of: [1e-4, 0.01, 1, 8]))
    let x = file.combine("Mul", "in", scale)
    if !file.mustRefuse, file.chance(2) {
      return file.chance(2)
        ? file.combine("Max", x, file.number(0))
        : file.add("Relu", [x]) { $0[0].map { max($0, 0) } }
    }
    let names = [lower, upper].map { $0.map { file.tensor([], [$0]) } ?? "" }
    return file.add("Clip", [x] + (names[1].isEmpty ? Array(names.prefix(1)) : names)) {
      $0[0].map { min(max($0, Double(lower ?? -.infinity)), Double(upper ?? .infinity)) }
    }
  }
}
