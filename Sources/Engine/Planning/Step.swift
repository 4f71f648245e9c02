/// One action of a plan, before its memory is assigned.
struct Step {
  enum Action {
    /// A primitive with the argument number of each placement.
    case primitive(Primitive, [(argument: Int32, placement: Placement)])
    /// Host code of a name on the addresses of its reads, then of its writes.
    case host(String, [Placement], ([UnsafeMutableRawPointer]) -> Void)
  }

  let action: Action

  /// The arena buffers that the step touches.
  var buffers: [Int] {
    let placements =
      switch action {
      case .primitive(_, let arguments): arguments.map(\.placement)
      case .host(_, let placements, _): placements
      }
    return placements.compactMap {
      if case .arena(let buffer) = $0.storage { buffer } else { nil }
    }
  }
}

/// Where a value lives, and in which layout.
struct Placement {
  let layout: MemoryDescriptor
  let storage: Storage

  enum Storage: Hashable {
    /// A buffer of the plan's arena.
    case arena(Int)
    /// Memory that outlives the plan.
    case fixed(UnsafeMutableRawPointer)
  }
}
