public import Graphs
public import Models
import Synchronization
public import Tensors

/// A network by the definitions of its operators: what its outputs are in double precision, and in single precision in
/// two orders of summation.
///
/// It shares no code with the engine, runs on any thread, and takes many times as long: for the few inputs of which
/// single precision leaves the label open.
public final class NetworkDefinition: ModelDefinition {
  private let precise: Interpreter
  private let reordered: [Interpreter]
  private let names: (input: String, output: String)
  private let inputShape: Shape
  private let bounds: ClosedRange<Float>
  private let parameters: [String: Tensor<Float>]
  private let state = Mutex(State())

  private struct State {
    var parameters: [String: Tensor<Double>]?
    var rounding: Double?
  }

  /// The least that rounding is taken for, relative to the largest output.
  ///
  /// Over the networks and inputs of `Scripts/check-rounding.py` engine, onnxruntime and double precision differ by
  /// less than a tenth of it.
  public static let leastRounding = 0x1p-15

  /// Creates the definition of a network whose parameters stay as they are.
  ///
  /// - Parameters:
  ///   - graph: The graph, from a batch of inputs to a row of outputs for each.
  ///   - parameters: A tensor for each of the graph's parameters.
  ///   - input: The name of the graph's input.
  ///   - output: The name of the graph's output; others do not matter.
  ///   - inputShape: The shape of one example.
  ///   - bounds: The values that an input may have.
  /// - Throws: `GraphError` if the graph has no such output.
  public init(
    graph: Graph, parameters: [String: Tensor<Float>], input: String, output: String,
    inputShape: Shape, bounds: ClosedRange<Float> = 0...1
  ) throws(GraphError) {
    let graph = try graph.selecting(outputs: [output])
    precise = Interpreter(graph, summing: .forward)
    reordered = [SummationOrder.reversed, .alternating].map { Interpreter(graph, summing: $0) }
    names = (input, output)
    self.inputShape = inputShape
    self.bounds = bounds
    self.parameters = parameters
  }

  /// The outputs at an input.
  ///
  /// - Parameter example: An input of the network's shape.
  /// - Returns: The outputs in double precision, and in single precision in two orders of summation.
  /// - Throws: `GraphError` if the input is of another shape.
  public func outputs(of example: Tensor<Float>) throws(GraphError) -> DefinedOutputs {
    let exact = state.withLock { state in
      let exact = state.parameters ?? parameters.mapValues { $0.converted() }
      state.parameters = exact
      return exact
    }
    let x = example.reshaped(to: example.shape.prepending(1))
    let precise: Tensor<Double>? = try precise(
      [names.input: x.converted()], parameters: exact)[names.output]
    var others: [[Float]] = []
    for interpreter in reordered {
      let outputs = try interpreter([names.input: x], parameters: parameters)
      others.append(outputs[names.output]?.scalars ?? [])
    }
    return DefinedOutputs(precise: precise?.scalars ?? [], reordered: others)
  }

  /// How far outputs in single precision may be from exact ones, relative to the largest: twenty times as far as they
  /// are at one input drawn evenly from the network's range, and at least `leastRounding`.
  ///
  /// It is found out once and does not depend on what is attacked.
  ///
  /// - Throws: `GraphError`, though never for a network that was read or made here.
  public func rounding() throws(GraphError) -> Double {
    if let known = state.withLock({ $0.rounding }) { return known }
    var randomness = RandomKey(seed: 0).child("rounding").generator
    let width = bounds.upperBound - bounds.lowerBound
    let example = randomness.uniforms(inputShape).map { bounds.lowerBound + width * $0 }
    let outputs = try outputs(of: example)
    let size = outputs.precise.reduce(0) { max($0, $1.magnitude) }
    let difference = outputs.reordered.joined().enumerated().reduce(0.0) { most, entry in
      let exact = outputs.precise[entry.offset % outputs.precise.count]
      return max(most, (Double(entry.element) - exact).magnitude)
    }
    let measured = size > 0 && size.isFinite ? 20 * difference / size : 0
    let rounding = max(measured.isFinite ? measured : 0, NetworkDefinition.leastRounding)
    state.withLock { $0.rounding = rounding }
    return rounding
  }
}
