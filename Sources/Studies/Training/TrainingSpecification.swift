import Attacks
import Datasets
import Diagnosis
import Engine
import Files
import Foundation
import JSON
package import Networks
import Robustness
import Settings
package import Training

/// All that is asked of a training: what can be written down and run again, here or elsewhere.
public struct TrainingSpecification: Sendable, Hashable, Codable {
  /// The form of the network, such as `resnet20` or, for inputs of another size and other classes, `resnet20@3x64x64:2`; or
  /// a network, a built-in one or a file, which is trained further as it is.
  public var architecture: String
  /// The file to write; its ending says the form of file.
  public var output: String
  /// The examples; of their count the first are taken, and the offset is not used.
  public var data = TrainingSpecification.standardData
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
  /// A file that the course of the training is added to as JSON lines.
  public var metrics: String?
  /// A folder that the course of the training is added to as TensorBoard's events.
  public var tensorboard: String?
  /// After how many steps the course is told, besides after each epoch.
  public var metricsEvery = 100
  /// Whether to go on from the unfinished training in the output file.
  public var resume = false

  /// The examples where none are named.
  static let standardData = DataSettings("mnist:train")

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
          "\(option) is for adversarial training, which also needs \(Setting.threat)")
      }
      return nil
    }
    let reference = try ThreatReference(threat)
    try reference.checkAmounts()
    try row.check(reference.threat())
    if data == nil {
      reference.warning(ifBeyond: network.input.bounds, shape: network.input.shape)
        .map(observer.warn)
    }
    let bounds = try InputBounds(network.input.lowerBound...network.input.upperBound)
    return Recipe.Adversary(
      chosen,
      threat: try data?.threat(reference, for: network.input) ?? reference.threat(bounds: bounds),
      description: AttackSettings.describe(row, options) + " within \(reference)"
        + (data?.remark(on: reference) ?? ""))
  }

  /// The recipe, against an adversary if there is one.
  func makeRecipe(
    against adversary: Recipe.Adversary?, labels: [Int]? = nil, classCount: Int? = nil
  ) throws -> Recipe {
    try recipe.recipe(
      adversary, within: threat ?? "", isAttackGiven: attack != nil || !options.isEmpty,
      labels: labels, classCount: classCount
    ) { reference in
      let helper = try TrainingBeginning.load(reference, self, telling: .none).network
      return MethodHelper(
        try CompiledNetwork(helper),
        words: "\(reference) (\(Digests.network(helper).prefix(16)))")
    }
  }

  /// The recipe for a network, before the data are known.
  ///
  /// - Throws: `StudyError` or an error of the method, the attack or the threat.
  package func recipe(for network: Network) throws -> Recipe {
    try makeRecipe(against: try adversary(for: network, telling: .none))
  }

  /// Makes sure that each setting has a value that it can have.
  func check() throws {
    try recipe.check()
    try recipe.checkTogether()
    try engine.check()
    if let count = data.count, count < 1 {
      throw StudyError("\(Setting.count) is \(count); expected 1 or more")
    }
    guard metricsEvery >= 1 else {
      throw StudyError("\(Setting.metricsEvery) is \(metricsEvery); expected 1 or more")
    }
    guard !architecture.isEmpty else {
      throw StudyError(
        "no \(Setting.architecture) is given; expected one, or a recipe that names one")
    }
  }

  /// What a network's file says of how it came to be: the data, the command, and the recipe.
  func history(command: [String]) -> [String: String] {
    var history = ["data": data.data, "settings": String(yaml.dropLast())]
    history["recipe.name"] = recipe.name
    if !command.isEmpty { history["command"] = ShellWords.line(command) }
    return history
  }

  /// Opens the examples of a reference that a setting gives.
  func open(
    _ reference: String, as setting: Setting = .data, for network: Network, _ observer: Observer
  ) throws -> Dataset {
    let options = try data.form.options(for: DataReference(reference))
    return try DataSettings.open(
      reference, as: setting, for: InputForm(network), options, telling: observer)
  }
}

extension TrainingSpecification {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case architecture, output, data, from, onnx, recipe, engine, threat, attack, options
    case validation, metrics, tensorboard, metricsEvery, resume
  }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not, or the one that is missing.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init(architecture: try members.text(.architecture), output: try members.text(.output))
    try members.read(.data, into: &data)
    try members.read(.from, into: &from)
    try members.read(.onnx, into: &onnx)
    try members.read(.recipe, into: &recipe)
    try members.read(.engine, into: &engine)
    try members.read(.threat, into: &threat)
    try members.read(.attack, into: &attack)
    try members.read(.options, into: &options)
    try members.read(.validation, into: &validation)
    try members.read(.metrics, into: &metrics)
    try members.read(.tensorboard, into: &tensorboard)
    try members.read(.metricsEvery, into: &metricsEvery)
    try members.read(.resume, into: &resume)
  }
}
