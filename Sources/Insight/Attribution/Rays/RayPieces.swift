import Graphs
import Networks
import Tensors

/// The linear pieces of a piecewise linear network along a ray, and the integral of its gradient over them.
///
/// Inside a piece all decisions (signs of pre-activations, winners of poolings) stay as they are, so that from values
/// and slopes at one point follows where its piece begins and ends: the inputs with the same decisions are a polytope,
/// which a ray meets in one interval. So each pass finds a whole piece. The middles of what lies between known pieces
/// come next, until nothing is left that single precision can resolve.
struct RayPieces: Sendable {
  private let form: NetworkForm
  private let runner: GraphRunner
  private let bends: [TangentGraph.Bend]
  private let sizes: [Int]
  /// How many points are computed at once.
  private let batch: Int

  private static let (score, gradient) = ("attribution.score", "attribution.gradient")
  /// Lengths of t below which pieces cannot be told apart.
  private static let resolution = 1e-6
  /// The bytes that values and slopes of one batch may take.
  private static let memory = 1 << 26

  /// Prepares a network; `nil` where it is not piecewise linear, or not in this score.
  init?(_ form: NetworkForm, score: ClassScore, batch: Int) throws {
    if score == .probability { return nil }
    let (builder, target) = try form.scoring(score)
    guard let tangents = try TangentGraph(builder, from: form.x, to: target) else { return nil }
    var whole = tangents.builder
    let ones = try whole.affine(target, factor: 0, offset: 1)
    let gradient = try whole.gradients(of: target, cotangent: ones, withRespectTo: [form.x])[0]
    var outputs = [(RayPieces.score, target), (RayPieces.gradient, gradient)]
    for (index, bend) in tangents.bends.enumerated() {
      outputs += [("value\(index)", bend.value), ("slope\(index)", bend.slope)]
    }
    self.form = form
    bends = tangents.bends
    sizes = bends.map { whole.extents(of: $0.value).countPerExample }
    runner = try form.run(whole, computing: outputs)
    let bytes = 2 * MemoryLayout<Float>.stride * sizes.reduce(0, +)
    self.batch = max(1, min(batch, RayPieces.memory / max(bytes, 1)))
  }

  /// The integral of the gradient of a class's score along a ray.
  ///
  /// - Parameters:
  ///   - ray: The ray.
  ///   - label: The class.
  ///   - limit: The most kinks.
  /// - Returns: The integral; without one, where there are more kinks, the passes that were spent to see that.
  /// - Throws: What the engine throws; `CancellationError`.
  func integral(
    along ray: Ray, label: Int, limit: Int
  ) async throws -> (integral: RayIntegral?, gradients: Int) {
    let crossings = try await crossings(along: ray, label: label)
    guard crossings <= limit else { return (nil, 2) }
    var gaps = [Interval(0, 1)]
    var mean = [Double](repeating: 0, count: ray.start.count)
    var (pieces, gradients) = (0, 2)
    while !gaps.isEmpty {
      let part = Array(gaps.suffix(batch))
      gaps.removeLast(part.count)
      let found = try await explore(part, ray, label)
      for (place, sum) in found.sums.enumerated() { mean[place] += sum }
      gaps += found.gaps
      pieces += found.pieces
      gradients += part.count
      // Gaps that are left hold at least a piece each.
      guard pieces + gaps.count <= limit + 1 else { return (nil, gradients) }
    }
    return (
      RayIntegral(
        mean: mean, gradients: gradients, forwards: 0,
        remark: "exact: \(pieces) linear pieces along the way"), gradients
    )
  }

  /// A part of the ray.
  private struct Interval: Sendable {
    var lower: Double
    var upper: Double

    init(_ lower: Double, _ upper: Double) { (self.lower, self.upper) = (lower, upper) }

    var length: Double { upper - lower }
    var middle: Double { (lower + upper) / 2 }
  }

