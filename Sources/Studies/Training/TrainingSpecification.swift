import Diagnosis
import Attacks
import Files
import Settings
import Networks
import Training
import Datasets
import Robustness
/// All that is asked of a training: what can be written down and run again, here or elsewhere.
public struct TrainingSpecification: Sendable, Hashable, Codable {
  /// The form of the network.
  public var architecture: String
  /// The file to write; its ending says the form of file.
  public var output: String
  /// The examples; of their count the first are taken, and the offset is not used.
  public var data = DataSettings("mnist:train")
  /// A network with whose parameters to begin: a built-in one or a file.
  public var from: String?
  /// What the ONNX file of that network leaves open.
  public var onnx = ONNXSettings()
  /// How to train.
  public var recipe = RecipeSettings()
  /// How networks are computed.
  public var engine = EngineSettings()
  /// What an adversary may change; nobody attacks by default.
  public var threat: String?
  /// The adversary, by its name in the catalogue; `pgd` by default.
  public var attack: String?
  /// The adversary's options that differ from its own, in words.
  public var options: [String: String] = [:]
  /// Examples to classify after each epoch.
  public var validation: String?
  /// Whether to go on from the unfinished training in the output file.
  public var resume = false

  /// A training on the training set of MNIST by the standard recipe, unless something else is said.
  public init(architecture: String, output: String) {
    self.architecture = architecture
    self.output = output
  }

  /// The adversary; what its threat means may depend on the data.
  func adversary(
    for network: Network, on data: Dataset? = nil, telling observer: Observer
  ) throws -> Recipe.Adversary? {
    let row = try Catalogue.row(named: attack ?? "pgd")
    let chosen = try row.attack(options)
    guard let threat else {
      if let option = attack.map({ _ in Setting.attack.description })
        ?? options.keys.min().map(Setting.spelling(ofOption:))
      {
        throw StudyError(
          "\(option) describes an adversary, which also needs \(Setting.threat)")
      }
      return nil
    }
    let reference = try ThreatReference(threat)
    guard reference.isLimited else {
      throw StudyError(
        "threat '\(reference)': training needs an amount, such as \(reference):1")
    }
    try row.check(reference.threat())
    if data == nil {
      reference.warning(ifBeyond: network.input.bounds, shape: network.input.shape)
        .map(observer.warn)
    }
    let bounds = try Bounds(network.input.lowerBound...network.input.upperBound)
    return Recipe.Adversary(
      chosen,
      threat: try data?.threat(reference, for: network.input) ?? reference.threat(bounds: bounds),
      description: AttackSettings.describe(row, options) + " within \(reference)"
        + (data?.remark(on: reference) ?? ""))
  }

  /// The network that training begins with, from any kind of file, with what that says of the input.
  func start(
    _ reference: String, telling observer: Observer
  ) throws -> (Network, DescriptionSource) {
    var settings = ModelSettings()
    settings.onnx = onnx
    // Only files of tensors alone need to be told.
    if BuiltInNetwork(rawValue: reference) == nil, WholeFile.exists(reference) {
      let format = try ModelFormat(ofFile: reference)
      var isForeign = format == .pyTorch || format == .numPy
      if format == .safeTensors, case .weights = try TensorFile(path: reference) {
        isForeign = true
      }
      if isForeign { settings.architecture = architecture }
    }
    let form = try Architecture.named(architecture)
    let loaded = try ModelReference.load(reference, settings, telling: observer) {
      form.input.shape
    }
    let network = loaded.network
    return (
      try form.network(
        loading: network.parameters,
        input: network.input.shape == form.input.shape ? network.input : nil), loaded.source
    )
  }
}
