import Diagnosis
import Models
import Networks
import Robustness
import SoundModels
import Synchronization
import Tensors

/// The mistakes that the doctor knows, by what they can be planted in.
enum Mistakes {
  // MARK: - In any model

  static let everywhere: [Mistake] = [
    Mistake("labels from 1", .labels, "subtract 1") { $0.labelled { $0 + 1 } },
    Mistake("labels from -1", .labels, "add 1") { $0.labelled { $0 - 1 } },
    Mistake("labels in reverse", .labels, "renumber") { subject in
      subject.labelled { subject.classCount - 1 - $0 }
    },
    Mistake("labels by another list", .labels, "renumber") { subject in
      var random = Philox(key: 5)
      var order = random.permutation(of: subject.classCount)
      while order == Array(order.indices)
        || zip(order, order.dropFirst()).allSatisfy({ $1 == $0 + 1 })
      {
        order = random.permutation(of: subject.classCount)
      }
      return subject.labelled { [order] in order[$0] }
    },
    Mistake("two labels exchanged", .labels, "renumber") {
      $0.labelled { $0 == 0 ? 1 : $0 == 1 ? 0 : $0 }
    },
    Mistake("labels of other examples", .nearChance, "are these the data") { subject in
      var other = subject
      var random = Philox(key: 11)
      other.labels = random.permutation(of: subject.labels.count).map { subject.labels[$0] }
      return other
    },
    Mistake("a softmax", .probabilities, "before it", mayBeHarmless: false) { subject in
      let classes = subject.classCount
      return subject.answering { outputs, count in
        for row in 0..<count {
          let range = row * classes..<(row + 1) * classes
          let top = range.map { outputs[$0] }.max() ?? 0
          let sum = range.reduce(0) { $0 + Float.exp(outputs[$1] - top) }
          for index in range { outputs[index] = .exp(outputs[index] - top) / sum }
        }
      }
    },
    Mistake(
      "sigmoids of an unknown graph", .probabilities, "before its sigmoid", mayBeHarmless: false
    ) {
      let classes = $0.model.outputCount
      return $0.answering { outputs, count in
        for index in 0..<count * classes { outputs[index] = 1 / (1 + Float.exp(-outputs[index])) }
      }
    },
    Mistake("noise in the outputs", .unsteady, "model.eval()", mayBeHarmless: false) { subject in
      let calls = Counter()
      return subject.answering { outputs, _ in outputs[0] *= 1 + 0.05 * Float(calls.next()) }
    },
    Mistake(
      "outputs that depend on the batch", .batchDependence, "model.eval()", mayBeHarmless: false
    ) {
      let classes = $0.model.outputCount
      return $0.answering { outputs, count in
        for output in 0..<classes {
          let mean = (0..<count).reduce(0) { $0 + outputs[classes * $1 + output] } / Float(count)
          for row in 0..<count { outputs[classes * row + output] -= mean }
        }
      }
    },
    Mistake("equal outputs", .saturated, "answers every input alike", mayBeHarmless: false) {
      let classes = $0.model.outputCount
      return $0.answering { outputs, count in
        for index in 0..<classes * count { outputs[index] = 3 }
      }
    },
    Mistake("outputs too far apart", .saturated, "no gradient", mayBeHarmless: false) {
      let classes = $0.model.outputCount
      return $0.answering { outputs, count in
        for index in 0..<classes * count { outputs[index] *= 1e5 }
      }
    },
    Mistake("a parameter that is NaN", .notFinite, "diverged", mayBeHarmless: false) { subject in
      guard var network = subject.network else { return subject }
      var parameters = network.parameters
      // A later one: rectifiers make numbers of NaN.
      if let name = network.parameterNames.last { parameters[name]?[0] = .nan }
      try network.load(parameters)
      return try subject.with(network)
    },
  ]

  // MARK: - In pictures

  static let units: [Mistake] = [
    Mistake("values up to 1/255", .inputRange, "divided by 255 twice: multiply them by 255") {
      $0.with { $0.map { $0 / 255 } }
    },
    Mistake("a network of values up to 255", .inputRange, "input-range 0:255") {
      $0.scaled(by: 1 / 255)
    },
    Mistake("values up to 255", .inputRange, "divide the data by 255") {
      $0.with { $0.map { $0 * 255 } }
    },
    Mistake("values of 0 to 1 for -1 to 1", .inputRange, "-1:1") {
      $0.with { $0.map { ($0 + 1) / 2 } }
    },
    Mistake("inverted pictures", .inputRange, "invert the data") { $0.with { $0.map { 1 - $0 } } },
    Mistake("a range said wrongly", .inputRange, "leave out input-range") { subject in
      guard let network = subject.network else { return subject }
      return try subject.with(
        network.describing(InputDescription(shape: network.input.shape, networkRange: -40 ... -39)))
    },
    Mistake("other statistics", .normalization, "leave out mean and std") { subject in
      guard let network = subject.network else { return subject }
      let channels = network.input.shape[0]
      return try subject.with(
        network.describing(
          InputDescription(
            shape: network.input.shape, mean: Array([30, -5, 10].prefix(channels)),
            standardDeviation: Array([5, 0.1, 20].prefix(channels)))))
    },
  ]

