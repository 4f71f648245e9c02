import Tensors

/// A dotted line from the left side to the right one.
enum DottedLine: Corruption {
  static let name = "dotted_line"

  static let strengths: [CorruptionSuite: [Void]] = [.mnistC: [()]]

  static func apply(to picture: inout Picture, _ strength: Void, drawing generator: inout Philox) {
    let heights = (Double(generator.integer(below: 27)), Double(generator.integer(below: 27)))
    var line = SoftLine(on: picture)
    // Two columns in four are left out, the first two among them.
    line.add(from: SIMD2(0, heights.0), to: SIMD2(27, heights.1)) { Int($0) / 2 % 2 == 1 }
    line.draw(on: &picture)
  }
}
