import Tensors

/// How sure a model must be: the probability that it gives a class has to exceed a number.
///
/// As a margin it is the logit of the probability less that of the number c, z_k - log(sum over j != k of exp(z_j)) -
/// log(c / (1 - c)), so that it has a gradient however sure the model is; where outputs are probabilities themselves, it
/// is p_k - c.
public struct Confidence: Sendable, Hashable {
  /// What a model's outputs are.
  public enum Outputs: String, Sendable, Hashable, Codable {
    /// Scores, whose softmax is the probabilities; a single one is the logit of class 1.
    case logits
    /// Probabilities of all classes, which sum to 1.
    case probabilities
  }

  /// The probability to be exceeded, at least 0.5 and below 1.
  public let probability: Double

  /// What the outputs are.
  public let outputs: Outputs

  /// The numbers that a probability may be.
  public static let range = 0.5..<1.0

  /// Creates a bound.
  ///
  /// - Precondition: The probability is in `range`; below one half it would say less than that a class is seen.
  public init(_ probability: Double, of outputs: Outputs = .logits) {
    precondition(Confidence.range.contains(probability), "a confidence of \(probability)")
    self.probability = probability
    self.outputs = outputs
  }

  /// log(c / (1 - c)).
  var logit: Double { .log(probability / (1 - probability)) }

  /// The probability of a class of which this is the margin.
  public func probability(atMargin margin: Double) -> Double {
    switch outputs {
    case .logits: 1 / (1 + .exp(-(margin + logit)))
    case .probabilities: margin + probability
    }
  }

  /// How far a class of several is beyond the bound; the outputs are no NaN and at least two.
  @inline(__always)
  func margin<Scalar: BinaryFloatingPoint>(
    of label: Int, in outputs: UnsafeBufferPointer<Scalar>
  ) -> Double {
    if self.outputs == .probabilities { return Double(outputs[label]) - probability }
    let (top, sum) = Confidence.rest(of: outputs, except: label)
    let lead = outputs[label] == top ? 0 : Double(outputs[label]) - Double(top)
    return lead - .log(sum) - logit
  }

  /// The derivative of that margin.
  func addDerivative(
    of label: Int, in outputs: UnsafeBufferPointer<Float>,
    to cotangent: UnsafeMutableBufferPointer<Float>
  ) {
    cotangent[label] = 1
    if self.outputs == .probabilities { return }
    let (top, sum) = Confidence.rest(of: outputs, except: label)
    for index in outputs.indices where index != label {
      cotangent[index] = -Float(Confidence.weight(outputs[index], top) / sum)
    }
  }

  /// The largest of the other outputs, and the sum of their exponentials relative to it.
  @inline(__always)
  private static func rest<Scalar: BinaryFloatingPoint>(
    of outputs: UnsafeBufferPointer<Scalar>, except label: Int
  ) -> (top: Scalar, sum: Double) {
    let top = Goal.largest(of: outputs, except: label)
    var sum = 0.0
    for index in outputs.indices where index != label { sum += weight(outputs[index], top) }
    return (top, sum)
  }

  /// Equal infinities are as likely as one another.
  @inline(__always)
  private static func weight<Scalar: BinaryFloatingPoint>(_ output: Scalar, _ top: Scalar) -> Double
  {
    output == top ? 1 : .exp(Double(output) - Double(top))
  }
}
