import CKernels
public import Engine
public import Tensors

/// A running average of a store's live parameters, which is often more robust than the parameters at any one step.
///
/// Izmailov et al. 2018, https://arxiv.org/abs/1803.05407; in adversarial training Gowal et al. 2020,
/// https://arxiv.org/abs/2010.03593. As PyTorch's `AveragedModel`, it begins with a copy of the first state that it is shown.
/// It is kept in place and on all processors, and is the same, bit by bit, whatever their number. Used on the engine thread
/// only.
public final class WeightAverage: @unchecked Sendable {
  /// How states are weighed.
  public enum Rule: Hashable, Sendable, CustomStringConvertible {
    /// average <- d average + (1 - d) state, the decay d in [0, 1); with warm-up d is at most (1 + t) / (10 + t) after t
    /// states, so that the first ones are soon forgotten.
    case exponential(decay: Double, warmUp: Bool = false)
    /// The mean of all states from a position on, at least 0.
    case equal(from: Int = 0)

    /// The rule in words.
    public var description: String {
      switch self {
      case .exponential(let decay, let warmUp):
        "exponential average, decay \(decay)\(warmUp ? " with warm-up" : "")"
      case .equal(let first): "equal average from \(first) on"
      }
    }

    /// The part of the way to a state that an average of some states goes, above 0 and at most 1.
    func share(after count: Int) -> Double {
      if count == 0 { return 1 }
      switch self {
      case .exponential(let decay, let warmUp):
        let cap = Double(1 + count) / Double(10 + count)
        return 1 - (warmUp ? min(decay, cap) : decay)
      case .equal:
        return 1 / Double(count + 1)
      }
    }
  }

  /// A checkpoint's tensors do not make an average.
  public struct StateError: Error, Equatable, CustomStringConvertible {
    let problem: String

    /// One line that says what is wrong.
    public var description: String {
      "the average of the parameters cannot be restored: \(problem)"
    }
  }

  /// How states are weighed.
  public let rule: Rule
  /// What is averaged.
  public let names: [String]
  /// The number of states that were averaged so far.
  public private(set) var count = 0

  private let store: ParameterStore
  private let shapes: [Shape]
  private let averages: [MovedTensor]
  private var isExchanged = false

  /// Begins an average of no states.
  ///
  /// - Parameters:
  ///   - rule: How states are weighed.
  ///   - store: The live parameters.
  ///   - names: The trained parameters.
  ///   - statistics: The running statistics of normalisations that are averaged like parameters. Those that are left out
  ///     belong to the network as it is trained, not to the averaged one, and have to be measured again for that.
  public init(
    _ rule: Rule, of store: ParameterStore, names: [String], statistics: [String]
  ) {
    let names = names + statistics
    self.rule = rule
    self.names = names
    self.store = store
    shapes = names.map { name in
      guard let shape = store.shape(of: name) else { preconditionFailure("no parameter \(name)") }
      return shape
    }
    averages = shapes.map { MovedTensor(nil, count: $0.count) }
  }

  /// Takes the parameters as they are into the average.
  ///
  /// - Parameter position: Where the training stands, in what `Rule.equal(from:)` counts, steps or epochs; earlier states are
  ///   not averaged by that rule.
  public func update(at position: Int) {
    precondition(!isExchanged, "the average is where the parameters belong")
    if case .equal(let first) = rule, position < first { return }
    let share = rule.share(after: count)
    for (name, average) in zip(names, averages) {
      store.read(name) { values, size in
        Chunks.forEach(of: size) { _, places in
          let start = places.lowerBound
          if share == 1 {
            (average.pointer + start).update(from: values + start, count: places.count)
          } else {
            gibbon_approach(average.pointer + start, values + start, places.count, Float(share))
          }
        }
      }
    }
    count += 1
  }

  /// The averaged parameters by name; before the first state those of the store.
  public func tensors() -> [String: Tensor<Float>] {
    precondition(!isExchanged, "the average is where the parameters belong")
    var tensors: [String: Tensor<Float>] = [:]
    for (index, name) in names.enumerated() {
      tensors[name] = count == 0 ? store.tensor(name) : averages[index].tensor(shapes[index])
    }
    return tensors
  }

  /// Exchanges the average and the live parameters, so that plans on the store run the averaged network; a second call
  /// exchanges them back, bit by bit.
  ///
  /// Before the first state nothing is exchanged. Between the two calls the average must not be used, nor the parameters
  /// moved.
  public func exchange() {
    if count == 0 { return }
    isExchanged.toggle()
    for (name, average) in zip(names, averages) {
      store.mutate(name) { values, size in
        Chunks.forEach(of: size) { _, places in
          gibbon_exchange(
            values + places.lowerBound, average.pointer + places.lowerBound, places.count)
        }
      }
    }
  }

  private static let countName = "average.count"
  /// Counts are written as two numbers below this, which `Float` holds exactly.
  private static let countBase = 1 << 20

  /// The names in `state`, after the first state, of the tensors of some parameters' average.
  public static func stateNames(for parameters: [String]) -> [String] {
    parameters.map { "average/" + $0 } + [countName]
  }

  /// The average as tensors for a checkpoint: `average/NAME` for each parameter, and `average.count`; none before the
  /// first state.
  public var state: [String: Tensor<Float>] {
    if count == 0 { return [:] }
    var state: [String: Tensor<Float>] = [:]
    for (name, tensor) in tensors() { state["average/" + name] = tensor }
    let (high, low) = count.quotientAndRemainder(dividingBy: Self.countBase)
    state[Self.countName] = Tensor([Float(high), Float(low)], shape: [2])
    return state
  }

  /// Goes on from a checkpoint, as if the average had never stopped.
  ///
  /// - Parameter state: What `state` was; other tensors in it are left alone.
  /// - Throws: `StateError` where tensors are missing or do not fit, and then nothing has changed.
  public func restore(_ state: [String: Tensor<Float>]) throws(StateError) {
    precondition(!isExchanged, "the average is where the parameters belong")
    let count = try Self.count(in: state)
    if count > 0 {
      var tensors: [Tensor<Float>] = []
      for (name, shape) in zip(names, shapes) {
        guard let tensor = state["average/" + name] else {
          throw StateError(problem: "the tensor \"average/\(name)\" is missing")
        }
        guard tensor.shape == shape else {
          throw StateError(
            problem: "\"average/\(name)\" has the shape \(tensor.shape), expected \(shape)")
        }
        tensors.append(tensor)
      }
      for (average, tensor) in zip(averages, tensors) {
        average.pointer.update(from: tensor.scalars, count: tensor.count)
      }
    }
    self.count = count
  }

  private static func count(in state: [String: Tensor<Float>]) throws(StateError) -> Int {
    guard let tensor = state[countName] else {
      if let name = state.keys.filter({ $0.hasPrefix("average/") }).min() {
        throw StateError(problem: "\"\(countName)\" is missing beside \"\(name)\"")
      }
      return 0
    }
    let parts = tensor.scalars.compactMap { Int(exactly: $0) }
    guard tensor.count == 2, parts.count == 2,
      parts.allSatisfy({ 0..<countBase ~= $0 }), parts != [0, 0]
    else {
      throw StateError(problem: "\"\(countName)\" is not a number of states")
    }
    return parts[0] * countBase + parts[1]
  }
}
