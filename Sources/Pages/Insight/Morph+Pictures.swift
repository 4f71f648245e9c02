package import Images
import Insight
package import Studies
import Tensors

extension MorphResult {
  /// The shorter side that small pictures are enlarged to, in pixels.
  private static let side = 112

  /// The picture of an input, small ones enlarged by a whole factor.
  func picture(_ values: Tensor<Float>, isEnlarged: Bool = false) -> Bitmap? {
    guard let picture = Bitmap(values, bounds: bounds), isEnlarged else {
      return Bitmap(values, bounds: bounds)
    }
    let short = min(picture.width, picture.height)
    return picture.scaled(by: max(1, (Self.side + short - 1) / short))
  }

  /// The inputs on the way to the change that is shown; the input itself everywhere where there is none.
  private func way(_ morph: Morph?, count: Int) -> [Tensor<Float>] {
    guard let changed = morph?.shown?.input else { return Array(repeating: input, count: count) }
    return MorphPath.inputs(from: input, to: changed, count: count)
  }

  /// The changes as a film strip: a row for each network and class, from the input as it is to the changed one.
  ///
  /// - Throws: `PNGError.notEncodable`.
  package func strip(frames: Int = 9) throws(PNGError) -> [UInt8] {
    let rows = morphs.flatMap { network in
      targets.map { target in
        way(network[target: target], count: frames).map { picture($0, isEnlarged: true) }
      }
    }
    return try Bitmap.montage(rows, gap: 6).png()
  }

  /// The changes as an animated PNG: a row for each network, a column for each class.
  ///
  /// - Throws: `PNGError.notEncodable`.
  package func animation() throws(PNGError) -> [UInt8] {
    let ways = morphs.map { network in
      targets.map { way(network[target: $0], count: MorphResult.steps) }
    }
    let isOne = targets.count == 1
    return try Self.animated(
      (0..<MorphResult.steps).map { step in
        let rows = ways.map { $0.map { picture($0[step], isEnlarged: true) } }
        // Networks stand side by side where that is the only direction.
        return Bitmap.montage(isOne ? [rows.map { $0[0] }] : rows, gap: 6)
      })
  }

  /// One change as an animated PNG; `nil` where there is none.
  ///
  /// - Throws: `PNGError.notEncodable`.
  func animation(of morph: Morph?) throws(PNGError) -> [UInt8]? {
    guard morph?.shown != nil else { return nil }
    let frames = way(morph, count: MorphResult.steps).compactMap { picture($0) }
    guard frames.count == MorphResult.steps else { return nil }
    return try Self.animated(frames)
  }

  /// Frames that stay for a moment, the first and the last longer.
  private static func animated(_ frames: [Bitmap]) throws(PNGError) -> [UInt8] {
    var times = [UInt16](repeating: 80, count: frames.count)
    times[0] = 900
    times[frames.count - 1] = 1500
    return try Bitmap.animation(frames, milliseconds: times)
  }
}
