import Files
public import Tensors

/// Examples of one shape with their targets, read when they are asked for or held as compactly as their file
/// holds them.
///
/// Targets are in memory, eight bytes for each label; the inputs may be larger than memory.
///
/// A data set is counted by position, `0..<count`. A part of a data set is counted from 0 again, but its
/// examples keep the `index` that they have in the whole.
public struct Dataset: Sendable {
  /// What messages and results call the data set, such as `mnist:test`.
  public let name: String

  /// The shape of one example, without a batch axis, such as 1x28x28.
  public private(set) var exampleShape: Shape

  /// The names of the classes by label, or of the labels or outputs where each example has several.
  public let classNames: [String]

  /// The range that every input value lies in, and that perturbed inputs must stay in.
  public private(set) var bounds: ClosedRange<Float>

  /// The index in the whole data set of each position; of a selection, the places in it.
  public private(set) var indices: Range<Int>

  /// The index in the whole data set of each place of a selection; `nil` where all follow one another.
  private var selected: [Int]?

  /// Whether the labels mean something; those of data without any are all 0.
  public internal(set) var isLabelled = true

  /// What was met in the data and read nevertheless; all parts of a data set have the same.
  public let remarks: Remarks

  /// Whether the labels were -1 and 1, and now are 0 and 1.
  public internal(set) var hasSignedLabels = false

  /// What is known of the columns of a table; of other data only if it was asked for.
  public internal(set) var columns: Columns?

  /// Where the targets may be instead, to follow what is wrong with them; empty if nothing speaks for it.
  public internal(set) var targetHint = ""

  /// What may be left out, to follow a number of values that is one too many; empty if nothing speaks for it.
  public internal(set) var widthHint = ""

  private(set) var storage: Storage
  /// The targets of the whole data set.
  let allTargets: Targets

  /// Creates a data set of bytes, which stand for the values byte / 255 within 0...1.
  ///
  /// - Precondition: There are `exampleShape.count` bytes for each label, and every label has a name.
  public init(
    name: String, exampleShape: Shape, bytes: [UInt8], labels: [Int], classNames: [String]
  ) {
    self.init(
      name: name, exampleShape: exampleShape, storage: .bytes(bytes[...], .unit), labels: labels,
      classNames: classNames, bounds: 0...1)
  }

  /// Creates a data set of values within the given bounds.
  ///
  /// - Precondition: There are `exampleShape.count` values for each label, all of them within the bounds,
  ///   and every label has a name.
  public init(
    name: String, exampleShape: Shape, values: [Float], labels: [Int], classNames: [String],
    bounds: ClosedRange<Float>
  ) {
    self.init(
      name: name, exampleShape: exampleShape, values: values, targets: .classes(labels),
      classNames: classNames, bounds: bounds)
  }

  /// Creates a data set of values within the given bounds with targets of any kind.
  ///
  /// - Precondition: There are `exampleShape.count` values for each target, all of them within the bounds;
  ///   every class has a name, or every one of the labels or numbers that each example has.
  public init(
    name: String, exampleShape: Shape, values: [Float], targets: Targets, classNames: [String],
    bounds: ClosedRange<Float>
  ) {
    precondition(values.allSatisfy(bounds.contains), "values of \(name) outside \(bounds)")
    self.init(
      name: name, exampleShape: exampleShape, storage: .floats(values), targets: targets,
      classNames: classNames, bounds: bounds)
  }

  init(
    name: String, exampleShape: Shape, storage: Storage, labels: [Int], classNames: [String],
    bounds: ClosedRange<Float>
  ) {
    self.init(
      name: name, exampleShape: exampleShape, storage: storage, targets: .classes(labels),
      classNames: classNames, bounds: bounds)
  }

  init(
    name: String, exampleShape: Shape, storage: Storage, targets: Targets, classNames: [String],
    bounds: ClosedRange<Float>, remarks: Remarks = Remarks()
  ) {
    precondition(exampleShape.count > 0, "examples of \(name) without values")
    precondition(
      storage.exampleCount(size: exampleShape.count) == targets.count,
      "the values of \(name) are not \(targets.count) examples of \(exampleShape)")
    targets.validate(classNames: classNames, name: name)
    self.name = name
    self.exampleShape = exampleShape
    self.storage = storage
    self.allTargets = targets
    self.classNames = classNames
    self.bounds = bounds
    self.remarks = remarks
    self.indices = 0..<targets.count
  }

  /// The number of examples.
  public var count: Int { indices.count }

