public import Models
import Robustness
import Tensors

/// Layer-wise relevance propagation: the score is shared out from the outputs back, in each layer among what it adds
/// up.
///
///     R_i = sum over j of a_i w_ij R_j / (z_j + epsilon sign(z_j)),  z_j = sum over i of a_i w_ij + b_j.
///
/// Activations through zero, reshapes and poolings of the largest hand relevance on, sums of branches share it by their
/// summands; batch normalisations are folded into the layers before them. Nothing is lost but what biases and epsilon
/// take, which is told as a gap. Bach, Binder, Montavon, Klauschen, Müller and Samek, 2015,
/// https://doi.org/10.1371/journal.pone.0130140; gamma and composites: Montavon et al., 2019,
/// https://doi.org/10.1007/978-3-030-28954-6_10.
///
/// Cost: about one gradient for each example.
public struct RelevancePropagation: AttributionMethod {
  /// The name on the command line.
  public static let name = "lrp"
  /// It goes back through the graph.
  public static let knowledge = Knowledge.graph
  /// Logits and margins, which are sums; a probability is none.
  public static let scores: [ClassScore] = [.logit, .margin]

  /// How layers share relevance.
  public var rule = RelevanceRule.epsilon
  /// What keeps denominators away from zero.
  public var epsilon = 1e-6
  /// By how much products of a sum's own sign count more, in the rule of that name.
  public var gamma = 0.25

  /// The options.
  public static let options: [AttributionOption<Self>] = [
    .choice("rule", \.rule, "how layers share relevance"),
    .number("epsilon", \.epsilon, 1e-9...1000, "what keeps denominators away from zero"),
    .number("gamma", \.gamma, 0...1000, "by how much products of a sum's sign count more"),
  ]

  /// Parts of the score.
  public var unit: Attribution.Unit { .score }

  /// Creates the method.
  public init() {}

  /// The relevances.
  public func findings(
    for request: AttributionRequest, of score: ClassScore
  ) async throws -> [AttributionFinding] {
    guard let network = request.network else {
      throw AttributionError.knowledge(.graph, method: Self.name, revealed: request.model.knowledge)
    }
    let form = try NetworkForm(network)
    var way = RelevanceGraph(form, rule, epsilon: epsilon, gamma: gamma)
    let relevance = try way.relevance()
    let runner = try form.run(
      way.builder, computing: [("relevance", relevance), ("outputs", form.logits)])
    let outputs = try await request.model.outputs(
      of: request.inputs, batch: request.batch, isExact: true)
    var findings: [AttributionFinding] = []
    for part in request.parts {
      let seeds = part.map { row in
        Tensor(
          score.slope(of: request.classes[row], in: outputs.row(row).scalars),
          shape: outputs.shape.droppingFirst)
      }
      var inputs = form.inputs(
        request.inputs.rows(part), classes: Array(request.classes[part]))
      inputs[RelevanceGraph.seed] = .stacking(seeds)
      let found = try await runner.run(inputs, rows: part.count)
      guard let maps = found["relevance"], let logits = found["outputs"] else {
        preconditionFailure("relevances are outputs")
      }
      for row in 0..<part.count {
        findings.append(
          AttributionFinding(
            maps.row(row), passes: .gradients(1), expectedSum: seeds[row].dot(logits.row(row))))
      }
      request.progress(part.upperBound)
    }
    return findings
  }
}
