import Datasets
import Foundation
import Networks
import Tensors
import Testing

/// Checkpoints of other programs on the command line: what is taken, what is said of it, and what is refused.
@Suite struct CheckpointFileTests {
  private let folder: Folder
  private let parameters: [String: Tensor<Float>]

  init() throws {
    folder = try Folder()
    parameters = try Architecture.leNet5.network(seed: 1).parameters
  }

  /// Writes tensors as safetensors.
  private func write(_ tensors: [String: Tensor<Float>], _ metadata: [String: String] = [:]) throws
  {
    var file = SafeTensorsFile(name: "net")
    file.tensors = tensors
    file.metadata = metadata
    try folder.write(file.encoded(), to: "net.safetensors")
  }

  private func prefixed(_ prefix: String, by factor: Float = 1) -> [String: Tensor<Float>] {
    Dictionary(uniqueKeysWithValues: parameters.map { (prefix + $0.key, factor * $0.value) })
  }

  /// The outputs for a few digits, and what was said.
  private func predict(_ options: String = "") throws -> (Tensor<Float>, said: String) {
    let result = try Command.run(
      line: "predict net.safetensors --architecture lenet5 --count 3 --output out.npz \(options)",
      in: folder)
    try #require(result.status == 0, "\(result.errors)")
    return (try NPZ(path: folder / "out.npz").array("logits").tensor(), result.errors)
  }

  private func refusal(_ line: String) throws -> String {
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == 2 && result.output.isEmpty, "\(line): \(result.output)")
    return result.message
  }

  @Test("metadata of other programs do no harm, and a prefix needs no word")
  func pretrained() throws {
    try write(parameters)
    let (plain, _) = try predict()
    try write(prefixed("backbone."), ["format": "pt"])
    let (outputs, said) = try predict()
    #expect(outputs == plain && said.isEmpty, "\(said)")
    #expect(
      try refusal("info net.safetensors")
        == "gibbon: net.safetensors: holds 10 tensors but not the network's architecture; give it by --architecture,"
        + " which could be lenet5")
  }

  @Test("of two sets of weights one is taken, which is said, and --entry takes the other")
  func entries() throws {
    try write(prefixed("model.").merging(prefixed("model_ema.", by: -1)) { first, _ in first })
    let (averaged, said) = try predict()
    #expect(
      said
        == "gibbon: net.safetensors: 2 sets of weights fit; model_ema is taken, and `--entry NAME` takes"
        + " another: model\n")
    let (other, silence) = try predict("--entry model")
    #expect(other != averaged && silence.isEmpty)
    try write(parameters)
    #expect(try predict().0 == other)
    #expect(
      try refusal("info net.safetensors --architecture lenet5 --entry x").hasSuffix(
        "the weights are the file itself, without entries: leave out --entry"))
    #expect(
      try refusal("info mnist-standard --entry x").contains(
        "--entry is 'x', but mnist-standard is a network of Gibbon's"))
  }

  @Test("an average that is not whole is told, and a module that scales the input is not left out")
  func parts() throws {
    let average = prefixed("ema.").filter {
      !$0.key.hasSuffix("0.bias") && !$0.key.hasSuffix("fc1.bias")
    }
    try write(prefixed("model.").merging(average) { first, _ in first })
    let (_, said) = try predict()
    #expect(said.isEmpty || said.contains("average"), "\(said)")
    for names in [["norm.weight", "norm.bias"], ["normalizer.inv_std", "normalizer.shift"]] {
      var tensors = prefixed("net.")
      for name in names { tensors[name] = Tensor([1], shape: [1]) }
      try write(tensors)
      #expect(
        try refusal("predict net.safetensors --architecture lenet5 --count 3 --output out.npz")
          .contains("seem to belong to a normalisation"))
      let (_, told) = try predict("--mean 0.1 --std 0.5")
      #expect(told.contains("left out: "), "\(told)")
    }
  }

  @Test("a normalisation in the file is that of the options, which override it")
  func normalization() throws {
    try write(parameters)
    let (expected, _) = try predict("--mean 0.25 --std 0.5")
    let (plain, _) = try predict()
    var tensors = prefixed("1.")
    tensors["0.mean"] = Tensor([0.25], shape: [1, 1, 1])
    tensors["0.std"] = Tensor([0.5], shape: [1, 1, 1])
    try write(tensors)
    let (outputs, said) = try predict()
    #expect(outputs == expected)
    #expect(
      said
        == "gibbon: net.safetensors: the input is normalised by 0.mean and 0.std, as by --mean 0.25 --std 0.5\n"
    )
    let (explicit, words) = try predict("--mean 0 --std 1")
    #expect((explicit - plain).normInfinity <= 1e-5 * plain.normInfinity)
    #expect(words.contains("0.mean and 0.std are not used (--mean 0.25 --std 0.5), since"))
    tensors["0.mean"] = Tensor([125], shape: [1, 1, 1])
    try write(tensors)
    #expect(try predict().said.contains("is --input-range 0:255 missing?"))
    tensors["0.std"] = Tensor([0], shape: [1, 1, 1])
    try write(tensors)
    #expect(
      try refusal("info net.safetensors --architecture lenet5").contains(
        "expected finite means and positive standard deviations; say the normalisation with --mean and --std"
      ))
    tensors["0.std"] = nil
    try write(tensors)
    #expect(
      try refusal("info net.safetensors --architecture lenet5").contains(
        "0.mean seems to belong to a normalisation"))
    #expect(try predict("--mean 0.25 --std 0.5").said.hasSuffix("left out: 0.mean\n"))
  }

  @Test("what is left out is said, and warned of where it may matter")
  func surplus() throws {
    var tensors = prefixed("net.")
    tensors["criterion.weight"] = .zeros([10])
    try write(tensors)
    #expect(try predict().said == "gibbon: net.safetensors: left out: criterion.weight\n")
    tensors["criterion.weight"] = nil
    tensors["projector.weight"] = .zeros([4, 4])
    try write(tensors)
    let said = try predict().said
    #expect(
      said.hasPrefix("gibbon: warning: net.safetensors: left out: projector.weight, which the"))
    tensors["net.fc4.weight"] = .zeros([4, 4])
    try write(tensors)
    #expect(
      try refusal("info net.safetensors --architecture lenet5").contains(
        "net.fc4.weight (4x4) is surplus"))
  }

  @Test("a training begins with a checkpoint as others do")
  func training() throws {
    try write(prefixed("encoder."), ["format": "pt"])
    let result = try Command.run(
      line:
        "train lenet5 --from net.safetensors --count 20 --epochs 1 --batch 10 --output own.safetensors",
      in: folder)
    #expect(result.status == 0, "\(result.errors)")
  }
}
