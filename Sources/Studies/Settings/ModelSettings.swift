import Archives
import Diagnosis
import Networks
import Settings
import Tensors

/// What a model's file does not say of itself, as it is given in words.
public struct ModelSettings: Sendable, Hashable, Codable {
  /// The form of a network whose file holds tensors alone.
  public var architecture: String?
  /// Which of several sets of weights in a checkpoint is taken.
  public var entry: String?
  /// The values that the network was trained on, such as `0:255`, where the data's are 0 to 1.
  public var inputRange: String?
  /// Means that are subtracted first, one for each channel, joined by commas.
  public var mean: String?
  /// Standard deviations that are divided by then, one for each channel, joined by commas.
  public var std: String?
  /// The order of axes that the network takes, or of the values of pictures where it takes rows: `nchw` or `nhwc`.
  public var layout: String?
  /// The order of colours that the network takes: `rgb` or `bgr`.
  public var channels: String?
  /// A file with the names of the classes, one on each line, in the outputs' order.
  public var labels: String?
  /// What an ONNX file leaves open.
  public var onnx = ONNXSettings()

  /// Nothing is said.
  public init() {}

  /// Whether anything is said of the input.
  private var describesInput: Bool {
    [inputRange, mean, std, layout, channels].contains { $0 != nil }
  }

  /// Whether nothing is said of the input and the classes.
  package var isPlain: Bool { !describesInput && labels == nil }

  /// What the options that are given describe.
  var given: Set<DescriptionSource.Option> {
    var given: Set<DescriptionSource.Option> = []
    if inputRange != nil { given.insert(.range) }
    if mean != nil { given.insert(.normalization) }
    if channels != nil { given.insert(.channels) }
    return given
  }

  /// In which order a network without axes takes the values of pictures, if that is said.
  ///
  /// - Throws: `StudyError` that names the option.
  func flatOrder(for network: Network) throws -> InputDescription.Layout? {
    guard network.input.shape.rank == 1 else { return nil }
    return try word(layout, .layout, InputDescription.Layout.self)
  }

  /// The input as the options describe it.
  ///
  /// - Parameter plain: What is known of it otherwise; its shape is as the network's layers take it.
  /// - Returns: The description.
  /// - Throws: `StudyError` that names the option.
  func description(_ plain: InputDescription) throws -> InputDescription {
    let layout =
      plain.shape.rank == 1
      ? .channelsFirst
      : try word(layout, .layout, InputDescription.Layout.self) ?? .channelsFirst
    var shape = plain.shape
    if layout == .channelsLast, shape.rank == 3 { shape = [shape[2], shape[0], shape[1]] }
    let means = try mean.map { try ModelSettings.numbers($0, .mean) } ?? plain.mean
    let deviations =
      try std.map { try ModelSettings.numbers($0, .std) } ?? plain.standardDeviation
    guard means.count == deviations.count else {
      throw StudyError(
        "\(Setting.mean) has \(means.count) numbers and \(Setting.std) \(deviations.count); expected as many of both"
      )
    }
    let range = try inputRange.map { try ModelSettings.range($0, .inputRange) }
    return InputDescription(
      shape: shape, lowerBound: plain.lowerBound, upperBound: plain.upperBound,
      networkRange: range == plain.lowerBound...plain.upperBound ? nil : range,
      mean: means, standardDeviation: deviations,
      layout: layout,
      channelOrder: try word(channels, .channels, InputDescription.ChannelOrder.self) ?? .rgb,
      classNames: try classNames ?? plain.classNames)
  }

  /// The names of the classes, if there is a file of them.
  var classNames: [String]? {
    get throws {
      guard let labels else { return nil }
      let file = try Setting.labels.reading(labels) { try FileContents(inflating: labels) }
      let expectation = "expected the names of the classes, one on each line"
      guard file.bytes.count <= 1 << 24 else {
        throw StudyError("\(labels): has \(file.bytes.count) bytes, \(expectation)")
      }
      if let standIn = StandIn(start: file.bytes) {
        throw StudyError(
          "\(labels): " + standIn.refusal(of: labels, expected: String(expectation.dropFirst(9))))
      }
      guard let text = String(validating: file.bytes, as: UTF8.self) else {
        throw StudyError("\(labels): is not UTF-8 text, \(expectation); save it in UTF-8")
      }
      if let first = text.first(where: { !$0.isWhitespace }), "{[".contains(first) {
        throw StudyError(
          "\(labels): is a list or a dictionary of JSON or Python, \(expectation): write '\\n'.join(names)"
        )
      }
      var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        .map { line in
          String(
            line.trimmingPrefix(while: \.isWhitespace).reversed()
              .trimmingPrefix(while: \.isWhitespace).reversed())
        }
      // CIFAR's own list, for one, ends in a blank line.
      while lines.last?.isEmpty == true { lines.removeLast() }
      if let place = lines.firstIndex(of: "") {
        throw StudyError(
          "\(labels): line \(place + 1): is blank, expected the name of class \(place)")
      }
      return lines
    }
  }

