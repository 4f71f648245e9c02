import Files
import Insight

// What is asked of a network most often, in a line each. The network is compiled at its first call.

extension Network {
  /// Reads a network: a built-in one by its name, or a file of any format that is understood (ONNX, Gibbon's and others'
  /// safetensors, PyTorch's).
  ///
  ///     let network = try Network(path: "mnist-robust")
  ///
  /// - Parameters:
  ///   - path: `mnist-standard`, `mnist-robust`, `mnist-certified` or a file.
  ///   - settings: What the file does not say of itself, such as the architecture of a file that holds tensors alone.
  /// - Throws: An error that names the file and says in one line what is wrong with it.
  public init(path: String, settings: ModelSettings = ModelSettings()) throws {
    try settings.check()
    self = try ModelReference.load(path, settings).network
  }

  /// Writes the network, in the form that the ending says: `.safetensors` or `.onnx`, which carry the description of the
  /// input, `.pt` or `.npz`, which hold the parameters alone.
  ///
  /// - Throws: `FileError` if the file cannot be written, `StudyError` for another ending; what cannot be said in a form.
  public func write(to path: String) throws {
    guard let form = ModelFormat(ending: path) else {
      throw StudyError("\(path): expected a name that ends in .safetensors, .onnx, .pt or .npz")
    }
    let conversion = Conversion(file: NetworkFile(self), input: architecture, output: path)
    try AtomicFile.write(try conversion.bytes(as: form), to: path)
  }

  /// The scores of some examples.
  ///
  /// - Parameters:
  ///   - inputs: n x `input.shape`, or one example, in the units of `input`.
  ///   - batch: The most examples that are computed at once.
  /// - Returns: n x `outputCount`.
  /// - Throws: `GraphError`, `EngineError`; `CancellationError` between batches.
  public func scores(of inputs: Tensor<Float>, batch: Int = 128) async throws -> Tensor<Float> {
    try await compiled().outputs(of: try checked(inputs), batch: batch)
  }

  /// Inputs that are examples of the network's shape.
  ///
  /// - Throws: `StudyError` if they are not.
  private func checked(_ inputs: Tensor<Float>) throws -> Tensor<Float> {
    let extents = inputs.shape.extents
    guard inputs.shape == input.shape || Array(extents.dropFirst()) == input.shape.extents else {
      throw StudyError(
        "\(architecture): the inputs are \(inputs.shape); expected n x \(input.shape)")
    }
    return inputs
  }

  /// The class with the largest score for each of some examples; of a single output, whether it is positive.
  ///
  /// - Parameter inputs: n x `input.shape`, or one example.
  /// - Returns: n classes; `nil` where a score is NaN.
  /// - Throws: As `scores(of:)`.
  public func predictions(of inputs: Tensor<Float>) async throws -> [Int?] {
    let scores = try await scores(of: inputs)
    return (0..<scores.shape[0]).map { prediction(of: scores.row($0)) }
  }

  /// The class with the largest score for each example of a data set; of a single output, whether it is positive.
  ///
  /// - Returns: A class for each example; `nil` where a score is NaN.
  /// - Throws: As `scores(of:)`, and what reading the data throws.
  public func predictions(on data: Dataset) async throws -> [Int?] {
    let scores = try await compiled().outputs(count: data.count) { try data.inputs(at: $0) }
    return (0..<data.count).map { prediction(of: scores.row($0)) }
  }

  /// The class that a row of scores stands for, as attacks and evaluations read it.
  private func prediction(of scores: Tensor<Float>) -> Int? { missing(0).prediction(of: scores) }

  /// The goal of an adversary who wants another class than the label.
  private func missing(_ label: Int) -> Goal {
    GoalRule.miss.goal(target: .label(label), outputs: nil, outputCount: outputCount)
  }

  /// The gradients of a loss with respect to some examples, one for each.
  ///
  ///     let slopes = try await network.gradient(at: images, of: .crossEntropy, labels: [7, 2])
  ///
  /// - Parameters:
  ///   - inputs: n x `input.shape`, or one example.
  ///   - loss: What is differentiated: the loss of missing the label.
  ///   - labels: The class of each example.
  ///   - batch: The most examples that are computed at once.
  /// - Returns: In the shape of `inputs`.
  /// - Throws: `StudyError` if there is not one label for each example of the network's shape, or one is no class;
  ///   `ObjectiveError` where the loss is not defined for so few outputs; `GraphError`, `EngineError`.
  public func gradient(
    at inputs: Tensor<Float>, of loss: Loss = .crossEntropy, labels: [Int], batch: Int = 128
  ) async throws -> Tensor<Float> {
    let classes = max(2, outputCount)
    if let label = labels.first(where: { !(0..<classes).contains($0) }) {
      throw StudyError(
        "\(architecture): the label \(label) is no class; expected 0 to \(classes - 1)")
    }
    let objectives = try labels.map { label in
      try loss.objective(for: missing(label), outputCount: outputCount)
    }
    return try await gradient(at: inputs, of: objectives, batch: batch)
  }

