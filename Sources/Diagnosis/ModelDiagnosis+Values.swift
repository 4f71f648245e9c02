import Graphs
import Networks
import Tensors

extension ModelDiagnosis {
  /// Parameters that are no numbers, and statistics that were never measured, unless the network does well with them
  /// (`isAccurate`), since they can be made part of scales and shifts.
  static func parameters(of network: Network, isAccurate: Bool = false) -> [Finding] {
    var findings: [Finding] = []
    let bad = network.parameterNames.filter { name in
      network.parameters[name]?.scalars.contains { !$0.isFinite } ?? false
    }
    if let first = bad.first {
      findings.append(
        Finding(
          .notFinite,
          "\(bad.count) of \(network.parameterNames.count) parameters hold NaN or infinity, such as \(first)",
          mend: "the training diverged, or the file is damaged: use an earlier checkpoint"))
    }
    let means = network.statisticNames.compactMap { name -> Tensor<Float>? in
      name.hasSuffix("running_mean") ? network.parameters[name] : nil
    }
    let variances = network.statisticNames.compactMap { name -> Tensor<Float>? in
      name.hasSuffix("running_var") ? network.parameters[name] : nil
    }
    if !means.isEmpty, means.allSatisfy({ $0.scalars.allSatisfy { $0 == 0 } }),
      variances.allSatisfy({ $0.scalars.allSatisfy { $0 == 1 } }),
      !(isAccurate && hasMeasured(network))
    {
      findings.append(
        Finding(
          .batchNormalization,
          "the running means of all \(means.count) batch normalisations are 0 and the variances 1, "
            + "as before any training",
          mend: "save the model with its buffers, after training in training mode (model.train())"))
    }
    return findings
  }

  /// Whether the scales and shifts of batch normalisations are others than before training: statistics may have
  /// been made part of them.
  private static func hasMeasured(_ network: Network) -> Bool {
    network.statisticNames.contains { name in
      guard name.hasSuffix("running_mean") else { return false }
      let layer = name.dropLast("running_mean".count)
      return network.parameters[layer + "weight"]?.scalars.contains { $0 != 1 } ?? false
        || network.parameters[layer + "bias"]?.scalars.contains { $0 != 0 } ?? false
    }
  }

  /// Outputs that are no numbers.
  static func values(_ outputs: Tensor<Float>) -> [Finding] {
    let rows = outputs.shape[0]
    let bad = (0..<rows).count { row in !outputs.row(row).scalars.allSatisfy(\.isFinite) }
    guard bad > 0 else { return [] }
    return [
      Finding(
        .notFinite, "the outputs of \(bad) of \(rows) examples hold NaN or infinity",
        mend: "such examples count as not classified; look at the input's range and the weights")
    ]
  }

  /// Outputs that change from call to call, or with the batch.
  static func steadiness(_ subject: DiagnosedModel, _ outputs: Tensor<Float>) throws -> [Finding] {
    let count = min(8, subject.count)
    let rows = Tensor.stacking((0..<count).map { subject.inputs.row($0) })
    let first = try subject.outputs(of: rows)
    let second = try subject.outputs(of: rows)
    if let difference = differs(first, second) { return [unsteady(count, difference)] }
    let found: [Finding]
    if count > 1 {
      let alone = Tensor.stacking(
        try (0..<count).map { try subject.outputs(of: subject.inputs.row($0)).row(0) })
      found = dependence(alone, Tensor.stacking((0..<count).map { outputs.row($0) }))
    } else {
      found = try company(of: rows, subject, first)
    }
    guard !found.isEmpty else { return [] }
    // What changes from call to call, however little, changes from batch to batch.
    for _ in 0..<4 {
      let again = try subject.outputs(of: rows)
      let largest = zip(first.scalars, again.scalars).reduce(0) { max($0, abs($1.0 - $1.1)) }
      if largest > 0 { return [unsteady(count, largest)] }
    }
    return found
  }

  private static func unsteady(_ count: Int, _ difference: Float) -> Finding {
    Finding(
      .unsteady,
      "the same \(count == 1 ? "example has" : "\(count) examples have") other outputs in a second call, by up to"
        + " \(difference)",
      mend: "switch off dropout and noise (model.eval()), or average over many calls")
  }

  /// A single example has its inverted copy for company.
  private static func company(
    of row: Tensor<Float>, _ subject: DiagnosedModel, _ alone: Tensor<Float>
  ) throws -> [Finding] {
    let (lower, upper) = (subject.description.lowerBound, subject.description.upperBound)
    let both = Tensor.stacking([row.row(0), row.row(0).map { lower + upper - $0 }])
    let together = Tensor.stacking([try subject.outputs(of: both).row(0)])
    return dependence(alone, together)
  }

  private static func dependence(
    _ alone: Tensor<Float>, _ together: Tensor<Float>
  ) -> [Finding] {
    guard let difference = differs(alone, together) else { return [] }
    return [
      Finding(
        .batchDependence,
        "examples have other outputs alone than in a batch, by up to \(difference)",
        mend: "batch normalisation was left in training mode: export after model.eval()")
    ]
  }

  /// The largest difference, if it is more than rounding may bring about.
  private static func differs(_ left: Tensor<Float>, _ right: Tensor<Float>) -> Float? {
    var largest: Float = 0
    var scale: Float = 0
    for (a, b) in zip(left.scalars, right.scalars) where a.isFinite && b.isFinite {
      largest = max(largest, abs(a - b))
      scale = max(scale, abs(a))
    }
    return largest > 1e-3 * max(scale, 1e-6) ? largest : nil
  }
}
