import Graphs
public import Tensors

extension Architecture {
  /// The form for inputs of another shape or for another number of classes: its last layer has as many outputs, and all others
  /// follow from their inputs.
  ///
  /// Its name says both, as `resnet20@3x64x64:2`, so that files of such networks are read again. Statistics of the form's own
  /// data are kept where the channels are as many.
  ///
  /// - Parameters:
  ///   - shape: The shape of one input, channels first.
  ///   - classes: The number of classes, at least 2.
  /// - Returns: The form.
  /// - Throws: `NetworkError.input` where the layers do not fit such an input, or the last one has no outputs to choose.
  public func sized(to shape: Shape, classes: Int) throws(NetworkError) -> Architecture {
    guard let base = name.split(separator: "@").first.map(String.init), classes >= 2,
      !shape.extents.isEmpty, shape.extents.allSatisfy({ 1...Architecture.largestExtent ~= $0 }),
      shape.count <= Architecture.largestCount, classes <= Architecture.largestExtent
    else {
      throw .input("\(name) cannot take inputs of \(shape) and tell \(classes) classes")
    }
    guard shape.rank == input.shape.rank || input.shape.rank == 3 && startsFlat else {
      throw .input("\(name) takes pictures, as \(input.shape); it cannot take \(shape)")
    }
    guard let layers = Sequential(layers()).layers(endingIn: classes) else {
      throw .input("\(name) has a number of classes that cannot be chosen")
    }
    let keepsStatistics = shape.rank == 3 && input.mean.count == shape[0]
    let description = InputDescription(
      shape: shape, lowerBound: input.lowerBound, upperBound: input.upperBound,
      mean: keepsStatistics ? input.mean : [],
      standardDeviation: keepsStatistics ? input.standardDeviation : [])
    let extents = shape.extents.map(\.description).joined(separator: "x")
    let sized = Architecture("\(base)@\(extents):\(classes)", summary, input: description) {
      // Under no name of its own, so that parameters are called as in the form.
      Sequential(layers).named("")
    }
    do {
      _ = try sized.graph()
    } catch {
      throw .input("\(base) cannot take inputs of \(shape): \(error)")
    }
    return sized
  }

  /// Nothing that is trained has more values on an axis.
  private static let largestExtent = 65_536
  /// Nor in all.
  private static let largestCount = 1 << 24

  /// Whether the first layer makes a row of whatever it is given.
  private var startsFlat: Bool { layers().first is Flatten }

  /// The form whose name says a size, such as `resnet20@3x64x64:2`; `nil` if it says none.
  ///
  /// - Throws: `NetworkError.unknownArchitecture`, or `NetworkError.input` where the size is none, or is none for the form.
  static func sized(named name: String) throws(NetworkError) -> Architecture? {
    let parts = name.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 1 else { return nil }
    let base = try named(parts[0])
    let words = parts[1].split(separator: ":", omittingEmptySubsequences: false)
    let extents = words[0].split(separator: "x", omittingEmptySubsequences: false).map {
      Int($0) ?? 0
    }
    let classes = try words.count > 1 ? Int(words[1]) ?? 0 : base.outputCount
    guard parts.count == 2, words.count <= 2, 1...4 ~= extents.count,
      extents.allSatisfy({ 1...largestExtent ~= $0 }), 2...largestExtent ~= classes
    else {
      throw .input(
        "'\(name)' says no size; expected \(parts[0])@SHAPE:CLASSES, such as \(parts[0])@3x64x64:2")
    }
    return try base.sized(to: Shape(extents), classes: classes)
  }

  /// The number of outputs.
  public var outputCount: Int {
    get throws(NetworkError) {
      do {
        let graph = try graph()
        return graph.outputs.first.map { graph[$0.value].extents.values[1] } ?? 0
      } catch {
        throw .input("\(name): \(error)")
      }
    }
  }
}

extension Sequential {
  /// The same layers, of which the last has a number of outputs; `nil` where that cannot be chosen.
  func layers(endingIn count: Int) -> [any Layer]? {
    guard let last = layers.last?.choosing(outputs: count) else { return nil }
    return layers.dropLast() + [last]
  }
}

extension Layer {
  /// The same layer with a number of outputs; `nil` where that cannot be chosen.
  fileprivate func choosing(outputs count: Int) -> (any Layer)? {
    switch self {
    case let layer as Linear: layer.with(outputs: count)
    case let layer as NamedLayer:
      layer.layer.choosing(outputs: count).map { NamedLayer(name: layer.name, layer: $0) }
    case let layers as Sequential: layers.layers(endingIn: count).map { Sequential($0) }
    default: nil
    }
  }
}
