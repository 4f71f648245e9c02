import CKernels
public import Engine
import Models
import Tensors

/// An optimiser at work on a store's live parameters, in place and on all processors.
///
/// Of several stores it moves the parameters if they are joined to one. Used on the engine thread only.
public final class Descent: @unchecked Sendable {
  private let optimizer: any Optimizer
  private let store: ParameterStore
  private let names: [String]
  private var memory: [String: [MovedTensor]] = [:]

  /// Values that a thread moves at once: few enough to be still in its cache when they are checked.
  private static let chunk = 16_384

  /// Goes on from where an optimiser stands.
  ///
  /// - Parameters:
  ///   - optimizer: The optimiser, with what it remembers.
  ///   - store: The parameters.
  ///   - names: Those that are moved.
  public init(_ optimizer: any Optimizer, store: ParameterStore, names: [String]) {
    self.optimizer = optimizer
    self.store = store
    self.names = names
    for name in names {
      guard let shape = store.shape(of: name) else { continue }
      memory[name] = MovedTensor.memory(of: optimizer, for: name, count: shape.count)
    }
  }

  /// Moves every parameter that has a gradient.
  ///
  /// - Parameters:
  ///   - gradient: The gradient with respect to a parameter, as many values as that has; `nil` leaves it as it is.
  ///   - rate: The learning rate.
  ///   - step: The number of steps taken before.
  /// - Returns: Whether all values are finite afterwards, as they are not where a gradient was not.
  public func step(
    along gradient: (String) -> UnsafePointer<Float>?, rate: Double, step: Int
  ) -> Bool {
    var isFinite = true
    for name in names {
      guard let gradient = gradient(name), let memory = memory[name] else { continue }
      store.mutate(name) { values, count in
        let whole = ParameterPart(
          values: values, memory: memory.map(\.pointer), gradient: gradient, count: count)
        if !move(whole, rate: rate, step: step) { isFinite = false }
      }
    }
    return isFinite
  }

  private func move(_ whole: ParameterPart, rate: Double, step: Int) -> Bool {
    let chunks = (whole.count + Descent.chunk - 1) / Descent.chunk
    let flags = UnsafeMutablePointer<Bool>.allocate(capacity: max(chunks, 1))
    defer { flags.deallocate() }
    OpenMP.split(chunks) { range in
      for chunk in range {
        let start = chunk * Descent.chunk
        let part = whole.part(start..<min(start + Descent.chunk, whole.count))
        optimizer.move(part, rate: rate, step: step)
        flags[chunk] = gibbon_all_finite(part.values, part.count) != 0
      }
    }
    return UnsafeBufferPointer(start: flags, count: chunks).allSatisfy { $0 }
  }

  /// The optimiser as it stands, to go on from later.
  ///
  /// - Parameter steps: The number of steps taken; before the first there is nothing to remember.
  /// - Returns: A copy of the optimiser with what it remembers now.
  public func remembered(after steps: Int) -> any Optimizer {
    var copy = optimizer
    guard steps > 0 else { return copy }
    for name in names {
      guard let shape = store.shape(of: name), let memory = memory[name] else { continue }
      for (key, tensor) in zip(optimizer.stateNames(for: name), memory) {
        copy.state[key] = tensor.tensor(shape)
      }
    }
    return copy
  }
}
