import Diagnosis
import Engine
import Models
import Networks
import Robustness
import SoundModels
import Tensors

/// A mistake that can be planted in sound models, and what must be found then.
struct Mistake: Sendable {
  /// A model with its examples.
  struct DiagnosedModel: Sendable {
    let name: String
    var model: any BatchedModel
    var network: Network?
    var inputs: Tensor<Float>
    var labels: [Int]
    var classCount: Int
    /// Whether each output is a label of its own.
    var isSeveral = false

    init(_ name: String, _ network: Network, _ examples: SoundExamples) throws {
      self.name = name
      self.network = network
      model = try CompiledNetwork(network)
      inputs = examples.inputs
      labels = examples.labels
      classCount = examples.classCount
    }

    /// With another network.
    func with(_ network: Network) throws -> DiagnosedModel {
      var other = self
      other.network = network
      other.model = try CompiledNetwork(network)
      return other
    }

    /// With other inputs.
    func with(_ change: (Tensor<Float>) -> Tensor<Float>) -> DiagnosedModel {
      var other = self
      other.inputs = change(inputs)
      return other
    }

    /// With a model that multiplies its inputs first.
    func scaled(by factor: Float) -> DiagnosedModel {
      var other = self
      other.model = Scaled(base: model, factor: factor)
      other.network = nil
      return other
    }

    /// With other labels.
    func labelled(_ change: (Int) -> Int) -> DiagnosedModel {
      var other = self
      other.labels = labels.map(change)
      return other
    }

    /// With a function of the outputs.
    func answering(
      _ change: @escaping @Sendable (UnsafeMutableBufferPointer<Float>, Int) -> Void
    ) -> DiagnosedModel {
      var other = self
      other.model = Altered(base: model, change: change)
      other.network = nil
      return other
    }

    /// What is found.
    func examine() async throws -> ModelDiagnosis {
      if isSeveral {
        return try await ModelDiagnosis.performWithoutClasses(
          on: model, network: network, inputs: inputs, areDecisions: true)
      }
      return try await ModelDiagnosis.perform(
        on: model, network: network, inputs: inputs, labels: labels)
    }
  }

  let name: String
  let kind: Finding.Kind
  /// A part of the mend.
  let mend: String
  /// Whether it may do little harm, and so need not be found: where 87 in 100 of what was right still are.
  ///
  /// What costs less of some two hundred examples, chance could explain as well.
  var mayBeHarmless = true
  let plant: @Sendable (DiagnosedModel) throws -> DiagnosedModel

  init(
    _ name: String, _ kind: Finding.Kind, _ mend: String, mayBeHarmless: Bool = true,
    _ plant: @escaping @Sendable (DiagnosedModel) throws -> DiagnosedModel
  ) {
    self.name = name
    self.kind = kind
    self.mend = mend
    self.mayBeHarmless = mayBeHarmless
    self.plant = plant
  }

  /// Whether it is found before all else; `nil` where it does no harm, judged by how many answers of the sound model
  /// are right.
  func isFound(
    in subject: DiagnosedModel, right before: Int
  ) async throws -> (found: Bool, findings: [Finding])? {
    let report = try await plant(subject).examine()
    if mayBeHarmless {
      if 100 * (report.right ?? 0) >= 87 * before { return nil }
    }
    let first = report.findings.first
    // Outputs too far apart are told with the question whether the values are too large.
    let isAsked =
      mend.contains("255") && first?.kind == .saturated
      && first?.mend.contains("values are too large") == true
    return (
      isAsked || first?.kind == kind && first?.mend.contains(mend) == true, report.findings
    )
  }
}
