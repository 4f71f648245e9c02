import Certificates
public import Graphs
import Optimizers
public import Robustness
public import Tensors

/// Certified training by interval bounds: minimises a surely upper bound of the worst loss in a box.
///
/// kappa CE(f(x), y) + (1 - kappa) CE(worst margins, y), with the margins' upper bounds by interval bound propagation and the
/// last layer merged with the difference of classes; optionally mixed with the linear bound of CROWN-IBP. The box grows from
/// the example to the threat's over the ramp, kappa falls from 1 meanwhile, and two penalties that keep intervals narrow and
/// ReLUs balanced fade.
///
/// Gowal et al. 2018, https://arxiv.org/abs/1810.12715; Zhang et al. 2020, https://arxiv.org/abs/1906.06316; penalties and
/// first weights of Shi et al. 2021, https://arxiv.org/abs/2103.17268. Cost: three passes of the network per example; with
/// linear bounds one backward pass for each class besides.
public struct IntervalTraining: TrainingMethod {
  /// What may be done to an example; its smallest box counts.
  public var threat: any ThreatModel
  /// The threat in words.
  public var threatWords: String
  /// The weight of the natural loss at the end of the ramp.
  public var kappa = 0.5
  /// The share of the training before the box begins to grow.
  public var warmUp = 0.02
  /// The share of the training at which the box is whole.
  public var ramp = 0.4
  /// The weight of the penalties before the box grows.
  public var penalty = 0.5
  /// The weight of the sum of the weights' magnitudes; 0 for none.
  public var magnitudeWeight = 0.0
  /// Whether linear bounds take the place of intervals early in the ramp (CROWN-IBP).
  public var usesLinearBounds = false

  /// Creates the method.
  public init(_ threat: any ThreatModel, words: String) {
    (self.threat, threatWords) = (threat, words)
  }

  /// The inputs of the loss.
  enum Name {
    static let lower = "lower"
    static let upper = "upper"
    static let kappa = "kappa"
    static let penalty = "penalty"
    static let beta = "beta"
  }

  /// The method, its constants and the threat.
  public var description: String {
    (usesLinearBounds ? "crown-ibp" : "ibp") + ", kappa \(kappa), " + words
  }

  /// The constants that the methods of interval bounds share, and the threat.
  var words: String {
    "ramp \(warmUp) to \(ramp), penalty \(penalty)"
      + (magnitudeWeight > 0 ? ", l1 \(magnitudeWeight)" : "") + ", within \(threatWords)"
  }

  /// The mixed loss.
  public func loss(in builder: inout LossBuilder) throws -> Value {
    try loss(in: &builder, natural: { try $0.crossEntropy($1) })
  }

  /// The loss with another one in the place of the natural one, which is given the scores of the examples.
  func loss(
    in builder: inout LossBuilder,
    natural makeNatural: (inout LossBuilder, _ scores: Value) throws -> Value
  ) throws -> Value {
    let scores = try builder.scores(of: builder.input)
    let box = Interval(lower: builder.input(Name.lower), upper: builder.input(Name.upper))
    var bounds = try builder.graph.intervalBounds(of: [scores], over: [builder.input: box])
    var margins = try bounds.worstMargins(
      scores: scores, labels: builder.labels, in: &builder.graph)
    if usesLinearBounds {
      let linear = try bounds.linearMargins(
        scores: scores, labels: builder.labels, lowerSlope: .zero, in: &builder.graph)
      margins = try builder.mix(linear, margins, by: builder.scalar(Name.beta))
    }
    let natural = try makeNatural(&builder, scores)
    let robust = try builder.crossEntropy(margins)
    var loss = try builder.mix(natural, robust, by: builder.scalar(Name.kappa))
    if penalty > 0 {
      // Its means are over all rows of the plan.
      builder.countsAllRows = true
      let penalties = try builder.graph.add(
        try bounds.tightnessPenalty(in: &builder.graph),
        try bounds.balancePenalty(in: &builder.graph))
      loss = try builder.graph.add(
        loss, try builder.graph.multiply(penalties, builder.scalar(Name.penalty)))
    }
    if magnitudeWeight > 0, let magnitudes = try builder.weightMagnitudes() {
      loss = try builder.graph.add(
        loss, try builder.graph.scale(magnitudes, by: Float(magnitudeWeight)))
    }
    return loss
  }

  /// The share of the box at the step to come, from 0 to 1.
  func growth(by session: TrainingSurroundings) -> Double {
    let (step, total) = (session.step + 1, session.total)
    return Ramp.smooth(from: 0, to: 1, between: warmUp...max(ramp, warmUp)).value(
      at: step, of: total)
  }

  /// The box of each example, and the weights of the step.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    try inputs(around: batch.values, of: batch, in: threat, by: session)
  }

  /// The boxes of a threat around some points, a share of the way from each to the ends of the threat's hull, and the
  /// weights of the step.
  func inputs(
    around points: [Float], of batch: TrainingBatch, in threat: any ThreatModel,
    by session: TrainingSurroundings
  ) throws -> [String: [Float]] {
    let growth = growth(by: session)
    let (lower, upper) = try box(
      around: points, of: batch.exampleShape, in: threat, grown: Float(growth))
    return [
      Name.lower: lower, Name.upper: upper, Name.kappa: [Float(1 - (1 - kappa) * growth)],
      Name.penalty: [Float(penalty * (1 - growth))], Name.beta: [Float(1 - growth)],
    ]
  }

  private func box(
    around points: [Float], of shape: Shape, in threat: any ThreatModel, grown growth: Float
  ) throws -> (lower: [Float], upper: [Float]) {
    var (lower, upper) = (points, points)
    let size = shape.count
    try lower.withUnsafeMutableBufferPointer { lower in
      try upper.withUnsafeMutableBufferPointer { upper in
        for first in stride(from: 0, to: points.count, by: size) {
          let point = Tensor(Array(points[first..<first + size]), shape: shape)
          let hull = try threat.region(around: point).hull
          hull.lower.withUnsafeScalars { least in
            hull.upper.withUnsafeScalars { most in
              for place in 0..<size {
                let index = first + place
                lower[index] -= growth * (lower[index] - least[place])
                upper[index] += growth * (most[place] - upper[index])
              }
            }
          }
        }
      }
    }
    return (lower, upper)
  }

  /// Weights whose intervals neither grow nor shrink from layer to layer.
  public func firstWeights(of graph: Graph, from key: RandomKey) -> [String: Tensor<Float>] {
    IntervalInitialization.weights(of: graph, from: key)
  }
}
