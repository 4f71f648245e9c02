/// Examples whose values are those of others in another order.
struct ReorderedExamples: ExampleSource {
  let base: Dataset.Storage
  let exampleCount: Int
  /// For each value the place that it is taken from.
  let places: [Int]

  var exampleSize: Int { places.count }

  func copy(
    example index: Int, to buffer: UnsafeMutableBufferPointer<Float>
  ) throws(DatasetError) {
    var values = [Float](repeating: 0, count: places.count)
    try values.withUnsafeMutableBufferPointer { values throws(DatasetError) in
      try base.copy(example: index, to: values)
    }
    for (target, source) in places.enumerated() { buffer[target] = values[source] }
  }
}
