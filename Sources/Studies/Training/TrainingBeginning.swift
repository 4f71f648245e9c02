import Datasets
import Diagnosis
import Files
import Networks
import Settings
import Tensors
import Training

/// The network that a training begins with: a form with first weights, one with the parameters of a file, or the network of a
/// file as it is.
struct TrainingBeginning {
  /// The network; of a form, with some first weights.
  let network: Network
  /// What it is called in messages.
  let name: String
  /// Where the description of its input comes from.
  let source: DescriptionSource
  /// Whether it knows nothing yet.
  let isFresh: Bool
  private let form: Architecture?

  /// Finds what is asked for.
  ///
  /// - Throws: `StudyError`, or an error of the file or of the form.
  init(_ asked: TrainingSpecification, telling observer: Observer) throws {
    let reference = asked.architecture
    let isNetwork =
      BuiltInNetwork(rawValue: reference) != nil
      || WholeFile.exists(reference) && !Architecture.all.contains { $0.name == reference }
    if asked.from == nil, let setting = asked.onnx.given, !isNetwork {
      throw StudyError(
        "\(setting) applies only to an ONNX file given by \(Setting.from); there is none")
    }
    if isNetwork {
      if let from = asked.from {
        throw StudyError(
          "\(Setting.from) is '\(from)', but \(reference) is a network already; expected an architecture beside it"
        )
      }
      let loaded = try TrainingBeginning.load(reference, asked, telling: observer)
      try TrainingBeginning.checkClasses(of: loaded.network, reference, asked)
      (network, name, source) = (loaded.network, reference, loaded.source)
      (isFresh, form) = (false, nil)
      return
    }
    guard let from = asked.from else {
      let form = try TrainingBeginning.form(asked, observer)
      var network = try form.architecture.network(seed: asked.recipe.seed)
      if let names = form.classNames { network = try network.naming(names) }
      (self.network, name, self.form) = (network, form.architecture.name, form.architecture)
      (source, isFresh) = (DescriptionSource(given: []), true)
      return
    }
    let (form, names) = try TrainingBeginning.form(asked, observer)
    let loaded = try Setting.from.reading(from) {
      try TrainingBeginning.load(
        from, asked, as: try Architecture.named(reference), telling: observer)
    }
    var network = try TrainingBeginning.network(
      of: form, with: loaded.network, seed: asked.recipe.seed, observer)
    if let names { network = try network.naming(names) }
    (self.network, name, source) = (network, form.name, loaded.source)
    (isFresh, self.form) = (false, nil)
  }

  /// A network of a form with the parameters of another, but for a last layer that has another number of outputs.
  private static func network(
    of form: Architecture, with other: Network, seed: UInt64, _ observer: Observer
  ) throws -> Network {
    let input = other.input.shape == form.input.shape ? other.input : nil
    let outputs = try form.outputCount
    guard outputs != other.outputCount else {
      return try form.network(loading: other.parameters, input: input)
    }
    var fresh = try form.network(seed: seed)
    let last = fresh.parameterNames.suffix(2).filter { name in
      fresh.parameters[name]?.shape.extents.first == outputs
    }
    var parameters = other.parameters
    for name in last { parameters[name] = fresh.parameters[name] }
    fresh = try form.network(loading: parameters, input: input?.naming([]))
    observer.note(
      "\(form.name): the last layer (\(last.joined(separator: ", "))) starts from scratch, for \(outputs) classes instead of"
        + " \(other.outputCount)")
    return fresh
  }

  /// What is to be said of a training that is too short for batch normalisations; `nil` if nothing is.
  func statisticsWarning(_ recipe: Recipe, examples: Int) -> String? {
    let steps = recipe.stepsPerEpoch(examples: examples) * recipe.epochs
    guard isFresh, !network.statisticNames.isEmpty, steps < TrainingBeginning.fewSteps else {
      return nil
    }
    return
      "\(name): its batch normalisations follow the examples over about \(TrainingBeginning.fewSteps) steps, and this"
      + " training has \(steps); take a smaller \(Setting.batch) or more \(Setting.epochs)"
  }

  /// As many steps as leave next to nothing of the first statistics, of which each keeps nine tenths.
  private static let fewSteps = 60

  /// The network as the recipe begins: with the method's first weights where it is fresh.
  func network(under recipe: Recipe) throws -> Network {
    guard let form else { return network }
    var fresh = try recipe.network(of: form)
    if fresh.input.classNames != network.input.classNames {
      fresh = try fresh.naming(network.input.classNames)
    }
    return fresh
  }

  /// The network of a file of any kind, with what that says of the input.
  static func load(
    _ reference: String, _ asked: TrainingSpecification, as form: Architecture? = nil,
    telling observer: Observer
  ) throws -> LoadedModel {
    var settings = ModelSettings()
    settings.onnx = asked.onnx
    if BuiltInNetwork(rawValue: reference) == nil, WholeFile.exists(reference),
      let checkpoint = try tensors(reference)
    {
      // Only files of tensors alone need to be told.
      settings.architecture = try form?.name ?? fitting(checkpoint, reference, observer)
    }
    return try ModelReference.load(reference, settings, telling: observer) {
      if let form { return form.input.shape }
      var data = asked.data
      data.count = nil
      return try data.exampleShape()
    }
  }

