import Robustness
import Tensors
import Testing

/// One ball to check all laws on.
struct BallCase: Sendable, CustomStringConvertible {
  let norm: Norm
  let radius: Double
  let size: Int
  let kind: Kind

  enum Kind: CaseIterable { case inside, touching, masked, denormal, unbounded }

  var description: String { "\(norm.rawValue):\(radius) \(kind) \(size)" }

  static let all: [BallCase] = Norm.allCases.flatMap { norm in
    [0, 1e-9, 1e-3, 0.3, 2, 50, 1e200].flatMap { radius in
      Kind.allCases.flatMap { kind in
        [1, 2, 7, 29, 200].map { BallCase(norm: norm, radius: radius, size: $0, kind: kind) }
      }
    }
  }

  var randomness: Philox { RandomKey(seed: 5).child(description).generator }

  func make() throws -> (x: Tensor<Float>, ball: Ball) {
    var randomness = randomness
    var x = randomness.uniforms([size])
    var mask: [Bool]?
    var bounds = InputBounds.unit
    switch kind {
    case .inside: break
    case .touching: x = x.map { $0 < 0.4 ? 0 : ($0 > 0.7 ? 1 : $0) }
    case .masked: mask = (0..<size).map { $0 % 3 != 1 }
    case .denormal: x = x.map { $0 * 0x1p-136 }
    case .unbounded:
      bounds = .none
      x = x.map { ($0 - 0.5) * 1000 }
    }
    return (x, try Ball(norm, radius: radius, bounds: bounds, mask: mask))
  }

  /// The definition, written anew: in `Double`, in several orders of summation, without tolerance.
  func holds(_ z: Tensor<Float>, _ x: Tensor<Float>, _ ball: Ball) -> Bool {
    guard z.shape == x.shape else { return false }
    let moves = (0..<x.count).map { Double(z[$0]) - Double(x[$0]) }
    for index in 0..<x.count {
      if !(z[index] >= ball.bounds.lower(at: index) && z[index] <= ball.bounds.upper(at: index)) {
        return false
      }
      if let mask = ball.mask, !mask[index], z[index] != x[index] { return false }
    }
    if norm == .infinity { return moves.allSatisfy { abs($0) <= radius } }
    if norm == .zero { return Double(moves.count { $0 != 0 }) <= radius }
    if norm == .one {
      let sizes = moves.map(abs)
      return [sizes, sizes.reversed(), sizes.sorted(), sizes.sorted(by: >)].allSatisfy {
        $0.reduce(0, +) <= radius
      }
    }
    let squares = moves.map { $0 * $0 }
    return [squares, squares.reversed(), squares.sorted(), squares.sorted(by: >)].allSatisfy {
      $0.reduce(0, +).squareRoot() <= radius
    }
  }
}

private func dot(_ a: Tensor<Float>, _ b: Tensor<Float>, minus c: Tensor<Float>) -> Double {
  (0..<a.count).reduce(0) { $0 + Double(a[$1]) * (Double(b[$1]) - Double(c[$1])) }
}

private func euclid(_ a: Tensor<Float>, _ b: Tensor<Float>) -> Double {
  (0..<a.count).reduce(0) { $0 + (Double(a[$1]) - Double(b[$1])) * (Double(a[$1]) - Double(b[$1])) }
    .squareRoot()
}

