import Remote

extension AttackSpecification: Specification {
  /// The specification with everything left as it is.
  public static var template: AttackSpecification { AttackSpecification(model: "", threat: "") }

  /// The same for others to read.
  public var withoutSecrets: AttackSpecification {
    var copy = self
    copy.model = Address.hidden(in: model)
    copy.remote = remote.withoutSecrets
    return copy
  }
}

extension EvaluationSpecification: Specification {
  /// The specification with everything left as it is.
  public static var template: EvaluationSpecification {
    EvaluationSpecification(model: "", threat: "")
  }

  /// The same for others to read.
  public var withoutSecrets: EvaluationSpecification {
    var copy = self
    copy.model = Address.hidden(in: model)
    copy.model2 = model2.map { Address.hidden(in: $0) }
    copy.remote = remote.withoutSecrets
    return copy
  }
}

extension PredictionSpecification: Specification {
  /// The specification with everything left as it is.
  public static var template: PredictionSpecification { PredictionSpecification(model: "") }

  /// The same for others to read.
  public var withoutSecrets: PredictionSpecification {
    var copy = self
    copy.model = Address.hidden(in: model)
    copy.remote = remote.withoutSecrets
    return copy
  }
}

extension TrainingSpecification: Specification {
  /// The specification with everything left as it is.
  public static var template: TrainingSpecification {
    TrainingSpecification(architecture: "", output: "")
  }

  /// The same for others to read.
  public var withoutSecrets: TrainingSpecification { self }
}

extension RemoteSettings {
  /// The same without what headers say.
  fileprivate var withoutSecrets: RemoteSettings {
    var copy = self
    copy.header = header.map { $0.prefix { $0 != ":" } + ": ..." }
    return copy
  }
}