  /// The gradients of an objective of each example's scores with respect to the example.
  ///
  /// - Parameters:
  ///   - inputs: n x `input.shape`, or one example.
  ///   - objectives: One for each example.
  ///   - batch: The most examples that are computed at once.
  /// - Returns: In the shape of `inputs`.
  /// - Throws: `GraphError`, `EngineError`; `CancellationError` between batches.
  public func gradient(
    at inputs: Tensor<Float>, of objectives: [any Objective], batch: Int = 128
  ) async throws -> Tensor<Float> {
    let width = outputCount
    let count = try checked(inputs).count / input.shape.count
    guard count == objectives.count else {
      throw StudyError(
        "\(architecture): \(objectives.count) labels or objectives for \(count) examples; expected one for each"
      )
    }
    return try await compiled().gradients(at: inputs, batch: batch) { rows, outputs in
      var slopes = Tensor<Float>.zeros(outputs.shape)
      outputs.withUnsafeScalars { outputs in
        slopes.withUnsafeMutableScalars { slopes in
          for (place, row) in rows.enumerated() {
            let part = place * width..<(place + 1) * width
            _ = objectives[row].value(
              of: UnsafeBufferPointer(rebasing: outputs[part]),
              cotangent: UnsafeMutableBufferPointer(rebasing: slopes[part]))
          }
        }
      }
      return slopes
    }.gradients
  }

  /// Attacks each example of a data set within a threat model.
  ///
  ///     let outcomes = try await network.attack(digits, by: PGD { $0.steps = 100 }, within: "linf:0.3")
  ///
  /// - Parameters:
  ///   - data: The examples, each with a class.
  ///   - attack: The attack.
  ///   - threat: What may change, as the command takes it: `linf:8/255`, `l2:0.5`, `rotation:30`.
  ///   - seed: Determines all chance.
  ///   - batch: The most examples that are computed at once; results do not depend on it.
  /// - Returns: The outcomes in the order of the data. Every adversarial example in them was verified.
  /// - Throws: An error that says what does not fit: the threat, the data, the attack; `CancellationError`.
  public func attack(
    _ data: Dataset, by attack: any Attack, within threat: String, seed: UInt64 = 0,
    batch: Int = 128
  ) async throws -> [Outcome] {
    try data.checkClasses(missedBy: Subject(architecture, self), for: "an attack")
    let common = try data.threat(ThreatReference(threat), for: input)
    let problems = try data.examples.map { example in
      try Problem(
        index: example.index, input: example.input, label: example.label, threat: common,
        goal: missing(example.label),
        earlyStopping: type(of: attack).search != .minimumNorm)
    }
    return try await AttackRunner(model: compiled(), batch: batch, seed: seed).run(
      attack, on: problems)
  }

  /// Measures the robust accuracy by the standard evaluation, or by other attacks in turn.
  ///
  /// - Parameters:
  ///   - data: The examples, each with a class.
  ///   - threat: One ball, as the command takes it, such as `linf:8/255`.
  ///   - attacks: Names of attacks; `nil` for the standard ones (APGD-CE, APGD-T, FAB-T and Square).
  ///   - checks: Whether to go through the checklist that says when the number should not be believed.
  ///   - verify: Whether to bound the robust accuracy from below, too; see `certify(_:within:)`.
  ///   - seed: Determines all chance.
  ///   - batch: The most examples that are computed at once; results do not depend on it.
  ///   - observer: Told what happens.
  /// - Returns: The result, which has a record and a page.
  /// - Throws: An error that says what does not fit; `StudyInterrupted` where the task is cancelled.
  public func evaluate(
    on data: Dataset, within threat: String, attacks: [String]? = nil, checks: Bool = true,
    verify: Bool = false, seed: UInt64 = 0, batch: Int = 128, telling observer: Observer = .none
  ) async throws -> EvaluationResult {
    try await EvaluationResult(
      of: self, on: data, within: threat, attacks: attacks, checks: checks,
      verify: verify, seed: seed, batch: batch, telling: observer)
  }

