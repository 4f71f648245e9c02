public import Networks

extension CompiledNetwork: BatchedModel {
  /// A network offers its gradients, and its graph to whoever compiled it.
  public var knowledge: Knowledge { .gradients }
}
