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
      stages.append(place == 0 ? threat : threat.following)
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
  public var following: any ThreatModel {
    Composition([threats[0].following] + threats.dropFirst())
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
    var first = 0
    return stages.map { stage in
      let shape = Composition.shape(of: stage, for: x)
      precondition(first + shape.count <= z.count, "parameters of shape \(z.shape)")
      defer { first += shape.count }
      return Tensor(Array(z.scalars[first..<first + shape.count]), shape: shape)
    }
  }

  /// The shape of the parameters of a threat.
  private static func shape(of stage: any ThreatModel, for x: Tensor<Float>) -> Shape {
    if stage is Ball || stage is BallChange { return x.shape }
    do {
      return try stage.region(around: x).center.shape
    } catch {
      preconditionFailure("the example was checked when its problem was made: \(error)")
    }
  }
}
