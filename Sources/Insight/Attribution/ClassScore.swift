import Robustness
import Tensors

/// The number whose reasons are asked for: what a model says of one class.
///
/// Of a single output z, class 1 has the logit z and class 0 the logit -z, which are also the margins.
public enum ClassScore: String, CaseIterable, Sendable, Codable {
  /// The class's output as it is.
  case logit
  /// The softmax of the outputs, or the logistic function of a single one; the output itself where the outputs
  /// are probabilities already.
  case probability
  /// By how much the class's output leads over the largest other.
  case margin

  /// The score of a class.
  ///
  /// - Parameters:
  ///   - label: The class.
  ///   - outputs: One example's outputs.
  /// - Returns: The score.
  public func value(of label: Int, in outputs: [Float]) -> Double {
    if outputs.count == 1 {
      let logit = Double(label == 1 ? outputs[0] : -outputs[0])
      return self == .probability ? ClassScore.logistic(logit) : logit
    }
    switch self {
    case .logit: return Double(outputs[label])
    case .margin:
      return Double(outputs[label]) - Double(outputs[ClassScore.rival(of: label, in: outputs)])
    case .probability:
      if ClassScore.areProbabilities(outputs) { return Double(outputs[label]) }
      return LogSumExp(outputs.map(Double.init)).probabilities[label]
    }
  }

  /// The derivative of a class's score with respect to each output; at a tie of others, that of the first.
  ///
  /// - Parameters:
  ///   - label: The class.
  ///   - outputs: One example's outputs.
  /// - Returns: As many numbers as there are outputs.
  public func slope(of label: Int, in outputs: [Float]) -> [Float] {
    if outputs.count == 1 {
      let sign: Float = label == 1 ? 1 : -1
      guard self == .probability else { return [sign] }
      let share = value(of: label, in: outputs)
      return [sign * Float(share * (1 - share))]
    }
    var slope = [Float](repeating: 0, count: outputs.count)
    slope[label] = 1
    switch self {
    case .logit: break
    case .margin: slope[ClassScore.rival(of: label, in: outputs)] -= 1
    case .probability:
      if ClassScore.areProbabilities(outputs) { break }
      let shares = LogSumExp(outputs.map(Double.init)).probabilities
      for place in slope.indices {
        slope[place] = Float(shares[label] * ((place == label ? 1 : 0) - shares[place]))
      }
    }
    return slope
  }

  /// The class that a row of outputs stands for: the first of the largest; of a single one, whether it is positive.
  ///
  /// - Returns: `nil` where an output is not a number.
  public static func prediction(of outputs: [Float]) -> Int? {
    guard !outputs.contains(where: \.isNaN) else { return nil }
    if outputs.count == 1 { return outputs[0] > 0 ? 1 : 0 }
    return outputs.indices.max { (outputs[$0], $1) < (outputs[$1], $0) }
  }

  /// Whether outputs are at least zero and add up to one.
  static func areProbabilities(_ outputs: [Float]) -> Bool {
    outputs.count > 1 && outputs.allSatisfy { $0 >= 0 }
      && abs(outputs.reduce(0) { $0 + Double($1) } - 1) < 1e-3
  }

  /// The class with the largest output beside one.
  private static func rival(of label: Int, in outputs: [Float]) -> Int {
    outputs.indices.filter { $0 != label }.max { (outputs[$0], $1) < (outputs[$1], $0) } ?? label
  }

  private static func logistic(_ logit: Double) -> Double {
    LogSumExp([0, logit]).probabilities[1]
  }
}
