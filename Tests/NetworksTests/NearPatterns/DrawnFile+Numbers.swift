import Foundation
import ONNXMessages
import Tensors

extension NearFilePattern {
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
    if op == "Div", isNumber, file.chance(4) {
      // A divisor whose reciprocal is beyond the largest number.
      file.form = "Div a number too small"
      let small = file.combine("Mul", x, file.number(1e-5))
      let large = file.combine(
        "Div", small, file.number(Float(sign: .plus, exponent: -130, significand: 1)))
      return file.combine("Mul", large, file.number(1e-34))
    }
    return file.chance(2) ? file.combine(op, x, other) : file.combine(op, other, x)
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