  /// Takes the piece in the middle of each gap.
  ///
  /// - Returns: The gradients there times the lengths of their pieces, what is left of the gaps, and how many pieces of
  ///   some length there are.
  private func explore(
    _ gaps: [Interval], _ ray: Ray, _ label: Int
  ) async throws -> (sums: [Double], gaps: [Interval], pieces: Int) {
    let size = ray.start.count
    return try await runner.run(
      inputs(ray, gaps.map(\.middle), label), rows: gaps.count
    ) { results in
      var sums = [Double](repeating: 0, count: size)
      var left: [Interval] = []
      var pieces = 0
      let gradient = results(RayPieces.gradient)
      for (row, gap) in gaps.enumerated() {
        var piece = Interval(gap.lower, gap.upper)
        for index in bends.indices {
          bound(
            &piece, around: gap.middle, index,
            results("value\(index)") + row * sizes[index],
            results("slope\(index)") + row * sizes[index])
        }
        for rest in [Interval(gap.lower, piece.lower), Interval(piece.upper, gap.upper)]
        where rest.length > 0 {
          if rest.length > RayPieces.resolution {
            left.append(rest)
          } else if rest.lower == gap.lower {
            piece.lower = gap.lower
          } else {
            piece.upper = gap.upper
          }
        }
        guard piece.length > 0 else { continue }
        pieces += 1
        for place in 0..<size {
          sums[place] += piece.length * Double(gradient[row * size + place])
        }
      }
      return (sums, left, pieces)
    }
  }

  private func inputs(_ ray: Ray, _ places: [Double], _ label: Int) -> [String: Tensor<Float>] {
    var inputs = form.inputs(
      .stacking(places.map { ray.point($0) }), classes: places.map { _ in label })
    inputs[TangentGraph.direction] = .stacking(places.map { _ in ray.direction })
    return inputs
  }

  /// Narrows an interval around t to where one bend decides as at t.
  private func bound(
    _ piece: inout Interval, around t: Double, _ index: Int,
    _ values: UnsafePointer<Float>, _ slopes: UnsafePointer<Float>
  ) {
    func narrow(_ difference: Double, _ slope: Double) {
      // What stands on a kink and what never moves tell nothing.
      guard difference != 0, slope != 0 else { return }
      let place = t - difference / slope
      if place > t { piece.upper = min(piece.upper, place) }
      if place < t { piece.lower = max(piece.lower, place) }
    }
    switch bends[index].kind {
    case .levels(let levels):
      for level in levels {
        for place in 0..<sizes[index] {
          narrow(Double(values[place]) - Double(level), Double(slopes[place]))
        }
      }
    case .winners(let groups, let sign):
      for group in groups {
        let winner = RayPieces.winner(of: group, values, sign)
        for place in group where place != winner {
          narrow(
            Double(values[winner]) - Double(values[place]),
            Double(slopes[winner]) - Double(slopes[place]))
        }
      }
    }
  }

  private static func winner(
    of group: [Int], _ values: UnsafePointer<Float>, _ sign: Float
  ) -> Int {
    var winner = group[0]
    for place in group where sign * values[place] > sign * values[winner] { winner = place }
    return winner
  }

  /// How many decisions differ between the ends: a lower bound of the number of kinks.
  private func crossings(along ray: Ray, label: Int) async throws -> Int {
    try await runner.run(inputs(ray, [0, 1], label), rows: 2) { results in
      var count = 0
      for (index, bend) in bends.enumerated() {
        let first = results("value\(index)")
        let second = first + sizes[index]
        switch bend.kind {
        case .levels(let levels):
          for level in levels {
            for place in 0..<sizes[index]
            where (first[place] > level) != (second[place] > level) { count += 1 }
          }
        case .winners(let groups, let sign):
          for group in groups
          where RayPieces.winner(of: group, first, sign)
            != RayPieces.winner(of: group, second, sign)
          {
            count += 1
          }
        }
      }
      return count
    }
  }
}