  /// Makes sure that there is a name for every class.
  ///
  /// - Throws: `StudyError` that names the file and the line.
  func check(_ names: [String], outputCount: Int) throws {
    let classes = max(2, outputCount)
    guard let labels, names.count != classes else { return }
    throw StudyError(
      names.count < classes
        ? "\(labels): line \(names.count + 1): the file ends after \(names.count) names, but the network"
          + " has \(classes) classes"
        : "\(labels): line \(classes + 1): found the name '\(names[classes].prefix(40))', but the network"
          + " has \(classes) classes")
  }

  /// Makes sure that what belongs together is there.
  ///
  /// - Throws: `StudyError`.
  package func check() throws {
    guard (mean == nil) == (std == nil) else {
      throw StudyError(
        "\(Setting.mean) and \(Setting.std) belong together; expected both or neither of them")
    }
  }

  /// Makes sure that nothing is said that is known of networks here alone.
  ///
  /// - Throws: `StudyError` that names the option.
  func checkRemote(_ reference: String) throws {
    if let option = onnx.given {
      throw StudyError("\(option) applies only to ONNX files; \(reference) is not one")
    }
    let all = [
      (Setting.architecture, architecture), (.entry, entry), (.mean, mean), (.layout, layout),
      (.channels, channels),
    ]
    guard let option = all.first(where: { $0.1 != nil })?.0 else { return }
    throw StudyError(
      "\(option) does not apply to \(reference), a remote model, which gets its inputs as the data hold them;"
        + " expected only \(Setting.inputRange) and \(Setting.labels)")
  }

  /// Makes sure that no set of weights is chosen where there is one.
  ///
  /// - Throws: `StudyError`.
  func checkNoEntry(_ reference: String, _ words: String) throws {
    guard let entry else { return }
    throw StudyError(
      "\(Setting.entry) is '\(entry)', but \(reference) is \(words); expected it with a checkpoint alone"
    )
  }

  /// A network with the description that the options give it.
  ///
  /// - Parameters:
  ///   - network: The network as its file has it.
  ///   - carries: Whether the file itself described the input.
  ///   - reference: What to call the file.
  /// - Returns: The network.
  /// - Throws: `StudyError` or `NetworkError.input` that says what does not fit.
  func describe(_ network: Network, carries: Bool, reference: String) throws -> Network {
    // Without axes, the order of values is how data are laid out for the network.
    let isFlat = network.input.shape.rank == 1
    let describesInput = isFlat ? !given.isEmpty : describesInput
    guard describesInput || labels != nil else { return network }
    if carries, describesInput {
      throw StudyError(
        "\(reference) describes its own input (`gibbon info \(reference)`); expected none of \(Setting.inputRange),"
          + " \(Setting.mean), \(Setting.std), \(Setting.layout), \(Setting.channels)"
      )
    }
    let names = try classNames
    if let names { try check(names, outputCount: network.outputCount) }
    if describesInput { return try network.describing(try description(network.input)) }
    return try network.naming(names ?? [])
  }

  /// A closed range from LOWER:UPPER.
  static func range(_ text: String, _ option: Setting) throws -> ClosedRange<Float> {
    let ends = text.split(separator: ":", omittingEmptySubsequences: false).map { Float($0) }
    guard ends.count == 2, let lower = ends[0], let upper = ends[1], lower.isFinite,
      upper.isFinite, lower < upper
    else { throw StudyError("\(option) is '\(text)'; expected LOWER:UPPER, such as 0:255") }
    return lower...upper
  }

  /// Numbers joined by commas.
  static func numbers(_ text: String, _ option: Setting) throws -> [Float] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Float($0) }
    guard numbers.count == parts.count, numbers.allSatisfy(\.isFinite) else {
      throw StudyError("\(option) is '\(text)'; expected numbers joined by commas")
    }
    return numbers
  }

  private func word<Word: RawRepresentable<String> & CaseIterable>(
    _ text: String?, _ option: Setting, _ type: Word.Type
  ) throws -> Word? {
    guard let text else { return nil }
    guard let word = Word(rawValue: text) else {
      throw StudyError(
        "\(option) is '\(text)'; expected "
          + Word.allCases.map(\.rawValue).joined(separator: " or "))
    }
    return word
  }
}

