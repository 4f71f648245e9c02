import Graphs
import Networks
import Tensors
import TestSupport
import Testing

@Suite("Operators have the reference values")
struct OperatorFixtureTests {
  @Test("every file has output, cotangent and gradients, of the right shapes and finite")
  func complete() throws {
    let paths = try Fixtures.paths(in: "operators")
    #expect(paths.count > 100)
    var operators: Set<String> = []
    for path in paths {
      let file = try SafeTensorsFile(path: path)
      operators.insert(try #require(file.metadata["operator"]))
      #expect(try file.tensor("y").shape == file.tensor("dy").shape)
      for name in file.names {
        let tensor = try file.tensor(name)
        #expect(tensor.scalars.allSatisfy { $0.isFinite }, "\(path): \(name)")
        guard name.hasPrefix("d") else { continue }
        #expect(try tensor.shape == file.tensor(String(name.dropFirst())).shape, "\(path): \(name)")
      }
      let copy = try SafeTensorsFile(bytes: file.encoded(), name: path)
      #expect(copy.tensors == file.tensors && copy.metadata == file.metadata)
    }
    let expected: Set<String> = [
      "abs", "add", "avgPool", "batchNorm", "concat", "convolution", "elu", "exp", "flatten",
      "gelu",
      "globalAveragePool", "leakyRelu", "linear", "log", "logSoftmax", "matmul", "maxPool", "mean",
      "multiply", "reciprocal", "relu", "reshape", "sigmoid", "slice", "softmax", "softplus",
      "sqrt",
      "square", "sum", "tanh",
    ]
    #expect(operators.isSuperset(of: expected))
  }

  static let names = (try? Fixtures.paths(in: "operators")) ?? []

  @Test("values and gradients are PyTorch's", arguments: names)
  func values(path: String) throws {
    let fixture = try OperatorFixture(path: path)
    var missing = fixture.expected
    for run in [try fixture.firstOrder(), try fixture.secondOrder()].compactMap({ $0 }) {
      let defined = try run.defined()
      let frozen = try run.compiled(frozen: true)
      let live = try run.compiled(frozen: false)
      for name in run.graph.outputs.map(\.name) {
        let expected = try #require(fixture.expected[name], "\(name) is not in the file")
        missing[name] = nil
        let exact = relativeDifference(try #require(defined[name]), expected)
        #expect(exact <= 1e-6, "\(fixture.name): \(name) by definition")
        for (kind, outputs) in [("frozen", frozen), ("live", live)] {
          let error = relativeDifference(try #require(outputs[name]), expected)
          #expect(error <= 1e-5, "\(fixture.name): \(name) by the engine, \(kind)")
        }
      }
    }
    // What a gradient does not depend on has no second gradient, which the file holds as zeros.
    for (name, tensor) in missing {
      #expect(name.hasPrefix("dd"), "\(fixture.name): \(name) was not computed")
      #expect(tensor.normInfinity == 0, "\(fixture.name): \(name) was not computed")
    }
  }

  @Test("an operator that is not known is a failure, not a skipped file")
  func unknownOperator() throws {
    var file = try SafeTensorsFile(path: Fixtures.path("operators/relu-image.safetensors"))
    file.metadata["operator"] = "unheardOf"
    let fixture = OperatorFixture(file)
    #expect(throws: OperatorFixture.Failure.self) { try fixture.graph() }
  }
}
