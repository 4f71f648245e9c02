public import Graphs
public import Models
import Tensors

/// Helper-based adversarial training: examples moved further than the attack are labelled by a network without robustness,
/// so that accuracy suffers less.
///
/// CE(f(x), y) + beta KL(f(x) || f(x')) + gamma CE(f(x + 2 (x' - x)), label of the helper at x').
///
/// Rade and Moosavi-Dezfooli, "Reducing excessive margin to achieve a better accuracy vs. robustness trade-off", 2022,
/// https://openreview.net/forum?id=Azh9QBQ4tR7.
public struct HelperTraining: TrainingMethod {
  /// A network of the same input and classes, trained without an adversary.
  public var helper: any BatchedModel
  /// The helper in words, which name the recipe.
  public var helperWords: String
  /// Who finds x', and where: a `TrainingAscent` in the paper.
  public var adversary: Recipe.Adversary
  /// The weight of the divergence.
  public var beta: Double
  /// The weight of the helper's examples.
  public var gamma: Double

  /// Creates the method.
  public init(
    _ adversary: Recipe.Adversary, helper: any BatchedModel, named helperWords: String,
    beta: Double = 2.5, gamma: Double = 0.5
  ) {
    (self.adversary, self.helper, self.helperWords) = (adversary, helper, helperWords)
    (self.beta, self.gamma) = (beta, gamma)
  }

  /// The method, its constants, the helper and the threat.
  public var description: String {
    "hat, beta \(beta), gamma \(gamma), helper \(helperWords), \(adversary.description)"
  }

  /// The three terms.
  public func loss(in builder: inout LossBuilder) throws -> Value {
    let clean = try builder.scores(of: builder.input)
    let moved = try builder.scores(of: builder.input("adversarial"))
    let further = try builder.scores(of: builder.input("further"))
    let entropy = try builder.crossEntropy(clean)
    let divergence = try builder.mean(try builder.divergence(clean, moved))
    let help = try builder.crossEntropy(further, with: builder.classes("helper's classes"))
    let robust = try builder.graph.add(
      entropy, try builder.graph.scale(divergence, by: Float(beta)))
    return try builder.graph.add(robust, try builder.graph.scale(help, by: Float(gamma)))
  }

  /// Attacks, and asks the helper.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    let found = try await session.inputs(of: adversary, for: batch)
    let shape = batch.exampleShape.prepending(batch.count)
    let outputs = try await helper.outputs(of: Tensor(found, shape: shape))
    let width = helper.outputCount
    let classes = (0..<batch.count).map { row in
      let scores = outputs.scalars[row * width..<(row + 1) * width]
      let largest = scores.indices.max { scores[$0] < scores[$1] } ?? scores.startIndex
      return Float(largest - scores.startIndex)
    }
    let further = zip(batch.values, found).map { 2 * $1 - $0 }
    return ["adversarial": found, "further": further, "helper's classes": classes]
  }
}