extension ModelSettings {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case architecture, entry, inputRange, mean, std, layout, channels, labels, onnx
  }

  /// Reads settings; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init()
    try members.read(.architecture, into: &architecture)
    try members.read(.entry, into: &entry)
    try members.read(.inputRange, into: &inputRange)
    try members.read(.mean, into: &mean)
    try members.read(.std, into: &std)
    try members.read(.layout, into: &layout)
    try members.read(.channels, into: &channels)
    try members.read(.labels, into: &labels)
    try members.read(.onnx, into: &onnx)
  }
}

/// What an ONNX file may leave open, as it is given in words.
public struct ONNXSettings: Sendable, Hashable, Codable {
  /// The output that holds the scores; by default the first that is a row of floats for each example.
  public var outputName: String?
  /// The shape of one example, such as `3,224,224`; that of the data by default.
  public var inputShape: String?
  /// Inputs that are the same for every example, as NAME=VALUES with one number for all values or one for each.
  public var constantInput: [String] = []

  /// Nothing is said.
  public init() {}

  /// The setting that is given, if one is.
  var given: Setting? {
    outputName != nil
      ? .outputName
      : inputShape != nil ? .inputShape : constantInput.isEmpty ? nil : .constantInput
  }

  /// What was given, as options of a file.
  ///
  /// - Throws: `StudyError` that names the option.
  func options() throws -> ONNXFile.Options {
    var options = ONNXFile.Options(output: outputName)
    if let inputShape {
      let parts = inputShape.split(omittingEmptySubsequences: false) { $0 == "," || $0 == "x" }
      let extents = parts.compactMap { Int($0) }
      guard extents.count == parts.count, extents.allSatisfy({ 1...1 << 24 ~= $0 }) else {
        throw StudyError(
          "\(Setting.inputShape) is '\(inputShape)'; expected the extents of one example, such as 3,224,224"
        )
      }
      options.exampleShape = Shape(extents)
    }
    for text in constantInput {
      guard let place = text.lastIndex(of: "="), place > text.startIndex else {
        throw StudyError(
          "\(Setting.constantInput) is '\(text)'; expected NAME=VALUES, such as mask=1")
      }
      let parts = text[text.index(after: place)...]
        .split(separator: ",", omittingEmptySubsequences: false)
      let values = parts.compactMap { Double($0) }
      guard values.count == parts.count, values.allSatisfy(\.isFinite) else {
        throw StudyError("\(Setting.constantInput) is '\(text)'; expected numbers joined by commas")
      }
      options.constants[String(text[..<place])] = values
    }
    return options
  }

  /// Reads a file, and says what was chosen in it.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - isOther: Whether this is not the model but another one, which what was said of the model need not fit.
  ///   - observer: Told what was chosen.
  ///   - example: Gives the shape of an example; asked only if the file leaves it open.
  /// - Returns: The file.
  /// - Throws: As `ONNXFile`; `StudyError` that names the option.
  func read(
    _ path: String, isOther: Bool, telling observer: Observer, example: () throws -> Shape?
  ) throws -> ONNXFile {
    var options = try options()
    if isOther, options.output != nil || !options.constants.isEmpty {
      let outline = try ONNXOutline(path: path)
      if !outline.outputs.contains(where: { $0.name == options.output }) { options.output = nil }
      options.constants = options.constants.filter { name, _ in
        outline.inputs.contains { $0.name == name }
      }
    }
    var given: Shape?
    let file: ONNXFile
    do {
      file = try ONNXFile(path: path, options: options) {
        given = try example()
        return given
      }
    } catch let error as ONNXError where !error.isOpenShape {
      guard let given else { throw error }
      throw StudyError(
        "\(error); the file leaves the shape of an example open, and \(Setting.data) has \(given)")
    }
    let taken = file.network.input.shape
    if !isOther, let inputShape, options.exampleShape?.withoutOnes != taken.withoutOnes {
      throw StudyError("\(Setting.inputShape) is '\(inputShape)', but \(path) takes \(taken)")
    }
    for note in file.notes { observer.note(note) }
    return file
  }
}
extension ONNXSettings {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case outputName, inputShape, constantInput
  }

  /// Reads settings; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init()
    try members.read(.outputName, into: &outputName)
    try members.read(.inputShape, into: &inputShape)
    try members.read(.constantInput, into: &constantInput)
  }
}