@Suite struct BallTests {
  @Test(arguments: BallCase.all)
  func `the laws of a feasible set`(_ ballCase: BallCase) throws {
    let (x, ball) = try ballCase.make()
    let region = try ball.region(around: x)
    var randomness = ballCase.randomness
    #expect(region.center == x)
    #expect(region.contains(x))
    #expect(region.distance(of: x) == 0)

    let samples = (0..<200).map { _ in region.sample(using: &randomness) }
    for sample in samples {
      #expect(region.contains(sample) && ballCase.holds(sample, x, ball))
      #expect(region.hull.contains(sample))
      #expect(region.projection(of: sample) == sample)
    }

    let scale = Float(min(max(ballCase.radius, 1e-3), 100))
    for round in 0..<6 {
      var noise = randomness.normals(x.shape)
      if round == 1 { noise = noise.map { $0 > 0 ? $0 : 0 } }
      let far = x + (round == 2 ? 1e-4 : 3 * scale) * noise

      let nearest = region.projection(of: far)
      #expect(region.contains(nearest) && ballCase.holds(nearest, x, ball))
      #expect(region.projection(of: nearest) == nearest)
      let distance = euclid(nearest, far)
      for sample in samples { #expect(distance <= euclid(sample, far) * (1 + 1e-6) + 1e-6) }
      // KKT: the residual makes no acute angle with any way back into the set.
      for sample in samples where ballCase.norm != .zero {
        let toward = dot(far - nearest, sample, minus: nearest)
        #expect(toward <= 1e-5 * (1 + distance) * (1 + euclid(sample, nearest)))
      }

      let best = region.maximizer(of: noise)
      #expect(region.contains(best) && ballCase.holds(best, x, ball))
      let gain = dot(noise, best, minus: x)
      for sample in samples {
        let other = dot(noise, sample, minus: x)
        #expect(other <= gain + 1e-6 * abs(gain) + 1e-6 * noise.norm2)
      }
      for index in 0..<x.count where noise[index] == 0 { #expect(best[index] == x[index]) }

      let step = region.direction(of: noise)
      if noise.norm2 > 0 {
        let length =
          switch ballCase.norm {
          case .infinity: step.normInfinity
          case .two: step.norm2
          case .one: step.norm1
          case .zero: Double(step.scalars.count { $0 != 0 })
          }
        #expect(abs(length - 1) < 1e-6)
        let next = region.step(from: nearest, along: noise, length: ballCase.radius / 4)
        #expect(region.contains(next) && ballCase.holds(next, x, ball))
      }
    }
    let zero = Tensor<Float>.zeros(x.shape)
    #expect(region.direction(of: zero) == zero)
    #expect(region.maximizer(of: zero) == x)
    let nothing = Tensor<Float>(repeating: .nan, shape: x.shape)
    #expect(!region.contains(nothing))
    #expect(ballCase.holds(region.projection(of: nothing), x, ball))
    #expect(ballCase.holds(region.maximizer(of: nothing), x, ball))
    #expect(!region.contains(Tensor.zeros([x.count + 1])))
    for infinite in [Float.infinity, -Float.infinity] {
      var far = x
      far[0] = infinite
      #expect(ballCase.holds(region.projection(of: far), x, ball))
      #expect(ballCase.holds(region.maximizer(of: far), x, ball))
      #expect(region.direction(of: far).scalars.allSatisfy { $0.isFinite })
    }
    if ballCase.radius == 0 {
      #expect(samples.allSatisfy { $0 == x })
      #expect(region.hull.lower == x && region.hull.upper == x)
    }
  }

  @Test(arguments: [Norm.infinity, .two, .one])
  func `the maximum is the dual norm where no bound is near`(_ norm: Norm) throws {
    var randomness = Philox(key: 3)
    for radius in [0.01, 0.2] {
      let x = Tensor<Float>(repeating: 0.5, shape: [300])
      let region = try Ball(norm, radius: radius).region(around: x)
      let gradient = randomness.normals(x.shape)
      let gain = dot(gradient, region.maximizer(of: gradient), minus: x)
      let dual =
        radius
        * (norm == .infinity
          ? gradient.norm1 : norm == .two ? gradient.norm2 : gradient.normInfinity)
      #expect(abs(gain - dual) <= 1e-5 * dual)
      #expect(abs(region.distance(of: region.maximizer(of: gradient)) - radius) <= 1e-6 * radius)
    }
  }

  @Test func `an L2 projection equals the one found by bisection`() throws {
    var randomness = Philox(key: 4)
    for _ in 0..<50 {
      let x = randomness.uniforms([40]).map { $0 < 0.3 ? 0 : $0 }
      let region = try Ball(.two, radius: 0.8).region(around: x)
      let far = x + randomness.normals(x.shape)
      func move(_ t: Double) -> [Double] {
        (0..<x.count).map { index in
          let v = Double(far[index]) - Double(x[index])
          let room = v < 0 ? Double(x[index]) : 1 - Double(x[index])
          return v < 0 ? -min(-t * v, room) : min(t * v, room)
        }
      }
      func length(_ t: Double) -> Double { move(t).reduce(0) { $0 + $1 * $1 }.squareRoot() }
      var (low, high) = (0.0, 1.0)
      for _ in 0..<100 {
        let middle = (low + high) / 2
        if length(middle) <= 0.8 { low = middle } else { high = middle }
      }
      let projection = region.projection(of: far)
      for (index, step) in move(low).enumerated() {
        #expect(abs(Double(projection[index]) - Double(x[index]) - step) < 2e-7)
      }
    }
  }

  @Test func `the limits of a box are the outermost numbers allowed`() throws {
    var randomness = Philox(key: 8)
    for radius in [8.0 / 255, 0.3, 1e-7, 0.1] {
      for _ in 0..<500 {
        let x = Tensor<Float>([randomness.uniform()], shape: [1])
        let ball = try Ball(.infinity, radius: radius, bounds: .none)
        let hull = try ball.region(around: x).hull
        #expect(Double(hull.upper[0]) - Double(x[0]) <= radius)
        #expect(Double(hull.upper[0].nextUp.nextUp) - Double(x[0]) > radius)
        #expect(Double(x[0]) - Double(hull.lower[0]) <= radius)
        #expect(Double(x[0]) - Double(hull.lower[0].nextDown.nextDown) > radius)
      }
    }
  }

  @Test(arguments: [
    0, 1e-45, 1e-7, 0x1p-30, 8.0 / 255, 0.1, Double(Float(0.1)), 0.25, 0.3, 3, 1e30, 1e200,
  ])
  func `the limits of many coordinates are those of each`(_ radius: Double) throws {
    var randomness = RandomKey(seed: 12).child("\(radius)").generator
    let special: [Float] = [0, -0.0, 0x1p-149, -0x1p-140, 0.5, -0.5, 1, 1e-20, -3e7, 0.1]
    for count in [1, 3, 8, 37, 400] {
      let x = Tensor<Float>(
        (0..<count).map { $0 < special.count ? special[$0] : randomness.uniform() * 2 - 1 },
        shape: [count])
      let own = try InputBounds(lower: x.map { $0 - 0.2 }, upper: x.map { $0 + 0.2 })
      for bounds in [InputBounds.none, own] {
        let hull = try Ball(.infinity, radius: radius, bounds: bounds).region(around: x).hull
        for index in 0..<count {
          let value = x[index]
          #expect(
            hull.lower[index]
              == max(bounds.lower(at: index), -limit(above: -value, within: radius))
              && hull.upper[index]
                == min(bounds.upper(at: index), limit(above: value, within: radius))
          )
        }
      }
    }
  }

  /// The largest `Float` whose distance from a value is at most a radius, by exact arithmetic on the two parts of the
  /// rounded difference.
  private func limit(above value: Float, within radius: Double) -> Float {
    func isBeyond(_ limit: Float) -> Bool {
      let (start, end) = (Double(value), Double(limit))
      let difference = end - start
      let recovered = difference + start
      let error = (end - recovered) - (start - (recovered - difference))
      return difference > radius || difference == radius && error > 0
    }
    let sum = min(Double(value) + radius, Double(Float.greatestFiniteMagnitude))
    var limit = Float(sum)
    if Double(limit) > Double(value) + radius { limit = limit.nextDown }
    while limit > value, isBeyond(limit) { limit = limit.nextDown }
    return max(limit, value)
  }

  @Test func `a threat that makes no sense is refused`() throws {
    #expect(throws: ThreatError.radius(-1)) { try Ball(.two, radius: -1) }
    #expect(throws: ThreatError.self) { try Ball(.two, radius: .nan) }
    #expect(throws: ThreatError.self) { try Ball(.two, radius: .infinity) }
    let ball = try Ball(.infinity, radius: 0.1)
    #expect(throws: ThreatError.outside(coordinate: 1, value: 1.5, lower: 0, upper: 1)) {
      try ball.region(around: Tensor([0, 1.5], shape: [2]))
    }
    #expect(throws: ThreatError.self) { try ball.region(around: Tensor([.nan], shape: [1])) }
    #expect(throws: ThreatError.shape(given: [3], expected: [1])) {
      try Ball(.two, radius: 1, mask: [true, true, false]).region(around: Tensor([0], shape: [1]))
    }
    #expect(throws: ThreatError.bounds(coordinate: 0, lower: 1, upper: 0)) {
      try InputBounds(lower: Tensor([1], shape: [1]), upper: Tensor([0], shape: [1]))
    }
  }
}
