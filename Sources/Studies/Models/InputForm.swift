import Datasets
import Networks
import Tensors

/// What is known of a model's inputs when the examples are read; a model elsewhere takes them as they are.
struct InputForm: Sendable {
  /// The shape of one; `nil` for that of the data.
  var shape: Shape?
  /// The range of pictures' values; `nil` for 0 to 1.
  var bounds: ClosedRange<Float>?
  /// The names of the classes; empty for those of the data.
  var classNames: [String] = []
  /// The number of outputs; `nil` if it is not known beforehand.
  var outputCount: Int?
  /// What the network normalises by, if it does.
  var statistics: DataOptions.Statistics?
  /// In which order rows are taken from pictures, if that is said.
  var order: InputDescription.Layout?

  /// Nothing but names.
  init(classNames: [String]) { self.classNames = classNames }

  /// What a network takes.
  init(_ network: Network) {
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
  init(_ network: Network, _ arguments: ModelSettings) throws {
    self.init(network)
    order = try arguments.flatOrder(for: network)
  }
}
