import JSON
import Networks
import Optimizers
import Studies
import Tensors
import TestSupport
import Testing
import Training

/// What a text asks for, beginning with nothing.
private func specification(of text: String) throws -> TrainingSpecification {
  var asked = TrainingSpecification(architecture: "", output: "out")
  try RecipeFile(parsing: Array(text.utf8), named: "r.yaml").apply(to: &asked)
  return asked
}

@Suite("Recipes") struct RecipeTests {
  @Test(
    "every recipe that is built in makes one of its network",
    arguments: BuiltInRecipe.all.map(\.name))
  func builtIn(name: String) throws {
    let file = try RecipeFile(name)
    var asked = TrainingSpecification(architecture: "", output: "out")
    try file.apply(to: &asked)
    let form = try Architecture.named(asked.architecture)
    let network = try form.network(seed: 0)
    let recipe = try asked.recipe(for: network)
    #expect(!file.summary.isEmpty && asked.recipe.name == name && asked.threat != nil)
    #expect(asked.recipe.input == form.input.shape.extents.map(String.init).joined(separator: "x"))
    for key in [
      "architecture:", "data:", "threat:", "method:", "epochs:", "batch:", "optimizer:", "rate:",
      "schedule:", "seed:", "input:",
    ] { #expect(file.text.contains("\n" + key), "\(key)") }
    // What a network's file says of its recipe trains the same again.
    let again = try reread(asked)
    #expect(try again.recipe(for: network).description == recipe.description)
    #expect(again.yaml == asked.yaml)
  }

  private func reread(_ first: TrainingSpecification) throws -> TrainingSpecification {
    var asked = TrainingSpecification(architecture: "", output: "out")
    try RecipeFile(parsing: Array(first.yaml.utf8), named: "again.yaml").apply(to: &asked)
    return asked
  }

  @Test func publishedConstantsStandInTheirRecipes() throws {
    var asked = TrainingSpecification(architecture: "", output: "out")
    try RecipeFile("mnist-wong").apply(to: &asked)
    #expect(
      asked.attack == "fgsm" && asked.options == ["random-start": "true", "step-size": "0.375"])
    #expect(asked.recipe.epochs == 10 && asked.recipe.rate == 0.005 && asked.threat == "linf:0.3")
    var trades = TrainingSpecification(architecture: "", output: "out")
    try RecipeFile("mnist-trades").apply(to: &trades)
    #expect(trades.recipe.drops == "0.55,0.75,0.9" && trades.recipe.momentum == 0.9)
  }

