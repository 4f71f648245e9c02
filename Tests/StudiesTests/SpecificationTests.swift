import Foundation
import JSON
import Robustness
import Studies
import TestSupport
import Testing

@Suite struct SpecificationTests {
  @Test(arguments: 0..<200)
  func attackSpecificationsComeBackFromJSON(seed: UInt64) throws {
    var chance = SeededGenerator(seed)
    var asked = AttackSpecification(model: word(&chance), threat: word(&chance))
    asked.modelSettings = model(&chance)
    asked.data = data(&chance)
    asked.photo = maybe(&chance, word)
    asked.label = maybe(&chance, word)
    asked.surrogate = maybe(&chance, word)
    asked.radii = maybe(&chance, word)
    asked.attack = word(&chance)
    for _ in 0..<Int.random(in: 0...3, using: &chance) {
      asked.options[word(&chance)] = word(&chance)
    }
    asked.target = maybe(&chance, word)
    asked.goal = maybe(&chance, word)
    asked.confidence = maybe(&chance) { .random(in: 0...1, using: &$0) }
    asked.gallery = maybe(&chance, word)
    asked.eightBit = .random(using: &chance)
    asked.seed = .random(in: 0...UInt64.max, using: &chance)
    asked.batch = .random(in: 1...1000, using: &chance)
    asked.engine.exact = .random(using: &chance)
    asked.engine.threads = maybe(&chance) { .random(in: 1...64, using: &$0) }
    asked.remote.timeout = maybe(&chance) { .random(in: 0...100, using: &$0) }
    asked.remote.header = (0..<Int.random(in: 0...2, using: &chance)).map { _ in word(&chance) }
    let text = asked.json.text(.pretty)
    #expect(try AttackSpecification(json: JSONValue(parsing: text)) == asked)
  }

  @Test(arguments: 0..<100)
  func otherSpecificationsComeBackFromJSON(seed: UInt64) throws {
    var chance = SeededGenerator(seed)
    var evaluation = EvaluationSpecification(model: word(&chance), threat: word(&chance))
    evaluation.model2 = maybe(&chance, word)
    evaluation.curve = maybe(&chance, word)
    evaluation.attacks = maybe(&chance, word)
    evaluation.checks = .random(using: &chance)
    evaluation.data = data(&chance)
    #expect(try EvaluationSpecification(json: evaluation.json) == evaluation)
    var training = TrainingSpecification(architecture: word(&chance), output: word(&chance))
    training.recipe.rate = maybe(&chance) { .random(in: 0...1, using: &$0) }
    training.recipe.seed = .random(in: 0...UInt64.max, using: &chance)
    training.threat = maybe(&chance, word)
    #expect(try TrainingSpecification(json: training.json) == training)
    var prediction = PredictionSpecification(model: word(&chance))
    prediction.gradient = .random(using: &chance)
    prediction.modelSettings = model(&chance)
    #expect(try PredictionSpecification(json: prediction.json) == prediction)
    var game = PlaySpecification(game: word(&chance))
    game.file = maybe(&chance, word)
    game.strengths = maybe(&chance) { [.random(in: 0...9, using: &$0)] }
    game.benefit = maybe(&chance) { .random(in: 0...9, using: &$0) }
    game.rounds = maybe(&chance) { .random(in: 1...9, using: &$0) }
    game.seed = .random(in: 0...UInt64.max, using: &chance)
    game.costs = maybe(&chance, word)
    #expect(try PlaySpecification(json: game.json) == game)
  }

  @Test func whatIsLeftOutHasItsStandardValue() throws {
    let json: JSONValue = ["model": "mnist-robust", "threat": "linf:0.3", "data": ["count": 5]]
    var asked = AttackSpecification(model: "mnist-robust", threat: "linf:0.3")
    asked.data.count = 5
    #expect(try AttackSpecification(json: json) == asked)
  }

  @Test(arguments: [
    ("[]", "a specification: expected an object"),
    ("{\"model\": \"a\"}", "a specification: expected 'threat'"),
    ("{\"model\": \"a\", \"threat\": \"b\", \"stepz\": 3}", "a specification: there is no 'stepz'"),
    (
      "{\"model\": \"a\", \"threat\": \"b\", \"data\": {\"cuont\": 3}}",
      "a specification: there is no 'data.cuont' (did you mean data.count?)"
    ),
    ("{\"model\": 3, \"threat\": \"b\"}", "a specification: model: expected String"),
    (
      "{\"model\": \"a\", \"threat\": \"b\", \"seed\": -1}",
      "a specification: seed: the number is out of its range"
    ),
  ])
  func whatIsWrongIsNamed(text: String, message: String) throws {
    let json = try JSONValue(parsing: text)
    let error = #expect(throws: StudyError.self) { try AttackSpecification(json: json) }
    #expect(error?.description == message)
  }

