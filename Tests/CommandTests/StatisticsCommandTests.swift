import Networks
import Tensors
import Testing

/// `gibbon convert --statistics`, and that it does what the diagnosis advises.
@Suite struct StatisticsCommandTests {
  @discardableResult
  private func run(_ line: String, status: Int32 = 0, in folder: Folder) throws -> Command.Result {
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == status, "\(line)\n\(result.errors)")
    return result
  }

  /// The network of digits behind a normalisation that changes nothing, if its statistics are those of MNIST.
  private func network(mean: Float, variance: Float) throws -> Network {
    let digits = try BuiltInNetwork.mnistStandard.load().network
    var network = try Network("normalised", input: .mnist, seed: 0) {
      BatchNorm()
      Convolve(16, kernel: 4, stride: 2, padding: 1)
      ReLU()
      Convolve(32, kernel: 4, stride: 2, padding: 1)
      ReLU()
      Flatten()
      Linear(100)
      ReLU()
      Linear(10)
    }
    var parameters = [
      "0.weight": Tensor<Float>([0.3081], shape: [1]), "0.bias": Tensor([0.1307], shape: [1]),
      "0.running_mean": Tensor([mean], shape: [1]), "0.running_var": Tensor([variance], shape: [1]),
    ]
    for (name, tensor) in digits.parameters {
      let parts = name.split(separator: ".")
      let place = try #require(Int(parts[0]))
      parameters["\(place + 1).\(parts[1])"] = tensor
    }
    try network.load(parameters)
    return network
  }

  @Test func whatTheDiagnosisAdvisesHelps() throws {
    let folder = try Folder()
    try network(mean: 0.9, variance: 0.01).writeONNX(to: folder / "spoiled.onnx")
    let before = try run("info spoiled.onnx --data mnist:test --count 1000", in: folder)
    #expect(
      before.output.contains(
        "measure them again, by `gibbon convert` with --statistics and the training data"),
      "\(before.output)")
    let made = try run(
      "convert spoiled.onnx mended.onnx --statistics mnist:train --count 2000", in: folder)
    #expect(made.errors.isEmpty, "\(made.errors)")
    let after = try run("info mended.onnx --data mnist:test --count 1000", in: folder)
    #expect(after.output.contains("nothing looks wrong"), "\(after.output)")
    let network = try ONNXFile(path: folder / "mended.onnx").network
    let mean = try #require(network.parameters["0.running_mean"]?[0])
    let variance = try #require(network.parameters["0.running_var"]?[0])
    #expect(abs(mean - 0.1307) < 0.005 && abs(variance - 0.3081 * 0.3081) < 0.005)
  }

  @Test(arguments: [
    (
      "convert mnist-robust out.onnx --statistics mnist:train",
      "mnist-small: has no batch normalisation with running statistics to be measured"
    ),
    (
      "convert mnist-robust out.onnx --count 5",
      "--count and the options of data need --statistics; expected both"
    ),
    (
      "convert mnist-robust out.onnx --statistics npz:none.npz",
      "--statistics npz:none.npz: none.npz: cannot be read: No such file or directory"
    ),
    ("convert mnist-robust out.onnx --statistics mnist:tset", "'mnist:tset': MNIST has no split"),
  ])
  func whatCannotBeDoneIsRefused(line: String, message: String) throws {
    let folder = try Folder()
    let result = try run(line, status: 2, in: folder)
    #expect(result.message.hasPrefix("gibbon: " + message), "\(result.message)")
    #expect(result.errorLines.count == 2 && folder.names.isEmpty)
  }
}
