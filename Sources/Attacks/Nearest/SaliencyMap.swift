import Robustness
import Tensors

/// What each pixel can do for a target: the saliency map of `JSMA`.
struct SaliencyMap {
  /// What moving a pixel adds to the target's output, and takes from the sum of the others, to first order.
  private(set) var gains: [Float]
  private(set) var losses: [Float]

  /// The point with every pixel moved.
  let moved: Tensor<Float>

  init(
    _ pixels: Pixels, at point: Tensor<Float>, hull: Box, target: Tensor<Float>,
    others: Tensor<Float>, length: Float, direction: JSMA.Direction, isOpen: [Bool]
  ) {
    var gains = [Float](repeating: 0, count: pixels.count)
    var losses = gains
    var moved = point
    for channel in 0..<pixels.channels {
      let start = channel * pixels.count
      for pixel in 0..<pixels.count where isOpen[pixel] {
        let index = start + pixel
        let (rise, fall) = (target[index], -others[index])
        let isUp = direction == .up || (direction == .both && rise + fall > 0)
        let aim = point[index] + (isUp ? length : -length)
        let value = min(max(aim, hull.lower[index]), hull.upper[index])
        let move = value - point[index]
        // A channel that pulls the wrong way stays.
        guard move * (rise + fall) > 0 || direction != .both else { continue }
        moved[index] = value
        gains[pixel] += move * rise
        losses[pixel] += move * fall
      }
    }
    (self.gains, self.losses, self.moved) = (gains, losses, moved)
  }

  /// The pixels p and q of the largest (a_p + a_q)(b_p + b_q), with a the gains and b the losses, among the pairs
  /// of which both sums are above zero; if there are none, the pair of the largest sum of all four, if above zero.
  ///
  /// With s = l a + b / l a product is at most (s_p + s_q)^2 / 4, so that few pixels can be part of a better pair
  /// than one at hand.
  var pair: (Int, Int)? {
    let sizes = gains.indices.reduce(into: (gain: Float(1e-30), loss: Float(1e-30))) {
      $0.gain = max($0.gain, gains[$1])
      $0.loss = max($0.loss, losses[$1])
    }
    let weight = (sizes.loss / sizes.gain).squareRoot()
    let sums = gains.indices.map { weight * gains[$0] + losses[$0] / weight }
    guard let largest = sums.max(), largest.isFinite, largest > 0,
      let first = sums.firstIndex(of: largest)
    else { return nil }
    var best: (pair: (Int, Int), product: Float)?
    for other in gains.indices where other != first { improve(&best, first, other) }
    if let product = best?.product {
      let least = 2 * product.squareRoot() - largest
      let able = sums.indices.filter { sums[$0] >= least && $0 != first }
      improve(&best, among: able)
      return best?.pair
    }
    let able = sums.indices.filter { $0 != first && (gains[$0] != 0 || losses[$0] != 0) }
    improve(&best, among: able)
    if let best { return best.pair }
    guard let second = able.max(by: { sums[$0] < sums[$1] }), sums[second] > 0 else {
      return (first, first)
    }
    return (first, second)
  }

  private func improve(_ best: inout (pair: (Int, Int), product: Float)?, among able: [Int]) {
    for (place, one) in able.enumerated() {
      for other in able[(place + 1)...] { improve(&best, one, other) }
    }
  }

  private func improve(
    _ best: inout (pair: (Int, Int), product: Float)?, _ one: Int, _ other: Int
  ) {
    let gain = gains[one] + gains[other]
    let loss = losses[one] + losses[other]
    guard gain > 0, loss > 0, gain * loss > best?.product ?? 0 else { return }
    best = ((one, other), gain * loss)
  }
}
