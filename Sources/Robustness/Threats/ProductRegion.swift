import Tensors

/// The product of several sets: a point is a point of each, one after the other.
///
/// Sizes are relative to each part's radius, so the radius of the product is 1, and a step of some length moves every
/// part by that share of its own radius.
struct ProductRegion: FeasibleSet {
  let parts: [any FeasibleSet]
  let center: Tensor<Float>
  let hull: Box
  let radius = 1.0

  init(_ parts: [any FeasibleSet]) {
    self.parts = parts
    center = ProductRegion.joined(parts.map(\.center))
    hull = Box(
      lower: ProductRegion.joined(parts.map(\.hull.lower)),
      upper: ProductRegion.joined(parts.map(\.hull.upper)))
  }

  func projection(of point: Tensor<Float>) -> Tensor<Float> {
    each(point) { $0.projection(of: $1) }
  }

  func maximizer(of gradient: Tensor<Float>) -> Tensor<Float> {
    each(gradient) { $0.maximizer(of: $1) }
  }

  func direction(of gradient: Tensor<Float>) -> Tensor<Float> {
    each(gradient) { Float($0.radius) * $0.direction(of: $1) }
  }

  func step(
    from point: Tensor<Float>, along gradient: Tensor<Float>, length: Double
  ) -> Tensor<Float> {
    let points = split(point)
    let gradients = split(gradient)
    return ProductRegion.joined(
      parts.indices.map { index in
        let part = parts[index]
        return part.step(
          from: points[index], along: gradients[index], length: length * part.radius)
      })
  }

  func sample(using randomness: inout Philox) -> Tensor<Float> {
    var points: [Tensor<Float>] = []
    for part in parts { points.append(part.sample(using: &randomness)) }
    return ProductRegion.joined(points)
  }

  func contains(_ point: Tensor<Float>) -> Bool {
    guard point.shape == center.shape else { return false }
    return zip(parts, split(point)).allSatisfy { $0.contains($1) }
  }

  func distance(of point: Tensor<Float>) -> Double {
    zip(parts, split(point)).reduce(0) { largest, pair in
      let distance = pair.0.distance(of: pair.1)
      if distance.isNaN { return distance }
      return distance == 0 ? largest : max(largest, distance / pair.0.radius)
    }
  }

  /// The parts of a point.
  func split(_ point: Tensor<Float>) -> [Tensor<Float>] {
    precondition(point.count == center.count, "a point of shape \(point.shape)")
    var first = 0
    return parts.map { part in
      let shape = part.center.shape
      defer { first += shape.count }
      return Tensor(Array(point.scalars[first..<first + shape.count]), shape: shape)
    }
  }

  /// One row of all values.
  static func joined(_ points: [Tensor<Float>]) -> Tensor<Float> {
    let scalars = points.flatMap(\.scalars)
    return Tensor(scalars, shape: [scalars.count])
  }

  private func each(
    _ point: Tensor<Float>, _ body: (any FeasibleSet, Tensor<Float>) -> Tensor<Float>
  ) -> Tensor<Float> {
    ProductRegion.joined(zip(parts, split(point)).map { body($0, $1) })
  }
}
