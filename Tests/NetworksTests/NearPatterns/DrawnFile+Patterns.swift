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
  /// Shapes whose sides are mostly equal, so that no extent tells one axis from another.
  static func squares(_ ranks: ClosedRange<Int>) -> @Sendable (inout Philox) -> [Int] {
    { random in
      let rank = ranks.lowerBound + random.integer(below: ranks.count)
      let side = 3 + random.integer(below: 2)
      let isSquare = random.integer(below: 4) > 0
      var sides = (0..<rank).map { _ in isSquare ? side : 1 + random.integer(below: 5) }
      // Of which one may be taken for another that is not its neighbour.
      if rank == 3 { sides[2] = sides[0] }
      return [1] + sides
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
    let form = file.chance(5) ? 0 : file.integer(1...18)
    if form == 17 { axes = [rank - 1] }
    let epsilon = file.element(of: [1e-5, 1e-3, 0.25] as [Float])
    let reduced = axes
    file.ideal = { x in
      let centred = x.combined(x.mean(reduced, keeps: true)) { $0 - $1 }
      let variance = centred.map { $0 * $0 }.mean(reduced, keeps: true)
      return centred.combined(variance) { $0 / ($1 + Double(epsilon)).squareRoot() }
    }
    file.form = "form \(form), axes \(axes)"
    /// The mean, whose axes come back or not, here or elsewhere.
    func mean(_ x: String, _ axes: [Int], in file: inout DrawnFile) -> String {
      if form == 17, rank == 4 {
        // The axes that are left, in another order.
        let target = [1, file.shape[2], file.shape[1]]
        let kept = file.mean(x, axes, keeps: false)
        return file.add("Reshape", [kept, file.integers(target)]) { $0[0].reshaped(target) }
      }
      let kept = file.mean(
        x, axes, keeps: form != 1 && form != 2 || file.chance(3), isSum: form == 15)
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
    let positive = file.add("Relu", ["in"]) { $0[0].map { max($0, 0) } }
    let m = mean(form == 18 ? positive : "in", axes, in: &file)
    let centred =
      switch form {
      case 3: file.combine("Sub", m, "in")
      case 4: file.combine("Add", "in", m)
      case 16:
        file.combine(
          file.element(of: ["Mul", "Max"]), "in", file.add("Neg", [m]) { $0[0].map { -$0 } })
      default: file.combine("Sub", "in", m)
      }
    let other = form == 5 ? file.combine("Sub", "in", file.number(0.25)) : centred
    let square =
      switch form {
      case 6: file.combine("Pow", centred, file.number(4))
      case 7: file.combine("Mul", centred, positive)
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
    let form = file.chance(5) ? 0 : file.integer(1...11)
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
    func product(
      _ a: String, _ b: String, by op: String = "Mul", in file: inout DrawnFile
    ) -> String {
      file.chance(2) ? file.combine(op, a, b) : file.combine(op, b, a)
    }
    let meeting = form == 11 ? "Add" : "Mul"
    let y: String
    switch file.integer(0...2) {
    case 0: y = product(product("in", half, in: &file), tail, by: meeting, in: &file)
    case 1: y = product(product("in", tail, by: meeting, in: &file), half, in: &file)
    default: y = product("in", product(tail, half, in: &file), by: meeting, in: &file)
    }
    if form == 10 {
      // Halved twice.
      return file.combine("Mul", y, file.number(0.5))
    }
    return file.chance(4) ? file.combine("Add", y, tail) : y
  }
}
