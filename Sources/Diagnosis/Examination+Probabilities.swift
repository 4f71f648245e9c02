import Graphs
import Networks
import Tensors

extension Examination {
  /// Outputs that are probabilities, by what the graph ends in or else by their values; and how to read them.
  ///
  /// Values alone say little: cosines lie in 0...1 too. So where the graph ends in something affine they are scores.
  static func probabilities(
    _ outputs: Tensor<Float>, _ network: Network?
  ) -> (findings: [Finding], reading: Reading) {
    let (rows, classes) = (outputs.shape[0], outputs.shape[1])
    let ending = network.map { Ending($0.graph) } ?? .unknown
    guard rows > 0, ending != .plain, outputs.scalars.allSatisfy({ 0...1 ~= $0 }) else {
      return ([], .logits)
    }
    let areSums = (0..<rows).allSatisfy { row in
      abs(outputs.row(row).scalars.reduce(0) { $0 + Double($1) } - 1) < 1e-3
    }
    if classes > 1, ending == .softmax || ending == .unknown && areSums {
      return (
        [
          Finding(
            .probabilities,
            "the outputs of all \(rows) examples lie in 0...1 and sum to 1: probabilities, not logits",
            mend: "gradients of attacks vanish through a softmax: take the network before it")
        ], .softmax
      )
    }
    guard ending == .sigmoid || ending == .unknown && spread(outputs) else {
      return ([], .logits)
    }
    return ([sigmoids(outputs)], .sigmoids)
  }

  /// Whether there are enough values for their range to be no accident: of several outputs some on both sides of a
  /// half, or some at its very end, where cosines never are.
  private static func spread(_ outputs: Tensor<Float>) -> Bool {
    let values = outputs.scalars
    guard outputs.shape[0] >= 20 else { return false }
    return outputs.shape[1] == 1 || values.contains { $0 > 0.5 } && values.contains { $0 < 0.5 }
      || values.count { $0 == 1 } * 20 >= values.count
  }

  /// What is wrong with the outputs of sigmoids where classes are wanted.
  static func sigmoids(_ outputs: Tensor<Float>) -> Finding {
    let rows = outputs.shape[0]
    guard outputs.shape[1] > 1 else {
      return Finding(
        .probabilities,
        "the single output of all \(rows) examples lies in 0...1, as a probability would",
        mend: "a single output is judged by its sign: take the network before its sigmoid")
    }
    let tied = Int((Reading.tiedShare(outputs) * Double(rows)).rounded())
    return Finding(
      .probabilities,
      "the outputs of all \(rows) examples lie in 0...1 and do not sum to 1, as those of sigmoids do"
        + (tied == 0
          ? "" : "; the largest of \(tied) examples are equal, since single precision ends near 1"),
      mend: "gradients of attacks vanish through sigmoids: take the network before its sigmoids")
  }

  /// A single output in 0...1 that tells the classes apart at a half, but not at zero.
  static func half(_ patient: Patient, _ outputs: Tensor<Float>) -> [Finding] {
    guard outputs.shape[1] == 1, outputs.scalars.allSatisfy({ 0...1 ~= $0 }) else { return [] }
    let (own, other) = (
      Verdict(outputs, patient.labels), Verdict(outputs.map { $0 - 0.5 }, patient.labels)
    )
    return Comparison(own.correct, other.correct).isBetter ? [sigmoids(outputs)] : []
  }
}