  /// Makes sure that the classes of pictures are those that a network knows by name.
  ///
  /// - Throws: `StudyError` that says how to train a new last layer.
  private static func checkClasses(
    of network: Network, _ reference: String, _ asked: TrainingSpecification
  ) throws {
    let known = network.input.classNames
    guard !known.isEmpty, case .images = try DataReference(asked.data.data),
      let names = try asked.ownExamples()?.classNames, names.count != known.count,
      let other = names.first(where: { !known.contains($0) })
    else { return }
    let remedy =
      (try? Architecture.named(network.architecture)).map {
        "; \($0.name.prefix { $0 != "@" }) as the architecture and \(Setting.from) \(reference) train a new last layer"
      } ?? ""
    throw StudyError(
      "\(asked.data.data): has the class '\(other)', which is none of the \(known.count) that \(reference) knows"
        + remedy)
  }

  /// The tensors of a file that holds nothing else; `nil` of a file that says its form.
  private static func tensors(_ reference: String) throws -> Checkpoint? {
    switch try ModelFormat(ofFile: reference) {
    case .pyTorch: return try Checkpoint(pyTorch: reference)
    case .numPy:
      let file = try NPZ(path: reference)
      return Checkpoint(
        name: reference,
        tensors: Dictionary(
          uniqueKeysWithValues: try file.names.map { ($0, try file.array($0).tensor()) }))
    case .safeTensors:
      guard case .weights(let checkpoint) = try TensorFile(path: reference) else { return nil }
      return checkpoint
    case .onnx: return nil
    }
  }

  /// The only known form that tensors fit.
  ///
  /// - Throws: `StudyError` where there is none, or several.
  private static func fitting(
    _ checkpoint: Checkpoint, _ reference: String, _ observer: Observer
  ) throws -> String {
    let names = checkpoint.architectures(entry: nil).map(\.name)
    guard let name = names.first else {
      throw StudyError(
        "\(reference): holds tensors that fit no architecture that is known; expected ONNX, from torch.onnx.export, for"
          + " any other network")
    }
    guard names.count == 1 else {
      throw StudyError(
        "\(reference): holds tensors that fit \(names.joined(separator: " and ")); expected one of these as the"
          + " architecture, and the file as \(Setting.from)")
    }
    observer.note("\(reference): the tensors are those of \(name)")
    return name
  }

  /// The form that is asked for, in the size of the examples where it has none of its own.
  private static func form(
    _ asked: TrainingSpecification, _ observer: Observer
  ) throws -> (architecture: Architecture, classNames: [String]?) {
    let named = try Architecture.named(asked.architecture)
    guard let examples = try asked.ownExamples(), examples.targetKind == .classes else {
      return (named, nil)
    }
    let names = examples.classNames
    let outputs = try named.outputCount
    // Digits without nines are digits still.
    let areKnown = names.allSatisfy(named.input.classNames.contains)
    let own = TrainingBeginning.shape(of: examples, asked, for: named)
    let keepsClasses = areKnown || names.count == max(2, outputs) || named.name.contains("@")
    guard own != named.input.shape || !keepsClasses else {
      return (named, !areKnown && names.count == outputs ? names : nil)
    }
    guard names.count >= 2 || keepsClasses else {
      throw StudyError(
        "\(asked.data.data): has the class \(names.first ?? "") alone; expected two or more, such as a folder for each"
      )
    }
    let sized = try named.sized(to: own, classes: keepsClasses ? max(2, outputs) : names.count)
    observer.note(
      "\(named.name) is resized to the data, \(own) and \(try sized.outputCount) classes; its full name is \(sized.name)"
    )
    return (sized, keepsClasses ? nil : names)
  }

  /// The shape of the examples that a form is to take.
  private static func shape(
    of examples: Dataset, _ asked: TrainingSpecification, for form: Architecture
  ) -> Shape {
    let (own, standard) = (examples.exampleShape, form.input.shape)
    if form.name.contains("@") || own.count == standard.count { return standard }
    // Photographs of many sizes are brought to one; small pictures are taken as they are.
    if case .images = try? DataReference(asked.data.data),
      asked.data.form.resize != nil
        || own.extents.dropFirst().contains(where: { $0 > largestPicture })
    {
      return standard
    }
    return own
  }

  /// The longest side of pictures that are taken as they are, in pixels.
  private static let largestPicture = 96
}

extension TrainingSpecification {
  /// The examples as their files have them, for whoever has data of one's own; `nil` of the sets that architectures are made
  /// for.
  ///
  /// - Throws: As reading the data.
  fileprivate func ownExamples() throws -> Dataset? {
    let reference = try DataReference(data.data)
    switch reference {
    case .mnist, .cifar: return nil
    case .images, .npz, .npy, .csv, .idx: break
    }
    let options = try data.form.options(for: reference)
    return try Setting.data.reading(data.data) { try reference.load(options) }
  }
}

extension RecipeSettings {
  /// Makes sure that a network takes the inputs that the recipe is for.
  ///
  /// - Throws: `StudyError`.
  func checkInput(of subject: Subject) throws {
    guard let extents = try inputExtents, extents != subject.input.shape.extents else { return }
    throw StudyError(
      "the recipe\(name.map { " " + $0 } ?? "") is for inputs of \(input ?? ""), but \(subject.name) takes"
        + " \(subject.input.shape); expected another recipe, or such a network")
  }
}

extension Recipe {
  /// Makes sure that the examples can be changed as the recipe has it.
  func checkAugmentations(of data: Dataset) throws {
    do {
      try augmentations.check(data.exampleShape)
    } catch {
      throw StudyError("\(Setting.augment): \(error)")
    }
  }
}
