public import Datasets
import Engine
import Files
public import Networks
import Optimizers
import Tensors

// How a training is written into a file, and read again.

extension TrainingState {
  /// What the names of a method's tensors begin with in files, to tell them from the optimiser's.
  private static let memoryPrefix = "method/"
  /// The same of the parameters of the best epoch.
  private static let bestPrefix = "best/"
  /// The same of averages.
  private static let averagePrefix = "average"

  fileprivate enum Key {
    static let recipe = "recipe"
    static let seed = "seed"
    static let metrics = "metrics"
    static let step = "progress.step"
    static let running = "progress.running"
    static let data = "progress.data"
    static let examples = "progress.examples"
    static let algorithms = "progress.algorithms"
    static let checksum = "progress.checksum"
    static let seconds = "progress.seconds"
    static let best = "progress.best"
    static let selected = "selected"
    static let collapses = "collapses"
    static let ending = "ending"
  }

  /// The state as a file that can be attacked, and from which training can be resumed unless it is finished.
  ///
  /// - Parameters:
  ///   - recipe: What the training follows.
  ///   - isFinished: Whether to leave out what only a trainer needs.
  ///   - history: Further lines for the file's metadata, such as the command.
  /// - Returns: The contents of the file.
  public func file(
    _ recipe: Recipe, isFinished: Bool, history: [String: String] = [:]
  ) -> NetworkFile {
    var lines = history
    lines[Key.recipe] = recipe.description
    lines[Key.seed] = String(recipe.seed)
    lines[Key.metrics] = epochs.map(\.line).joined(separator: "\n")
    if !collapses.isEmpty { lines[Key.collapses] = collapses.map(\.line).joined(separator: "\n") }
    if isFinished {
      if let bestEpoch { lines[Key.selected] = "epoch \(bestEpoch) of \(epochs.count)" }
      lines[Key.ending] = ending?.words
      return NetworkFile(trainedNetwork, history: lines)
    }
    lines[Key.seconds] = String(seconds)
    lines[Key.best] = bestEpoch.map(String.init)
    lines[Key.step] = String(step)
    lines[Key.running] = "\(current.loss) \(current.correct) \(current.count)"
    lines[Key.data] = data
    lines[Key.examples] = examples
    lines[Key.algorithms] = algorithms.sorted { $0.key < $1.key }
      .map { "\($0.key)\t\($0.value.name)" }.joined(separator: "\n")
    var tensors = optimizer.state
    for (name, tensor) in memory.tensors { tensors[TrainingState.memoryPrefix + name] = tensor }
    for (name, tensor) in average { tensors[name] = tensor }
    for (name, tensor) in best ?? [:] { tensors[TrainingState.bestPrefix + name] = tensor }
    var file = NetworkFile(network, history: lines, state: tensors)
    file.history[Key.checksum] = file.checksum
    return file
  }

