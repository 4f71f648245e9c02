import Robustness
import Tensors

/// One threat beyond single balls, with an example it fits.
struct ThreatCase: Sendable, CustomStringConvertible {
  let text: String
  let shape: Shape
  let range: ClosedRange<Float>
  /// A patch that is turned and scaled, which no text names.
  var pose: Patch.Pose?

  var description: String { "\(text) \(shape) \(range)\(pose == nil ? "" : " turned")" }

  /// The names of changes, alone and joined.
  static let texts = [
    "rotation:30", "rotation:180", "shift:3", "shift:0.4", "rotation:30+shift:2",
    "shift:2+rotation:20+shift:1",
    "flow:0.7", "flow:3", "patch:0.2", "patch:3px@1,2", "patch:0", "hue:90", "saturation:0.7",
    "saturation:3",
    "brightness:0.3", "contrast:0.5", "fog:0.6", "blur:1.5", "blur:0", "linf:0.1+rotation:10",
    "rotation:20+linf:0.1", "rotation:20+l2:0.5", "shift:1+l1:2", "shift:1+l0:3",
    "l2:0.5+blur:1+brightness:0.1",
    "hue:40+flow:0.5+linf:0.05", "patch:0.2+rotation:10", "fog:0.3+contrast:0.2+saturation:0.5",
  ]

  static let all: [ThreatCase] =
    texts.flatMap { text in
      [0...1, -1...2.5].map { ThreatCase(text: text, shape: [3, 7, 6], range: $0) }
    } + [
      ThreatCase(text: "rotation:40", shape: [1, 1, 1], range: 0...1),
      ThreatCase(text: "blur:3", shape: [1, 2, 1], range: 0...1),
      ThreatCase(
        text: "patch:4px", shape: [3, 7, 6], range: 0...1,
        pose: .init(row: 1, column: 1.5, degrees: 25, scale: 1.2)),
    ]

  /// Whether the center leaves the example as it is.
  var hasIdentity: Bool { pose == nil }

  var randomness: Philox { RandomKey(seed: 6).child(description).generator }

  func make() throws -> (x: Tensor<Float>, threat: any ThreatModel) {
    var randomness = randomness
    let width = range.upperBound - range.lowerBound
    let x = randomness.uniforms(shape).map {
      // Some values touch the bounds.
      $0 < 0.1 ? range.lowerBound : $0 > 0.9 ? range.upperBound : range.lowerBound + width * $0
    }
    let bounds = try InputBounds(range)
    if let pose { return (x, try Patch(.pixels(4), at: pose, bounds: bounds)) }
    return (x, try ThreatReference(text).threat(bounds: bounds))
  }
}
