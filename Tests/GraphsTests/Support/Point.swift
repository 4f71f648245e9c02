import Graphs
import Tensors
import Testing

/// What a graph is run at: a tensor for each of its inputs and parameters.
struct Point: Sendable {
  var inputs: [String: Tensor<Double>] = [:]
  var parameters: [String: Tensor<Double>] = [:]

  /// The tensor of an input or parameter; setting it replaces a tensor that is there.
  subscript(name: String) -> Tensor<Double>? {
    get { inputs[name] ?? parameters[name] }
    set {
      if parameters[name] != nil { parameters[name] = newValue } else { inputs[name] = newValue }
    }
  }

  /// The graph's outputs here, in double precision.
  func values(of graph: Graph) throws -> [String: Tensor<Double>] {
    try Interpreter(graph)(inputs, parameters: parameters)
  }

  /// The graph's outputs here, in single precision.
  func singleValues(of graph: Graph) throws -> [String: Tensor<Float>] {
    try Interpreter(graph)(
      inputs.mapValues { $0.converted() }, parameters: parameters.mapValues { $0.converted() })
  }

  /// The derivatives of the sum of `weight` times an output along each element of one tensor.
  ///
  /// Central differences in double precision; their error is near 1e-9 for values and derivatives near 1.
  func finiteDifferences(
    of output: String, in graph: Graph, weight: Tensor<Double>, along name: String
  ) throws -> Tensor<Double> {
    let step = 1e-5
    let graph = try graph.selecting(outputs: [output])
    let centre = try #require(self[name], "nothing is bound to \(name)")
    func value(_ index: Int, at position: Double) throws -> Double {
      var moved = self
      moved[name]?[index] = position
      let result = try #require(try moved.values(of: graph)[output])
      return (weight * result).scalars.reduce(0, +)
    }
    var derivatives = Tensor<Double>.zeros(centre.shape)
    for index in 0..<centre.count {
      let (below, above) = (centre[index] - step, centre[index] + step)
      let difference = try value(index, at: above) - value(index, at: below)
      derivatives[index] = difference / (above - below)
    }
    return derivatives
  }
}

/// The largest magnitude, NaN if there is one.
func magnitude(_ tensor: Tensor<Double>) -> Double {
  tensor.scalars.reduce(0) { $0.isNaN || abs($1) <= $0 ? $0 : abs($1) }
}

/// Expects two tensors to differ by at most `tolerance` times their largest magnitude.
///
/// Magnitudes below `floor` count as `floor`, for tensors that are zero but for rounding.
func expectAgreement(
  _ found: Tensor<Double>?, _ expected: Tensor<Double>?, within tolerance: Double,
  floor: Double = 1e-2, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let found = try #require(found, "\(what) is missing", sourceLocation: sourceLocation)
  let expected = try #require(expected, "\(what) is missing", sourceLocation: sourceLocation)
  try #require(
    found.shape == expected.shape, "\(what) has another shape", sourceLocation: sourceLocation)
  let scale = max(floor, magnitude(expected))
  let difference = magnitude(found - expected)
  #expect(
    difference <= tolerance * scale, "\(what) is off by \(difference) of \(scale)",
    sourceLocation: sourceLocation)
}

/// Draws that stay where the tested functions are smooth; multiples of a power of two, exact in `Float`.
enum Domain: Sendable {
  /// Of either sign, at least 0.2 from zero.
  case awayFromZero
  /// At least 0.3.
  case positive
  /// Pairwise at least 0.03 apart, and from zero too.
  case distinct

  func draw(_ shape: Shape, from key: RandomKey) -> Tensor<Double> {
    var generator = key.generator
    switch self {
    case .awayFromZero:
      return generator.uniforms(shape).map { $0 < 0.5 ? $0 * 2 - 1.2 : $0 * 2 - 0.8 }.converted()
    case .positive:
      return generator.uniforms(shape).map { $0 * 1.5 + 0.3 }.converted()
    case .distinct:
      let order = generator.permutation(of: shape.count)
      return Tensor(order.map { Double($0 - shape.count / 2) * 0x1p-4 + 0x1p-5 }, shape: shape)
    }
  }
}
