import CKernels
public import Engine
import Tensors

/// Live parameters moved for a moment, so that a step can be taken for weights that are worse than the present ones.
///
/// One computes the gradient of the loss, applies the perturbation along it, computes the gradient that counts, restores the
/// parameters, and descends. In place, on all processors, and the same, bit by bit, whatever their number. Used on the engine
/// thread only.
public final class WeightPerturbation: @unchecked Sendable {
  /// How far parameters are moved along a direction g.
  public enum Rule: Hashable, Sendable, CustomStringConvertible {
    /// Each tensor w by gamma |w| / (|g| + 1e-20) g, gamma above 0: adversarial weight perturbation (Wu et al. 2020,
    /// https://arxiv.org/abs/2004.05884).
    case relative(gamma: Double)
    /// All tensors together by rho g / (|g| + 1e-12), rho above 0: sharpness-aware minimisation (Foret et al. 2021,
    /// https://arxiv.org/abs/2010.01412).
    case together(rho: Double)

    /// The rule in words.
    public var description: String {
      switch self {
      case .relative(let gamma): "weights perturbed by \(gamma) of their norms"
      case .together(let rho): "weights perturbed by \(rho) together"
      }
    }
  }

  /// How far parameters are moved.
  public let rule: Rule
  /// Those that are moved.
  public let names: [String]
  /// Whether the parameters are moved now.
  public private(set) var isApplied = false

  private let store: ParameterStore
  private let tensors: [Moved]

  private struct Moved {
    let name: String
    let saved: MovedTensor
    let change: MovedTensor
  }

  /// Prepares a perturbation, with room for two copies of the parameters.
  ///
  /// - Parameters:
  ///   - rule: How far parameters are moved.
  ///   - store: The live parameters.
  ///   - names: Those that are moved; the published adversarial perturbation leaves out `Graph.vectorNames`.
  public init(_ rule: Rule, of store: ParameterStore, names: [String]) {
    self.rule = rule
    self.store = store
    self.names = names
    tensors = names.map { name in
      guard let count = store.shape(of: name)?.count else {
        preconditionFailure("no parameter \(name)")
      }
      return Moved(
        name: name, saved: MovedTensor(nil, count: count), change: MovedTensor(nil, count: count))
    }
  }

  /// Moves the parameters, which are remembered first.
  ///
  /// Applied again before they are given back, it goes on from where they are, by the norms that they have there.
  ///
  /// - Parameter direction: The direction of a parameter, as many values as that has, such as the gradient of the loss; `nil`
  ///   or 0 leaves the parameter as it is.
  public func apply(along direction: (String) -> UnsafePointer<Float>?) {
    if !isApplied { save() }
    isApplied = true
    let directions = tensors.map { direction($0.name) }
    let squares = zip(tensors, directions).map { tensor, direction in
      direction.map { Chunks.sumOfSquares($0, count: tensor.saved.count) } ?? 0
    }
    let norm = squares.reduce(0, +).squareRoot()
    for ((tensor, direction), square) in zip(zip(tensors, directions), squares) {
      guard let direction, square != 0 else { continue }
      let change = tensor.change.pointer
      store.mutate(tensor.name) { values, count in
        let factor: Float
        switch rule {
        case .relative(let gamma):
          let own = Chunks.sumOfSquares(values, count: count).squareRoot()
          factor = Float(gamma * own / (square.squareRoot() + 1e-20))
        case .together(let rho):
          factor = Float(rho / (norm + 1e-12))
        }
        Chunks.forEach(of: count) { _, places in
          let (start, size) = (places.lowerBound, places.count)
          gibbon_add_scaled(values + start, direction + start, size, factor)
          gibbon_add_scaled(change + start, direction + start, size, factor)
        }
      }
    }
  }

  /// Gives the parameters back as they were before, bit by bit, whatever has become of them since; nothing where they are
  /// not moved.
  public func restore() {
    guard isApplied else { return }
    isApplied = false
    for tensor in tensors {
      store.mutate(tensor.name) { values, count in
        Chunks.forEach(of: count) { _, places in
          let start = places.lowerBound
          (values + start).update(from: tensor.saved.pointer + start, count: places.count)
        }
      }
    }
  }

  /// Takes the perturbation off the parameters as they are now, which keeps a step that was taken since; nothing where they
  /// are not moved.
  ///
  /// So the published adversarial weight perturbation ends. The sum rounds: without a step, the parameters are those from
  /// before up to rounding only.
  public func subtract() {
    guard isApplied else { return }
    isApplied = false
    for tensor in tensors {
      store.mutate(tensor.name) { values, count in
        Chunks.forEach(of: count) { _, places in
          let start = places.lowerBound
          gibbon_add_scaled(values + start, tensor.change.pointer + start, places.count, -1)
        }
      }
    }
  }

  private func save() {
    for tensor in tensors {
      store.read(tensor.name) { values, count in
        Chunks.forEach(of: count) { _, places in
          let (start, size) = (places.lowerBound, places.count)
          (tensor.saved.pointer + start).update(from: values + start, count: size)
          (tensor.change.pointer + start).update(repeating: 0, count: size)
        }
      }
    }
  }
}