  static let orders: [Mistake] = [
    Mistake("upside down", .orientation, "upside down") {
      Mistake.moved($0) { [$0[0], $0[1], $1 - $0[2], $0[3]] }
    },
    Mistake("mirrored", .orientation, "left and right") {
      Mistake.moved($0) { [$0[0], $0[1], $0[2], $1 - $0[3]] }
    },
    Mistake("half a turn", .orientation, "180 degrees") {
      Mistake.moved($0) { [$0[0], $0[1], $1 - $0[2], $1 - $0[3]] }
    },
    Mistake("rows for columns", .layout, "on their side") {
      Mistake.moved($0) { at, _ in [at[0], at[1], at[3], at[2]] }
    },
  ]

  /// By MNIST's statistics of grey pictures, and by ImageNet's of colours.
  static let normalizations: [Mistake] = [
    Mistake("no normalisation", .normalization, "mean") {
      normalizing($0) { $0 * $2 + $1 }
    },
    Mistake("normalisation twice", .normalization, "normalised twice") {
      normalizing($0) { ($0 - $1) / $2 }
    },
  ]

  private static func normalizing(
    _ subject: Mistake.DiagnosedModel,
    _ change: (_ value: Float, _ mean: Float, _ deviation: Float) -> Float
  ) -> Mistake.DiagnosedModel {
    subject.with { x in
      let (channels, pixels) = (x.shape[1], x.shape[2] * x.shape[3])
      let means: [Float] = channels == 1 ? [0.1307] : [0.485, 0.456, 0.406]
      let deviations: [Float] = channels == 1 ? [0.3081] : [0.229, 0.224, 0.225]
      return Tensor(shape: x.shape) { target in
        for index in 0..<target.count {
          let channel = index / pixels % channels
          target[index] = change(x[index], means[channel], deviations[channel])
        }
      }
    }
  }

  static let colours: [Mistake] = [
    Mistake("blue first", .channelOrder, "channels bgr") {
      Mistake.moved($0) { at, _ in [at[0], 2 - at[1], at[2], at[3]] }
    },
    Mistake("channels last", .layout, "N x C x H x W") { subject in
      subject.with { x in
        Planted.moved(x, to: [x.shape[0], x.shape[2], x.shape[3], x.shape[1]]) {
          [$0[0], $0[3], $0[1], $0[2]]
        }.reshaped(to: x.shape)
      }
    },
  ]

  // MARK: - In batch normalisations

  static let statistics: [Mistake] = [
    Mistake("statistics of other weights", .batchNormalization, "measure them again") { subject in
      guard var network = subject.network else { return subject }
      var parameters = network.parameters
      for name in network.statisticNames {
        parameters[name] = parameters[name]?.map {
          name.hasSuffix("running_mean") ? -2 * $0 + 0.5 : 0.05 + 3 * $0
        }
      }
      try network.load(parameters)
      return try subject.with(network)
    },
    Mistake("statistics as before training", .batchNormalization, "save the model with its buffers")
    { subject in
      guard var network = subject.network else { return subject }
      var parameters = network.parameters
      for name in network.statisticNames {
        parameters[name] = parameters[name]?.map { _ in name.hasSuffix("running_mean") ? 0 : 1 }
      }
      try network.load(parameters)
      return try subject.with(network)
    },
    Mistake("training form", .batchDependence, "model.eval()", mayBeHarmless: false) { subject in
      guard let network = subject.network else { return subject }
      return try subject.with(try network.normalizingBatches())
    },
  ]

  /// Counts calls.
  private final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
      count.withLock {
        $0 += 1
        return $0
      }
    }
  }
}

extension Mistake {
  /// Values at other places of pictures; the place is told the last row.
  static func moved(
    _ subject: DiagnosedModel, _ place: ([Int], _ last: Int) -> [Int]
  ) -> DiagnosedModel {
    subject.with { x in Planted.moved(x, to: x.shape) { place($0, x.shape[2] - 1) } }
  }
}