  /// Continues from a file.
  ///
  /// - Parameters:
  ///   - file: What `file(_:isFinished:history:)` made of an unfinished training.
  ///   - name: What to call the file in messages.
  ///   - architecture: The network's form, which must be that of the file.
  ///   - recipe: The recipe, which must be that of the file.
  ///   - data: The examples, which must be those of the file.
  /// - Throws: `TrainingError.recipe` or `TrainingError.checkpoint`.
  public init(
    resuming file: NetworkFile, named name: String, architecture: String, recipe: Recipe,
    data: Dataset
  ) throws(TrainingError) {
    func require(_ condition: Bool, _ problem: @autoclosure () -> String) throws(TrainingError) {
      if !condition { throw .checkpoint(file: name, problem: problem()) }
    }
    try require(
      file.network.architecture == architecture,
      "expected the architecture \(architecture), found \(file.network.architecture)")
    let found = file.history[Key.recipe] ?? "none"
    guard found == recipe.description else {
      throw .recipe(file: name, expected: recipe.description, found: found)
    }
    try require(file.history[Key.step] != nil, "the training it holds is finished")
    let examples = TrainingState.describe(data)
    let trained = file.history[Key.data] ?? examples
    try require(trained == examples, "expected training on \(examples), found \(trained)")

    // Files of earlier versions do not say it.
    if let sum = file.history[Key.examples] {
      let own: String
      do { own = try data.checksum() } catch { throw .checkpoint(file: name, problem: "\(error)") }
      try require(
        own == sum, "expected the examples that it was trained on, found others as \(data.name)")
    }

    self.init(file.network, recipe: recipe)
    self.data = file.history[Key.data]
    self.examples = file.history[Key.examples]
    step = max(file.history[Key.step].flatMap { Int($0) } ?? -1, -1)
    for line in (file.history[Key.metrics] ?? "").split(separator: "\n") {
      guard let record = EpochRecord(line: String(line)) else {
        throw .checkpoint(file: name, problem: "its metrics are unreadable: \"\(line)\"")
      }
      epochs.append(record)
    }
    guard let sum = RunningSum(file.history[Key.running] ?? "") else {
      throw .checkpoint(file: name, problem: "its running sums are unreadable")
    }
    current = sum
    for line in (file.history[Key.algorithms] ?? "").split(separator: "\n") {
      let fields = line.split(separator: "\t")
      guard fields.count == 2, let algorithm = ConvolutionAlgorithm(name: String(fields[1])) else {
        throw .checkpoint(file: name, problem: "its algorithms are unreadable: \"\(line)\"")
      }
      algorithms[String(fields[0])] = algorithm
    }
    let perEpoch = recipe.stepsPerEpoch(examples: data.count)
    let inEpoch = step - epochs.count * perEpoch
    try require(
      epochs.count < recipe.epochs && 0...perEpoch ~= inEpoch
        && current.count == recipe.examplesSeen(in: inEpoch, of: data.count),
      "its step \(file.history[Key.step] ?? "") does not go with its \(epochs.count) finished epochs "
        + "and \(current.count) examples since")
    try require(step == 0 || self.data != nil, "it does not name the examples it was trained on")

    try require(
      file.history[Key.seconds].map { Double($0).map { $0 >= 0 && $0.isFinite } ?? false } ?? true,
      "its seconds are unreadable")
    seconds = file.history[Key.seconds].flatMap { Double($0) } ?? 0
    for line in (file.history[Key.collapses] ?? "").split(separator: "\n") {
      guard let collapse = Collapse(line: String(line)) else {
        throw .checkpoint(file: name, problem: "its collapses are unreadable: \"\(line)\"")
      }
      collapses.append(collapse)
    }
    if let text = file.history[Key.best] {
      bestEpoch = Int(text)
      try require(
        bestEpoch.map { 1...max(epochs.count, 1) ~= $0 } ?? false,
        "its best epoch is \(text), of \(epochs.count)")
    }

    func part(_ prefix: String) -> [String: Tensor<Float>] {
      Dictionary(
        uniqueKeysWithValues: file.state.filter { $0.key.hasPrefix(prefix) }
          .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
    }
    memory.tensors = part(TrainingState.memoryPrefix)
    let wrong = recipe.method.flaw(in: memory, atStep: step, exampleShape: data.exampleShape)
    try require(wrong == nil, wrong ?? "")
    let best = part(TrainingState.bestPrefix)
    try require(best.isEmpty || bestEpoch != nil, "it does not say which epoch was the best")
    for (parameter, tensor) in best.isEmpty ? [:] : file.network.parameters {
      try require(
        best[parameter]?.shape == tensor.shape,
        "the best epoch's tensor \"\(parameter)\" is missing or has another shape")
    }
    self.best = best.isEmpty ? nil : best
    average = file.state.filter { $0.key.hasPrefix(TrainingState.averagePrefix) }
    try require(
      average.isEmpty || recipe.average != nil, "it holds an average that the recipe does not want")
    let kept = file.state.filter { name, _ in
      ![TrainingState.memoryPrefix, TrainingState.bestPrefix, TrainingState.averagePrefix]
        .contains { name.hasPrefix($0) }
    }
    let moved = try recipe.trainedNames(of: file.network)
    let names = step == 0 ? [] : moved.flatMap(optimizer.stateNames(for:))
    let surplus = Set(kept.keys).subtracting(names).min()
    try require(surplus == nil, "the optimiser's tensor \"\(surplus ?? "")\" fits no parameter")
    for parameter in step == 0 ? [] : moved {
      for key in optimizer.stateNames(for: parameter) {
        let tensor = file.state[key]
        try require(tensor != nil, "the optimiser's tensor \"\(key)\" is missing")
        try require(
          tensor?.shape == file.network.parameters[parameter]?.shape,
          "the optimiser's tensor \"\(key)\" does not have its parameter's shape")
      }
    }
    optimizer.state = kept
    // Last, since the others say what is wrong.
    try require(
      file.history[Key.checksum] == file.checksum,
      "its checksum does not go with it: it is damaged, or from a version of Gibbon that wrote none"
    )
  }
}

extension TrainingState.RunningSum {
  /// Reads what `TrainingState.file(_:isFinished:history:)` writes.
  init?(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, let loss = Double(words[0]), loss.isFinite,
      let count = Int(words[2]), count >= 0, let correct = Int(words[1]), 0...count ~= correct
    else { return nil }
    self.loss = loss
    self.correct = correct
    self.count = count
  }
}

extension EpochRecord {
  /// The record on one line that reads back exactly.
  var line: String {
    var parts = ["loss \(loss)", "accuracy \(accuracy)"]
    if let validationAccuracy { parts.append("validation \(validationAccuracy)") }
    if let robustAccuracy { parts.append("robust \(robustAccuracy)") }
    if let heldOut {
      parts.append("held-out \(heldOut.natural)")
      if let robust = heldOut.robust { parts.append("held-out-robust \(robust)") }
      if let oneStep = heldOut.oneStep { parts.append("held-out-one-step \(oneStep)") }
      if let verified = heldOut.verified { parts.append("held-out-verified \(verified)") }
    }
    return parts.joined(separator: ", ")
  }

