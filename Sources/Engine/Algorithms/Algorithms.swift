import Models

/// Which algorithm computes each convolution of a network, and a record of those that were used.
///
/// The choice depends on the layer alone, never on the batch, so a row has the same bits in every batch. Plans of
/// one network share one value. All use is on the engine thread, but for `used`.
public final class Algorithms: @unchecked Sendable {
  /// How to choose.
  public enum Policy: Sendable {
    /// Only algorithms that sum as the definition does.
    case exact
    /// The fastest by measurement on this machine; measured once and remembered in a file.
    case fastest
    /// One algorithm wherever it can be used, the direct one elsewhere; to compare algorithms.
    case preferred(ConvolutionAlgorithm)
    /// Those of an earlier run, by the layers' descriptions.
    case recorded([String: ConvolutionAlgorithm])
    /// Those of an earlier part of the same run, and the fastest for layers that it did not come to.
    case continued([String: ConvolutionAlgorithm])
  }

  /// What is measured where the fastest algorithm is asked for.
  public enum Use: Sendable {
    /// Batches, as attacks and training run them.
    case batches
    /// Single examples, one at a time: weights come from memory for each, so that small ones win.
    case singleExamples
  }

  /// How algorithms are chosen.
  public let policy: Policy
  /// What the choice is made for.
  public let use: Use

  // Guarded by the lock.
  private let lock = Lock()
  private var choices: [String: ConvolutionAlgorithm] = [:]

  /// Creates an empty record.
  public init(_ policy: Policy = .fastest, for use: Use = .batches) {
    self.policy = policy
    self.use = use
  }

  /// The algorithms used so far by the layers' descriptions; a replay takes them as `Policy.recorded`.
  public var used: [String: ConvolutionAlgorithm] { lock.withLock { choices } }

  /// How far a network's outputs may be from exact ones, relative to the largest: zero where only exact algorithms
  /// may be chosen, and else what a layer may lose (see `AlgorithmTrial.tolerance`), since the losses of layers are
  /// far smaller and do not add up in the same direction.
  public var uncertainty: Double {
    if case .exact = policy { 0 } else { Double(AlgorithmTrial.tolerance) }
  }

  /// The algorithm for a layer.
  ///
  /// - Throws: `EngineError.algorithm` if a record lacks the layer or names what cannot compute it.
  func algorithm(
    for signature: ConvolutionSignature
  ) throws(EngineError) -> ConvolutionAlgorithm {
    let candidates = signature.candidates
    guard candidates.count > 1 else { return .direct }
    let layer = signature.description
    if let known = lock.withLock({ choices[layer] }) { return known }
    let choice: ConvolutionAlgorithm
    switch policy {
    case .exact: choice = .direct
    case .preferred(let algorithm):
      choice = candidates.contains(algorithm) ? algorithm : .direct
    case .fastest: choice = try AlgorithmCache.shared.algorithm(for: signature, use)
    case .continued(let record):
      if let recorded = record[layer] {
        guard candidates.contains(recorded) else {
          throw .algorithm(layer: layer, expected: candidates.map(\.name), found: recorded.name)
        }
        choice = recorded
      } else {
        choice = try AlgorithmCache.shared.algorithm(for: signature, use)
      }
    case .recorded(let record):
      guard let recorded = record[layer], candidates.contains(recorded) else {
        throw .algorithm(
          layer: layer, expected: candidates.map(\.name), found: record[layer]?.name)
      }
      choice = recorded
    }
    lock.withLock { choices[layer] = choice }
    return choice
  }
}
