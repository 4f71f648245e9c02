import Networks
import Settings
import Tensors

/// Something that examples could lack, tried out: if the network does much better then, they lack it.
///
/// The network could take its input in another way than it is said to (`description`), or the data could be
/// changed themselves (`data`).
struct InputChange: Sendable {
  let kind: Finding.Kind
  /// What is done, as in "if values are multiplied by 255".
  let name: String
  let mend: String
  /// Whether it takes back what the network is said to make of its input, which is likelier a mistake than the rest.
  var takesBack = false
  /// Whether values are scaled or shifted, which is what training does to them too.
  var scales: Bool { kind == .inputRange || kind == .normalization }
  /// How the input is described then.
  let description: InputDescription
  /// The data then.
  var data: @Sendable (Tensor<Float>) -> Tensor<Float> = { $0 }

  /// The changes that make sense for a network with a description, and for data up to some magnitude.
  static func all(
    _ own: InputDescription, _ source: DescriptionSource, largest: Float
  ) -> [InputChange] {
    guard isDividedTwice(own, largest) else {
      guard isDim(own, largest) else { return descriptions(own, source) + pictures(own) }
      return descriptions(own, source).filter { $0.description.networkRange != 0...255 }
        + [
          InputChange(
            kind: .inputRange,
            name:
              "values are multiplied by \(DescriptionSource.text(1 / largest)), so that the largest is 1",
            mend:
              "no value is larger than \(DescriptionSource.text(largest)): say the range that the data are from by"
              + " \(Setting.dataRange), or bring them to 0 to 1",
            description: own, data: { $0.map { $0 / largest } })
        ] + pictures(own)
    }
    return descriptions(own, source).filter { $0.description.networkRange != 0...255 }
      + [
        InputChange(
          kind: .inputRange, name: "values are multiplied by 255",
          mend: dividedTwice(largest), description: own, data: { $0.map { $0 * 255 } })
      ] + pictures(own)
  }

  /// Whether data that could be bytes divided by 255 are so small that they seem to have been divided once more.
  static func isDividedTwice(_ own: InputDescription, _ largest: Float) -> Bool {
    own.networkRange == nil && own.lowerBound == 0 && own.upperBound == 1
      && largest <= 1.01 / 255
  }

  /// Whether data of 0 to 1 do not come near 1, which says more of them than of the network.
  static func isDim(_ own: InputDescription, _ largest: Float) -> Bool {
    own.networkRange == nil && own.lowerBound == 0 && own.upperBound == 1
      && largest > 0 && largest < 0.5
  }

  /// What to do about data that were divided twice.
  static func dividedTwice(_ largest: Float) -> String {
    "no value is larger than \(DescriptionSource.text(largest)), so that the data seem to be divided by 255 twice:"
      + " multiply them by 255"
  }

  /// Other descriptions.
  private static func descriptions(
    _ own: InputDescription, _ source: DescriptionSource
  ) -> [InputChange] {
    var changes: [InputChange] = []
    func add(
      _ kind: Finding.Kind, _ name: String, _ wanted: InputDescription, takesBack: Bool = false
    ) {
      guard let mend = source.mend(from: own, to: wanted) else { return }
      changes.append(
        InputChange(
          kind: kind, name: name, mend: mend, takesBack: takesBack, description: wanted))
    }
    let bounds = own.lowerBound...own.upperBound
    let channels = own.shape.rank == 3 ? own.shape[0] : 1
    if !own.mean.isEmpty {
      add(
        .normalization, "normalisation by the network's statistics is undone",
        own.with(statistics: .some(nil)), takesBack: true)
    }
    if own.networkRange != nil {
      add(.inputRange, "values keep their units", own.with(range: .some(nil)), takesBack: true)
    }
    for (range, name) in ranges where range != (own.networkRange ?? bounds) && range != bounds {
      add(.inputRange, name, own.with(range: range))
    }
    if channels == 3, own.shape.rank == 3 {
      let order: InputDescription.ChannelOrder = own.channelOrder == .rgb ? .bgr : .rgb
      add(
        .channelOrder, "red and blue are exchanged", own.with(channelOrder: order),
        takesBack: order == .rgb)
    }
    for plain in Statistics.known(for: channels, size: own.shape.count) {
      let statistics = plain.scaled(to: own.networkRange ?? bounds)
      // On plain values, halves are the range -1 to 1.
      guard !(own.mean.isEmpty && plain.mean == [0.5]), statistics.mean != own.mean else {
        continue
      }
      add(
        .normalization,
        "values are normalised by \(plain.name) statistics" + (own.mean.isEmpty ? "" : " instead"),
        own.with(statistics: statistics))
    }
    return changes
  }

  private static let ranges: [(ClosedRange<Float>, String)] = [
    (0...255, "values are multiplied by 255"),
    (-1...1, "values from 0 to 1 are spread over -1 to 1"), (0...1, "values are brought to 0 to 1"),
  ]

  /// Other data.
  private static func pictures(_ own: InputDescription) -> [InputChange] {
    let shape = own.shape
    let (lower, upper) = (own.lowerBound, own.upperBound)
    let channels = shape.rank == 3 ? shape[0] : 1
    var changes: [InputChange] = []
    func add(
      _ kind: Finding.Kind, _ name: String, _ mend: String,
      _ data: @escaping @Sendable (Tensor<Float>) -> Tensor<Float>
    ) {
      changes.append(
        InputChange(kind: kind, name: name, mend: mend, description: own, data: data))
    }
    add(
      .inputRange, "values are divided by 255",
      "the network expects values from 0 to 1: divide the data by 255"
    ) { $0.map { $0 / 255 } }
    add(
      .inputRange, "values x become \(DescriptionSource.text(lower + upper)) - x",
      "the network was trained on inverted pictures: invert the data"
    ) { $0.map { lower + upper - $0 } }
    for statistics in Statistics.known(for: channels, size: shape.count) {
      add(
        .normalization, "normalisation by \(statistics.name) statistics is undone",
        "values are normalised twice, by the data and by the network: give the data as they were"
      ) { x in
        Pixels.mapped(x) { $0 * statistics.deviation($1) + statistics.mean($1) }
      }
    }
    guard shape.rank == 3 else { return changes }
    if shape[1] > 1 {
      add(
        .orientation, "pictures are turned upside down",
        "the pictures stand on their heads: turn the data upside down"
      ) { Pixels.flipped($0, rows: true) }
    }
    if shape[2] > 1 {
      add(
        .orientation, "left and right are exchanged",
        "the pictures are mirrored: exchange left and right in the data"
      ) { Pixels.flipped($0, columns: true) }
    }
    if shape[1] > 1, shape[2] > 1 {
      add(
        .orientation, "pictures are turned by half a turn",
        "the pictures stand on their heads: turn the data by 180 degrees"
      ) { Pixels.flipped($0, rows: true, columns: true) }
    }
    if shape[1] == shape[2] {
      add(
        .layout, "rows and columns are exchanged",
        "the pictures lie on their side: transpose the data"
      ) { Pixels.transposed($0) }
    }
    if channels > 1 {
      add(
        .layout, "the data are read as height x width x channels",
        "the data have the channels last: transpose them to N x C x H x W"
      ) { Pixels.readChannelsLast($0) }
      add(
        .layout, "the network is given height x width x channels",
        "the network was trained with the channels last: reorder its first weight"
      ) { Pixels.givenChannelsLast($0) }
    }
    return changes
  }
}
