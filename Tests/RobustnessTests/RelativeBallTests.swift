import Robustness
import Tensors
import Testing

/// One relative ball to check all laws on, with columns of very different ranges.
struct RelativeCase: Sendable, CustomStringConvertible {
  let norm: Norm
  let radius: Double
  let size: Int
  let isMasked: Bool

  var description: String {
    "\(norm.rawValue):\(radius) of \(size)\(isMasked ? " masked" : "")"
  }

  static let all: [RelativeCase] = Norm.allCases.flatMap { norm in
    [0, 1e-6, 0.003, 0.1, 0.7, 3, 1e200].flatMap { radius in
      [1, 2, 7, 40].flatMap { size in
        [false, true].map { RelativeCase(norm: norm, radius: radius, size: size, isMasked: $0) }
      }
    }
  }

  var randomness: Philox { RandomKey(seed: 8).child(description).generator }

  /// Ranges from a millionth to a million, some of a single value, and an example that touches some of them.
  func make() throws -> (x: Tensor<Float>, threat: RelativeBall) {
    var randomness = randomness
    let widths = [1e-6, 0.3, 1, 17, 1000, 0, 1e6, 4e-3]
    var (lower, upper, x) = (
      Tensor<Float>.zeros([size]), Tensor<Float>.zeros([size]), Tensor<Float>.zeros([size])
    )
    for index in 0..<size {
      let width = widths[index % widths.count]
      lower[index] = Float(width * Double(randomness.uniform() * 4 - 3))
      upper[index] = max(lower[index], Float(Double(lower[index]) + width))
      let share = randomness.uniform()
      let inside = lower[index] + share * (upper[index] - lower[index])
      x[index] =
        share < 0.2
        ? lower[index] : share > 0.8 ? upper[index] : min(max(inside, lower[index]), upper[index])
    }
    let mask = isMasked ? (0..<size).map { $0 % 3 != 1 } : nil
    let ball = try Ball(
      norm, radius: radius, bounds: InputBounds(lower: lower, upper: upper), mask: mask)
    return (x, RelativeBall(ball))
  }

  /// The definition, written anew: of the input, in `Double`, in several orders of summation, without tolerance.
  func holds(_ input: Tensor<Float>, _ x: Tensor<Float>, _ threat: RelativeBall) -> Bool {
    let bounds = threat.ball.bounds
    var moves: [Double] = []
    for index in 0..<size {
      let (lower, upper) = (bounds.lower(at: index), bounds.upper(at: index))
      guard input[index] >= lower, input[index] <= upper else { return false }
      if isMasked, index % 3 == 1, input[index] != x[index] { return false }
      if input[index] == x[index] { continue }
      if lower == upper { return false }
      moves.append(
        abs(Double(input[index]) - Double(x[index])) / (Double(upper) - Double(lower)))
    }
    let sums = [moves, moves.reversed(), moves.sorted(), moves.sorted(by: >)]
    return switch norm {
    case .infinity: moves.allSatisfy { $0 <= radius }
    case .zero: Double(moves.count) <= radius
    case .one: sums.allSatisfy { $0.reduce(0, +) <= radius }
    case .two: sums.allSatisfy { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() <= radius }
    }
  }
}

