import Robustness
import Tensors
import Testing

@Suite struct ThreatTests {
  private func dot<Scalar: TensorScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Double {
    zip(a.scalars, b.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  @Test(arguments: ThreatCase.all)
  func `the center leaves the example as it is`(_ threatCase: ThreatCase) throws {
    guard threatCase.hasIdentity else { return }
    let (x, threat) = try threatCase.make()
    #expect(threat.apply(try threat.region(around: x).center, to: x) == x)
  }

  @Test(arguments: ThreatCase.all)
  func `regions keep their laws, and inputs their bounds`(_ threatCase: ThreatCase) throws {
    let (x, threat) = try threatCase.make()
    try threat.check(x)
    let region = try threat.region(around: x)
    var randomness = threatCase.randomness
    #expect(region.contains(region.center) && region.distance(of: region.center) == 0)
    let samples = (0..<60).map { _ in region.sample(using: &randomness) }
    for z in samples {
      #expect(region.contains(z) && region.hull.contains(z))
      #expect(region.projection(of: z) == z)
      #expect(region.distance(of: z) <= region.radius * (1 + 1e-12))
      let changed = threat.apply(z, to: x)
      #expect(changed.shape == x.shape)
      #expect(changed.scalars.allSatisfy { threatCase.range.contains($0) })
    }
    for _ in 0..<10 {
      let noise = randomness.normals(region.center.shape)
      let far = region.center + Float(3 * max(region.radius, 0.1)) * noise
      let nearest = region.projection(of: far)
      #expect(region.contains(nearest) && region.projection(of: nearest) == nearest)
      let distance = (far - nearest).norm2
      for z in samples { #expect(distance <= (far - z).norm2 * (1 + 1e-5) + 1e-5) }
      let best = region.maximizer(of: noise)
      #expect(region.contains(best))
      let gain = dot(noise, best)
      for z in samples { #expect(dot(noise, z) <= gain + 1e-5 * (1 + abs(gain))) }
      #expect(region.contains(region.step(from: nearest, along: noise, length: region.radius / 3)))
      // An attack may ask about points outside; they are changes all the same.
      #expect(threat.apply(far, to: x).scalars.allSatisfy { threatCase.range.contains($0) })
    }
    let zero = Tensor<Float>.zeros(region.center.shape)
    #expect(region.direction(of: zero) == zero)
    #expect(region.maximizer(of: zero) == region.center)
    for value in [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude] {
      let nothing = Tensor(repeating: value, shape: region.center.shape)
      let changed = threat.apply(nothing, to: x)
      #expect(changed.scalars.allSatisfy { threatCase.range.contains($0) })
      _ = threat.pullback(changed, at: nothing, of: x)
      #expect(region.contains(region.projection(of: nothing)))
      if region.center.count > 0, value.isNaN { #expect(!region.contains(nothing)) }
    }
  }

  @Test(arguments: ThreatCase.all)
  func `gradients are finite differences in double precision`(_ threatCase: ThreatCase) throws {
    let (x, threat) = try threatCase.make()
    guard let change = threat as? any ParametricThreat else { return }
    var randomness = threatCase.randomness
    let region = try threat.region(around: x)
    for _ in 0..<4 {
      let z = region.sample(using: &randomness).converted(to: Double.self)
      // A little inside of the bounds, and no two values equal, where there are kinks.
      var input = x.converted(to: Double.self)
      for index in 0..<input.count {
        input[index] += 1e-3 * (1 + 0.01 * Double(index)) * (input[index] > 0.5 ? -1 : 1)
      }
      let slopes = randomness.normals(x.shape).converted(to: Double.self)
      let gradients = change.gradients(slopes, at: z, of: input, needsInput: true)
      func value(_ z: Tensor<Double>, _ x: Tensor<Double>) -> Double {
        dot(slopes, change.changed(x, by: z))
      }
      let step = 1e-6
      for index in 0..<z.count {
        var (up, down) = (z, z)
        up[index] += step
        down[index] -= step
        let slope = (value(up, input) - value(down, input)) / (2 * step)
        #expect(abs(slope - gradients.z[index]) <= 1e-5 * (1 + abs(slope)), "z \(index)")
      }
      let inputSlopes = try #require(gradients.input)
      for index in 0..<x.count {
        var (up, down) = (input, input)
        up[index] += step
        down[index] -= step
        let slope = (value(z, up) - value(z, down)) / (2 * step)
        #expect(abs(slope - inputSlopes[index]) <= 1e-5 * (1 + abs(slope)), "x \(index)")
      }
    }
  }

  @Test(arguments: [
    "rotation:30+shift:2", "brightness:0.3+rotation:20", "hue:50+blur:1.5",
    "shift:1+blur:1+fog:0.4",
    "linf:0.1+rotation:10", "linf:0.01+shift:1", "linf:0.1+blur:1+brightness:0.1",
  ])
  func `a composition's gradient is the chain rule`(_ text: String) throws {
    var randomness = Philox(key: 3)
    // Smooth, and far from the bounds.
    let x = Tensor<Float>(shape: [3, 7, 6]) { target in
      for index in 0..<target.count {
        target[index] = 0.5 + 0.15 * Float.sin(Float(index % 42) * 0.3 + Float(index / 42))
      }
    }
    let threat = try ThreatReference(text).threat()
    let region = try threat.region(around: x)
    for _ in 0..<4 {
      let z = region.projection(
        of: region.center + 0.5 * (region.sample(using: &randomness) - region.center))
      let slopes = randomness.normals(x.shape)
      let gradient = threat.pullback(slopes, at: z, of: x)
      for index in 0..<min(z.count, 40) {
        let step: Float = 2e-3
        var (up, down) = (z, z)
        up[index] += step
        down[index] -= step
        let slope =
          (dot(slopes, threat.apply(up, to: x)) - dot(slopes, threat.apply(down, to: x)))
          / Double(up[index] - down[index])
        #expect(abs(slope - Double(gradient[index])) <= 0.02 * abs(slope) + 5e-3, "\(index)")
      }
    }
  }

  @Test func `whole turns, shifts and steps of colour are exact`() throws {
    var randomness = Philox(key: 9)
    let x = randomness.uniforms([3, 5, 5])
    let shifted = try Shift(pixels: 3).apply(Tensor([1, -2], shape: [2]), to: x)
    let turned = try Rotation(degrees: 90).apply(Tensor([90], shape: [1]), to: x)
    for channel in 0..<3 {
      for row in 0..<5 {
        for column in 0..<5 {
          let (i, j) = (row - 1, column + 2)
          let source = i >= 0 && j < 5 ? x[(channel * 5 + i) * 5 + j] : 0
          #expect(shifted[(channel * 5 + row) * 5 + column] == source)
          // Counter-clockwise: the top row comes from the right column.
          let from = x[(channel * 5 + column) * 5 + 4 - row]
          #expect(abs(turned[(channel * 5 + row) * 5 + column] - from) < 1e-5)
        }
      }
    }
    let hue = try Hue(degrees: 180).apply(Tensor([120], shape: [1]), to: x)
    for index in 0..<75 { #expect(abs(hue[(index + 25) % 75] - x[index]) < 1e-5) }
    let grey = try ColorAdjustment(.saturation, amount: 1).apply(Tensor([-1], shape: [1]), to: x)
    for place in 0..<25 { #expect(abs(grey[place] - grey[50 + place]) < 1e-6) }
    let flat = try ColorAdjustment(.contrast, amount: 1).apply(Tensor([-1], shape: [1]), to: x)
    #expect(flat.scalars.allSatisfy { abs($0 - 0.5) < 1e-6 })
    let white = try ColorAdjustment(.fog, amount: 1).apply(Tensor([1], shape: [1]), to: x)
    #expect(white.scalars.allSatisfy { abs($0 - 1) < 1e-6 })
    let blurred = try Blur(sigma: 9).apply(Tensor([1.3], shape: [1]), to: x)
    #expect(abs(blurred.norm1 - x.norm1) < 1e-4)
  }

  @Test(arguments: Norm.allCases)
  func `a ball behind a change is a ball around what the change leaves`(_ norm: Norm) throws {
    var randomness = Philox(key: 12)
    let radius = norm == .zero ? 3 : 0.3
    let x = randomness.uniforms([1, 6, 6]).map { $0 < 0.3 ? 0 : $0 }
    let ball = try Ball(norm, radius: radius)
    let threat = Composition([try Shift(pixels: 2), ball])
    let region = try threat.region(around: x)
    for _ in 0..<50 {
      let z = region.sample(using: &randomness)
      let moved = try Shift(pixels: 2).apply(
        Tensor(Array(z.scalars.prefix(2)), shape: [2]), to: x)
      #expect(try ball.region(around: moved).contains(threat.apply(z, to: x)))
    }
  }

  @Test func `examples that do not fit are refused in one line`() throws {
    let flat = Tensor<Float>.zeros([12])
    let grey = Tensor<Float>.zeros([1, 4, 4])
    for text in ["rotation:30", "flow:1", "patch:0.1", "blur:1", "hue:10", "linf:0.1+shift:1"] {
      #expect(throws: ThreatError.self) { try ThreatReference(text).threat().region(around: flat) }
    }
    for text in ["hue:10", "saturation:0.5"] {
      #expect(throws: ThreatError.self) { try ThreatReference(text).threat().check(grey) }
    }
    #expect(throws: ThreatError.patch(height: 5, width: 5, picture: [1, 4, 4])) {
      try ThreatReference("patch:5px").threat().check(grey)
    }
    #expect(throws: ThreatError.self) {
      try ThreatReference("blur:1").threat().check(Tensor(repeating: 2, shape: [1, 4, 4]))
    }
  }
}