  @Test func everyKeyIsWrittenAndReadAgain() throws {
    let text = """
      architecture: resnet20
      data: images:pictures
      count: 100
      resize: 40
      validation: images:others
      threat: l2:0.5
      attack: pgd
      steps: 7
      method: adversarial
      augment: [crop:4, flip, mixup:0.2]
      epochs: 8
      batch: 32
      optimizer: sgd
      rate: 0.1
      schedule: linear
      points: ["0:0", "0.4:1", "1:0"]
      warm-up: 100
      momentum: 0.8
      weight-decay: 0.001
      decay-vectors: false
      gradient-norm: 5
      weight-perturbation: 0.005
      label-smoothing: 0.1
      class-weights: balanced
      average: ema:0.99
      freeze: [conv1, layer1]
      held-out: 0.2
      attacked: 10
      patience: 3
      on-collapse: rewind
      time: 1h30m
      keep: 2
      seed: 7
      """
    let asked = try specification(of: text)
    #expect(asked.recipe.augment == "crop:4,flip,mixup:0.2")
    #expect(asked.recipe.warmUp == "100" && asked.recipe.heldOut == "0.2")
    #expect(!asked.recipe.decayVectors && asked.recipe.freeze == "conv1,layer1")
    #expect(asked.data.form.resize == 40 && asked.options == ["steps": "7"])
    let network = try Architecture.named("resnet20").network(seed: 0)
    let recipe = try asked.recipe(for: network)
    for words in [
      "with warm-up over 100 steps", "linear through 0.0 at 0.0, 0.1 at 0.4, 0.0 at 1.0",
      "weight decay on weights only", "gradients clipped to 5.0", "augmentations crop:4,flip",
      "exponential average, decay 0.99", "frozen conv1 layer1", "on collapse rewind", "patience 3",
    ] { #expect(recipe.description.contains(words), "\(words): \(recipe.description)") }
    #expect(try reread(asked).json == asked.withoutName.json)
  }

  @Test(arguments: [
    ("epochs: 3\nepoch: 4", "r.yaml: line 2: unknown key 'epoch'; did you mean epochs?"),
    ("lr: 0.1", "r.yaml: line 1: unknown key 'lr'; did you mean rate?"),
    ("learning_rate: 0.1", "r.yaml: line 1: unknown key 'learning_rate'; did you mean rate?"),
    ("eps: 0.3", "r.yaml: line 1: unknown key 'eps'; did you mean threat: linf:AMOUNT?"),
    ("batch_size: 8", "r.yaml: line 1: unknown key 'batch_size'; did you mean batch?"),
    ("wd: 0.1", "r.yaml: line 1: unknown key 'wd'; did you mean weight-decay?"),
    ("weight_decay: 0.1", "r.yaml: line 1: unknown key 'weight_decay'; did you mean weight-decay?"),
    ("optim: sgd", "r.yaml: line 1: unknown key 'optim'; did you mean optimizer?"),
    ("model: resnet20", "r.yaml: line 1: unknown key 'model'; did you mean architecture?"),
    ("num_steps: 7", "r.yaml: line 1: unknown key 'num_steps'; did you mean steps?"),
    (
      "xyzzy: 1",
      "r.yaml: line 1: unknown key 'xyzzy'; the usual keys are architecture, data, threat, attack, method, epochs,"
        + " batch, optimizer, rate, schedule"
    ),
    ("epochs: many", "r.yaml: line 1: 'epochs' is 'many'; expected an integer"),
    ("seed: 1\n\nrate: -1", "r.yaml: line 3: rate is -1.0; expected a positive number"),
    (
      "optimizer: sdg",
      "r.yaml: line 1: optimizer is 'sdg' (did you mean sgd?); expected adam, adamw or sgd"
    ),
    (
      "schedule: cosine\npeak: 0.3",
      "r.yaml: line 2: peak applies only to schedule cyclic, not to cosine"
    ),
    (
      "points: [0.5, 1]\nschedule: linear",
      "r.yaml: line 1: points is '0.5,1'; expected ascending shares of the training, each with a share of the rate,"
        + " such as 0:0,0.4:1,1:0"
    ),
    ("time: soon", "r.yaml: line 1: time is 'soon'; expected a time such as 90s, 30m, 2h or 1h30m"),
    (
      "held-out: 1.5",
      "r.yaml: line 1: held-out is '1.5'; expected a share below 1, such as 0.1, a number of examples, or none"
    ),
    (
      "average: ema",
      "r.yaml: line 1: average is 'ema'; expected ema:DECAY such as ema:0.999,"
        + " ema:0.999:warm-up, swa:SHARE such as swa:0.75, or none"
    ),
    (
      "class-weights: [1, -2]",
      "r.yaml: line 1: class-weights is '1,-2'; expected balanced, or a positive number for each class, joined by"
        + " commas"
    ),
    (
      "method: trade",
      "r.yaml: line 1: there is no training method 'trade' (did you mean trades?); there are"
    ),
    ("augment: flop", "r.yaml: line 1: there is no augmentation 'flop' (did you mean flip?)"),
    ("attack: fgms", "r.yaml: line 1: there is no attack 'fgms' (did you mean fgsm?)"),
    (
      "attack: fgsm\nsteps: 3",
      "r.yaml: line 2: unknown key 'steps'; the attack fgsm has no such option, it has objective, random-start,"
    ),
    ("steps: 0", "r.yaml: line 1: "),
    ("threat: linf", "r.yaml: line 1: "),
    ("architecture: mnist-smal", "r.yaml: line 1: no architecture is named \"mnist-smal\""),
    ("output: net.onnx", "r.yaml: line 1: unknown key 'output'"),
    ("augment: {crop: 4}", "r.yaml: line 1: 'augment' is neither a text nor a list of words"),
  ])
  func whatIsWrongIsNamedWithItsLine(text: String, message: String) throws {
    let error = #expect(throws: (any Error).self) { try specification(of: text) }
    #expect("\(try #require(error))".hasPrefix(message), "\(String(describing: error))")
  }

  @Test func everySettingIsAKey() throws {
    let members = Mirror(reflecting: RecipeSettings()).children.compactMap(\.label)
    #expect(members.count > 30)
    for member in members where member != "name" {
      let key = member.reduce(into: "") {
        $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1)
      }
      // Nothing is said, but of a key that there is.
      #expect(throws: Never.self) { try specification(of: "\(key): null") }
    }
  }

  @Test func wordsMeanWhatTheySay() throws {
    func made(_ change: (inout RecipeSettings) -> Void) throws -> Recipe {
      var settings = RecipeSettings()
      change(&settings)
      try settings.check()
      return try settings.recipe(nil, labels: [0, 0, 0, 1], classCount: 3)
    }
    #expect(try made { $0.classWeights = "balanced" }.entropy.classWeights == [2.0 / 3, 2, 1])
    #expect(try made { $0.classWeights = "1,2,3" }.entropy.classWeights == [1, 2, 3])
    #expect(throws: StudyError.self) { try made { $0.classWeights = "1,2" } }
    #expect(try made { $0.average = "swa:0.75" }.average == .equal(from: 7))
    #expect(
      try made { $0.average = "ema:0.9:warm-up" }.average == .exponential(decay: 0.9, warmUp: true))
    #expect(
      try made {
        $0.schedule = "cosine"
        $0.rate = 0.1
        $0.floor = 0.01
      }.schedule == .cosine(rate: 0.1, floor: 0.01))
    #expect(
      try made {
        $0.schedule = "steps"
        $0.drops = "0.25"
        $0.dropFactor = 0.2
        $0.warmUp = "0.1"
      }.schedule
        == .warmUp(over: .share(0.1), .steps(rate: 0.005, at: [0.25], factor: 0.2)))
    #expect(try made { $0.freeze = "conv1,fc" }.frozen == ["conv1", "fc"])
  }

  @Test func whatIsHeldOutIsCounted() throws {
    func count(_ words: String?, _ examples: Int, attacked: Bool = true) throws -> Int {
      var settings = RecipeSettings()
      settings.heldOut = words
      return try settings.heldOutCount(of: examples, isAttacked: attacked)
    }
    #expect(try count(nil, 60_000) == 2000)
    #expect(try count(nil, 10_000) == 500)
    #expect(try count(nil, 1999) == 0)
    #expect(try count(nil, 60_000, attacked: false) == 0)
    #expect(try count("0.1", 200, attacked: false) == 20)
    #expect(try count("30", 200) == 30)
    #expect(try count("none", 60_000) == 0)
    for words in ["200", "0.001"] {
      #expect(throws: StudyError.self) { try count(words, 200) }
    }
  }
}

extension TrainingSpecification {
  /// The same as of a recipe of another name.
  fileprivate var withoutName: TrainingSpecification {
    var copy = self
    copy.recipe.name = "again.yaml"
    return copy
  }
}
