import Datasets
import Networks
import Optimizers
import Tensors
import Testing
import Training

/// Which files a training goes on from, and what is said of the others.
@Suite struct CheckpointTests {
  private let data = Digits.data(20)
  private let recipe = Recipe(
    epochs: 3, batchSize: 8, optimizer: Adam(), schedule: .constant(rate: 0.002), seed: 7)

  /// A file after one epoch and one step.
  private func file() async throws -> NetworkFile {
    let (data, recipe) = (data, recipe)
    let state = try await Task {
      try await Trainer(recipe).train(
        TrainingState(try Digits.network(), recipe: recipe), on: data,
        onStep: { if $0.step == 4 { withUnsafeCurrentTask { $0?.cancel() } } })
    }.value
    return state.file(recipe, isFinished: false, history: ["command": "made by a test"])
  }

  private func problem(
    _ file: NetworkFile, architecture: String = "mnist-small", recipe: Recipe? = nil,
    data: Dataset? = nil
  ) -> String {
    #expect(throws: TrainingError.self) {
      try TrainingState(
        resuming: file, named: "net.safetensors", architecture: architecture,
        recipe: recipe ?? self.recipe, data: data ?? self.data)
    }?.description ?? ""
  }

  @Test func theFileSaysHowItCameToBe() async throws {
    let file = try await file()
    let reread = try NetworkFile(bytes: file.encoded(), name: "net")
    #expect(reread.history == file.history)
    #expect(reread.history["seed"] == "7")
    #expect(reread.history["recipe"] == recipe.description)
    #expect(reread.history["command"] == "made by a test")
    #expect(reread.history["metrics"]?.hasPrefix("loss ") == true)
    #expect(
      Set(reread.state.keys)
        == Set(file.network.parameterNames.flatMap { ["mean/" + $0, "variance/" + $0] }))
    #expect(file.encoded() == reread.encoded())
  }

  @Test func otherExamplesOfTheSameNameAreTold() async throws {
    let file = try await file()
    let other = Digits.data(data.count, seed: 4, name: data.name)
    #expect(
      problem(file, data: other)
        == "net.safetensors: cannot be resumed: expected the examples that it was trained on, found others as "
        + data.name)
    var earlier = file
    earlier.history["progress.examples"] = nil
    // Its checksum goes with all lines.
    #expect(problem(earlier).contains("checksum"))
  }

  @Test func aFinishedFileHoldsTheNetworkAlone() async throws {
    let end = try await Trainer(recipe).train(
      TrainingState(try Digits.network(), recipe: recipe), on: data)
    let file = end.file(recipe, isFinished: true)
    #expect(file.state.isEmpty)
    #expect(file.network.parameters == end.network.parameters)
    #expect(file.history["metrics"]?.split(separator: "\n").count == 3)
    #expect(file.history["recipe"] == recipe.description)
    #expect(
      problem(file) == "net.safetensors: cannot be resumed: the training it holds is finished")
  }

  @Test func anotherRecipeIsRefused() async throws {
    let file = try await file()
    let others = [
      Recipe(
        epochs: 4, batchSize: 8, optimizer: Adam(), schedule: .constant(rate: 0.002), seed: 7),
      Recipe(
        epochs: 3, batchSize: 9, optimizer: Adam(), schedule: .constant(rate: 0.002), seed: 7),
      Recipe(
        epochs: 3, batchSize: 8, optimizer: SGD(), schedule: .constant(rate: 0.002), seed: 7),
      Recipe(
        epochs: 3, batchSize: 8, optimizer: Adam(), schedule: .constant(rate: 0.003), seed: 7),
      Recipe(
        epochs: 3, batchSize: 8, optimizer: Adam(), schedule: .cosine(rate: 0.002), seed: 7),
      Recipe(
        epochs: 3, batchSize: 8, optimizer: Adam(), schedule: .constant(rate: 0.002), seed: 8),
    ]
    for other in others {
      #expect(
        problem(file, recipe: other)
          == "net.safetensors: cannot be resumed: made by another recipe; expected "
          + "\"\(other.description)\", found \"\(recipe.description)\"")
    }
    var bare = file
    bare.history["recipe"] = nil
    #expect(problem(bare).hasSuffix("found \"none\""))
  }

  @Test func anotherArchitectureIsRefused() async throws {
    let file = try await file()
    #expect(
      problem(file, architecture: "mnist-mlp")
        == "net.safetensors: cannot be resumed: expected the architecture mnist-mlp, found mnist-small"
    )
  }

  @Test func otherDataAreRefused() async throws {
    let file = try await file()
    for (other, found) in [
      (data.subset(0..<19), "19 examples of squares from 0 on"),
      (Digits.data(22).subset(2..<22), "20 examples of squares from 2 on"),
      (Digits.data(20, name: "others"), "20 examples of others from 0 on"),
    ] {
      #expect(
        problem(file, data: other)
          == "net.safetensors: cannot be resumed: expected training on \(found), "
          + "found 20 examples of squares from 0 on")
    }
    var bare = file
    bare.history["progress.data"] = nil
    #expect(problem(bare).hasSuffix("it does not name the examples it was trained on"))
  }

  @Test(arguments: [
    ("progress.step", "four", "its step four does not go with its 1 finished epochs"),
    ("progress.step", "", "its step  does not go with"),
    ("progress.step", "-1", "its step -1 does not go with"),
    ("progress.step", "-9223372036854775808", "does not go with"),
    ("progress.step", "9223372036854775807", "does not go with"),
    ("progress.step", "2", "its step 2 does not go with"),
    (
      "progress.step", "5", "its step 5 does not go with its 1 finished epochs and 8 examples since"
    ),
    ("progress.running", nil, "its running sums are unreadable"),
    ("progress.running", "1.5 3", "its running sums are unreadable"),
    ("progress.running", "1.5 3 8 1", "its running sums are unreadable"),
    ("progress.running", "nan 3 8", "its running sums are unreadable"),
    ("progress.running", "inf 3 8", "its running sums are unreadable"),
    ("progress.running", "1.5 9 8", "its running sums are unreadable"),
    ("progress.running", "1.5 -1 8", "its running sums are unreadable"),
    ("progress.running", "1.5 3 7", "does not go with its 1 finished epochs and 7 examples since"),
    ("metrics", nil, "does not go with its 0 finished epochs"),
    ("metrics", "loss x, accuracy 1", "its metrics are unreadable: \"loss x, accuracy 1\""),
    ("metrics", "loss nan, accuracy 1", "its metrics are unreadable"),
    ("metrics", "loss 1", "its metrics are unreadable: \"loss 1\""),
    ("metrics", "nonsense", "its metrics are unreadable: \"nonsense\""),
    (
      "metrics", "loss 1, accuracy 1\nloss 1, accuracy 1\nloss 1, accuracy 1",
      "does not go with its 3 finished epochs"
    ),
  ])
  func damagedMetadataAreRefused(key: String, value: String?, expected: String) async throws {
    var file = try await file()
    #expect(throws: Never.self) {
      try TrainingState(
        resuming: file, named: "", architecture: "mnist-small", recipe: recipe, data: data)
    }
    file.history[key] = value
    let found = problem(file)
    #expect(found.hasPrefix("net.safetensors: cannot be resumed: ") && found.contains(expected))
  }

  /// One flipped bit is found, or leaves everything as it was.
  @Test func aFlippedBitChangesNothingUnseen() async throws {
    let file = try await file()
    let bytes = file.encoded()
    func resume(_ bytes: [UInt8]) throws -> TrainingState {
      try TrainingState(
        resuming: NetworkFile(bytes: bytes, name: "net"), named: "net",
        architecture: "mnist-small", recipe: recipe, data: data)
    }
    let expected = try resume(bytes).bits
    let header = 8 + bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    var generator = RandomKey(seed: 1).generator
    var refused = 0
    for round in 0..<240 {
      // Half of them in the header, which is small.
      let end = round % 2 == 0 ? header : bytes.count
      let bit = generator.integer(below: 8 * end)
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      do {
        let state = try resume(damaged)
        #expect(state.bits == expected, "bit \(bit)")
      } catch {
        refused += 1
      }
    }
    #expect(refused > 200)
  }

  @Test func damagedOptimisersAreRefused() async throws {
    let file = try await file()
    let name = file.network.parameterNames[0]
    var damaged = file
    damaged.state["variance/" + name] = nil
    #expect(problem(damaged).hasSuffix("the optimiser's tensor \"variance/\(name)\" is missing"))
    damaged = file
    damaged.state["mean/" + name] = Tensor([1, 2], shape: [2])
    #expect(
      problem(damaged).hasSuffix(
        "the optimiser's tensor \"mean/\(name)\" does not have its parameter's shape"))
    damaged = file
    damaged.state["median/" + name] = damaged.state["mean/" + name]
    #expect(
      problem(damaged).hasSuffix("the optimiser's tensor \"median/\(name)\" fits no parameter"))
  }
}
