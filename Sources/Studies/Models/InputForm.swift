package import Datasets
package import Networks
package import Tensors

/// What is known of a model's inputs when the examples are read; a model elsewhere takes them as they are.
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
