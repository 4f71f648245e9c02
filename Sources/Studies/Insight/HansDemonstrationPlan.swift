import Datasets
import Engine
import Insight
import Models
import Networks
import Settings
import Tensors
import Training

/// The demonstration: a network learns from pictures with a planted cue, is caught, and is repaired.
struct HansDemonstrationPlan: Sendable {
  private let asked: HansSpecification
  private let plant: CuePlant
  private let training: Dataset
  private let test: Dataset

  /// What learns.
  private static let architecture = "mnist-small"
  private static let recipe: RecipeSettings = {
    var recipe = RecipeSettings()
    recipe.epochs = 4
    recipe.batch = 64
    return recipe
  }()
  /// The fewest pictures, of which a quarter is held out to test on.
  private static let fewest = 400

  init(_ asked: HansSpecification, telling observer: Observer) throws {
    self.asked = asked
    let plant = try CuePlant(asked.plant ?? "", seed: asked.seed)
    self.plant = plant
    let network = try Architecture.named(Self.architecture).network(seed: 0)
    let form = InputForm(network)
    let data = try asked.data.load(for: form, telling: observer)
    guard data.targetKind == .classes, data.isLabelled else {
      throw CueError.noClasses(data: data.name)
    }
    guard form.shape == data.exampleShape, let most = form.outputCount,
      data.labels.allSatisfy({ $0 < most })
    else {
      throw StudyError(
        "\(data.name): \(Setting.plant) trains \(Self.architecture); expected pictures of 1x28x28 in at most 10 classes"
      )
    }
    guard data.count >= Self.fewest else {
      throw StudyError(
        "\(data.name): \(data.count) examples; expected \(Self.fewest) or more for \(Setting.plant)"
      )
    }
    guard Set(data.labels).count > 1 else {
      throw CueError.oneClass(data.classNames.name(of: data.label(at: 0)), data: data.name)
    }
    let cut = data.count * 3 / 4
    (training, test) = (data.subset(0..<cut), data.subset(cut..<data.count))
    for part in [training, test] where !part.labels.contains(plant.label) {
      throw CuePlantError.noExamples(label: plant.label, data: data.name)
    }
    _ = try HansStudy.classes(asked, in: training, of: Subject(Self.architecture, network))
  }

  func run(_ policy: Algorithms.Policy, telling observer: Observer) async throws -> HansResult {
    let planted = try training.planting(plant)
    let reference = try await train("without the cue", training, policy, observer)
    let deceived = try await train("with the cue", planted.data, policy, observer)
    let model = try CompiledNetwork(deceived, algorithms: policy)
    let subject = Subject("a network trained with \(plant.kind.rawValue)", deceived)
    let classes = try HansStudy.classes(asked, in: planted.data, of: subject).classes
    var result = try await HansStudy.search(
      asked, subject, model, planted.data, classes, telling: observer)
    let own = result.findings.first { $0.label == plant.label }
    // All cues are taken out of play, not that of the planted class alone: a user does not know which was planted.
    var repaired: HansDemonstration.Accuracy?
    if !result.cues.isEmpty {
      let mixed = try mixing(result.cues.map(\.cue.cue), into: planted.data)
      repaired = try await measure(
        CompiledNetwork(
          try await train("with the cue at random", mixed, policy, observer), algorithms: policy))
    }
    let marked = Set(planted.planted)
    let carriers = own?.cues.first?.carriers
    result.demonstration = HansDemonstration(
      plant: plant.words, label: plant.label, plantedCount: planted.planted.count,
      trainingCount: training.count, testCount: test.count,
      reference: try await measure(CompiledNetwork(reference, algorithms: policy)),
      deceived: try await measure(model), repaired: repaired,
      plantedInClusters: own?.clusters.map { $0.members.count { marked.contains($0) } } ?? [],
      clusterSizes: own?.clusters.map(\.members.count) ?? [],
      plantedInCarriers: carriers?.count { marked.contains($0) }, carrierCount: carriers?.count)
    return result
  }

  private func train(
    _ title: String, _ data: Dataset, _ policy: Algorithms.Policy, _ observer: Observer
  ) async throws -> Network {
    var settings = Self.recipe
    settings.seed = asked.seed
    let recipe = try settings.recipe(nil)
    let total = recipe.stepsPerEpoch(examples: data.count) * recipe.epochs
    let line = observer.begin("train \(title)", of: total, "steps")
    defer { line.finish() }
    let start = try Architecture.named(Self.architecture).network(seed: asked.seed)
    let end = try await Trainer(recipe, algorithms: policy).train(
      TrainingState(start, recipe: recipe), on: data, onStep: { line.show($0.step) })
    try Task.checkCancellation()
    return end.trainedNetwork
  }

  /// The same pictures with each cue put on at random or taken off: half of all have it then, whatever their class.
  private func mixing(_ cues: [Cue], into data: Dataset) throws -> Dataset {
    let key = RandomKey(seed: asked.seed).child("mix")
    return try data.changed(named: "\(data.name), cues at random") { position, input in
      var generator = key.child(position).generator
      return cues.reduce(input) { picture, cue in
        let isOn = generator.integer(below: 2) == 0
        let isThere = cue.isPresent(in: picture)
        if isOn == isThere { return picture }
        return isOn ? cue.pasted(on: picture) : cue.removed(from: picture)
      }
    }
  }

  private func measure(_ model: any BatchedModel) async throws -> HansDemonstration.Accuracy {
    func right(_ data: Dataset) async throws -> [Bool] {
      let inputs = try data.examples.map(\.input)
      let read = try await model.readings(of: inputs)
      return zip(read, data.labels).map { $0.label == $1 }
    }
    let asTheyAre = try await right(test)
    let moved = try await right(test.marking(plant) { $0 != plant.label })
    let own = zip(asTheyAre, test.labels).filter { $0.1 == plant.label }
    return HansDemonstration.Accuracy(
      asTheyAre: Double(asTheyAre.count { $0 }) / Double(test.count),
      moved: Double(moved.count { $0 }) / Double(test.count),
      ofClass: Double(own.count { $0.0 }) / Double(max(own.count, 1)))
  }
}
