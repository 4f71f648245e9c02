import Studies
extension ModelSpecification {
  /// Takes over what all verbs can be told that ask a model about examples.
  mutating func take(
    _ arguments: ModelArguments, _ examples: DataArguments, batch: Int, _ engine: EngineArguments,
    _ remote: RemoteArguments
  ) {
    modelSettings = arguments.settings
    data = examples.settings
    self.batch = batch
    self.engine = engine.settings
    self.remote = remote.settings
  }
}
