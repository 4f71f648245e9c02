import Networks
import Settings
import Tensors

/// Something that examples could lack, tried out: if the network does much better then, they lack it.
///
/// The network could take its input in another way than it is said to (`description`), or the data could be
/// changed themselves (`data`).
struct InputConversion: Sendable {
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
  ) -> [InputConversion] {
    guard isDividedTwice(own, largest) else {
      guard isDim(own, largest) else { return descriptions(own, source) + pictures(own) }
      return descriptions(own, source).filter { $0.description.networkRange != 0...255 }
        + [
          InputConversion(
            kind: .inputRange,
            name:
              "values are multiplied by \(DescriptionSource.text(1 / largest)), so that the largest is 1",
            mend:
              "no value is larger than \(DescriptionSource.text(largest)): give the data's range by"
              + " \(Setting.dataRange), or scale them to 0 to 1",
            description: own, data: { $0.map { $0 / largest } })
        ] + pictures(own)
    }
    return descriptions(own, source).filter { $0.description.networkRange != 0...255 }
      + [
        InputConversion(
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
    "no value is larger than \(DescriptionSource.text(largest)); the data seem to be divided by 255 twice: multiply"
      + " them by 255"
  }

  /// Other descriptions.
  private static func descriptions(
    _ own: InputDescription, _ source: DescriptionSource
  ) -> [InputConversion] {
    var changes: [InputConversion] = []
    func add(
      _ kind: Finding.Kind, _ name: String, _ wanted: InputDescription, takesBack: Bool = false
    ) {
      guard let mend = source.mend(from: own, to: wanted) else { return }
      changes.append(
        InputConversion(
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
  private static func pictures(_ own: InputDescription) -> [InputConversion] {
    let shape = own.shape
    let (lower, upper) = (own.lowerBound, own.upperBound)
    let channels = shape.rank == 3 ? shape[0] : 1
    var changes: [InputConversion] = []
    func add(
      _ kind: Finding.Kind, _ name: String, _ mend: String,
      _ data: @escaping @Sendable (Tensor<Float>) -> Tensor<Float>
    ) {
      changes.append(
        InputConversion(kind: kind, name: name, mend: mend, description: own, data: data))
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
        "the pictures are upside down: flip the data from top to bottom"
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
        "the pictures are upside down: turn the data by 180 degrees"
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

/// The same pictures in other orders and units; N x C x H x W throughout, or N x D where only values matter.
enum Pixels {
  static func flipped(
    _ x: Tensor<Float>, rows: Bool = false, columns: Bool = false
  ) -> Tensor<Float> {
    let (height, width) = (x.shape[2], x.shape[3])
    return gathered(x) { index in
      let (map, rest) = index.quotientAndRemainder(dividingBy: height * width)
      let (row, column) = rest.quotientAndRemainder(dividingBy: width)
      return map * height * width + (rows ? height - 1 - row : row) * width
        + (columns ? width - 1 - column : column)
    }
  }

  /// Rows and columns of squares exchanged.
  static func transposed(_ x: Tensor<Float>) -> Tensor<Float> {
    let (height, width) = (x.shape[2], x.shape[3])
    return gathered(x) { index in
      let (map, rest) = index.quotientAndRemainder(dividingBy: height * width)
      return map * height * width + rest % height * width + rest / height
    }
  }

  /// What lies there as H x W x C, although it is called C x H x W.
  static func readChannelsLast(_ x: Tensor<Float>) -> Tensor<Float> {
    let (channels, pixels) = (x.shape[1], x.shape[2] * x.shape[3])
    return gathered(x) { index in
      let (example, rest) = index.quotientAndRemainder(dividingBy: channels * pixels)
      return example * channels * pixels + rest % pixels * channels + rest / pixels
    }
  }

  /// Laid out as H x W x C, under the shape of C x H x W.
  static func givenChannelsLast(_ x: Tensor<Float>) -> Tensor<Float> {
    let (channels, pixels) = (x.shape[1], x.shape[2] * x.shape[3])
    return gathered(x) { index in
      let (example, rest) = index.quotientAndRemainder(dividingBy: channels * pixels)
      return example * channels * pixels + rest % channels * pixels + rest / channels
    }
  }

  /// The input that a network of one description must get to see what one of another would see of `x`.
  static func translated(
    _ x: Tensor<Float>, from own: InputDescription, to wanted: InputDescription
  ) -> Tensor<Float> {
    guard own != wanted else { return x }
    // Features may each have statistics of their own.
    let channels =
      x.shape.rank == 4 ? x.shape[1] : max(1, own.mean.count, wanted.mean.count)
    let isReversed = own.channelOrder != wanted.channelOrder && channels == 3
    let pixels = max(1, x.shape.droppingFirst.count / channels)
    let (given, expected) = (
      (0..<channels).map { own.preparation($0, of: channels) },
      (0..<channels).map { wanted.preparation($0, of: channels) }
    )
    return Tensor(shape: x.shape) { target in
      for first in stride(from: 0, to: target.count, by: pixels) {
        let map = first / pixels
        let channel = map % channels
        // The network's channel that this one of the data becomes.
        let inside = own.channelOrder == .bgr && channels == 3 ? 2 - channel : channel
        let source = isReversed ? map - channel + 2 - channel : map
        let (expected, given) = (expected[inside], given[inside])
        for pixel in 0..<min(pixels, target.count - first) {
          let seen = Double(x[source * pixels + pixel]) * expected.factor + expected.offset
          target[first + pixel] = Float((seen - given.offset) / given.factor)
        }
      }
    }
  }

  /// The values passed through a function of value and channel.
  static func mapped(
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

  /// The values at other places of the same storage.
  private static func gathered(_ x: Tensor<Float>, _ place: (Int) -> Int) -> Tensor<Float> {
    Tensor(shape: x.shape) { target in
      for index in 0..<target.count { target[index] = x[place(index)] }
    }
  }
}

extension InputDescription {
  /// What a channel of the network's becomes before the first layer: factor * x + offset.
  fileprivate func preparation(
    _ channel: Int, of channels: Int
  ) -> (factor: Double, offset: Double) {
    var (factor, offset) = (1.0, 0.0)
    if let networkRange {
      factor =
        Double(networkRange.upperBound - networkRange.lowerBound)
        / Double(upperBound - lowerBound)
      offset = Double(networkRange.lowerBound) - Double(lowerBound) * factor
    }
    guard !mean.isEmpty else { return (factor, offset) }
    let place = mean.count == channels ? channel : 0
    let deviation = Double(standardDeviation[place])
    return (factor / deviation, (offset - Double(mean[place])) / deviation)
  }

  /// Another description that differs in what is given.
  func with(
    range: ClosedRange<Float>?? = nil, statistics: Statistics?? = nil,
    channelOrder: ChannelOrder? = nil
  ) -> InputDescription {
    InputDescription(
      shape: shape, lowerBound: lowerBound, upperBound: upperBound,
      networkRange: range ?? networkRange,
      mean: statistics.map { $0?.mean ?? [] } ?? mean,
      standardDeviation: statistics.map { $0?.deviation ?? [] } ?? standardDeviation,
      layout: layout, channelOrder: channelOrder ?? self.channelOrder, classNames: classNames)
  }
}

/// Means and standard deviations by which data sets are usually normalised.
struct Statistics: Sendable {
  let name: String
  let mean: [Float]
  let deviation: [Float]

  func mean(_ channel: Int) -> Float { mean[mean.count == 1 ? 0 : channel] }
  func deviation(_ channel: Int) -> Float { deviation[deviation.count == 1 ? 0 : channel] }

  /// Those of values from 0 to 1, in the order in which they are preferred where they do equally well.
  static let known = [
    Statistics(name: "ImageNet's", mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225]),
    Statistics(
      name: "CIFAR-10's", mean: [0.4914, 0.4822, 0.4465], deviation: [0.247, 0.2435, 0.2616]),
    Statistics(
      name: "CIFAR-100's", mean: [0.5071, 0.4867, 0.4408], deviation: [0.2675, 0.2565, 0.2761]),
    Statistics(name: "MNIST's", mean: [0.1307], deviation: [0.3081]),
    Statistics(name: "neutral (0.5)", mean: [0.5], deviation: [0.5]),
  ]

  /// Those that make sense for inputs of a shape.
  static func known(for channels: Int, size: Int) -> [Statistics] {
    known.filter { statistics in
      switch statistics.mean.count {
      case 1: statistics.mean[0] == 0.5 || channels == 1 && size >= 784
      default: statistics.mean.count == channels
      }
    }
  }

  /// The same in the units of another range than 0 to 1.
  func scaled(to range: ClosedRange<Float>) -> Statistics {
    let length = range.upperBound - range.lowerBound
    return Statistics(
      name: name, mean: mean.map { $0 * length + range.lowerBound },
      deviation: deviation.map { $0 * length })
  }
}
