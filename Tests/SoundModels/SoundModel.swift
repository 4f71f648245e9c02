import Engine
package import Models
package import Networks

/// A model in which nothing is mistaken, however bad it is, with examples that it takes.
package struct SoundModel: Sendable {
  /// What its outputs are about.
  package enum Targets: Sendable {
    /// One class of each example.
    case classes
    /// Several labels of each example.
    case several
    /// Numbers.
    case numbers
  }

  /// What it is, for messages.
  package let name: String
  package let model: any BatchedModel
  /// The network behind, if it is one.
  package let network: Network?
  package let examples: SoundExamples
  package let targets: Targets
  /// The radius of a threat in the maximum norm that breaks some examples and leaves others.
  package let radius: Double

  package init(
    _ name: String, _ network: Network, _ examples: SoundExamples, radius: Double,
    targets: Targets = .classes
  ) throws {
    self.name = name
    model = try CompiledNetwork(network)
    self.network = network
    self.examples = examples
    self.radius = radius
    self.targets = targets
  }

  package init(
    _ name: String, model: any BatchedModel, _ examples: SoundExamples, radius: Double
  ) {
    self.name = name
    self.model = model
    network = nil
    self.examples = examples
    self.radius = radius
    targets = .classes
  }

  /// All of them, more than fifty models of many kinds, trained once for all tests.
  ///
  /// - Throws: What training throws.
  package static var all: [SoundModel] {
    get async throws { try await made.value }
  }

  private static let made = Task { try await make(seed: 0) }

  /// Makes them from data and first parameters that a seed determines.
  private static func make(seed: UInt64) async throws -> [SoundModel] {
    try digits() + tables(seed) + others(seed) + (await learned(seed)) + (await underfitted(seed))
  }
}
