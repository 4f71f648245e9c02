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
