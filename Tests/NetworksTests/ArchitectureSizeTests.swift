import Networks
import Tensors
import Testing

/// Forms for inputs of another shape and other classes.
@Suite struct ArchitectureSizeTests {
  @Test(
    arguments: [
      ("mnist-small@3x20x20:2", [3, 20, 20], 2), ("mnist-mlp@4:3", [4], 3),
      ("resnet20@3x64x64:7", [3, 64, 64], 7), ("resnet20@1x28x28", [1, 28, 28], 10),
      ("trades-smallcnn@3x32x32:5", [3, 32, 32], 5), ("resnet18@3x64x64:2", [3, 64, 64], 2),
    ] as [(String, Shape, Int)])
  func aNameSaysTheSize(name: String, shape: Shape, classes: Int) throws {
    let form = try Architecture.named(name)
    #expect(form.input.shape == shape)
    #expect(try form.outputCount == classes)
    let network = try form.network(seed: 1)
    #expect(network.outputCount == classes)
    // But for the size, parameters are those of the form.
    let base = try Architecture.named(String(name.prefix { $0 != "@" })).network(seed: 1)
    #expect(network.parameterNames == base.parameterNames)
    // Files of it are read again.
    let bytes = NetworkFile(network).encoded()
    let read = try NetworkFile(bytes: bytes, name: "n").network
    #expect(read.parameters == network.parameters && read.input == network.input)
    #expect(read.architecture == network.architecture)
  }

  @Test(arguments: [
    ("mnist-small@3x20:2", "mnist-small takes pictures"), ("mnist-small@3x0x20:2", "says no size"),
    ("mnist-small@3x20x20:1", "says no size"), ("mnist-small@3x20x20:2:3", "says no size"),
    ("mnist-small@x:2", "says no size"), ("lenet5@1x4x4:2", "lenet5 cannot take inputs of"),
    ("mnist-smal@1x28x28:2", "no architecture is named \"mnist-smal\""),
    ("mnist-mlp@65536x65536:2", "cannot take inputs of"),
  ])
  func whatIsNoSizeIsRefused(name: String, message: String) {
    let error = #expect(throws: NetworkError.self) { try Architecture.named(name) }
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }

  @Test func statisticsStayWhereChannelsDo() throws {
    let form = try #require(Architecture.all.first { $0.input.mean.count == 3 })
    let classes = try form.outputCount
    let wide = try form.sized(to: [3, 64, 64], classes: classes)
    #expect(wide.input.mean == form.input.mean)
  }
}