  /// Verifies which examples no change within a threat can lead to another class, by bounds in double precision that
  /// are rounded outward: a lower bound of the robust accuracy.
  ///
  ///     let certification = try await network.certify(digits, within: "linf:0.1")
  ///     print(certification.accuracy.share, certification.count(by: .interval))
  ///
  /// Intervals first, then linear functions backward from the scores where intervals do not suffice. What is
  /// certified is the network in real numbers, not its execution in single precision.
  ///
  /// - Parameters:
  ///   - data: The examples, each with a class.
  ///   - threat: One ball, as the command takes it; of L2 and L1 the dual norm counts beside the box around the ball.
  ///   - observer: Told of the progress.
  /// - Returns: What is verified of each example.
  /// - Throws: `StudyError` that names an operator without a bound and its node, or what else does not fit;
  ///   `CancellationError`.
  public func certify(
    _ data: Dataset, within threat: String, telling observer: Observer = .none
  ) async throws -> Certification {
    let subject = Subject(architecture, self)
    try data.checkClasses(missedBy: subject, for: "a certification")
    let ball = try ThreatReference(threat).ball()
    let common = try data.ball(ball.norm, radius: ball.radius, for: input)
    let examples = try await Verification(of: subject, on: data).certify(
      data, at: Array(0..<data.count), on: compiled(), telling: observer
    ) { position in
      let example = try data.example(at: position)
      return try Problem(
        index: example.index, input: example.input, label: example.label, threat: common,
        goal: missing(example.label), earlyStopping: true)
    }
    return Certification(examples: examples)
  }
}

extension Dataset {
  /// Opens a data set as it is named on the command line: `mnist:test`, `cifar10:test@DIR`, `npz:FILE`, `images:DIR`, ...
  ///
  /// - Throws: `DatasetError` that names the file, the place and what was expected there.
  public init(_ reference: String, options: DataOptions = DataOptions()) throws(DatasetError) {
    self = try DataReference(reference).load(options)
  }

  /// Creates a data set of arrays.
  ///
  /// - Parameters:
  ///   - name: What messages and records call it.
  ///   - inputs: n examples, one after the other along the first axis, with values within `bounds`.
  ///   - labels: The class of each, from 0.
  ///   - classNames: The names of the classes; by default their numbers.
  ///   - bounds: The range that every value lies in, and that perturbed inputs stay in.
  /// - Throws: `StudyError` that names the first example with a value outside the bounds or a label without a name, or says
  ///   that there are not as many labels as examples.
  public init(
    _ name: String = "arrays", inputs: Tensor<Float>, labels: [Int], classNames: [String]? = nil,
    bounds: ClosedRange<Float> = 0...1
  ) throws {
    guard inputs.shape.rank > 1, inputs.shape[0] == labels.count else {
      throw StudyError(
        "\(name): \(labels.count) labels for inputs of \(inputs.shape); expected one for each along the first axis"
      )
    }
    let known = classNames?.count ?? (labels.max() ?? 0) + 1
    if let example = labels.firstIndex(where: { !(0..<known).contains($0) }) {
      throw StudyError(
        "\(name): example \(example) has the label \(labels[example]); expected 0 to \(known - 1)")
    }
    if let place = inputs.scalars.firstIndex(where: { !bounds.contains($0) }) {
      let size = inputs.count / max(labels.count, 1)
      throw StudyError(
        "\(name): example \(place / size) has the value \(inputs[place]); expected values from \(bounds.lowerBound) to"
          + " \(bounds.upperBound), or other bounds")
    }
    self.init(
      name: name, exampleShape: Shape(Array(inputs.shape.extents.dropFirst())),
      values: inputs.scalars, labels: labels,
      classNames: classNames ?? (0...(labels.max() ?? 0)).map(String.init), bounds: bounds)
  }

  /// The first examples.
  public func prefix(_ count: Int) -> Dataset { subset(offset: 0, count: count) }
}

extension Tensor<Float> {
  /// Writes an example as a PNG file: height x width, or one or three channels of it; a value becomes the nearest of 256
  /// levels.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - bounds: The values of black and white.
  /// - Throws: `StudyError` if the shape is that of no picture; `FileError` if the file cannot be written.
  public func writePNG(to path: String, bounds: ClosedRange<Float> = 0...1) throws {
    guard let bitmap = Bitmap(self, bounds: bounds) else {
      throw StudyError(
        "\(path): a tensor of shape \(shape) is not a picture; expected height x width, or 1 or 3 channels of it"
      )
    }
    try AtomicFile.write(try bitmap.png(), to: path)
  }
}
