import Settings
import Tensors

extension Dataset {
  /// Joins an array of examples and an array of targets, those of one example after those of another.
  ///
  /// Examples are N x C x H x W, N x H x W, or N x D; bytes stand for byte / 255 unless the options give
  /// bounds. The examples are read when they are asked for, but for arrays in Fortran's order.
  ///
  /// - Parameters:
  ///   - name: The name of the data set.
  ///   - inputs: The examples: floating-point numbers or bytes, of rank 2 also other integers, and with
  ///     `options.valueRange` integers of any shape.
  ///   - labels: Whole numbers from 0 on, N or N x 1, are classes, whatever their type, and -1 and 1 the classes 0 and
  ///     1; N x K numbers 0 and 1 are labels, of which any number may apply; other N or N x K floating-point numbers
  ///     are targets of a regression. The options say otherwise. Without any, all are the class 0 and `isLabelled` is
  ///     false.
  ///   - options: What else is known.
  /// - Throws: `DatasetError` of kind `.content` if the arrays do not serve or do not belong together.
  public init(
    name: String, inputs: NPYArray, labels: NPYArray?, options: DataOptions = DataOptions()
  ) throws(DatasetError) {
    let shape = inputs.shape
    guard 2...4 ~= shape.rank, shape.count > 0 else {
      throw DatasetError(
        .content, in: inputs.name,
        "has the shape \(shape), expected N x C x H x W, N x H x W or N x D with examples")
    }
    let isImage = shape.rank > 2
    let isPlain = inputs.type.kind == .float || inputs.type == .uint8
    guard isPlain || !isImage || options.valueRange != nil else {
      throw DatasetError(
        .content, in: inputs.name,
        "holds images of type \(inputs.type), expected floating-point numbers or uint8, or for others their range:"
          + " \(try RangeRemedy.option(for: inputs))")
    }
    let isChannelsLast = try Dataset.isChannelsLast(inputs, options)
    let example: Shape =
      switch shape.rank {
      case 4 where isChannelsLast: [shape[3], shape[1], shape[2]]
      // Series keep their axes where the network has two as well.
      case 3 where options.shape?.rank != 2: [1, shape[1], shape[2]]
      default: shape.droppingFirst
      }
    let (targets, classNames) = try Dataset.targets(
      labels, count: shape[0], of: inputs.name, options)
    let isSpread = isImage || inputs.type == .uint8 || options.valueRange != nil
    let given = options.bounds ?? (isSpread ? 0...1 : nil)
    var bounds = if let given { given } else { try inputs.range() }
    // A network of two axes takes pictures in 0...1 or series, whose range is what they have.
    if isImage, options.shape?.rank == 2, inputs.type.kind == .float, options.valueRange == nil,
      options.bounds == nil
    {
      let range = try inputs.range()
      if range.lowerBound < 0 || range.upperBound > 1 { bounds = range }
    }
    let remarks = Remarks()
    let examples = NPYExamples(
      inputs, bounds: bounds, range: options.valueRange, statistics: options.statistics,
      isChannelsLast: isChannelsLast, remarks: remarks)
    let storage: Storage =
      inputs.isFortranOrder ? try .floats(examples.reordered()) : .source(examples)
    self.init(
      name: name, exampleShape: example, storage: storage, targets: targets,
      classNames: classNames, bounds: bounds, remarks: remarks)
    isLabelled = labels != nil
    if let labels { hasSignedLabels = try Dataset.hasSignedLabels(labels, options) }
  }

  /// Whether images have their channels last: by the options, or else found and refused.
  private static func isChannelsLast(
    _ inputs: NPYArray, _ options: DataOptions
  ) throws(DatasetError) -> Bool {
    let shape = inputs.shape
    switch options.layout {
    case .channelsLast:
      // Rows of values become images afterwards.
      if shape.rank == 2, options.shape?.rank == 3 { return false }
      guard shape.rank == 4 else {
        throw DatasetError(
          .content, in: inputs.name,
          "has the shape \(shape), expected N x H x W x C for the layout nhwc")
      }
      return true
    case .channelsFirst: return false
    case nil:
      guard shape.rank == 4, [1, 3, 4].contains(shape[3]), ![1, 3, 4].contains(shape[1]) else {
        return false
      }
      // Where the network has the same axes, or all values are of one channel, nothing is to be converted.
      let own = shape.droppingFirst.extents
      if let taken = options.shape?.extents,
        own == taken || own.filter({ $0 != 1 }) == taken.filter({ $0 != 1 })
      {
        return false
      }
      throw DatasetError(
        .content, in: inputs.name,
        "has the shape \(shape), which looks like N x H x W x C; expected N x C x H x W, or"
          + " \(Setting.dataLayout) nhwc to have it converted (nchw to take it as it is)")
    }
  }

  /// The arrays `x` and `y` of a file of arrays; `x` alone if the options allow that and do not say what `y` is.
  ///
  /// - Throws: `DatasetError` as for the arrays themselves.
  public init(
    name: String, npz file: NPZ, options: DataOptions = DataOptions()
  ) throws(DatasetError) {
    let isAlone =
      options.allowsUnlabelled && options.targets == nil && !file.names.contains("y")
    try self.init(
      name: name, inputs: file.array("x"), labels: isAlone ? nil : file.array("y"),
      options: options)
  }

