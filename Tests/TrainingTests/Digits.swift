import Datasets
import Networks
import Optimizers
import Tensors
import Training

/// Small data that look like MNIST, and what is often needed with them.
enum Digits {
  /// Examples of noise, each with a bright square at a place that its label says.
  static func data(_ count: Int, seed: UInt64 = 3, name: String = "squares") -> Dataset {
    var generator = RandomKey(seed: seed).child("squares").generator
    var values: [Float] = []
    var labels: [Int] = []
    for _ in 0..<count {
      let label = generator.integer(below: 10)
      var image = (0..<784).map { _ in 0.4 * generator.uniform() }
      for row in 0..<5 {
        for column in 0..<5 {
          image[(4 + 12 * (label / 5) + row) * 28 + 1 + 5 * (label % 5) + column] = 0.9
        }
      }
      values += image
      labels.append(label)
    }
    return Dataset(
      name: name, exampleShape: [1, 28, 28], values: values, labels: labels,
      classNames: (0...9).map(String.init), bounds: 0...1)
  }

  /// The small convolutional network.
  static func network(seed: UInt64 = 1) throws -> Network {
    try Architecture.smallCNN.network(seed: seed)
  }

  /// A state as it is after it was written to a file and read again.
  static func reread(
    _ state: TrainingState, _ recipe: Recipe, on data: Dataset
  ) throws -> TrainingState {
    let bytes = state.file(recipe, isFinished: false).encoded()
    return try TrainingState(
      resuming: NetworkFile(bytes: bytes, name: "file"), named: "file",
      architecture: state.network.architecture, recipe: recipe, data: data)
  }
}

extension TrainingState {
  /// All that must agree if two trainings are one: numbers by their bits.
  var bits: [String: [UInt64]] {
    var bits: [String: [UInt64]] = [:]
    for (name, tensor) in network.parameters {
      bits["parameter " + name] = tensor.scalars.map { UInt64($0.bitPattern) }
    }
    for (name, tensor) in optimizer.state {
      bits["optimiser " + name] = tensor.scalars.map { UInt64($0.bitPattern) }
    }
    bits["progress"] = [
      UInt64(step), current.loss.bitPattern, UInt64(current.correct), UInt64(current.count),
    ]
    for (name, tensor) in trainedNetwork.parameters {
      bits["trained " + name] = tensor.scalars.map { UInt64($0.bitPattern) }
    }
    bits["best"] = [UInt64(bestEpoch ?? 0), UInt64(collapses.count)]
    bits["epochs"] = epochs.flatMap { epoch -> [UInt64] in
      let heldOut = epoch.heldOut
      let shares: [Double?] = [
        epoch.loss, epoch.accuracy, epoch.validationAccuracy, epoch.robustAccuracy,
        heldOut?.natural, heldOut?.robust, heldOut?.oneStep, heldOut?.verified,
      ]
      return shares.map { ($0 ?? -1).bitPattern }
    }
    return bits
  }
}
