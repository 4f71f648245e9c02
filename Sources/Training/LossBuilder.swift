import Engine
public import Graphs
package import Networks
import Tensors

/// Writes the loss of a training method in terms of a network, examples and labels.
///
/// Each use of the network is in training form: its batch normalisations take the statistics of the batch that is put in,
/// and the running statistics follow each use in turn, as those of a module in PyTorch do. Means are over the examples
/// that have a label.
public struct LossBuilder: Sendable {
  /// The name of the input that holds the examples.
  public static let inputName = Network.inputName
  /// The name of the input that holds the classes.
  static let labelsName = "labels"
  /// The names of the inputs that hold the classes of the partners in a mixture, and the examples' own shares of it.
  static let (partnersName, sharesName) = ("partners", "shares")
  /// The name of the output that holds the loss.
  package static let lossName = "loss"
  /// The name of the output that holds the scores of which accuracy is counted.
  static let scoresName = "scores"

  /// The graph so far, for losses of further operators.
  public var graph = GraphBuilder()
  /// The examples, N x their shape.
  public let input: Value
  /// The classes, N numbers.
  public let labels: Value
  /// The number of classes.
  public let classCount: Int
  /// Whether the loss is a mean over rows without a label, too, so that there must be none.
  public var countsAllRows = false

  private let network: Graph
  private let statistics: [BatchStatistics]
  package private(set) var measured: [BatchStatistics] = []
  private let entropy: EntropySettings
  package private(set) var classNames: Set<String> = [LossBuilder.labelsName]
  private var uses = 0
  private var counted: Value?
  private var oneHotLabels: Value?
  private let areLabelsMixed: Bool

  /// Begins a loss of a network.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - entropy: How labels enter the cross-entropy.
  ///   - areLabelsMixed: Whether examples are mixtures of two, and so are their labels.
  ///   - kept: The running means whose normalisations stay in the form of evaluation.
  /// - Throws: `GraphError` where normalisations share a statistic.
  package init(
    _ network: Network, entropy: EntropySettings = EntropySettings(),
    areLabelsMixed: Bool = false, keeping kept: Set<String> = []
  ) throws(GraphError) {
    let form = try network.graph.selecting(outputs: [Network.outputName])
      .trainingForm(keeping: kept)
    (self.network, statistics) = (form.graph, form.statistics)
    self.entropy = entropy
    self.areLabelsMixed = areLabelsMixed
    classCount = network.outputCount
    input = graph.input(LossBuilder.inputName, Extents(batchOf: network.input.shape))
    labels = graph.input(LossBuilder.labelsName, [Extents.batch])
  }

  /// The graph of a loss, whose accuracy is that of the scores counted, of the first use by default.
  package func finish(_ loss: Value) -> Graph {
    var graph = graph
    if let counted { graph.output(LossBuilder.scoresName, counted) }
    graph.output(LossBuilder.lossName, loss)
    return graph.finish()
  }

  /// Declares an input with a value like each example's, such as adversarial examples.
  public mutating func input(_ name: String) -> Value {
    graph.input(name, graph.extents(of: input))
  }

  /// Declares an input of one number, such as a weight that changes in the course of training.
  public mutating func scalar(_ name: String) -> Value { graph.input(name, []) }

  /// The network's scores at some inputs, N x K; the first ones are those of which accuracy is counted.
  public mutating func scores(of input: Value) throws(GraphError) -> Value {
    let outputs = try graph.apply(network, to: [Network.inputName: input])
    for statistic in statistics {
      let here = statistic.measured(inUse: uses)
      for (name, output) in [
        (statistic.measuredMean, here.measuredMean),
        (statistic.measuredVariance, here.measuredVariance),
      ] {
        guard let value = outputs[name] else { preconditionFailure("the network measures \(name)") }
        graph.output(output, value)
      }
      measured.append(here)
    }
    uses += 1
    guard let scores = outputs[Network.outputName] else {
      preconditionFailure("a network has scores")
    }
    if counted == nil { counted = scores }
    return scores
  }

  /// Declares an input of classes other than the examples' own.
  public mutating func classes(_ name: String) -> Value {
    classNames.insert(name)
    return graph.input(name, [Extents.batch])
  }

  /// The mean cross-entropy of scores with classes that are not the labels, without smoothing or weights.
  public mutating func crossEntropy(
    _ scores: Value, with classes: Value
  ) throws(GraphError) -> Value {
    try graph.apply(CrossEntropy(), scores, classes)
  }

