public import Networks

extension CompiledNetwork: BatchedModel {
  /// A network offers its gradients, and its graph to whoever compiled it.
  public var knowledge: Knowledge { .gradients }

  /// The network's operators by their definitions, unless parameters may be replaced.
  public var definition: (any ModelDefinition)? { networkDefinition }
}
