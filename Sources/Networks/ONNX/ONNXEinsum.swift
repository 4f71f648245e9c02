/// The equation of a sum of products, with a label for every axis.
struct ONNXEinsum {
  let operands: [[String]]
  let result: [String]

  /// Reads an equation.
  ///
  /// - Parameters:
  ///   - equation: Labels of the operands' axes, and of the result's if they are given; three dots stand for any axes.
  ///   - ranks: The operands' numbers of axes.
  /// - Throws: `ONNXProblem` if it does not fit the operands.
  init(_ equation: String, ranks: [Int]) throws {
    let text = equation.filter { $0 != " " }
    guard text.utf8.count <= 1 << 10 else { throw ONNXProblem("its equation is absurdly long") }
    let sides = text.split(separator: "-", omittingEmptySubsequences: false)
    guard sides.count == 1 || sides.count == 2 && sides[1].first == ">" else {
      throw ONNXProblem("its equation is \(text.quoted)")
    }
    let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    guard terms.count == ranks.count else {
      throw ONNXProblem("its equation \(text.quoted) does not fit \(ranks.count) operands")
    }
    operands = try zip(terms, ranks).map { try ONNXEinsum.labels($0, rank: $1) }
    if sides.count == 2 {
      let dots = operands.flatMap { $0 }.filter { $0.hasPrefix(".") }
      let count = Set(dots).count
      let term = sides[1].dropFirst()
      let written = term.count - (term.contains("...") ? 3 : 0)
      result = try ONNXEinsum.labels(term, rank: written + (term.contains("...") ? count : 0))
    } else {
      let all = operands.flatMap { $0 }
      let dots = Set(all.filter { $0.hasPrefix(".") }).sorted { $0.count > $1.count }
      result =
        dots
        + Set(
          all.filter { label in
            !label.hasPrefix(".") && all.count { $0 == label } == 1
          }
        ).sorted()
    }
    guard Set(result).count == result.count, Set(result).isSubset(of: operands.joined()) else {
      throw ONNXProblem("its equation is \(text.quoted)")
    }
  }

  /// A label for each axis; those that dots stand for are counted from behind.
  private static func labels(_ term: Substring, rank: Int) throws -> [String] {
    var labels: [String] = []
    var rest = term
    while let first = rest.first {
      if rest.hasPrefix("...") {
        let letters = term.count - 3
        guard rank >= letters, !labels.contains(where: { $0.hasPrefix(".") }) else {
          throw ONNXProblem("its equation does not fit its operands")
        }
        labels += (0..<rank - letters).reversed().map {
          String(repeating: ".", count: $0 + 1)
        }
        rest = rest.dropFirst(3)
      } else {
        guard first.isASCII, first.isLetter else {
          throw ONNXProblem("its equation has \(String(first).quoted)")
        }
        labels.append(String(first))
        rest = rest.dropFirst()
      }
    }
    guard labels.count == rank else { throw ONNXProblem("its equation does not fit its operands") }
    return labels
  }
}
