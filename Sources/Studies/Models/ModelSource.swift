import Models
import Datasets
import Settings
import Tensors
import Networks
package import Remote

/// What MODEL names, before anything is asked of it.
package enum ModelSource: Sendable {
  /// A network that runs here.
  case here(name: String, LoadedModel)
  /// A remote model, and the names of its classes, if they are known.
  case remote(RemoteReference, classNames: [String], range: ClosedRange<Float>?)

  /// Reads the network that a reference names; of a remote model, what the options say of it.
  ///
  /// - Parameters:
  ///   - reference: What MODEL is.
  ///   - arguments: What was said of the model.
  ///   - isOther: Whether this is not the model but another one beside it.
  ///   - observer: Told what is met in the file.
  ///   - example: Gives the shape of an example, where a file leaves it open.
  /// - Throws: As `ModelReference.load`; `StudyError` for options that are about networks alone.
  init(
    _ reference: String, _ arguments: ModelSettings, isOther: Bool = false,
    telling observer: Observer, example: () throws -> Shape? = { nil }
  ) throws {
    if let remote = RemoteReference(reference) {
      try arguments.checkRemote(reference)
      self = .remote(
        remote, classNames: try arguments.classNames ?? [],
        range: try arguments.inputRange.map { try ModelSettings.range($0, .inputRange) })
    } else {
      self = .here(
        name: reference,
        try ModelReference.load(
          reference, arguments, isOther: isOther, telling: observer, example: example))
    }
  }

  /// The same for pictures of one channel, if it is a network that takes height and width alone.
  ///
  /// - Throws: `StudyError` if the network takes series; what `Network.takingPictures` throws.
  func takingPictures(telling observer: Observer) throws -> ModelSource {
    guard case .here(let name, var loaded) = self else { return self }
    let shape = loaded.network.input.shape
    if loaded.network.takesSeries {
      throw StudyError(
        "\(name) takes series of \(shape), but this threat or attack needs pictures; expected another, such as"
          + " \(Setting.threat) linf:0.1"
      )
    }
    if shape.rank == 2 {
      observer.note(
        "\(name): examples of \(shape) are taken as pictures of one channel, \(shape[0]) high and"
          + " \(shape[1]) wide")
    }
    loaded.file.network = try loaded.network.takingPictures()
    return .here(name: name, loaded)
  }

  /// What it is called.
  var name: String {
    switch self {
    case .here(let name, _): name
    case .remote(let reference, _, _): "\(reference)"
    }
  }

  /// The network, if it runs here.
  var loaded: LoadedModel? { if case .here(_, let loaded) = self { loaded } else { nil } }

  /// Whether it runs elsewhere.
  var isRemote: Bool { loaded == nil }

  /// Whether it is asked over HTTP.
  var isEndpoint: Bool {
    if case .remote(.endpoint, _, _) = self { true } else { false }
  }

  /// The most that it can reveal.
  var knowledge: Knowledge { isRemote ? .scores : .gradients }

  /// What is known of its inputs.
  ///
  /// - Throws: `StudyError` that names the option.
  func form(_ arguments: ModelSettings) throws -> InputForm {
    switch self {
    case .here(_, let loaded): try InputForm(loaded.network, arguments)
    case .remote(_, let classNames, _): InputForm(classNames: classNames)
    }
  }

  /// Makes sure that it can reveal what an attack needs.
  ///
  /// - Throws: `StudyError`.
  func check(needs knowledge: Knowledge, attack: String, remedy: String = "") throws {
    guard knowledge > self.knowledge else { return }
    throw StudyError(
      "the attack '\(attack)' needs \(knowledge), but \(name) reveals scores or labels; expected an attack such as"
        + " square (scores) or hop-skip-jump (labels)\(remedy)")
  }

  /// What is attacked; a remote model is asked about the first example, to learn how it answers.
  ///
  /// - Parameters:
  ///   - data: The examples.
  ///   - arguments: What was said of the model.
  ///   - remote: How to ask.
  ///   - batch: The most inputs in one question.
  ///   - observer: Told what there is to say while it is asked.
  /// - Returns: The subject.
  /// - Throws: `RemoteError`, or `StudyError` if the names of the classes do not fit.
  func subject(
    for data: Dataset, _ arguments: ModelSettings, _ remote: RemoteSettings, batch: Int,
    telling observer: Observer
  ) throws -> Subject {
    switch self {
    case .here(let name, let loaded):
      var subject = Subject(name, loaded.network, source: loaded.source)
      subject.fileDigest = loaded.fileDigest
      return subject
    case .remote(let reference, let classNames, let range):
      let model = try RemoteModel(
        reference, probe: try data.image(at: 0), classes: remote.classes,
        options: remote.options(batch: batch, range: range, telling: observer))
      try arguments.check(classNames, outputCount: model.outputCount)
      return Subject(model, classNames: classNames)
    }
  }
}
