import JSON
import Perception
import Tensors
import TestSupport
import Testing

/// The pictures of `Scripts/perception_fixtures.py`, which no file has to carry, and what references say of them.
struct FormulaPictures: Sendable, CustomTestStringConvertible {
  let shape: Shape
  let first: Tensor<Float>
  let second: Tensor<Float>
  let expected: JSONValue

  /// All cases of the fixture.
  static let all: [FormulaPictures] =
    fixture["pictures"]?.arrayValue?.map(FormulaPictures.init) ?? []

  /// The fixture.
  static let fixture: JSONValue =
    (try? JSONValue(parsing: Fixtures.bytes("perception/perception.json"))) ?? .null

  var testDescription: String { "\(shape)" }

  private init(_ json: JSONValue) {
    func number(_ name: String) -> Int { json[name]?.intValue ?? 0 }
    let (channels, height, width) = (number("channels"), number("height"), number("width"))
    let seed = UInt64(number("seed"))
    let amplitude = json["amplitude"]?.doubleValue ?? 0
    shape = [channels, height, width]
    var (first, second): ([Float], [Float]) = ([], [])
    for channel in 0..<channels {
      for row in 0..<height {
        for column in 0..<width {
          let line = channel * height
          let block = Self.uniform(seed, (line + row / 4) * width + column / 4)
          let value = 0.2 + 0.6 * block
          let noise = Self.uniform(seed + 1, (line + row) * width + column)
          first.append(Float(value))
          second.append(Float(min(max(value + amplitude * (noise - 0.5), 0), 1)))
        }
      }
    }
    self.first = Tensor(first, shape: shape)
    self.second = Tensor(second, shape: shape)
    expected = json
  }

  /// A number in 0..<1 by its seed and place (SplitMix64).
  private static func uniform(_ seed: UInt64, _ place: Int) -> Double {
    var z = seed &+ (UInt64(place) + 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ z >> 31) >> 40) * 0x1p-24
  }
}

/// Whether two numbers differ by less than 1e-4 of the larger of the second and 1.
func isClose(_ value: Double?, _ expected: JSONValue?) -> Bool {
  guard let value, let expected = expected?.doubleValue else { return false }
  return abs(value - expected) < 1e-4 * max(1, abs(expected))
}
