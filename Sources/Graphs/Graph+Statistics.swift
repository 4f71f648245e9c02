extension Graph {
  /// The names of parameters that are statistics: means and variances of batch normalisations.
  public var statisticNames: Set<String> {
    var names: Set<String> = []
    for case .operation(let op, let operands, _) in nodes where op is BatchNormalization {
      for operand in operands[3...] {
        if case .parameter(let name, _) = self[operand] { names.insert(name) }
      }
    }
    return names
  }
}
