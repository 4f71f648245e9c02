import Studies
import Tensors
import Insight
import Attacks
import Datasets
import Robustness
/// The demo's pictures.
struct DemoPictures: Sendable {
  /// The standard network fooled by changes as small as were found.
  let small: [Triptych]
  /// One image under growing changes, the first of them none.
  let growing: [Step]
  /// The standard network fooled by changes of the full size.
  let large: [Triptych]
  /// One image and the same with noise and with the attack.
  let noisy: [Step]
  /// The robust network fooled.
  let robust: [Triptych]

  /// A picture with what the standard network makes of it.
  struct Step: Sendable {
    let name: String
    let label: Int
    let input: Tensor<Float>
    let reading: Reading
    let length: Double
  }
}

/// Makes the demo's pictures.
struct DemoPainter: Sendable {
  let networks: Pair<DemoNetwork>
  let test: Dataset
  let settings: DemoSettings
  let table: DemoTable
  let curves: DemoCurves

  func paint() async throws -> DemoPictures {
    let gallery = try await Gallery(
      networks.standard.compiled, data: test, searching: settings.galleryCount)
    let robustGallery = try await Gallery(
      networks.robust.compiled, data: test, searching: settings.galleryCount)
    let small = try await smallChanges(gallery)
    let first = small.first?.example
    return DemoPictures(
      small: small, growing: try await growing(first),
      large: try await largeChanges(
        networks.standard, try test.subset(offset: 0, count: settings.galleryCount / 2).examples,
        gallery),
      noisy: try await noisy(),
      robust: try await largeChanges(
        networks.robust,
        try table.strong.robust.broken(200).map(\.example), robustGallery))
  }

  private func runner(_ network: DemoNetwork) -> AttackRunner {
    AttackRunner(model: network.compiled, seed: settings.seed)
  }

  /// Images that the standard network is sure of and that the smallest changes suffice for.
  private func smallChanges(_ gallery: Gallery) async throws -> [Triptych] {
    let examples = try test.subset(offset: 0, count: curves.count).examples
    let readings = try await gallery.network.readings(of: examples.map(\.input))
    var candidates: [(example: Example, breakage: Breakage)] = []
    for (position, breakage) in curves.breakages.standard.enumerated() {
      guard let breakage, breakage.adversarialExample != nil, readings[position].confidence > 0.999
      else {
        continue
      }
      candidates.append((examples[position], breakage))
    }
    candidates.sort { $0.breakage.radius < $1.breakage.radius }
    let chosen = Array(candidates.prefix(settings.smallest.images))
    let nearest = try await runner(networks.standard).narrowed(
      chosen.map(\.breakage), by: PGD { $0.steps = 100 }, rounds: settings.smallest.rounds
    ) { try $1.problem(chosen[$0].example) }
    let sorted = zip(chosen, nearest).sorted { $0.1.radius < $1.1.radius }
    let triptychs = try await gallery.triptychs(
      sorted.compactMap { pair in pair.1.adversarialExample.map { (pair.0.example, $0.input) } })
    return gallery.varied(triptychs, count: 3)
  }

  /// Images that the network is sure of before and after a change of the full size.
  private func largeChanges(
    _ network: DemoNetwork, _ examples: [Example], _ gallery: Gallery
  ) async throws -> [Triptych] {
    let changed = try await worst(
      // Without a random start nothing moves that does not matter.
      PGD {
        $0.steps = 100
        $0.stepSize = 0.01
        $0.randomStart = false
      }, network, examples,
      radius: settings.radius)
    let triptychs = try await gallery.triptychs(Array(zip(examples, changed)))
      .filter { $0.before.label == $0.example.label }
      .sorted {
        min($0.before.confidence, $0.after.confidence)
          > min($1.before.confidence, $1.after.confidence)
      }
    return gallery.varied(triptychs, count: 3)
  }

  /// An image under changes that grow until the network is sure of another class.
  private func growing(_ example: Example?) async throws -> [DemoPictures.Step] {
    guard let example else { return [] }
    var inputs = [("as it is", example.input)]
    for radius in [0.05, 0.1, 0.2] {
      let changed = try await worst(
        PGD { $0.steps = 100 }, networks.standard, [example], radius: radius)
      inputs.append(("pixels move by \(radius)", changed[0]))
    }
    return try await steps(inputs, of: example)
  }

  /// The first image that the standard network is sure of, with noise as large as the attack.
  private func noisy() async throws -> [DemoPictures.Step] {
    let run = table.strong.standard
    for (example, adversarialExample) in try run.broken(100) {
      let length = try Ball(.two, radius: table.radii.radii[example.index] ?? 0)
      let problem = try Problem(
        index: example.index, input: example.input, label: example.label, threat: length)
      // In the setting of training an attack leaves what it tried, whether or not it succeeded.
      let same = try await runner(networks.standard).trainingInputs(RandomNoise(), on: [problem])
      let wide = try await worst(
        RandomNoise(), networks.standard, [example], radius: settings.radius)
      let steps = try await steps(
        [
          ("as it is", example.input), ("noise, same L2 size", same[0].input),
          ("noise, same L∞ size", wide[0]), ("the attack", adversarialExample.input),
        ], of: example)
      if steps.prefix(3).allSatisfy({ $0.reading.label == example.label }),
        steps.prefix(3).allSatisfy({ $0.reading.confidence > 0.9 })
      {
        return steps
      }
    }
    return []
  }

  private func steps(
    _ inputs: [(String, Tensor<Float>)], of example: Example
  ) async throws -> [DemoPictures.Step] {
    let readings = try await networks.standard.compiled.readings(of: inputs.map(\.1))
    return zip(inputs, readings).map { input, reading in
      DemoPictures.Step(
        name: input.0, label: example.label, input: input.1, reading: reading,
        length: (input.1 - example.input).norm2)
    }
  }

  /// What an attack leaves when it does not stop at the first success; always inside the ball.
  private func worst(
    _ attack: any Attack, _ network: DemoNetwork, _ examples: [Example], radius: Double
  ) async throws -> [Tensor<Float>] {
    let problems = try examples.map { try radius.problem($0) }
    return try await runner(network).trainingInputs(attack, on: problems).map(\.input)
  }
}
