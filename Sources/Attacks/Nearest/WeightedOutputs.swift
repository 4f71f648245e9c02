import Robustness

/// One output, or the sum of all the others.
struct WeightedOutputs: Objective {
  let output: Int
  let isSumOfOthers: Bool

  func value(
    of outputs: UnsafeBufferPointer<Float>, cotangent: UnsafeMutableBufferPointer<Float>?
  ) -> Double {
    var sum = 0.0
    for index in outputs.indices where (index == output) != isSumOfOthers {
      sum += Double(outputs[index])
    }
    guard let cotangent else { return sum }
    for index in outputs.indices {
      cotangent[index] = (index == output) != isSumOfOthers && !sum.isNaN ? 1 : 0
    }
    return sum
  }
}
