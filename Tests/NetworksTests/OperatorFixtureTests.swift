import Networks
import Tensors
import Testing

@Suite("The reference values of operators are complete")
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
}