  /// The number of classes that labels tell apart, whether or not each has an example here.
  public var numberOfClasses: Int { classNames.count }

  /// The index in the whole data set of a position.
  public func index(at position: Int) -> Int {
    precondition(0..<count ~= position, "position \(position) outside 0..<\(count) of \(name)")
    let place = indices.lowerBound + position
    return selected?[place] ?? place
  }

  /// The input at a position, in the shape of one example; a byte becomes the `Float` next to byte / 255.
  ///
  /// - Throws: `DatasetError` as `copyInputs(at:to:)`.
  public func image(at position: Int) throws(DatasetError) -> Tensor<Float> {
    try inputs(at: CollectionOfOne(position)).reshaped(to: exampleShape)
  }

  /// The example at a position.
  ///
  /// - Throws: `DatasetError` as `copyInputs(at:to:)`.
  public func example(at position: Int) throws(DatasetError) -> Example {
    Example(
      index: index(at: position), input: try image(at: position), target: target(at: position))
  }

  /// The examples at a range of positions.
  ///
  /// - Throws: `DatasetError` as `copyInputs(at:to:)`.
  public func examples(_ positions: Range<Int>) throws(DatasetError) -> [Example] {
    try positions.map { position throws(DatasetError) in try example(at: position) }
  }

  /// All examples, which are in memory then.
  ///
  /// - Throws: `DatasetError` as `copyInputs(at:to:)`.
  public var examples: [Example] { get throws(DatasetError) { try examples(0..<count) } }

  /// The part at a range of positions, which shares the storage and keeps the indices.
  ///
  /// - Precondition: The range lies within `0..<count`.
  public func subset(_ positions: Range<Int>) -> Dataset {
    precondition(
      positions.lowerBound >= 0 && positions.upperBound <= count,
      "positions \(positions) outside 0..<\(count) of \(name)")
    var part = self
    let start = indices.lowerBound
    part.indices = start + positions.lowerBound..<start + positions.upperBound
    return part
  }

  /// The examples at some positions, in their order, which share the storage and keep the indices.
  ///
  /// - Precondition: The positions lie within `0..<count`.
  public func selection(_ positions: [Int]) -> Dataset {
    var part = self
    part.selected = positions.map(index(at:))
    part.indices = 0..<positions.count
    return part
  }

  /// The indices in the whole data set, in the order of the positions.
  var allIndices: [Int] { (0..<count).map(index(at:)) }

  /// The part of at most `count` examples from the position `offset` on, or of all from there by default.
  ///
  /// The part is shorter, or empty, where the data set ends earlier.
  ///
  /// - Precondition: `offset` and `count` are not negative.
  public func subset(offset: Int, count limit: Int? = nil) -> Dataset {
    precondition(offset >= 0 && limit ?? 0 >= 0, "negative offset or count")
    let start = min(offset, count)
    return subset(start..<start + min(limit ?? count, count - start))
  }

  /// The same values in the same order as examples of another shape.
  ///
  /// - Precondition: The shape has as many values.
  public func reshaped(to shape: Shape) -> Dataset {
    precondition(shape.count == exampleShape.count, "\(exampleShape) to \(shape)")
    var copy = self
    copy.exampleShape = shape
    return copy
  }

  /// The same data with the values of each example in another order.
  ///
  /// - Parameter places: For each value the place that it is taken from, each place once.
  /// - Returns: The data, which are read as before.
  public func reordered(_ places: [Int]) -> Dataset {
    precondition(places.count == exampleShape.count, "\(places.count) places of \(exampleShape)")
    var copy = self
    copy.storage = .source(
      ReorderedExamples(base: storage, exampleCount: allTargets.count, places: places))
    copy.columns = columns?.reordered(places)
    return copy
  }

  /// The same data with bytes in memory spread over other bounds; other data stay as they are.
  func spread(over bounds: ClosedRange<Float>) -> Dataset {
    guard case .bytes(let bytes, _) = storage else { return self }
    var copy = self
    copy.storage = .bytes(bytes, ByteLevels(bounds))
    copy.bounds = bounds
    return copy
  }

  /// Copies the inputs at the given positions, in their order, into a contiguous buffer.
  ///
  /// The values are those of `image(at:)`; the buffer may be uninitialized, and may be in part after an error.
  ///
  /// - Throws: `DatasetError` if the file can no longer be read, or holds values out of bounds there; never
  ///   for data in memory.
  /// - Precondition: The buffer holds exactly `positions.count * exampleShape.count` values.
  public func copyInputs(
    at positions: some Collection<Int>, to buffer: UnsafeMutableBufferPointer<Float>
  ) throws(DatasetError) {
    let size = exampleShape.count
    precondition(
      buffer.count == positions.count * size,
      "a buffer of \(buffer.count) values for \(positions.count) examples of \(size)")
    for (row, position) in positions.enumerated() {
      try storage.copy(
        example: index(at: position),
        to: UnsafeMutableBufferPointer(rebasing: buffer[row * size..<(row + 1) * size]))
    }
  }

