import Networks
import Tensors
import TestSupport
import Testing

/// A known form with the formula's weights, and PyTorch's values of it.
struct FormulaNetwork: Sendable, CustomTestStringConvertible {
  let architecture: Architecture
  let formula: FormulaWeights
  let fixture: String

  static let all = [
    FormulaNetwork(architecture: .madryCNN, formula: .madry, fixture: "madry"),
    FormulaNetwork(architecture: .smallCNN, formula: .wong, fixture: "wong"),
  ]

  var testDescription: String { fixture }

  func network() throws -> Network {
    var network = try architecture.network(seed: 0)
    let names = network.parameterNames
    try network.load(Dictionary(uniqueKeysWithValues: zip(names, formula.parameters)))
    return network
  }

  func file() throws -> SafeTensorsFile {
    try SafeTensorsFile(path: Fixtures.path("networks/\(fixture).safetensors"))
  }
}
