import Graphs
import Settings
public import Tensors

/// What a network expects of its input, in the units of the data before any normalisation.
///
/// Examples reach a network as the data have them: channels first, in `lowerBound...upperBound`. What the network
/// was trained on instead, it makes of them itself, in this order: other units (`networkRange`), another order of the
/// channels, normalisation, channels last. So radii of threats are always in the units of the data.
public struct InputDescription: Hashable, Sendable {
  /// The order of an example's axes.
  public enum Layout: String, CaseIterable, Sendable {
    /// C x H x W, as PyTorch has it.
    case channelsFirst = "nchw"
    /// H x W x C, as TensorFlow has it.
    case channelsLast = "nhwc"
  }

  /// The order of three colour channels.
  public enum ChannelOrder: String, CaseIterable, Sendable {
    /// Red first, as data have them.
    case rgb
    /// Blue first, as OpenCV and Caffe have them.
    case bgr
  }

  /// Shape of one example, channels first.
  public let shape: Shape
  /// Smallest value of any coordinate.
  public let lowerBound: Float
  /// Largest value of any coordinate.
  public let upperBound: Float
  /// What the network makes of `lowerBound...upperBound` before all else, such as 0...255; `nil` if it does not.
  public let networkRange: ClosedRange<Float>?
  /// Mean per channel that the network itself subtracts, in units of its range; empty if it does not.
  public let mean: [Float]
  /// Standard deviation per channel by which the network itself divides; empty if it does not.
  public let standardDeviation: [Float]
  /// The order of axes that the network's layers take.
  public let layout: Layout
  /// The order of channels that the network's layers take.
  public let channelOrder: ChannelOrder
  /// Names of the classes in the order of the outputs; empty if unknown.
  public let classNames: [String]

  /// Creates a description; values lie in [0, 1] unless said otherwise.
  public init(
    shape: Shape, lowerBound: Float = 0, upperBound: Float = 1,
    networkRange: ClosedRange<Float>? = nil, mean: [Float] = [], standardDeviation: [Float] = [],
    layout: Layout = .channelsFirst, channelOrder: ChannelOrder = .rgb, classNames: [String] = []
  ) {
    precondition(mean.count == standardDeviation.count, "a mean needs a standard deviation")
    self.shape = shape
    self.lowerBound = lowerBound
    self.upperBound = upperBound
    self.networkRange = networkRange
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.layout = layout
    self.channelOrder = channelOrder
    self.classNames = classNames
  }

  /// The values that any coordinate may have.
  public var bounds: ClosedRange<Float> { lowerBound...upperBound }

  /// 28 x 28 grey digits in [0, 1].
  public static let mnist = InputDescription(
    shape: [1, 28, 28], classNames: (0...9).map(String.init))

