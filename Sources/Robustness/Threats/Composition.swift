public import Tensors

/// Threats one after the other, from left to right: `linf:0.1+rotation:10` adds noise, then rotates.
///
/// z is one row with the parameters of each. Neighbouring rotations and shifts are one reading of the picture.
public struct Composition: ThreatModel {
  /// The threats, in their order.
  public let threats: [any ThreatModel]
  /// What is applied one after the other: the first for the example itself.
  private let stages: [any ThreatModel]

  /// Creates a composition of two threats or more.
  ///
  /// - Precondition: None of them is an `Either`.
  public init(_ threats: [any ThreatModel]) {
    precondition(threats.count > 1, "a composition of \(threats.count) threats")
    precondition(threats.allSatisfy { $0.alternatives.count == 1 }, "a choice inside a composition")
    self.threats = threats
    var stages: [any ThreatModel] = []
    var motions: [any AffineChange] = []
    for (place, threat) in threats.enumerated() {
      if let motion = threat as? any AffineChange {
        motions.append(motion)
        continue
      }
      if let first = motions.first { stages.append(Motion(motions, bounds: first.bounds)) }
      motions = []
      stages.append(place == 0 ? threat : threat.afterAnotherChange)
    }
    if let first = motions.first { stages.append(Motion(motions, bounds: first.bounds)) }
    self.stages = stages
  }

  /// The product of the threats' regions, each relative to its own radius.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    ProductRegion(try regions(around: x))
  }

  /// Makes sure that the example fits every threat.
  public func check(_ x: Tensor<Float>) throws { for threat in stages { try threat.check(x) } }

  /// The text form, joined by +.
  public var description: String { threats.map { "\($0)" }.joined(separator: "+") }

  /// The same, for an input that is not known beforehand.
  public var afterAnotherChange: any ThreatModel {
    Composition([threats[0].afterAnotherChange] + threats.dropFirst())
  }

  /// Applies the threats from left to right.
  public func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float> {
    zip(stages, split(z, x)).reduce(x) { $1.0.apply($1.1, to: $0) }
  }

  /// The gradient with respect to all parameters, by the chain rule from right to left.
  public func pullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> { gradients(gradient, at: z, of: x, needsInput: false).z }

  /// The gradient with respect to the example.
  public func inputPullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> { gradients(gradient, at: z, of: x, needsInput: true).input }

  private func gradients(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>, needsInput: Bool
  ) -> (z: Tensor<Float>, input: Tensor<Float>) {
    let pieces = split(z, x)
    var inputs = [x]
    for (stage, piece) in zip(stages, pieces).dropLast() {
      inputs.append(stage.apply(piece, to: inputs[inputs.count - 1]))
    }
    var slopes = gradient
    var results: [Tensor<Float>] = []
    for index in stages.indices.reversed() {
      let (stage, piece, input) = (stages[index], pieces[index], inputs[index])
      results.append(stage.pullback(slopes, at: piece, of: input))
      if index > 0 || needsInput { slopes = stage.inputPullback(slopes, at: piece, of: input) }
    }
    return (ProductRegion.joined(results.reversed()), slopes)
  }

  private func regions(around x: Tensor<Float>) throws -> [any FeasibleSet] {
    try stages.flatMap { stage in
      let region = try stage.region(around: x)
      // Motions are joined for their reading alone.
      if stage is Motion, let product = region as? ProductRegion { return product.parts }
      return [region]
    }
  }

  /// The parameters of each stage, in its shape.
  private func split(_ z: Tensor<Float>, _ x: Tensor<Float>) -> [Tensor<Float>] {
    ProductRegion.split(z, into: stages.map { Composition.shape(of: $0, for: x) })
  }

  /// The shape of the parameters of a threat.
  private static func shape(of stage: any ThreatModel, for x: Tensor<Float>) -> Shape {
    if stage is Ball || stage is BallChange { return x.shape }
    return checked { try stage.region(around: x).center.shape }
  }
}

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
    return ProductRegion.split(point, into: parts.map(\.center.shape))
  }

  /// The parts of one row, from its beginning.
  static func split(_ row: Tensor<Float>, into shapes: [Shape]) -> [Tensor<Float>] {
    var first = 0
    return shapes.map { shape in
      precondition(first + shape.count <= row.count, "parameters of shape \(row.shape)")
      defer { first += shape.count }
      return Tensor(Array(row.scalars[first..<first + shape.count]), shape: shape)
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

/// A choice of the adversary between threats: `linf:0.3|l2:2`.
///
/// The runner runs an attack on each alternative in turn until one is broken, and trains on the worst (the "max"
/// strategy of Tramèr and Boneh, "Adversarial training and robustness for multiple perturbations", 2019,
/// https://arxiv.org/abs/1904.13000). Asked as a threat itself, it is its first alternative.
public struct Either: ThreatModel {
  /// The threats, in the order in which they are tried.
  public let alternatives: [any ThreatModel]

  /// Creates a choice of two threats or more.
  public init(_ threats: [any ThreatModel]) {
    precondition(threats.count > 1, "a choice of \(threats.count) threats")
    alternatives = threats.flatMap(\.alternatives)
  }

  /// The region of the first alternative.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try alternatives[0].region(around: x)
  }

  /// Makes sure that the example fits every alternative.
  public func check(_ x: Tensor<Float>) throws {
    for threat in alternatives { try threat.check(x) }
  }

  /// The text form, joined by |.
  public var description: String { alternatives.map { "\($0)" }.joined(separator: "|") }

  /// The input of the first alternative.
  public func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float> {
    alternatives[0].apply(z, to: x)
  }

  /// The gradient of the first alternative.
  public func pullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> { alternatives[0].pullback(gradient, at: z, of: x) }
}