  /// The mean cross-entropy of scores with the labels, smoothed and weighted as the recipe says.
  public mutating func crossEntropy(_ scores: Value) throws(GraphError) -> Value {
    if entropy == EntropySettings(), !areLabelsMixed {
      return try graph.apply(CrossEntropy(), scores, labels)
    }
    let oneHot = try targets()
    let extents = graph.extents(of: oneHot)
    let smoothing = Float(entropy.labelSmoothing)
    let targets = try graph.affine(
      oneHot, factor: 1 - smoothing, offset: smoothing / Float(classCount))
    let logarithms = try graph.apply(Softmax(logarithm: true), scores)
    let terms = try graph.apply(Reduce(axes: [1]), try graph.multiply(targets, logarithms))
    let losses = try graph.scale(terms, by: -1)
    guard let weights = entropy.classWeights else { return try mean(losses) }
    let vector = graph.constant(Tensor(weights.map { Float($0) }, shape: [classCount]))
    let spread = try graph.apply(Broadcast(to: extents, axes: [0]), vector)
    return try mean(
      losses,
      weights: try graph.apply(Reduce(axes: [1]), try graph.multiply(oneHot, spread)))
  }

  /// N x K: what each row's classes have of it, 1 for the label where examples are not mixed.
  private mutating func targets() throws(GraphError) -> Value {
    let own = try oneHot()
    guard areLabelsMixed else { return own }
    let partners = try graph.oneHot(classes(LossBuilder.partnersName), classes: classCount)
    let shares = try graph.apply(
      Broadcast(to: graph.extents(of: own), axes: [1]),
      graph.input(LossBuilder.sharesName, [Extents.batch]))
    return try graph.add(
      partners, try graph.multiply(shares, try graph.subtract(own, partners)))
  }

  /// share a + (1 - share) b, with one number for all.
  public mutating func mix(
    _ a: Value, _ b: Value, by share: Value
  ) throws(GraphError) -> Value {
    let extents = graph.extents(of: a)
    let weight = try graph.apply(Broadcast(to: extents, axes: Array(0..<extents.rank)), share)
    return try graph.add(
      b, try graph.multiply(weight, try graph.subtract(a, b)))
  }

  /// KL(softmax(p) || softmax(q)) of each example, N numbers.
  public mutating func divergence(_ p: Value, _ q: Value) throws(GraphError) -> Value {
    let difference = try graph.subtract(
      try graph.apply(Softmax(logarithm: true), p), try graph.apply(Softmax(logarithm: true), q))
    let terms = try graph.multiply(try graph.apply(Softmax(), p), difference)
    return try graph.apply(Reduce(axes: [1]), terms)
  }

  /// N x K: 1 where a column is the row's class, else 0.
  public mutating func oneHot() throws(GraphError) -> Value {
    if let oneHotLabels { return oneHotLabels }
    let value = try graph.oneHot(labels, classes: classCount)
    oneHotLabels = value
    return value
  }

  /// The sum of the magnitudes of the network's weights, tensors of two axes or more; `nil` before the first scores, or
  /// where there are none.
  mutating func weightMagnitudes() throws(GraphError) -> Value? {
    var names: Set<String> = []
    var sum: Value?
    for (index, node) in graph.nodes.enumerated() {
      guard case .parameter(let name, let shape) = node, shape.rank > 1,
        names.insert(name).inserted
      else { continue }
      let magnitude = try graph.apply(Elementwise(.abs), Value(index: index))
      let one = try graph.apply(Reduce(axes: Array(0..<shape.rank)), magnitude)
      sum = if let sum { try graph.add(sum, one) } else { one }
    }
    return sum
  }

  /// The mean of the cross-entropies of declared inputs with values like each example's.
  mutating func meanCrossEntropy(at names: [String]) throws(GraphError) -> Value {
    var sum: Value?
    for name in names {
      let entropy = try crossEntropy(try scores(of: input(name)))
      sum = if let sum { try graph.add(sum, entropy) } else { entropy }
    }
    guard let sum else { preconditionFailure("a mean of nothing") }
    return try graph.scale(sum, by: 1 / Float(names.count))
  }

  /// The mean of one number for each example over those that have a label.
  ///
  /// - Parameters:
  ///   - values: N numbers.
  ///   - weights: A weight for each; equal ones by default.
  /// - Returns: A scalar.
  /// - Throws: `GraphError`.
  public mutating func mean(
    _ values: Value, weights: Value? = nil
  ) throws(GraphError) -> Value {
    let isLabelled = try graph.apply(Reduce(axes: [1]), try oneHot())
    let weights = weights ?? isLabelled
    let sum = try graph.apply(Reduce(axes: [0]), try graph.multiply(values, weights))
    let count = try graph.apply(
      Elementwise(.clip(lower: .leastNormalMagnitude, upper: .infinity)),
      try graph.apply(Reduce(axes: [0]), weights))
    return try graph.apply(Arithmetic(.divide), sum, count)
  }

  /// The gradient of the mean of a loss with respect to inputs, of their extents, as a value that can be differentiated
  /// again.
  public mutating func gradient(
    of loss: Value, withRespectTo inputs: Value
  ) throws(GraphError) -> Value {
    let one = graph.constant(Tensor(1))
    return try graph.gradients(of: loss, cotangent: one, withRespectTo: [inputs])[0]
  }
}
