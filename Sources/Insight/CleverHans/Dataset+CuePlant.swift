public import Datasets
package import Tensors

/// Examples of which some have a planted cue.
public struct PlantedData: Sendable {
  /// The examples, which are in memory and counted from 0.
  public let data: Dataset
  /// The positions of those that have the cue, in ascending order.
  public let planted: [Int]
}

extension Dataset {
  /// The same examples, the plant's share of its class with the cue.
  ///
  /// Which ones have it depends on the seed and the examples' indices alone. All examples are in memory then.
  ///
  /// - Parameter plant: The cue.
  /// - Returns: The examples, and the positions of those with the cue.
  /// - Throws: `CuePlantError`.
  public func planting(_ plant: CuePlant) throws(CuePlantError) -> PlantedData {
    guard targetKind == .classes, isLabelled else { throw .noClasses(data: name) }
    let members = (0..<count).filter { label(at: $0) == plant.label }
    guard !members.isEmpty else { throw .noExamples(label: plant.label, data: name) }
    let key = RandomKey(seed: plant.seed).child("planted")
    let drawn = members.map { position -> (position: Int, draw: UInt64) in
      var generator = key.child(index(at: position)).generator
      return (position, generator.next())
    }.sorted { ($0.draw, $0.position) < ($1.draw, $1.position) }
    let number = max(1, Int((plant.share * Double(members.count)).rounded()))
    let planted = drawn.prefix(number).map(\.position).sorted()
    let chosen = Set(planted)
    let data = try changed(named: "\(name) with \(plant.kind.rawValue)") {
      position, input throws(CuePlantError) in
      chosen.contains(position) ? try plant.planted(on: input, within: bounds) : input
    }
    return PlantedData(data: data, planted: planted)
  }

  /// The same examples with the cue on those of some classes.
  ///
  /// - Parameters:
  ///   - plant: The cue.
  ///   - isMarked: Whether examples of a class get it.
  /// - Returns: The examples, which are in memory and counted from 0.
  /// - Throws: `CuePlantError`.
  public func marking(
    _ plant: CuePlant, where isMarked: (_ label: Int) -> Bool
  ) throws(CuePlantError) -> Dataset {
    try changed(named: "\(name) with \(plant.kind.rawValue) moved") {
      position, input throws(CuePlantError) in
      isMarked(label(at: position)) ? try plant.planted(on: input, within: bounds) : input
    }
  }

  /// The same labels with changed inputs, in memory.
  package func changed(
    named name: String,
    _ change: (_ position: Int, _ input: Tensor<Float>) throws(CuePlantError) -> Tensor<Float>
  ) throws(CuePlantError) -> Dataset {
    var values: [Float] = []
    values.reserveCapacity(count * exampleShape.count)
    for position in 0..<count {
      let input: Tensor<Float>
      do { input = try image(at: position) } catch { throw .data("\(error)") }
      values += try change(position, input).scalars
    }
    return Dataset(
      name: name, exampleShape: exampleShape, values: values, labels: labels,
      classNames: classNames, bounds: bounds)
  }
}
