import Graphs
public import Models
public import Tensors

/// A network's parameters in memory, plain and in the packed layouts that plans asked for.
///
/// Plans of several batch sizes and purposes share one store, so each layout is packed once. Live
/// parameters may be replaced between runs; the next run packs them anew. Several live stores can be joined to one, for
/// plans that need the parameters of all. All use is on the engine thread.
public final class ParameterStore: @unchecked Sendable {
  /// Whether the values never change, so that they may be folded into the plan.
  public let isFrozen: Bool
  /// What plans on these parameters may allocate.
  public let memory: MemoryLimit

  private final class Entry {
    let shape: Shape
    let block: AlignedBlock
    private let freshness: Freshness
    private(set) var packings: [Packing] = []
    private(set) var version = 0

    init(_ tensor: Tensor<Float>, _ freshness: Freshness) {
      shape = tensor.shape
      block = AlignedBlock(byteCount: max(tensor.count, 1) * MemoryLayout<Float>.stride)
      block.floats.update(from: tensor.scalars, count: tensor.count)
      self.freshness = freshness
    }

    /// Notes that the values have changed.
    func touch() {
      version += 1
      freshness.isStale = true
    }

    func add(_ packing: Packing) {
      packings.append(packing)
      freshness.isStale = true
    }
  }

  /// Whether packings wait to be brought up to date.
  private final class Freshness {
    var isStale = false
  }

  private final class Packing {
    let form: PackedForm
    let block: AlignedBlock
    let pack: () throws(EngineError) -> Void
    var version = -1

    init(_ form: PackedForm, at pointer: UnsafeMutableRawPointer) throws(EngineError) {
      self.form = form
      block = AlignedBlock(byteCount: form.byteCount)
      pack = try form.packing(from: pointer, to: block.pointer)
    }
  }

  private let entries: [String: Entry]
  /// One for each store that this one is or joins.
  private let freshness: [Freshness]

  /// Creates a store of copies of the parameters.
  ///
  /// - Parameters:
  ///   - parameters: A tensor for each name.
  ///   - isFrozen: Whether the values never change.
  ///   - memory: What plans on these parameters may allocate.
  public init(
    _ parameters: [String: Tensor<Float>], isFrozen: Bool, memory: MemoryLimit = .system
  ) {
    self.isFrozen = isFrozen
    self.memory = memory
    let freshness = Freshness()
    self.freshness = [freshness]
    entries = parameters.mapValues { Entry($0, freshness) }
  }

  /// Joins live stores to one on the same memory: what changes in one changes in the other.
  ///
  /// - Parameter stores: At least one store, each with what the names of its parameters begin with here, such as `critic.`.
  public init(joining stores: [(prefix: String, store: ParameterStore)]) {
    precondition(
      !stores.isEmpty && stores.allSatisfy { !$0.store.isFrozen }, "live stores can be joined")
    isFrozen = false
    memory = stores[0].store.memory
    freshness = stores.flatMap(\.store.freshness)
    entries = Dictionary(
      uniqueKeysWithValues: stores.flatMap { prefix, store in
        store.entries.map { (prefix + $0.key, $0.value) }
      })
  }

  /// Replaces a live parameter's values.
  ///
  /// - Throws: `EngineError.parameter` if the name is unknown or the shape differs.
  public func update(_ name: String, to tensor: Tensor<Float>) throws(EngineError) {
    precondition(!isFrozen, "frozen parameters cannot be replaced")
    guard let entry = entries[name], entry.shape == tensor.shape else {
      throw .parameter(
        name: name, expected: entries[name]?.shape.description ?? "no such parameter",
        found: tensor.shape.description)
    }
    entry.block.floats.update(from: tensor.scalars, count: tensor.count)
    entry.touch()
  }

  /// Changes a live parameter's values in place.
  package func mutate(
    _ name: String, _ body: (_ values: UnsafeMutablePointer<Float>, _ count: Int) -> Void
  ) {
    precondition(!isFrozen, "frozen parameters cannot be changed")
    guard let entry = entries[name] else { return }
    body(entry.block.floats, entry.shape.count)
    entry.touch()
  }

  /// Reads a parameter's values in place.
  package func read(
    _ name: String, _ body: (_ values: UnsafePointer<Float>, _ count: Int) -> Void
  ) {
    guard let entry = entries[name] else { return }
    body(UnsafePointer(entry.block.floats), entry.shape.count)
  }

  /// The shape of a parameter; `nil` if there is none of the name.
  package func shape(of name: String) -> Shape? { entries[name]?.shape }

  /// The current values of a parameter.
  public func tensor(_ name: String) -> Tensor<Float>? {
    entries[name].map { entry in
      Tensor(
        Array(UnsafeBufferPointer(start: entry.block.floats, count: entry.shape.count)),
        shape: entry.shape)
    }
  }

  /// The values in plain layout, at an address that stays.
  func plain(_ name: String, shape: Shape) throws(EngineError) -> UnsafeMutableRawPointer {
    guard let entry = entries[name], entry.shape == shape else {
      throw .parameter(
        name: name, expected: shape.description,
        found: entries[name]?.shape.description ?? "none of this name")
    }
    return entry.block.pointer
  }

  /// The values in another form, at an address that stays and is brought up to date by `refresh`.
  func packed(_ name: String, as form: PackedForm) throws(EngineError) -> UnsafeMutableRawPointer {
    guard let entry = entries[name] else {
      throw .parameter(name: name, expected: "a parameter", found: "none of this name")
    }
    if let packing = entry.packings.first(where: { $0.form == form }) {
      return packing.block.pointer
    }
    try memory.require(form.byteCount, for: "a packed form of the parameter \"\(name)\"")
    let packing = try Packing(form, at: entry.block.pointer)
    entry.add(packing)
    return packing.block.pointer
  }

  /// Packs what changed since the last run.
  func refresh() throws(EngineError) {
    guard freshness.contains(where: \.isStale) else { return }
    for entry in entries.values {
      for packing in entry.packings where packing.version != entry.version {
        try packing.pack()
        packing.version = entry.version
      }
    }
    for one in freshness { one.isStale = false }
  }
}
