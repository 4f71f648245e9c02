import Diagnosis
import SoundModels
import Tensors
import Testing

@Suite("Sound models are not accused, however bad they are", .serialized)
struct SpecificityTests {
  /// What is found on a model and all its examples, and on its first few without their labels.
  private typealias Findings = (labelled: ModelDiagnosis, plain: ModelDiagnosis)

  /// What is found on all of them, once for all tests.
  private static let all = Task { () async throws -> [(sound: SoundModel, found: Findings)] in
    var all: [(sound: SoundModel, found: Findings)] = []
    for sound in try await SoundModel.all { all.append((sound, try await findings(sound))) }
    return all
  }

  private static func findings(_ sound: SoundModel) async throws -> Findings {
    let few = sound.examples.at(Array(0..<min(5, sound.examples.count))).inputs
    guard sound.targets == .classes else {
      let isSeveral = sound.targets == .several
      return (
        try await ModelDiagnosis.performWithoutClasses(
          on: sound.model, network: sound.network, inputs: sound.examples.inputs,
          areDecisions: isSeveral),
        try await ModelDiagnosis.performWithoutClasses(
          on: sound.model, network: sound.network, inputs: few, areDecisions: isSeveral)
      )
    }
    return (
      try await ModelDiagnosis.perform(
        on: sound.model, network: sound.network, inputs: sound.examples.inputs,
        labels: sound.examples.labels),
      try await ModelDiagnosis.perform(
        on: sound.model, network: sound.network, inputs: few, labels: nil)
    )
  }

  @Test("of more than fifty models of many kinds, none")
  func none() async throws {
    let all = try await Self.all.value
    #expect(all.count >= 50 && Set(all.map(\.sound.name)).count == all.count)
    for (sound, (labelled, plain)) in all {
      // A bad model may be called so, but is told no cause.
      let accusations = labelled.findings.filter { $0.kind != .nearChance } + plain.findings
      let right = labelled.right.map { "\($0) of \(labelled.count) right" } ?? "no classes"
      #expect(accusations == [], "\(sound.name), \(right)")
      if labelled.findings.contains(where: { $0.kind == .nearChance }) {
        #expect(Double(labelled.right ?? 0) < 0.65 * Double(labelled.count), "\(sound.name)")
      }
    }
  }

  @Test("some of them are good, and some hardly better than chance")
  func range() async throws {
    var shares: [Double] = []
    for (sound, (labelled, _)) in try await Self.all.value where sound.targets == .classes {
      shares.append(Double(labelled.right ?? 0) / Double(labelled.count))
    }
    #expect(shares.count { $0 > 0.95 } >= 15 && shares.count { $0 < 0.5 } >= 8, "\(shares)")
    #expect(shares.count { 0.5..<0.95 ~= $0 } >= 12, "\(shares)")
  }
}