  @Test func aDecoderAloneIsAsStrict() throws {
    func decode<Kind: Decodable>(_ kind: Kind.Type, _ text: String) throws -> Kind {
      try JSONDecoder().decode(kind, from: Data(text.utf8))
    }
    for text in [
      "{\"model\": \"a\", \"threat\": \"b\", \"model_settings\": {}}",
      "{\"model\": \"a\", \"threat\": \"b\", \"modelSetting\": {}}",
    ] {
      let error = #expect(throws: StudyError.self) {
        try decode(EvaluationSpecification.self, text)
      }
      #expect(error?.description.hasSuffix("(did you mean modelSettings?)") == true, "\(text)")
    }
    for text in ["{\"model\": \"a\", \"remote\": {\"headers\": []}}"] {
      let error = #expect(throws: StudyError.self) {
        try decode(PredictionSpecification.self, text)
      }
      #expect(
        error?.description
          == "a specification: there is no 'remote.headers' (did you mean remote.header?)")
    }
    #expect(throws: StudyError.self) { try decode(AttackSpecification.self, "{\"model\": \"a\"}") }
    #expect(throws: StudyError.self) {
      try decode(TrainingSpecification.self, "{\"architecture\": \"\", \"output\": \"b\"}")
    }
    #expect(
      try decode(
        TrainingSpecification.self, "{\"architecture\": \"a\", \"output\": \"b\", \"x\": null}")
        == TrainingSpecification(architecture: "a", output: "b"))
  }

  @Test func whateverIsSaidComesBack() throws {
    try check(AttackSpecification(model: "a", threat: "b"))
    try check(EvaluationSpecification(model: "a", threat: "b"))
    try check(PredictionSpecification(model: "a"))
    try check(TrainingSpecification(architecture: "a", output: "b"))
    try check(MatrixSpecification(models: ["a"], threats: ["b"]))
    try check(MorphSpecification())
  }

  // What cw and ead called the margin of their goal before a confidence was a probability.
  @Test func anEarlierNameOfAnOptionIsRead() throws {
    let json: JSONValue = [
      "model": "a", "threat": "l2", "attack": "cw", "options": ["confidence": "5", "steps": "3"],
    ]
    let asked = try AttackSpecification(json: json)
    #expect(asked.options == ["goal-margin": "5", "steps": "3"] && asked.confidence == nil)
  }

  @Test(
    arguments: [
      (["a", "a"], "all", nil, "is named twice"), ([], "all", nil, "0 models; expected 1 to 8"),
      (["https://host/predict"], "all", nil, "is a remote model"), (["a"], "", nil, "is empty"),
      (["a"], "all", -1, "expected a length above 0"), (["a"], "all", .nan, "expected a length"),
    ] as [([String], String, Double?, String)])
  func whatAMorphCannotBeMadeOf(
    models: [String], target: String, budget: Double?, words: String
  ) {
    var asked = MorphSpecification()
    (asked.models, asked.target, asked.budget) = (models, target, budget)
    let error = #expect(throws: StudyError.self) { try asked.check() }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("{\"models\": [], \"threats\": [\"linf:0.1\"]}", "a specification: expected 'models'"),
    ("{\"models\": [\"a\"]}", "a specification: expected 'threats'"),
    (
      "{\"models\": [\"a\"], \"threats\": [\"b\"], \"model\": \"c\"}",
      "a specification: there is no 'model' (did you mean models?)"
    ),
  ])
  func whatIsWrongOfAMatrixIsNamed(text: String, message: String) throws {
    let json = try JSONValue(parsing: text)
    let error = #expect(throws: StudyError.self) { try MatrixSpecification(json: json) }
    #expect(error?.description == message)
  }

  @Test(arguments: [
    (["a"], ["linf"], "expected a norm and radii joined by commas"),
    (["a"], ["rotation:3"], "expected a norm and radii joined by commas"),
    (["a"], ["linf:0.1,,0.2"], "linf:"), (["a"], ["linf:0.1,x"], "linf:x"),
    (["a"], ["linf:0.1,0.2", "linf:0.2"], "is named twice"),
    (["a", "a"], ["linf:0.1"], "the model 'a' is named twice"),
    (["https://host/predict"], ["linf:0.1"], "expected networks that run here"),
  ])
  func whatAMatrixCannotBeMadeOf(models: [String], threats: [String], words: String) {
    let error = #expect(throws: (any Error).self) {
      _ = try MatrixSpecification(models: models, threats: threats).check()
    }
    #expect(error.map { "\($0)".contains(words) } == true, "\(error.map { "\($0)" } ?? "")")
  }

  @Test func theRadiiOfAMatrixAscendNormByNorm() throws {
    let asked = MatrixSpecification(models: ["a"], threats: ["l2:2,0.5", "linf:8/255", "l2:1"])
    let balls = try asked.check()
    #expect(
      balls.map { "\($0.norm.rawValue):\($0.text)" } == ["l2:0.5", "l2:1", "l2:2", "linf:8/255"])
    #expect(balls.last?.radius == 8.0 / 255)
    var alone = asked
    alone.skipCertified = true
    #expect(throws: StudyError.self) { _ = try alone.check() }
  }

  /// Says another value for each member in turn, and wants it back.
  private func check<Kind: Specification>(_ plain: Kind) throws {
    let all = paths(of: plain)
    #expect(all.count > 30)
    for (path, kind) in all {
      let json = plain.json.setting(path, to: kind)
      #expect(json != plain.json, "\(path)")
      let read = try JSONDecoder().decode(Kind.self, from: Data(json.bytes()))
      #expect(read != plain && read.json == json, "\(path)")
    }
  }

  /// The members of a value and of those inside, each with a value that is not its standard one.
  private func paths(of value: Any, _ outer: [String] = []) -> [([String], JSONValue)] {
    Mirror(reflecting: value).children.flatMap { child -> [([String], JSONValue)] in
      guard let name = child.label else { return [] }
      let path = outer + [name]
      return switch child.value {
      case let flag as Bool: [(path, JSONValue(!flag))]
      case let number as Int: [(path, JSONValue(number + 7))]
      case let number as UInt64: [(path, JSONValue(number + 7))]
      case let number as Double: [(path, JSONValue(number + 0.5))]
      case let text as String: [(path, JSONValue(text + "7"))]
      case let value where type(of: value) == Int?.self: [(path, 7)]
      case let value where type(of: value) == Double?.self: [(path, 0.5)]
      case let value where type(of: value) == String?.self: [(path, "7")]
      case is [String]: [(path, ["7"])]
      case is [String: String]: [(path, ["a": "7"])]
      default: paths(of: child.value, path)
      }
    }
  }

  @Test func secretsAreLeftOutForOthers() throws {
    var asked = AttackSpecification(
      model: "https://me:secret@host/predict?key=secret", threat: "linf:0.3")
    asked.remote.header = ["Authorization: Bearer secret"]
    let text = asked.withoutSecrets.json.text(.compact)
    #expect(!text.contains("secret") && text.contains("Authorization: ..."), "\(text)")
  }

  private func word(_ chance: inout SeededGenerator) -> String {
    let letters = Array("abc:/.,-\"\\ é🐵\n019")
    return String(
      (0..<Int.random(in: 1...8, using: &chance)).compactMap { _ in
        letters.randomElement(using: &chance)
      })
  }

  private func maybe<Value>(
    _ chance: inout SeededGenerator, _ value: (inout SeededGenerator) -> Value
  ) -> Value? {
    Bool.random(using: &chance) ? value(&chance) : nil
  }

  private func model(_ chance: inout SeededGenerator) -> ModelSettings {
    var model = ModelSettings()
    model.architecture = maybe(&chance, word)
    model.inputRange = maybe(&chance, word)
    model.mean = maybe(&chance, word)
    model.labels = maybe(&chance, word)
    model.onnx.outputName = maybe(&chance, word)
    model.onnx.constantInput = (0..<Int.random(in: 0...2, using: &chance)).map { _ in word(&chance)
    }
    return model
  }

  private func data(_ chance: inout SeededGenerator) -> DataSettings {
    var data = DataSettings(word(&chance))
    data.count = maybe(&chance) { .random(in: 1...1000, using: &$0) }
    data.offset = .random(in: 0...10, using: &chance)
    data.form.dataRange = maybe(&chance, word)
    data.form.resize = maybe(&chance) { .random(in: 1...300, using: &$0) }
    data.form.targets = maybe(&chance, word)
    return data
  }
}

extension JSONValue {
  /// The same with another value at a path.
  fileprivate func setting(_ path: [String], to value: JSONValue) -> JSONValue {
    guard let name = path.first else { return value }
    var object = objectValue ?? [:]
    object[name] = (object[name] ?? [:]).setting(Array(path.dropFirst()), to: value)
    return .object(object)
  }
}
