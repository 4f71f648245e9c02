/// What is measured, of which network, on how many rows: `pgd-step/mnist-madry/128`.
struct WorkloadName {
  /// The name as it was given.
  let text: String
  /// The kind of work.
  let kind: String
  /// The architecture's name.
  let network: String
  /// The number of examples in a batch.
  let rows: Int
  /// One of several ways to do the same work; `nil` for the usual one.
  let variant: String?

  /// Reads a name.
  init(_ text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard (3...4).contains(parts.count), let rows = Int(parts[2]), rows > 0 else {
      throw BenchmarkError.name(text)
    }
    self.text = text
    kind = parts[0]
    network = parts[1]
    self.rows = rows
    variant = parts.count == 4 ? parts[3] : nil
  }

  /// The workload of this name on given inputs.
  func workload(_ inputs: Inputs) throws -> any Workload {
    switch (kind, variant) {
    case ("forward", nil): return try ForwardWorkload(inputs)
    case ("pgd-step", nil): return try StepWorkload(inputs)
    case ("train-step", nil): return TrainingWorkload(inputs)
    case (_, nil) where kind.hasPrefix("train-"), (_, "engine") where kind.hasPrefix("train-"),
      (_, "from-example") where kind.hasPrefix("train-"):
      guard let adversary = TrainingWorkload.Adversary(kind.dropFirst(6)) else { break }
      return variant == "engine"
        ? try TrainingEngineWorkload(inputs, against: adversary)
        : TrainingWorkload(inputs, against: adversary, startsAtExample: variant != nil)
    case (_, nil), (_, "early-exit"):
      guard kind.hasPrefix("pgd-"), let steps = Int(kind.dropFirst(4)), steps > 0 else { break }
      return try AttackWorkload(inputs, steps: steps, exitsEarly: variant != nil)
    default: break
    }
    throw BenchmarkError.name(text)
  }
}
