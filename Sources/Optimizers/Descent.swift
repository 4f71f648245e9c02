import CKernels
public import Engine
import Tensors

/// An optimiser at work on a store's live parameters, in place and on all processors.
///
/// Of several stores it moves the parameters if they are joined to one. The parameters are the same, bit by bit, whatever the
/// number of threads. Used on the engine thread only.
public final class Descent: @unchecked Sendable {
  /// The norm of the whole gradient in the last step, before it was clipped; `nil` where nothing is clipped.
  public private(set) var gradientNorm: Double?

  private let optimizer: any Optimizer
  private let store: ParameterStore
  private let names: [String]
  private let withoutDecay: Set<String>
  private let largestNorm: Double?
  private var memory: [String: [MovedTensor]] = [:]

  /// Goes on from where an optimiser stands.
  ///
  /// - Parameters:
  ///   - optimizer: The optimiser, with what it remembers.
  ///   - store: The parameters.
  ///   - names: Those that are moved.
  ///   - withoutDecay: Those of them that the optimiser's weight decay leaves out, such as `Graph.vectorNames`.
  ///   - largestNorm: The L2 norm, above 0, to which a larger gradient of all moved parameters together is scaled down,
  ///     as PyTorch's `clip_grad_norm_` does (Pascanu et al. 2013, https://arxiv.org/abs/1211.5063); `nil` for none.
  public init(
    _ optimizer: any Optimizer, store: ParameterStore, names: [String],
    withoutDecay: Set<String> = [], largestNorm: Double? = nil
  ) {
    precondition(largestNorm ?? 1 > 0, "a gradient is clipped to a norm above 0")
    self.optimizer = optimizer
    self.store = store
    self.names = names
    self.withoutDecay = withoutDecay
    self.largestNorm = largestNorm
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
    var factor: Float = 1
    if let largestNorm {
      let norm = norm(of: gradient)
      gradientNorm = norm
      // As PyTorch has it. A norm that is no number clips nothing: the values tell of it.
      let share = largestNorm / (norm + 1e-6)
      if share < 1 { factor = Float(share) }
    }
    var isFinite = true
    for name in names {
      guard let gradient = gradient(name), let memory = memory[name] else { continue }
      store.mutate(name) { values, count in
        let whole = ParameterPart(
          values: values, memory: memory.map(\.pointer), gradient: gradient, count: count,
          decays: !withoutDecay.contains(name))
        if !move(whole, factor: factor, rate: rate, step: step) { isFinite = false }
      }
    }
    return isFinite
  }

  /// The L2 norm of a gradient of all moved parameters together.
  ///
  /// - Parameter gradient: The gradient with respect to a parameter, as many values as that has; `nil` counts as 0.
  /// - Returns: The norm, summed in double precision in an order that does not depend on the threads.
  public func norm(of gradient: (String) -> UnsafePointer<Float>?) -> Double {
    var sum = 0.0
    for name in names {
      guard let gradient = gradient(name), let shape = store.shape(of: name) else { continue }
      sum += Chunks.sumOfSquares(gradient, count: shape.count)
    }
    return sum.squareRoot()
  }

  private func move(_ whole: ParameterPart, factor: Float, rate: Double, step: Int) -> Bool {
    let chunks = Chunks.number(of: whole.count)
    let flags = UnsafeMutablePointer<Bool>.allocate(capacity: max(chunks, 1))
    defer { flags.deallocate() }
    Chunks.forEach(of: whole.count) { chunk, places in
      let part = whole.part(places)
      if factor == 1 {
        optimizer.move(part, rate: rate, step: step)
      } else {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: part.count) { clipped in
          guard let clipped = clipped.baseAddress else { return }
          gibbon_scale(clipped, part.gradient, part.count, factor)
          optimizer.move(part.along(clipped), rate: rate, step: step)
        }
      }
      flags[chunk] = gibbon_all_finite(part.values, part.count) != 0
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