  /// Targets from an array, with the names of the classes, labels or outputs; without one, all are the class 0.
  static func targets(
    _ array: NPYArray?, count: Int, of inputs: String, _ options: DataOptions
  ) throws(DatasetError) -> (Targets, [String]) {
    guard let array else {
      let labels = [Int](repeating: 0, count: count)
      return (.classes(labels), try Dataset.names(labels, options, in: inputs))
    }
    let shape = array.shape
    guard 1...2 ~= shape.rank, shape.rank == 1 || shape[1] > 0 else {
      throw DatasetError(
        .content, in: array.name,
        "has the shape \(shape), expected one label for each example, or N x K numbers with \(Setting.targets)"
          + (shape.count == count ? "; y.reshape(-1) has one axis" : ""))
    }
    guard shape[0] == count else {
      throw DatasetError(
        .content, in: array.name,
        "found \(shape[0]) labels, expected \(count), one for each example of \(inputs)"
          + (shape.count == count ? "; y.reshape(-1) has one axis" : ""))
    }
    if let values = try wholeNumbers(array, options) {
      guard areSigned(values) else {
        return (.classes(values), try Dataset.names(values, options, in: array.name))
      }
      let names = options.classNames.count >= 2 ? options.classNames : ["-1", "1"]
      return (.classes(values.map { $0 == 1 ? 1 : 0 }), names)
    }
    let reader = TargetReader(source: array.name, options: options) { "example \($0)" }
    return try reader.targets(
      try array.tensor().scalars, width: shape.rank == 1 ? 1 : shape[1])
  }

  /// Whether an array has the classes -1 and 1, which become 0 and 1.
  static func hasSignedLabels(
    _ array: NPYArray, _ options: DataOptions
  ) throws(DatasetError) -> Bool { try wholeNumbers(array, options).map(areSigned) ?? false }

  private static func areSigned(_ values: [Int]) -> Bool {
    values.contains(-1) && values.allSatisfy { $0 == 1 || $0 == -1 }
  }

  /// The values of an array of classes; `nil` if they are none, being numbers of a regression.
  ///
  /// Floating-point numbers are classes if all are whole and could be some.
  private static func wholeNumbers(
    _ array: NPYArray, _ options: DataOptions
  ) throws(DatasetError) -> [Int]? {
    let kind = options.targets
    guard kind == .classes || kind == nil, array.shape.rank == 1 || array.shape[1] == 1 else {
      return nil
    }
    if array.type.kind != .float { return try array.integers() }
    var values: [Int] = []
    for (index, value) in try array.tensor().scalars.enumerated() {
      if let label = Int(exactly: value) {
        values.append(label)
      } else if kind == .classes {
        throw DatasetError(
          .content, in: array.name,
          "example \(index) has the target \(value), expected a whole number (its class); for numbers to predict, add"
            + " \(Setting.targets) numbers")
      } else {
        return nil
      }
    }
    // Two classes may be counted from 1.
    let largest = options.outputCount == 1 ? 2 : 1_000_000
    let couldBe =
      values.allSatisfy { 0...largest ~= $0 } || values.allSatisfy { $0 == 1 || $0 == -1 }
    return kind == .classes || couldBe ? values : nil
  }

  /// The names of classes: the given ones, or the numbers up to the largest label, and at least two.
  static func names(
    _ labels: [Int], _ options: DataOptions, in source: String
  ) throws(DatasetError) -> [String] {
    let given = options.classNames
    for (index, label) in labels.enumerated() {
      guard label >= 0, given.isEmpty || label < given.count, label <= 1_000_000 else {
        let most = given.isEmpty ? 1_000_000 : given.count - 1
        throw DatasetError(
          .content, in: source,
          "example \(index) has the label \(label), expected 0 to \(most)"
            + remedy(labels, below: given.count))
      }
    }
    return given.isEmpty ? (0...max(1, labels.max() ?? 0)).map(String.init) : given
  }

  /// What helps where labels are no classes.
  private static func remedy(_ labels: [Int], below count: Int) -> String {
    guard let least = labels.min(), let most = labels.max() else { return "" }
    let regression = "; for the numbers of a regression, add \(Setting.targets) numbers"
    if least == 1, count > 0, most == count {
      return "; the labels seem to count from 1: y - 1 counts from 0" + regression
    }
    return (least < 0 ? "; classes count from 0" : "") + regression
  }
}

extension NPYArray {
  /// The least and the largest element, which must all be finite.
  func range() throws(DatasetError) -> ClosedRange<Float> {
    var lower = Float.infinity
    var upper = -Float.infinity
    let piece = min(count, 1 << 18)
    let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: piece)
    defer { buffer.deallocate() }
    for place in stride(from: 0, to: count, by: piece) {
      let part = UnsafeMutableBufferPointer(rebasing: buffer[..<min(piece, count - place)])
      try copy(from: place, to: part)
      for (index, value) in part.enumerated() {
        guard value.isFinite else {
          throw DatasetError(
            .content, in: name,
            "has the value \(value) as element \(place + index), expected finite numbers")
        }
        lower = min(lower, value)
        upper = max(upper, value)
      }
    }
    return lower...upper
  }
}

extension NPYExamples {
  /// All values of an array in Fortran's order, example after example.
  func reordered() throws(DatasetError) -> [Float] {
    var values = try array.tensor().scalars
    if let levels {
      for index in values.indices { values[index] = levels[UInt8(values[index])] }
    }
    if let channelsLast {
      let (height, width, channels) = channelsLast
      let pixels = values
      for place in values.indices {
        let (pixel, channel) = place.quotientAndRemainder(dividingBy: channels)
        let (example, inside) = pixel.quotientAndRemainder(dividingBy: height * width)
        values[(example * channels + channel) * height * width + inside] = pixels[place]
      }
    }
    let size = exampleSize
    try values.withUnsafeMutableBufferPointer { buffer throws(DatasetError) in
      for example in 0..<exampleCount {
        let part = buffer[example * size..<(example + 1) * size]
        if levels != nil { continue }
        try spread(UnsafeMutableBufferPointer(rebasing: part), example: example)
      }
    }
    return values
  }
}
