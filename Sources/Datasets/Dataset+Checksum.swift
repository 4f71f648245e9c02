import Files
import Tensors

extension Dataset {
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
    for position in indices {
      switch allTargets[position] {
      case .label(let label): sum.add(UInt64(label))
      case .labels(let labels): for label in labels { sum.add(label ? 1 : 0) }
      case .numbers(let numbers): for number in numbers { sum.add(UInt64(number.bitPattern)) }
      }
    }
    let size = exampleShape.count
    let range = indices.lowerBound * size..<indices.upperBound * size
    switch storage {
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
}