  /// 32 x 32 colour pictures of ten kinds of things in [0, 1] (Krizhevsky 2009).
  public static let cifar10 = InputDescription(
    shape: [3, 32, 32],
    classNames: [
      "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ])

  /// 224 x 224 colour pictures in [0, 1], normalised by the network as torchvision's are before it.
  public static let imageNet = InputDescription(
    shape: [3, 224, 224], mean: [0.485, 0.456, 0.406], standardDeviation: [0.229, 0.224, 0.225])

  /// The same but for the names of the classes.
  public func naming(_ classNames: [String]) -> InputDescription {
    with(shape: shape, classNames: classNames)
  }

  /// Whether a network takes its input just as the data have it.
  public var isPlain: Bool {
    networkRange == nil && mean.isEmpty && layout == .channelsFirst && channelOrder == .rgb
  }

  /// Checks that the parts of the description fit the shape.
  ///
  /// - Throws: `NetworkError.input` that says what does not fit.
  public func validate() throws(NetworkError) {
    let channels = shape.rank == 0 ? 0 : shape[0]
    guard lowerBound.isFinite, upperBound.isFinite, lowerBound < upperBound else {
      throw .input("the range \(lowerBound):\(upperBound) is empty; expected LOWER:UPPER")
    }
    if let range = networkRange {
      guard range.lowerBound.isFinite, range.upperBound.isFinite,
        range.lowerBound < range.upperBound
      else { throw .input("the range \(range) is empty; expected LOWER:UPPER") }
    }
    for (name, values) in [("mean", mean), ("standard deviation", standardDeviation)] {
      guard values.isEmpty || values.count == 1 || values.count == channels else {
        throw .input(
          "the \(name) has \(values.count) values, but an example of \(shape) has \(channels) channels"
            + (shape.rank == 3 && values.count == shape[2]
              ? " (if they are last, add \(Setting.layout) nhwc)" : ""))
      }
    }
    guard mean.allSatisfy(\.isFinite),
      standardDeviation.allSatisfy({ $0.isFinite && $0 > 0 && (1 / $0).isFinite })
    else {
      throw .input("expected finite means and positive standard deviations")
    }
    if channelOrder == .bgr, channels != 3 {
      throw .input("the order of channels is bgr, but an example of \(shape) has not three")
    }
    if layout == .channelsLast, shape.rank != 3 {
      throw .input("the layout is nhwc, but an example of shape \(shape) is not a picture")
    }
  }

  /// Adds what the network makes of its input before its first layer.
  func prepare(_ x: Value, in graph: inout GraphBuilder) throws(GraphError) -> Value {
    var x = x
    if let networkRange {
      let factor = (networkRange.upperBound - networkRange.lowerBound) / (upperBound - lowerBound)
      x = try graph.affine(
        x, factor: factor, offset: networkRange.lowerBound - lowerBound * factor)
    }
    if channelOrder == .bgr {
      var channels: [Value] = []
      for channel in [2, 1, 0] {
        channels.append(try graph.apply(Slice(axis: 1, range: channel..<channel + 1), x))
      }
      x = try graph.apply(Concatenate(axis: 1), to: channels)
    }
    if mean.count == 1, shape[0] != 1 {
      x = try graph.affine(
        x, factor: 1 / standardDeviation[0], offset: -mean[0] / standardDeviation[0])
    } else if !mean.isEmpty {
      let scale = Tensor(standardDeviation.map { 1 / $0 }, shape: [mean.count])
      let shift = Tensor(zip(mean, standardDeviation).map { -$0 / $1 }, shape: [mean.count])
      let factor = try graph.perChannel(graph.constant(scale), like: x)
      x = try graph.multiply(x, factor)
      x = try graph.addBias(x, graph.constant(shift))
    }
    if layout == .channelsLast { x = try graph.apply(Transpose([0, 2, 3, 1]), x) }
    return x
  }

  /// The same of another shape, or with other names of the classes.
  fileprivate func with(shape: Shape, classNames: [String]? = nil) -> InputDescription {
    InputDescription(
      shape: shape, lowerBound: lowerBound, upperBound: upperBound, networkRange: networkRange,
      mean: mean, standardDeviation: standardDeviation, layout: layout, channelOrder: channelOrder,
      classNames: classNames ?? self.classNames)
  }

  /// Shape of one example as the network's layers take it.
  public var layerShape: Shape {
    layout == .channelsLast && shape.rank == 3 ? [shape[1], shape[2], shape[0]] : shape
  }
}

/// How a description is carried in the metadata of files: names and texts.
extension InputDescription {
  /// The beginning of all names.
  static let metadataPrefix = "input/"

  /// The description as names and texts, without the shape.
  public var metadata: [String: String] {
    func list(_ values: [Float]) -> String { values.map(\.description).joined(separator: ",") }
    var texts = ["bounds": list([lowerBound, upperBound])]
    if let networkRange {
      texts["range"] = list([networkRange.lowerBound, networkRange.upperBound])
    }
    if !mean.isEmpty {
      texts["mean"] = list(mean)
      texts["standard_deviation"] = list(standardDeviation)
    }
    if layout != .channelsFirst { texts["layout"] = layout.rawValue }
    if channelOrder != .rgb { texts["channels"] = channelOrder.rawValue }
    if !classNames.isEmpty { texts["classes"] = classNames.joined(separator: "\n") }
    return Dictionary(
      uniqueKeysWithValues: texts.map { (InputDescription.metadataPrefix + $0.key, $0.value) })
  }

  /// Whether metadata hold a description.
  public static func isDescribed(by metadata: [String: String]) -> Bool {
    metadata[metadataPrefix + "bounds"] != nil
  }

  /// Reads a description from metadata; other names in them do not matter.
  ///
  /// - Parameters:
  ///   - metadata: Names and texts, as `metadata` has them.
  ///   - shape: Shape of one example, channels first.
  /// - Throws: `NetworkError.input` that names the entry that cannot be read or does not fit.
  public init(metadata: [String: String], shape: Shape) throws(NetworkError) {
    func text(_ name: String) -> String? { metadata[InputDescription.metadataPrefix + name] }
    func list(_ name: String) throws(NetworkError) -> [Float] {
      guard let text = text(name) else { return [] }
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { Float($0) }
      guard numbers.count == parts.count, numbers.allSatisfy(\.isFinite) else {
        throw .input("the metadata's \(name) is '\(text.prefix(80))'; expected numbers")
      }
      return numbers
    }
    func range(_ name: String) throws(NetworkError) -> ClosedRange<Float>? {
      let ends = try list(name)
      guard !ends.isEmpty else { return nil }
      guard ends.count == 2, ends[0] < ends[1] else {
        throw .input("the metadata's \(name) is not a range; expected LOWER,UPPER")
      }
      return ends[0]...ends[1]
    }
    func word<Word: RawRepresentable<String>>(
      _ name: String, _ standard: Word
    ) throws(NetworkError) -> Word {
      guard let text = text(name) else { return standard }
      guard let word = Word(rawValue: text) else {
        throw .input("the metadata's \(name) is '\(text.prefix(80))', which is unknown")
      }
      return word
    }
    let bounds = try range("bounds") ?? 0...1
    let mean = try list("mean")
    let deviation = try list("standard_deviation")
    guard mean.count == deviation.count else {
      throw .input("the metadata have \(mean.count) means and \(deviation.count) deviations")
    }
    self.init(
      shape: shape, lowerBound: bounds.lowerBound, upperBound: bounds.upperBound,
      networkRange: try range("range"), mean: mean, standardDeviation: deviation,
      layout: try word("layout", .channelsFirst), channelOrder: try word("channels", .rgb),
      classNames: text("classes")?.split(separator: "\n").map(String.init) ?? [])
    try validate()
  }
}

extension Network {
  /// The same network behind what a description says that it makes of its input.
  ///
  /// The network must take its input as it is so far.
  ///
  /// - Parameter description: What the input will mean; in a layout of channels last its shape is still C x H x W.
  /// - Returns: The network, with the description's shape as its input.
  /// - Throws: `NetworkError.input` if the description does not fit the network.
  public func describing(_ description: InputDescription) throws -> Network {
    try description.validate()
    guard input.isPlain else {
      throw NetworkError.input(
        "the network already has an input description; a second description would apply on top"
      )
    }
    guard description.layerShape == input.shape else {
      throw NetworkError.input(
        "the network takes \(input.shape), not \(description.layerShape)")
    }
    guard description.classNames.isEmpty || description.classNames.count == max(2, outputCount)
    else {
      throw NetworkError.input(
        "there are \(description.classNames.count) class names, but \(outputCount) outputs")
    }
    return try behind(description) { x, builder throws(GraphError) in
      try description.prepare(x, in: &builder)
    }
  }

  /// Whether examples of two axes are series: the first convolution takes one of them as channels, and so no pictures.
  public var takesSeries: Bool {
    guard input.shape.rank == 2 else { return false }
    for node in graph.nodes {
      guard case .operation(let op, let operands, _) = node, op is Convolution else { continue }
      let x = graph[operands[0]].extents
      let (channels, places) = (x[1], x[2] * x[3])
      return [channels, places] == input.shape.extents || [places, channels] == input.shape.extents
    }
    return false
  }

  /// The same network for pictures of one channel, if it takes height and width alone.
  ///
  /// - Throws: `GraphError`, though never for a network that was read or made here.
  public func takingPictures() throws -> Network {
    guard input.shape.rank == 2, input.mean.count <= 1 else { return self }
    return try behind(input.with(shape: input.shape.prepending(1))) {
      x, builder throws(GraphError) in
      try builder.apply(Reshape(to: Extents(batchOf: input.shape)), x)
    }
  }

  /// The same network behind a step that makes its input of another.
  private func behind(
    _ description: InputDescription,
    _ step: (Value, inout GraphBuilder) throws(GraphError) -> Value
  ) throws(GraphError) -> Network {
    var builder = GraphBuilder()
    var images: [Value] = []
    let x = builder.input(Network.inputName, Extents(batchOf: description.shape))
    let prepared = try step(x, &builder)
    for node in graph.nodes {
      switch node {
      case .input(Network.inputName, _): images.append(prepared)
      case .input(let name, let extents): images.append(builder.input(name, extents))
      case .parameter(let name, let shape): images.append(builder.parameter(name, shape))
      case .constant(let tensor): images.append(builder.constant(tensor))
      case .operation(let op, let operands, _):
        images.append(try builder.applying(op, to: operands.map { images[$0.index] }))
      }
    }
    for output in graph.outputs { builder.output(output.name, images[output.value.index]) }
    return Network(
      architecture, input: description, graph: builder.finish(), parameters: parameters,
      interface: interface)
  }

  /// The same network with other names of its classes.
  ///
  /// - Throws: `NetworkError.input` unless there is a name for each output, or two for a single one.
  public func naming(_ classNames: [String]) throws(NetworkError) -> Network {
    guard classNames.count == max(2, outputCount) else {
      throw .input("there are \(classNames.count) class names, but \(outputCount) outputs")
    }
    return Network(
      architecture, input: input.naming(classNames), graph: graph, parameters: parameters,
      interface: interface)
  }
}

extension GraphBuilder {
  /// Applies an operator whose type is not known here.
  fileprivate mutating func applying(
    _ op: any Operator, to operands: [Value]
  ) throws(GraphError) -> Value { try apply(op, to: operands) }
}
