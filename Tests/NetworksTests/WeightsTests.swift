import Foundation
import Networks
import Tensors
import TestSupport
import Testing

/// Finding the weights of a network in files as programs save them; Scripts/check-checkpoints.py has more forms.
@Suite("Weights in checkpoints")
struct WeightsTests {
  /// The form of the network in the fixtures.
  static let form = Architecture("small", "for tests", input: InputDescription(shape: [3])) {
    Linear(2)
    BatchNorm()
  }

  private static let tensors: [String: Tensor<Float>] = [
    "0.weight": Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]), "0.bias": Tensor([7, 8], shape: [2]),
    "1.weight": .zeros([2]), "1.bias": .zeros([2]), "1.running_mean": .zeros([2]),
    "1.running_var": .zeros([2]),
  ]

  private func fit(_ tensors: [String: Tensor<Float>], entry: String? = nil) throws -> WeightsFit {
    try Checkpoint(name: "net", tensors: tensors).fit(to: WeightsTests.form, entry: entry)
  }

  private static func prefixed(_ prefix: String, by factor: Float = 1) -> [String: Tensor<Float>] {
    Dictionary(uniqueKeysWithValues: tensors.map { (prefix + $0.key, factor * $0.value) })
  }

  private func refusal(_ tensors: [String: Tensor<Float>], entry: String? = nil) throws -> String {
    try #require(throws: NetworkError.self) { try fit(tensors, entry: entry) }.description
  }

  @Test(
    "a prefix is whatever stands before the names",
    arguments: [
      "", "module.", "backbone.", "my.own_name.0.", "1.", "_forward_module.module.", "a..b.",
      "0.0.",
    ])
  func prefixes(prefix: String) throws {
    let fit = try fit(WeightsTests.prefixed(prefix))
    #expect(fit.parameters == WeightsTests.tensors)
    #expect(fit.entry == (prefix.isEmpty ? "." : String(prefix.dropLast())))
    #expect(fit.others.isEmpty && fit.normalization == nil && fit.surplus == WeightsSurplus())
  }

  @Test("what PyTorch's wrappers put between the parts of a name is taken off")
  func wrappers() throws {
    var tensors: [String: Tensor<Float>] = [:]
    for (name, tensor) in WeightsTests.tensors {
      tensors["model." + name.replacing("0.", with: "0._fsdp_wrapped_module.")] = tensor
    }
    #expect(try fit(tensors).parameters == WeightsTests.tensors)
  }

  @Test("several networks in one dictionary are told apart, averages first")
  func several() throws {
    let tensors = WeightsTests.prefixed("online_model.", by: 2)
      .merging(WeightsTests.prefixed("ema_model.", by: 3)) { first, _ in first }
    let fit = try fit(tensors)
    #expect(fit.entry == "ema_model" && fit.others == ["online_model"])
    #expect(fit.parameters["0.bias"] == Tensor([21, 24], shape: [2]))
    let other = try self.fit(tensors, entry: "online_model")
    #expect(other.parameters["0.bias"] == Tensor([14, 16], shape: [2]) && other.others.isEmpty)
    let line = try refusal(tensors, entry: "nothing")
    #expect(
      line.hasSuffix(
        "there is no entry 'nothing' with weights of small; there is ema_model, online_model"))
  }

  @Test("parts that play no role are left out and named")
  func surplus() throws {
    var tensors = WeightsTests.prefixed("net.")
    tensors["criterion.weight"] = .zeros([2])
    tensors["step"] = Tensor(7)
    tensors["net.sub_block1.layer.weight"] = .zeros([2])
    tensors["projector.weight"] = .zeros([2])
    tensors["projector.bias"] = .zeros([2])
    let surplus = try fit(tensors).surplus
    #expect(surplus.counters == ["step"])
    #expect(surplus.idle == ["criterion.weight", "net.sub_block1.layer.weight"])
    #expect(surplus.unknown == ["projector.* (2 tensors)"])
  }

  @Test(
    "parts that a network of another form computes with are no surplus to leave out",
    arguments: ["0.scale", "1.weight_u", "2.weight", "3.0.bias"])
  func anotherForm(name: String) throws {
    var tensors = WeightsTests.tensors
    tensors[name] = .zeros([2])
    #expect(try refusal(tensors).contains("\(name) (2) is surplus"))
    tensors = WeightsTests.prefixed("1.")
    tensors["0.weight"] = .zeros([3])
    #expect(try refusal(tensors).contains("0.weight (3) is surplus"))
  }

  @Test("a deeper network is not read as a shallower one")
  func deeper() throws {
    let deep = try Architecture.named("resnet34-cifar").network(seed: 1)
    let checkpoint = Checkpoint(name: "net", tensors: deep.parameters)
    let error = #expect(throws: NetworkError.self) {
      try checkpoint.fit(to: .named("resnet18-cifar"))
    }
    #expect(error?.description.contains("layer1.2.bn1.bias (64) is surplus") == true)
    #expect(error?.description.hasSuffix("they fit resnet34-cifar") == true)
    #expect(checkpoint.architectures().map(\.name) == ["resnet34-cifar"])
  }

  @Test("surplus names are listed beside missing ones")
  func misfits() throws {
    var tensors = WeightsTests.prefixed("x.")
    tensors["x.1.running_var"] = nil
    tensors["x.1.variance"] = .zeros([2])
    let line = try refusal(tensors)
    #expect(
      line == "net: the parameters do not fit the architecture small: 1.running_var (2) is missing,"
        + " x.1.variance (2) is surplus")
  }

  @Test(
    "means and deviations in front of the network are read",
    arguments: [
      ("0.mean", "0.std", "1."), ("normalize.mean", "normalize.std", "model."),
      ("mu", "sigma", "model."),
      ("mean", "std", "net."), ("norm._mean", "norm._std", "net."), ("mean", "std", "0."),
      ("0.means", "0.sds", "1."), ("image_mean", "image_std", "net."),
    ],
    [[3], [3, 1, 1], [1, 3, 1, 1], [1]] as [[Int]])
  func normalization(names: (String, String, String), extents: [Int]) throws {
    var tensors = WeightsTests.prefixed(names.2)
    let count = extents.reduce(1, *)
    let shape = Shape(extents)
    tensors[names.0] = Tensor(Array([0.5, 0.25, 0.125].prefix(count)), shape: shape)
    tensors[names.1] = Tensor(Array([2, 4, 8].prefix(count)), shape: shape)
    let fit = try fit(tensors)
    let normalization = try #require(fit.normalization)
    #expect(normalization.mean == Array([0.5, 0.25, 0.125].prefix(count)))
    #expect(normalization.deviation == Array([2, 4, 8].prefix(count)))
    #expect(fit.surplus == WeightsSurplus())
    let network = try WeightsTests.form.network(loading: fit)
    #expect(network.input.mean == normalization.mean)
  }

  @Test("half of a normalisation is not dropped in silence")
  func halfNormalization() throws {
    for (name, extent) in [("mean", 3), ("std", 3), ("normalize.mean", 5)] {
      var tensors = WeightsTests.prefixed("net.")
      tensors[name] = .zeros([extent])
      let line = try refusal(tensors)
      #expect(line.contains(name) && line.hasSuffix("give it by mean and std"), "\(line)")
      let fit = try Checkpoint(name: "net", tensors: tensors)
        .fit(to: WeightsTests.form, ignoresNormalization: true)
      #expect(fit.surplus.normalization == [name])
    }
    // After the network it is no normalisation of inputs.
    var tensors = WeightsTests.prefixed("0.")
    tensors["1.mean"] = .zeros([3])
    tensors["1.std"] = .zeros([3])
    #expect(try refusal(tensors).contains("1.mean (3) is surplus"))
  }

  @Test(
    "files that PyTorch wrote",
    arguments: [
      ("averaged-model.pt", "module"), ("two.pt", "model_ema"), ("normalised.pt", "1"),
      ("wrapped.pt", "_orig_mod.module"), ("lightning.ckpt", "state_dict.model"),
    ])
  func files(name: String, entry: String) throws {
    let checkpoint = try Checkpoint(pyTorch: Fixtures.path("weights/\(name)"))
    let fit = try checkpoint.fit(to: WeightsTests.form)
    #expect(fit.entry == entry)
    let plain = try Checkpoint(pyTorch: Fixtures.path("weights/two.pt"))
      .fit(to: WeightsTests.form, entry: "model").parameters
    switch name {
    case "two.pt":
      // One dictionary under two keys is one set of weights.
      #expect(fit.others == ["model"])
      #expect(fit.parameters == plain.mapValues { -1 * $0 })
    case "normalised.pt":
      #expect(
        fit.normalization?.mean == [0.5, 0.25, 0.125]
          && fit.normalization?.deviation == [0.5, 2, 1])
      #expect(fit.parameters == plain)
    case "lightning.ckpt": #expect(fit.surplus.idle == ["criterion.weight"])
    default: #expect(fit.parameters == plain)
    }
    #expect(fit.surplus.counters == (name == "averaged-model.pt" ? ["n_averaged"] : []))
    #expect(fit.surplus.unknown.isEmpty && fit.surplus.normalization.isEmpty)
  }

  private func weights(_ name: String) throws -> Checkpoint {
    guard case .weights(let checkpoint) = try TensorFile(path: Fixtures.path(name)) else {
      throw NetworkError.file(name, "is taken for a network of Gibbon's")
    }
    return checkpoint
  }

  @Test("safetensors of other programs have metadata of their own, and may be spread over files")
  func safeTensors() throws {
    let whole = try weights("weights/pretrained.safetensors")
    let fit = try whole.fit(to: WeightsTests.form)
    #expect(fit.surplus == WeightsSurplus())
    let parts = try weights("weights/part.safetensors.index.json")
    #expect(try parts.fit(to: WeightsTests.form).parameters == fit.parameters)
    let part = try weights("weights/part-00001-of-00002.safetensors")
    let error = #expect(throws: NetworkError.self) { try part.fit(to: WeightsTests.form) }
    #expect(
      error?.description.hasSuffix(
        "it is file 1 of 2: give the list of all, part.safetensors.index.json")
        == true)
  }
}