  /// The inputs at the given positions, in their order, with the batch as the outermost axis.
  ///
  /// - Throws: `DatasetError` as `copyInputs(at:to:)`.
  public func inputs(
    at positions: some Collection<Int>
  ) throws(DatasetError) -> Tensor<Float> {
    let shape = exampleShape.prepending(positions.count)
    var scalars = [Float](repeating: 0, count: shape.count)
    try scalars.withUnsafeMutableBufferPointer { buffer throws(DatasetError) in
      try copyInputs(at: positions, to: buffer)
    }
    return Tensor(scalars, shape: shape)
  }

  /// The labels at the given positions, in their order.
  public func labels(at positions: some Collection<Int>) -> [Int] { positions.map(label(at:)) }

  /// The most examples of a source that are read for a checksum; of more, as many spread evenly over all.
  private static let mostRead = 20_000

  /// A checksum of targets and examples, by which other content under the same name is told.
  ///
  /// Of data that are read when they are asked for, such as folders of pictures, it is over 20,000 examples at most.
  ///
  /// - Throws: `DatasetError` if an example cannot be read.
  package func checksum() throws(DatasetError) -> String {
    var sum = Checksum()
    sum.add("\(exampleShape)")
    for index in allIndices {
      switch allTargets[index] {
      case .label(let label): sum.add(UInt64(label))
      case .labels(let labels): for label in labels { sum.add(label ? 1 : 0) }
      case .numbers(let numbers): for number in numbers { sum.add(UInt64(number.bitPattern)) }
      }
    }
    let size = exampleShape.count
    let range = indices.lowerBound * size..<indices.upperBound * size
    switch storage {
    case .bytes where selected != nil, .floats where selected != nil:
      for position in 0..<count {
        try image(at: position).withUnsafeScalars { sum.add(UnsafeRawBufferPointer($0)) }
      }
    case .bytes(let bytes, _):
      sum.add(bytes[bytes.startIndex + range.lowerBound..<bytes.startIndex + range.upperBound])
    case .floats(let values): values[range].withUnsafeBytes { sum.add($0) }
    case .source:
      let read = min(count, Dataset.mostRead)
      for place in 0..<read {
        try image(at: place * count / read).withUnsafeScalars {
          sum.add(UnsafeRawBufferPointer($0))
        }
      }
    }
    return sum.hexadecimal
  }

  /// Spreads values that are within a range over another.
  static func spread(
    _ values: UnsafeMutableBufferPointer<Float>, from range: ClosedRange<Float>,
    over bounds: ClosedRange<Float>
  ) {
    guard range != bounds else { return }
    // In double precision, so that the ends come out exactly.
    let scale =
      (Double(bounds.upperBound) - Double(bounds.lowerBound))
      / (Double(range.upperBound) - Double(range.lowerBound))
    for index in values.indices {
      let value =
        Double(bounds.lowerBound) + (Double(values[index]) - Double(range.lowerBound)) * scale
      values[index] = min(max(Float(value), bounds.lowerBound), bounds.upperBound)
    }
  }
}

/// One input with its target, and the index that it has in its whole data set.
public struct Example: Hashable, Sendable {
  /// The index in the data set as it was loaded, whichever part of it the example was taken from.
  ///
  /// Randomness is keyed by it, so that an example meets the same numbers alone and in a crowd.
  public let index: Int

  /// The input, without a batch axis; the values lie within the bounds of the data set.
  public let input: Tensor<Float>

  /// What it is known to be.
  public let target: Target

  /// The number of the class, from 0.
  ///
  /// - Precondition: The target is a class, as in all data sets whose `targetKind` is `.classes`.
  public var label: Int {
    guard let label = target.label else { preconditionFailure("an example without a class") }
    return label
  }

  /// Creates an example from its parts.
  public init(index: Int, input: Tensor<Float>, target: Target) {
    self.index = index
    self.input = input
    self.target = target
  }

  /// Creates an example of a class.
  public init(index: Int, input: Tensor<Float>, label: Int) {
    self.init(index: index, input: input, target: .label(label))
  }
}