  init?(line: String) {
    var values: [String: Double] = [:]
    for part in line.split(separator: ",") {
      let words = part.split(separator: " ")
      guard words.count == 2, let value = Double(words[1]), value.isFinite else { return nil }
      values[String(words[0])] = value
    }
    guard let loss = values["loss"], let accuracy = values["accuracy"] else { return nil }
    self.init(
      loss: loss, accuracy: accuracy, validationAccuracy: values["validation"],
      robustAccuracy: values["robust"],
      heldOut: values["held-out"].map {
        Measurement(
          natural: $0, robust: values["held-out-robust"], oneStep: values["held-out-one-step"],
          verified: values["held-out-verified"])
      })
  }
}

extension Collapse {
  /// The collapse on one line that reads back exactly.
  var line: String { "\(epoch) \(oneStep) \(severalSteps) \(before)" }

  init?(line: String) {
    let words = line.split(separator: " ").map { Double($0) }
    guard words.count == 4, let epoch = words[0].flatMap({ Int(exactly: $0) }), epoch > 0,
      let oneStep = words[1], let severalSteps = words[2], let before = words[3]
    else { return nil }
    self.init(epoch: epoch, oneStep: oneStep, severalSteps: severalSteps, before: before)
  }
}

extension NetworkFile {
  /// Whether the file holds a training that has not come to its end.
  public var isUnfinishedTraining: Bool {
    history[TrainingState.Key.step] != nil || history[TrainingState.Key.checksum] != nil
  }

  /// A checksum of all that a training goes on from.
  fileprivate var checksum: String {
    var sum = Checksum()
    sum.add(network.architecture)
    for lines in [network.input.metadata, history] {
      for (key, value) in lines.sorted(by: { $0.key < $1.key })
      where key != TrainingState.Key.checksum {
        sum.add(key)
        sum.add(value)
      }
    }
    for tensors in [network.parameters, state] {
      for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
        sum.add(name)
        for extent in tensor.shape.extents { sum.add(UInt64(extent)) }
        tensor.withUnsafeScalars { sum.add(UnsafeRawBufferPointer($0)) }
      }
    }
    return sum.hexadecimal
  }

  /// Whether the network was trained by Gibbon, under the description that the file carries.
  public var isTrained: Bool { history[TrainingState.Key.recipe] != nil }

  /// The share of right answers that the training ended with, on validation examples if there were any; `nil` if the
  /// file does not say.
  public var reachedAccuracy: Double? {
    guard let line = history[TrainingState.Key.metrics]?.split(separator: "\n").last,
      let record = EpochRecord(line: String(line))
    else { return nil }
    return record.validationAccuracy ?? record.accuracy
  }
}