@Suite("Balls whose radius is a share of each coordinate's range") struct RelativeBallTests {
  @Test(
    "inputs are inside, without tolerance, and steps find the nearest and the best",
    arguments: RelativeCase.all)
  func laws(_ relative: RelativeCase) throws {
    let (x, threat) = try relative.make()
    let region = try threat.region(around: x)
    var randomness = relative.randomness
    #expect(threat.apply(region.center, to: x) == x)
    #expect(region.contains(region.center) && region.distance(of: region.center) == 0)

    func judge(_ z: Tensor<Float>) {
      #expect(region.contains(z))
      #expect(relative.holds(threat.apply(z, to: x), x, threat))
      #expect(region.projection(of: z) == z)
    }
    let samples = (0..<60).map { _ in region.sample(using: &randomness) }
    samples.forEach(judge)
    for round in 0..<4 {
      let noise = randomness.normals(x.shape)
      let far = region.center + Float(min(max(relative.radius, 1e-3), 10) * 3) * noise
      let nearest = region.projection(of: far)
      judge(nearest)
      let distance = (nearest - far).norm2
      for sample in samples { #expect(distance <= (sample - far).norm2 * (1 + 1e-6) + 1e-6) }
      let best = region.maximizer(of: noise)
      judge(best)
      func gain(_ z: Tensor<Float>) -> Double {
        (0..<z.count).reduce(0) { $0 + Double(noise[$1]) * Double(z[$1]) }
      }
      for sample in samples { #expect(gain(sample) <= gain(best) * (1 + 1e-6) + 1e-6) }
      judge(region.step(from: nearest, along: noise, length: relative.radius / 4))
      if round == 0, relative.norm == .infinity, relative.radius >= 1 {
        // The ends of every range are reached exactly.
        let ends = threat.apply(best, to: x)
        for index in 0..<x.count where !(relative.isMasked && index % 3 == 1) {
          let bounds = threat.ball.bounds
          #expect(
            ends[index] == (noise[index] > 0 ? bounds.upper(at: index) : bounds.lower(at: index)))
        }
      }
    }
    let nothing = Tensor<Float>(repeating: .nan, shape: x.shape)
    #expect(!region.contains(nothing))
    #expect(relative.holds(threat.apply(region.projection(of: nothing), to: x), x, threat))
  }

  @Test("a tenth of each range is a tenth of each range")
  func isRelative() throws {
    let bounds = try InputBounds(
      lower: Tensor([0, -500, 2, 7], shape: [4]), upper: Tensor([1, 500, 2.5, 7], shape: [4]))
    let threat = RelativeBall(try Ball(.infinity, radius: 0.1, bounds: bounds))
    let x = Tensor<Float>([0.5, 0, 2.25, 7], shape: [4])
    let region = try threat.region(around: x)
    let input = threat.apply(region.maximizer(of: Tensor([1, -1, 1, 1], shape: [4])), to: x)
    for (value, expected) in zip(input.scalars, [0.6, -100, 2.3, 7]) {
      #expect(abs(Double(value) - expected) <= 1e-6 * abs(expected))
    }
    #expect(abs(region.distance(of: region.maximizer(of: x)) - 0.1) < 1e-7)
    let slopes = threat.pullback(Tensor([2, 2, 2, 2], shape: [4]), at: region.center, of: x)
    #expect(slopes.scalars == [2, 2000, 1, 0])
    #expect("\(threat)" == "linf:0.1 of each column's range")
    #expect(threat.scaled(by: 2)?.description == "linf:0.2 of each column's range")
  }

  @Test("a change for many examples stays inside around each of them", arguments: Norm.allCases)
  func afterAnotherChange(norm: Norm) throws {
    for size in [2, 7, 40] {
      let relative = RelativeCase(
        norm: norm, radius: norm == .zero ? 2 : 0.3, size: size, isMasked: true)
      let (x, threat) = try relative.make()
      let shared = threat.afterAnotherChange
      var randomness = relative.randomness
      let region = try shared.region(around: x)
      #expect(shared.apply(region.center, to: x) == x)
      for _ in 0..<20 {
        let z = region.sample(using: &randomness)
        #expect(region.contains(z))
        #expect(relative.holds(shared.apply(z, to: x), x, threat))
      }
    }
  }

  @Test("references make them, of balls alone")
  func references() throws {
    let bounds = try InputBounds(
      lower: Tensor([0, 0], shape: [2]), upper: Tensor([1, 10], shape: [2]))
    func threat(_ text: String) throws -> any ThreatModel {
      try ThreatReference(text).threat(bounds: bounds, isRelative: true)
    }
    #expect(try threat("l2:0.3") is RelativeBall)
    #expect(try threat("linf:0.1|l1:2").alternatives.allSatisfy { $0 is RelativeBall })
    let x = Tensor<Float>([0.5, 5], shape: [2])
    let sum = try threat("linf:0.1+l1:0.2")
    let region = try sum.region(around: x)
    #expect(sum.apply(region.center, to: x) == x)
    let moved = sum.apply(region.maximizer(of: Tensor([1, 1, 0, 1], shape: [4])), to: x)
    #expect(abs(moved[0] - 0.6) < 1e-6 && abs(moved[1] - 8) < 1e-5)
    #expect(throws: ThreatError.notRelative("rotation:30")) { try threat("rotation:30") }
  }
}
