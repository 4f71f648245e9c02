import Networks
import Tensors

/// Something that examples could lack, tried out: if the network does much better then, they lack it.
struct InputChange: Sendable {
  let kind: Finding.Kind
  /// What is done, as in "if values are multiplied by 255".
  let name: String
  let mend: String
  /// Whether it takes back what the network makes of its input, which is likelier a mistake than the rest.
  var takesBack = false
  let apply: @Sendable (Tensor<Float>) -> Tensor<Float>

  /// The changes that make sense for examples of a shape, N aside, on a network with a description.
  static func all(shape: Shape, input: InputDescription?) -> [InputChange] {
    var changes = undoing(input, channels: shape.rank == 3 ? shape[0] : 1) + ranges
    let channels = shape.rank == 3 ? shape[0] : 0
    if channels == 3 { changes.append(reversedChannels) }
    if shape.rank == 3 {
      if shape[1] == shape[2] { changes.append(transposed) }
      if channels > 1 { changes += layouts(shape) }
    }
    for statistics in Statistics.known where statistics.mean.count == channels {
      if input?.mean.isEmpty ?? true { changes.append(normalized(statistics)) }
      changes.append(denormalized(statistics, isOwn: false))
    }
    return changes
  }

  /// What takes back what the network makes of its input itself.
  private static func undoing(_ input: InputDescription?, channels: Int) -> [InputChange] {
    var changes: [InputChange] = []
    if let input, input.mean.count == channels || input.mean.count == 1 {
      let own = Statistics(
        name: "the network's", mean: input.mean, deviation: input.standardDeviation)
      changes.append(denormalized(own, isOwn: true))
    }
    if let input, let range = input.networkRange {
      let factor = (input.upperBound - input.lowerBound) / (range.upperBound - range.lowerBound)
      changes.append(
        InputChange(
          kind: .inputRange, name: "values keep their units",
          mend: "leave out --input-range", takesBack: true
        ) { $0.map { ($0 - range.lowerBound) * factor + input.lowerBound } })
    }
    return changes
  }

  private static let ranges = [
    InputChange(
      kind: .inputRange, name: "values are multiplied by 255",
      mend: "the network expects values from 0 to 255: --input-range 0:255"
    ) { 255 * $0 },
    InputChange(
      kind: .inputRange, name: "values are divided by 255",
      mend: "the network expects values from 0 to 1: divide the data by 255"
    ) { $0.map { $0 / 255 } },
    InputChange(
      kind: .inputRange, name: "values from 0 to 1 are spread over -1 to 1",
      mend: "the network expects values from -1 to 1: --input-range -1:1"
    ) { $0.map { 2 * $0 - 1 } },
    InputChange(
      kind: .inputRange, name: "values x become 1 - x",
      mend: "the network was trained on inverted pictures: invert the data"
    ) { $0.map { 1 - $0 } },
  ]

  private static let reversedChannels = InputChange(
    kind: .channelOrder, name: "red and blue are exchanged",
    mend: "the network expects blue first: --channels bgr"
  ) { x in
    let pixels = x.shape[2] * x.shape[3]
    return gathered(x) { index in
      let (example, rest) = index.quotientAndRemainder(dividingBy: 3 * pixels)
      return (3 * example + 2 - rest / pixels) * pixels + rest % pixels
    }
  }

  private static let transposed = InputChange(
    kind: .layout, name: "rows and columns are exchanged",
    mend: "the pictures lie on their side: transpose the data"
  ) { x in
    let (height, width) = (x.shape[2], x.shape[3])
    return gathered(x) { index in
      let (map, rest) = index.quotientAndRemainder(dividingBy: height * width)
      return map * height * width + rest % height * width + rest / height
    }
  }

  /// The data are channels last under a shape of channels first, or the network takes them so.
  private static func layouts(_ shape: Shape) -> [InputChange] {
    let (channels, pixels) = (shape[0], shape[1] * shape[2])
    let size = channels * pixels
    return [
      InputChange(
        kind: .layout, name: "the data are read as height x width x channels",
        mend: "the data have the channels last: transpose them to N x C x H x W"
      ) { x in
        gathered(x) { index in
          let (example, rest) = index.quotientAndRemainder(dividingBy: size)
          return example * size + rest % pixels * channels + rest / pixels
        }
      },
      InputChange(
        kind: .layout, name: "the network is given height x width x channels",
        mend: "the network was trained with the channels last: reorder its first weight"
      ) { x in
        gathered(x) { index in
          let (example, rest) = index.quotientAndRemainder(dividingBy: size)
          return example * size + rest % channels * pixels + rest / channels
        }
      },
    ]
  }

  private static func normalized(_ statistics: Statistics) -> InputChange {
    InputChange(
      kind: .normalization, name: "values are normalised by \(statistics.name) statistics",
      mend: "the network expects normalised values: --mean \(statistics.means) --std "
        + statistics.deviations
    ) { x in mapped(x) { ($0 - statistics.mean($1)) / statistics.deviation($1) } }
  }

  private static func denormalized(_ statistics: Statistics, isOwn: Bool) -> InputChange {
    InputChange(
      kind: .normalization, name: "normalisation by \(statistics.name) statistics is undone",
      mend: isOwn
        ? "values are normalised twice: leave out --mean and --std, or give the data as they were"
        : "values are normalised twice, by the data and by the network: give the data as they were",
      takesBack: isOwn
    ) { x in mapped(x) { $0 * statistics.deviation($1) + statistics.mean($1) } }
  }

  /// The values at other places of the same storage.
  private static func gathered(_ x: Tensor<Float>, _ place: (Int) -> Int) -> Tensor<Float> {
    Tensor(shape: x.shape) { target in
      for index in 0..<target.count { target[index] = x[place(index)] }
    }
  }

  /// The values passed through a function of value and channel.
  private static func mapped(
    _ x: Tensor<Float>, _ transform: (Float, Int) -> Float
  ) -> Tensor<Float> {
    let channels = x.shape.rank == 4 ? x.shape[1] : 1
    let pixels = max(1, x.shape.droppingFirst.count / channels)
    return Tensor(shape: x.shape) { target in
      for index in 0..<target.count {
        target[index] = transform(x[index], index / pixels % channels)
      }
    }
  }
}
