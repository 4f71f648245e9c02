import Engine
import Tensors

/// Tensors at addresses that stay, as a plan's gradients are.
///
/// `@unchecked Sendable` because they never change.
final class Slopes: @unchecked Sendable {
  private var pointers: [String: UnsafeMutablePointer<Float>] = [:]

  init(_ tensors: [String: Tensor<Float>]) {
    for (name, tensor) in tensors {
      let pointer = UnsafeMutablePointer<Float>.allocate(capacity: tensor.count)
      pointer.initialize(from: tensor.scalars, count: tensor.count)
      pointers[name] = pointer
    }
  }

  deinit {
    for pointer in pointers.values { pointer.deallocate() }
  }

  func callAsFunction(_ name: String) -> UnsafePointer<Float>? {
    pointers[name].map { UnsafePointer($0) }
  }
}

extension ParameterStore {
  /// The bits of some parameters.
  func bits(_ names: [String]) -> [[UInt32]] {
    names.map { tensor($0)?.scalars.map(\.bitPattern) ?? [] }
  }
}

/// Parameters of several sizes: less than a vector, one piece of what threads share, and several.
enum Sizes {
  static let shapes: [String: Shape] = [
    "bias": [5], "weight": [3, 7], "large": [130, 126], "larger": [50_001],
  ]
  static let names = shapes.keys.sorted()

  static func tensors(_ seed: UInt64) -> [String: Tensor<Float>] {
    Dictionary(
      uniqueKeysWithValues: shapes.map { name, shape in
        var generator = RandomKey(seed: seed).child(name).generator
        return (name, generator.normals(shape))
      })
  }
}
