import Robustness
import Tensors
import Datasets
import Files
import Engine
import Settings
import Models
import Networks
import Diagnosis
/// The outputs of a model for all examples of a data set.
public struct Prediction: Sendable {
  /// N x outputs.
  let logits: Tensor<Float>
  /// The gradient of the cross-entropy with respect to each example, if it was asked for.
  let gradient: Tensor<Float>?
  /// The examples.
  let inputs: Tensor<Float>
  /// What the examples are known to be, if anything is.
  let targets: Targets?
  /// Duration of the work, without start-up.
  package let seconds: Double
  /// Which algorithms computed the network, if it runs here.
  let algorithms: Algorithms?
  /// What the examination before found; `nil` if there was none.
  var findings: [Finding]?

  /// What to do.
  package struct Request: Sendable {
    var data: Dataset
    var batch: Int
    var includesGradient: Bool
  }

  /// Share of examples whose largest output, or whose single output's sign, is that of the label, or all of
  /// whose labels are told rightly; `nil` for a regression or without labels.
  package var accuracy: Double? {
    guard let targets else { return nil }
    let right: Int
    switch targets {
    case .numbers: return nil
    case .multiLabel:
      right = (0..<targets.count).count { row in
        .labels(logits.row(row).scalars.map { $0 > 0 }) == targets[row]
      }
    case .classes(let labels):
      if logits.shape[1] == 1, !labels.allSatisfy({ 0...1 ~= $0 }) { return nil }
      right = (0..<labels.count).count { row in
        let scores = logits.row(row)
        let prediction = scores.count == 1 ? (scores[0] > 0 ? 1 : 0) : scores.indexOfMaximum
        return prediction == labels[row]
      }
    }
    return Double(right) / Double(max(targets.count, 1))
  }

  /// Runs the model on all examples.
  static func perform(
    _ request: Request, on model: any BatchedModel, telling observer: Observer = .none
  ) async throws -> Prediction {
    let (data, batch) = (request.data, request.batch)
    let outputs = model.outputCount
    let line = observer.begin("predict", of: data.count, "examples")
    defer { line.finish() }
    var logits: [Float] = []
    var gradient: [Float] = []
    var inputs: [Float] = []
    logits.reserveCapacity(data.count * outputs)
    var seconds = 0.0
    for start in stride(from: 0, to: data.count, by: batch) {
      try Task.checkCancellation()
      let positions = Array(start..<min(start + batch, data.count))
      let rows = try data.inputs(at: positions)
      let objectives = try request.includesGradient ? objectives(data, positions, outputs) : nil
      let clock = ContinuousClock.now
      if let objectives {
        let answer = try await model.gradients(at: rows, of: objectives, batch: batch)
        logits += answer.outputs.scalars
        gradient += answer.gradients.scalars
      } else {
        // Exact algorithms where there is no gradient.
        logits += try await model.outputs(of: rows, batch: batch, isExact: true).scalars
      }
      seconds += (ContinuousClock.now - clock).seconds
      inputs += rows.scalars
      line.show(positions.count + start)
    }
    let shape = data.exampleShape.prepending(data.count)
    return Prediction(
      logits: Tensor(logits, shape: [data.count, outputs]),
      gradient: request.includesGradient ? Tensor(gradient, shape: shape) : nil,
      inputs: Tensor(inputs, shape: shape), targets: data.isLabelled ? data.targets : nil,
      seconds: seconds, algorithms: (model as? CompiledNetwork)?.algorithms)
  }

  /// The cross-entropies of some examples' labels.
  private static func objectives(
    _ data: Dataset, _ positions: [Int], _ outputs: Int
  ) throws -> [any Objective] {
    guard data.targetKind == .classes else {
      throw StudyError(
        "\(data.name): each example has \(data.targetKind.words), so that there is no cross-entropy;"
          + " leave out \(Setting.gradient)"
          + data.targetsRemedy("classes are \(Setting.targets) classes"))
    }
    return try data.labels(at: positions).map { label in
      guard label < max(2, outputs) else {
        throw StudyError(
          "\(data.name): the label \(label) is no class of \(max(2, outputs)), so that there is no"
            + " cross-entropy; leave out \(Setting.gradient)")
      }
      return try Loss.crossEntropy.objective(
        for: outputs == 1 ? .avoid(singleLogit: label) : .avoid(label), outputCount: outputs)
    }
  }

  /// Writes the arrays, in the form that the name's ending says.
  package func write(to path: String) throws {
    if path.hasSuffix(".npz") {
      let (x, outputs) = (NPYContents(inputs), NPYContents(logits))
      let bytes =
        switch (gradient.map { NPYContents($0) }, targets.map { NPYContents($0) }) {
        case (let gradient?, let y?):
          try NPYContents.npz(["logits": outputs, "gradient": gradient, "x": x, "y": y])
        case (let gradient?, nil):
          try NPYContents.npz(["logits": outputs, "gradient": gradient, "x": x])
        case (nil, let y?): try NPYContents.npz(["logits": outputs, "x": x, "y": y])
        case (nil, nil): try NPYContents.npz(["logits": outputs, "x": x])
        }
      try AtomicFile.write(bytes, to: path)
      return
    }
    var file = SafeTensorsFile(name: path)
    file.tensors = ["logits": logits, "x": inputs]
    file.tensors["gradient"] = gradient
    switch targets {
    case nil: break
    case .classes(let labels):
      file.integers["y"] = SafeTensorsIntegers(labels.map { Int64($0) }, shape: [labels.count])
    case .multiLabel(let flags, let width):
      file.integers["y"] = SafeTensorsIntegers(
        flags.map { $0 ? 1 : 0 }, shape: [flags.count / width, width])
    case .numbers(let numbers, let width):
      file.tensors["y"] = Tensor(numbers, shape: [numbers.count / width, width])
    }
    try AtomicFile.write(file.encoded(), to: path)
  }
}

extension NPYContents {
  /// Classes, or as many columns as examples have labels or numbers.
  fileprivate init(_ targets: Targets) {
    switch targets {
    case .classes(let labels): self.init(labels)
    case .multiLabel(let flags, let width):
      self.init(integers: flags.map { $0 ? 1 : 0 }, shape: [flags.count / width, width])
    case .numbers(let numbers, let width):
      self.init(Tensor(numbers, shape: [numbers.count / width, width]))
    }
  }
}
