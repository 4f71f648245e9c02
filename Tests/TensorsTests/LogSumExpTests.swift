import Tensors
import Testing

@Suite struct LogSumExpTests {
  @Test func `probabilities are shares of exponentials`() {
    let softmax = LogSumExp([1, -2, 0.5])
    let exponentials = [1, -2, 0.5].map { Double.exp($0) }
    let sum = exponentials.reduce(0, +)
    #expect(abs(softmax.value - Double.log(sum)) < 1e-15)
    for (found, expected) in zip(softmax.probabilities, exponentials) {
      #expect(abs(found - expected / sum) < 1e-15)
    }
    #expect(softmax.largest == 1 && softmax.exponentials[0] == 1)
  }

  @Test func `large logits do not overflow, and NaN stays`() {
    let softmax = LogSumExp([1e6, 1e6 - 1, -1e300])
    #expect(softmax.value == 1e6 + Double.log(1 + Double.exp(-1)))
    #expect(softmax.probabilities[2] == 0)
    #expect(LogSumExp([0, .nan]).sum.isNaN && LogSumExp([.nan, 0]).probabilities[1].isNaN)
    #expect(LogSumExp([]).sum == 0)
  }
}
