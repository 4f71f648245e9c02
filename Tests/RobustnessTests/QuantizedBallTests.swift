import Robustness
import Tensors
import Testing

@Suite struct QuantizedBallTests {
  static let levels: [QuantizationLevels] = [
    .unit, QuantizationLevels((0...255).map { Float($0) }),
    QuantizationLevels([-1, -0.5, 0.25, 1]),
  ]

  private func example(_ levels: QuantizationLevels, _ generator: inout Philox) -> Tensor<Float> {
    Tensor(
      (0..<40).map { _ in
        levels.values[
          min(Int(generator.uniform() * Float(levels.values.count)), levels.values.count - 1)]
      }, shape: [40])
  }

  @Test(arguments: levels, [Norm.infinity, .two])
  func roundedPointsAreOnLevelsAndInside(levels: QuantizationLevels, norm: Norm) throws {
    var generator = RandomKey(seed: 5).child("levels").generator
    let range = levels.values[0]...levels.values[levels.values.count - 1]
    let width = Double(range.upperBound - range.lowerBound)
    for share in [0, 0.001, 0.007, 0.0157, 0.1, 0.7] {
      let ball = try Ball(norm, radius: share * width, bounds: InputBounds(range))
      let threat = QuantizedBall(ball, levels: levels)
      for _ in 0..<20 {
        let x = example(levels, &generator)
        let region = try threat.region(around: x)
        #expect(threat.apply(x, to: x) == x)
        for z in [region.sample(using: &generator), region.maximizer(of: x)] {
          let input = threat.apply(z, to: x)
          #expect(input.scalars.allSatisfy { levels.values.contains($0) })
          #expect(try ball.region(around: x).contains(input))
          #expect(region.contains(z))
          #expect(try region.distance(of: z) == ball.region(around: x).distance(of: input))
          #expect(threat.apply(input, to: x) == input)
        }
      }
    }
  }

  @Test func roundsToTheNearestWithinTheRadius() throws {
    let ball = try Ball(.infinity, radius: 1.785 / 255)
    let threat = QuantizedBall(ball, levels: .unit)
    let x = Tensor<Float>([0, 100, 255].map { $0 / 255 }, shape: [3])
    let z = Tensor<Float>([0.6 / 255, 101.7 / 255, 254.4 / 255], shape: [3])
    #expect(threat.apply(z, to: x).scalars == [1, 101, 254].map { $0 / 255 })
  }

  @Test func examplesOffTheLevelsAreRefused() throws {
    let threat = QuantizedBall(try Ball(.infinity, radius: 0.1), levels: .unit)
    let error = #expect(throws: ThreatError.self) {
      try threat.region(around: Tensor([0, 0.5], shape: [2]))
    }
    #expect(error == .level(coordinate: 1, value: 0.5))
  }
}
