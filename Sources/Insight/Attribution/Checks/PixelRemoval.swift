import Tensors

/// How fast a class's probability falls where pixels are removed in the order of a map, and rises where they are put
/// back into a blurred picture, compared with random orders.
///
/// What matters most comes first. The area under the curve of deletion is small for a good map, and that of insertion
/// large. Petsiuk, Das and Saenko, 2018, https://arxiv.org/abs/1806.07421.
public struct PixelRemoval: Sendable, Hashable, Codable {
  /// The probability against the share of pixels that were changed.
  public struct Curve: Sendable, Hashable, Codable {
    /// From 0 to 1.
    public let shares: [Double]
    /// The probability at each.
    public let probabilities: [Double]

    /// The area under the curve, by trapezoids.
    public var area: Double {
      shares.indices.dropFirst().reduce(0) { sum, place in
        let width = shares[place] - shares[place - 1]
        return sum + width * (probabilities[place] + probabilities[place - 1]) / 2
      }
    }
  }

  /// The areas of random orders.
  public struct RandomOrders: Sendable, Hashable, Codable {
    /// One for each order.
    public let areas: [Double]

    /// Their mean.
    public var mean: Double { areas.reduce(0, +) / Double(max(areas.count, 1)) }

    /// The 95 % interval of the mean, by Student's distribution.
    public var interval: ClosedRange<Double> {
      let squares = areas.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let count = Double(areas.count)
      let deviation = areas.count > 1 ? (squares / (count - 1)).squareRoot() : 0
      let half = PixelRemoval.quantile * deviation / max(count, 1).squareRoot()
      return mean - half...mean + half
    }
  }

  /// Pixels replaced by the least value, what matters most first.
  public let deletion: Curve
  /// Pixels put into the blurred input, what matters most first.
  public let insertion: Curve
  /// The same in random orders.
  public let randomDeletion: RandomOrders
  /// The same in random orders.
  public let randomInsertion: RandomOrders

  /// Random orders that maps are compared with, and the quantile of Student's distribution for as many.
  static let (orders, quantile) = (10, 2.262_157_162_740_992)
  /// Steps of a curve.
  private static let steps = 28

  /// Removes and puts back pixels of one example.
  ///
  /// - Parameters:
  ///   - maps: The maps of the example.
  ///   - request: The model and the one example.
  /// - Returns: A measurement for each map, all with the same random orders.
  /// - Throws: What the model throws.
  package static func measure(
    _ maps: [Attribution], _ request: AttributionRequest
  ) async throws -> [PixelRemoval] {
    let input = request.inputs.row(0)
    let area = input.shape.pixelCount
    let empty = Tensor<Float>(repeating: request.bounds.lowerBound, shape: input.shape)
    let start: Tensor<Float> =
      PicturePlanes(input.shape) == nil
      ? empty
      : try Baseline.blur(Double(min(input.shape[input.shape.rank - 1], 64)) / 8).values(for: input)
    let random = (0..<orders).map { number in
      var generator = RandomKey(seed: request.seed).child("orders").child(number).generator
      return generator.permutation(of: area)
    }
    let own = maps.map { map -> [Int] in
      let places = map.places
      return places.indices.sorted { (places[$1], $0) < (places[$0], $1) }
    }
    let deletions = try await curves(own + random, from: input, to: empty, request)
    let insertions = try await curves(own + random, from: start, to: input, request)
    let randomDeletion = RandomOrders(areas: deletions.dropFirst(own.count).map(\.area))
    let randomInsertion = RandomOrders(areas: insertions.dropFirst(own.count).map(\.area))
    return own.indices.map {
      PixelRemoval(
        deletion: deletions[$0], insertion: insertions[$0], randomDeletion: randomDeletion,
        randomInsertion: randomInsertion)
    }
  }

  /// The curve of each order in which the pixels of one input become those of another.
  private static func curves(
    _ orders: [[Int]], from first: Tensor<Float>, to last: Tensor<Float>,
    _ request: AttributionRequest
  ) async throws -> [Curve] {
    let area = first.shape.pixelCount
    let steps = min(steps, area)
    let counts = (0...steps).map { area * $0 / steps }
    let values = try await request.scores(
      count: orders.count * counts.count, of: request.classes[0], .probability
    ) { part in
      .stacking(
        part.map { position in
          var mixed = first
          let order = orders[position / counts.count]
          for pixel in order.prefix(counts[position % counts.count]) {
            for place in stride(from: pixel, to: mixed.count, by: area) {
              mixed[place] = last[place]
            }
          }
          return mixed
        })
    }
    return orders.indices.map { order in
      Curve(
        shares: counts.map { Double($0) / Double(max(area, 1)) },
        probabilities: counts.indices.map { values[order * counts.count + $0] })
    }
  }
}
