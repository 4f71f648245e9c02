import Robustness
import Tensors

/// A point of an ascent with what the model says of it.
struct Peak {
  let point: Tensor<Float>
  let gradient: Tensor<Float>
  let loss: Double
  let margin: Double
  let reachesGoal: Bool

  init(_ point: Tensor<Float>, _ answer: Answer) {
    self.point = point
    gradient = answer.gradient
    loss = answer.loss
    margin = answer.margin
    reachesGoal = answer.reachesGoal
  }

  /// Whether an answer has a larger loss; every number is larger than NaN.
  func isBelow(_ answer: Answer) -> Bool {
    answer.loss > loss || (loss.isNaN && !answer.loss.isNaN)
  }
}
