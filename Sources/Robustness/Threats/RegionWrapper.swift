import Tensors

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
