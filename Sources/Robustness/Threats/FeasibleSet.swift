public import Tensors

/// A closed convex set of parameters around one example, with the operations attacks are made of.
///
/// All tensors have the shape of `center`; other shapes are programmer errors and trap, except in
/// `contains`, which says no.
public protocol FeasibleSet: Sendable {
  /// The parameters that leave the example as it is.
  var center: Tensor<Float> { get }

  /// The size of the threat in its norm; the length of one full step.
  var radius: Double { get }

  /// The smallest box around the set: what interval bounds start from.
  var hull: Box { get }

  /// The nearest point of the set in the Euclidean sense; a point of the set is returned as it is.
  ///
  /// Coordinates that are NaN come back somewhere inside.
  func projection(of point: Tensor<Float>) -> Tensor<Float>

  /// The point of the set at which the linear function with this gradient is largest.
  ///
  /// Coordinates with a zero (or NaN) gradient stay at the center.
  func maximizer(of gradient: Tensor<Float>) -> Tensor<Float>

  /// The step of unit norm that raises the linear function with this gradient most.
  ///
  /// Coordinates with a zero (or NaN) gradient stay; a zero gradient gives zero.
  func direction(of gradient: Tensor<Float>) -> Tensor<Float>

  /// A point of the set that one step of ascent reaches: from `point` along the steepest direction of a linear
  /// function by `length`, and back into the set. Where a coordinate has no room left, sparse norms take the next.
  func step(
    from point: Tensor<Float>, along gradient: Tensor<Float>, length: Double
  ) -> Tensor<Float>

  /// A random point of the set.
  func sample(using randomness: inout Philox) -> Tensor<Float>

  /// Whether a point belongs to the set: evaluated in double precision, without tolerance.
  func contains(_ point: Tensor<Float>) -> Bool

  /// The distance from the center in the threat's norm, in double precision.
  func distance(of point: Tensor<Float>) -> Double
}

extension FeasibleSet {
  /// The projection of `point` moved along `direction(of: gradient)`.
  public func step(
    from point: Tensor<Float>, along gradient: Tensor<Float>, length: Double
  ) -> Tensor<Float> {
    projection(of: point + Float(length) * direction(of: gradient))
  }

  /// Whether a point lies in the hull and within the radius.
  func contains(_ point: Tensor<Float>) -> Bool {
    hull.contains(point) && distance(of: point) <= radius
  }

  /// The radius that points are made for where distances are sums: any order of summation then finds them inside
  /// `radius`.
  var safeRadius: Double {
    radius * (1 - max(1e-12, Double(center.count) * 4 * Double.ulpOfOne))
  }
}

/// A region with the steps and projections of another, of which `contains` and `distance` say something else.
protocol RegionWrapper: FeasibleSet {
  /// The region that steps and projections are those of.
  var base: any FeasibleSet { get }
}

extension RegionWrapper {
  var center: Tensor<Float> { base.center }
  var radius: Double { base.radius }
  var hull: Box { base.hull }

  func projection(of point: Tensor<Float>) -> Tensor<Float> { base.projection(of: point) }
  func maximizer(of gradient: Tensor<Float>) -> Tensor<Float> { base.maximizer(of: gradient) }
  func direction(of gradient: Tensor<Float>) -> Tensor<Float> { base.direction(of: gradient) }
  func step(
    from point: Tensor<Float>, along gradient: Tensor<Float>, length: Double
  ) -> Tensor<Float> { base.step(from: point, along: gradient, length: length) }
  func sample(using randomness: inout Philox) -> Tensor<Float> {
    base.sample(using: &randomness)
  }
}
