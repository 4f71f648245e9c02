package import Datasets
package import Diagnosis
package import Engine
package import Insight
package import Models
package import Networks
package import Remote
package import Tensors

/// What is attacked: a network that runs here, or a remote model.
package struct Subject: Sendable {
  /// What it is called.
  package let name: String
  /// What it takes.
  package let input: InputDescription
  /// The number of outputs, or of classes where it answers with labels.
  package let outputCount: Int
  /// What it reveals.
  package let knowledge: Knowledge
  /// Where it runs.
  package let place: Place
  /// The digest of its file, if it is one.
  package var fileDigest: String?

  /// Where a model runs.
  package enum Place: Sendable {
    /// A network, and where the description of its input comes from.
    case here(Network, DescriptionSource)
    case remote(RemoteModel)
  }

  /// A network.
  package init(_ name: String, _ network: Network, source: DescriptionSource = DescriptionSource())
  {
    self.name = name
    input = network.input
    outputCount = network.outputCount
    knowledge = .gradients
    place = .here(network, source)
  }

  /// A remote model; its values lie in 0 to 1 where the data do not say otherwise.
  package init(_ model: RemoteModel, classNames: [String]) {
    name = model.name
    input = InputDescription(shape: model.inputShape, classNames: classNames)
    outputCount = model.outputCount
    knowledge = model.knowledge
    place = .remote(model)
  }

  /// The remote model, if it is one.
  package var remote: RemoteModel? { if case .remote(let model) = place { model } else { nil } }

  /// The digest of the network, if it runs here.
  var parametersDigest: String? {
    if case .here(let network, _) = place { Digests.network(network) } else { nil }
  }

  /// How many inputs a remote model was asked about in this run.
  package var asked: Int? { remote?.queries }

  /// The architecture, or what is known instead.
  package var form: String {
    switch place {
    case .here(let network, _): network.architecture
    case .remote: "runs elsewhere and reveals \(knowledge)"
    }
  }

  /// What was done with each change that counts, to follow "and".
  package var judgement: String {
    switch place {
    case .here: "the network was run on it once more"
    case .remote: "the model itself gave the answer about it"
    }
  }

  /// The model to be run.
  ///
  /// - Throws: `GraphError` if the network's graph has no output of scores.
  package func model(_ algorithms: Algorithms.Policy = .fastest) throws -> any BatchedModel {
    switch place {
    case .here(let network, _): try CompiledNetwork(network, algorithms: algorithms)
    case .remote(let model): model
    }
  }

  /// Does work, whose cancellation ends the wait for a remote model too.
  func attended<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
    let remote = remote
    let result = try await withTaskCancellationHandler(operation: work) { remote?.interrupt() }
    try remote?.finish()
    return result
  }

  /// Makes sure that it reveals what an attack needs.
  ///
  /// - Throws: `StudyError`.
  package func check(needs knowledge: Knowledge, attack: String) throws {
    guard knowledge > self.knowledge else { return }
    throw StudyError(
      "the attack '\(attack)' needs \(knowledge), but \(name) reveals \(self.knowledge) only; expected an attack such"
        + " as \(self.knowledge == .labels ? "hop-skip-jump" : "square")"
    )
  }
}

/// What is known of a model's inputs when the examples are read; a remote model takes them as they are.
package struct InputForm: Sendable {
  /// The shape of one; `nil` for that of the data.
  package var shape: Shape?
  /// The range of pictures' values; `nil` for 0 to 1.
  package var bounds: ClosedRange<Float>?
  /// The names of the classes; empty for those of the data.
  package var classNames: [String] = []
  /// The number of outputs; `nil` if it is not known beforehand.
  package var outputCount: Int?
  /// What the network normalises by, if it does.
  package var statistics: DataOptions.Statistics?
  /// In which order rows are taken from pictures, if that is said.
  package var order: InputDescription.Layout?

  /// Nothing but names.
  package init(classNames: [String]) { self.classNames = classNames }

  /// What a network takes.
  package init(_ network: Network) {
    shape = network.input.shape
    bounds = network.input.bounds
    classNames = network.input.classNames
    outputCount = network.outputCount
    if !network.input.mean.isEmpty, network.input.networkRange == nil {
      statistics = DataOptions.Statistics(
        means: network.input.mean, deviations: network.input.standardDeviation)
    }
  }

  /// What a network takes, with what the options say of its order of values.
  ///
  /// - Throws: `StudyError` that names the option.
  package init(_ network: Network, _ arguments: ModelSettings) throws {
    self.init(network)
    order = try arguments.flatOrder(for: network)
  }
}

extension Gallery {
  /// The same for what was attacked; a remote model is asked about few images that it was not asked about before.
  package init(_ subject: Subject, data: Dataset) async throws {
    try await self.init(
      subject.model(), data: data, searching: subject.remote == nil ? 1000 : 100)
  }
}
