import Robustness
import Tensors
import Testing

/// The step of a box in one go is the projection of the point moved along the signs, bit for bit.
@Suite struct BoxStepTests {
  @Test(arguments: [1, 7, 8, 33, 784], [0.0, 0.01, 0.3, 5.0])
  func itIsItsDefinition(size: Int, length: Double) throws {
    var randomness = Philox(key: UInt64(size))
    let x = randomness.uniforms([size])
    let region = try Ball(.infinity, radius: 0.2).region(around: x)
    for round in 0..<4 {
      let point = region.sample(using: &randomness)
      var slopes = randomness.normals([size])
      slopes[0] = [.nan, 0, -0.0, .infinity][round]
      let expected = region.projection(
        of: point + Float(length) * region.direction(of: slopes))
      #expect(region.step(from: point, along: slopes, length: length) == expected)
    }
  }
}
