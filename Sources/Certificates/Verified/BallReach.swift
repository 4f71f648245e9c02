import Graphs
import Synchronization
import Tensors

/// How far values that are affine in the input go within balls: by the dual norms of their coefficients, where a box
/// around the ball would count every coordinate in full.
struct BallReach: Sendable {
  /// The nodes of these values.
  let places: Set<Int>

  private let adjoints: Adjoints
  private let input: Int
  private let norms = Norms()

  /// Dual norms of each value's coefficients, which are the same for all balls of a norm.
  private final class Norms: Sendable {
    struct Key: Hashable {
      let place: Int
      let norm: EnclosingBox.Ball.Norm
    }

    let known = Mutex<[Key: [Double]]>([:])
  }

  /// How many values' coefficients are computed at once.
  private static let rows = 64

  init(_ adjoints: Adjoints, input: Int, at places: Set<Int>) {
    self.adjoints = adjoints
    self.input = input
    self.places = places
  }

  /// The part of an enclosure that values of balls can reach.
  ///
  /// - Parameters:
  ///   - values: A row for each box.
  ///   - place: The node that has them.
  ///   - centers: The same at the centers of the balls.
  ///   - boxes: The boxes.
  /// - Returns: The part of each row.
  func narrowed(
    _ values: Enclosure, at place: Int, around centers: Enclosure, _ boxes: [EnclosingBox]
  ) -> Enclosure {
    var (lower, upper) = values.ends
    let (least, most) = centers.ends
    let width = lower.count / max(1, boxes.count)
    for (row, box) in boxes.enumerated() {
      guard let ball = box.ball else { continue }
      let sizes = sizes(at: place, count: width, of: ball)
      for i in 0..<width {
        let index = row * width + i
        let distance = (ball.radius * sizes[i]).nextUp + Rounding.underflow
        // What has no number stays so.
        let (below, above) = ((least[index] - distance).nextDown, (most[index] + distance).nextUp)
        if below > lower[index] { lower[index] = below }
        if above < upper[index] { upper[index] = above }
      }
    }
    return Enclosure(.ends(lower: lower, upper: upper))
  }

  private func sizes(at place: Int, count: Int, of ball: EnclosingBox.Ball) -> [Double] {
    let key = Norms.Key(place: place, norm: ball.norm)
    return norms.known.withLock { known in
      if let sizes = known[key] { return sizes }
      var sizes: [Double] = []
      while sizes.count < count {
        let part = sizes.count..<min(sizes.count + Self.rows, count)
        var rows = Tensor<Double>.zeros(
          adjoints.extents(of: place).shape(batch: part.count))
        for (row, element) in part.enumerated() { rows[row * count + element] = 1 }
        let coefficients = adjoints.inputCoefficients(
          of: Enclosure(.exact(rows)), at: place, input: input)
        let (factors, errors) = coefficients.centered
        let width = factors.count / part.count
        for row in 0..<part.count {
          let magnitudes = (0..<width).map {
            (abs(factors[row * width + $0]) + errors[row * width + $0]) * Rounding.outward
          }
          sizes.append(ball.size(of: magnitudes, count: width))
        }
      }
      known[key] = sizes
      return sizes
    }
  }
}
