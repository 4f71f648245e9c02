import COneDNN
import Graphs
import Tensors

/// Lowers a graph for one batch size to steps on placed values.
final class Planner {
  let backend: Backend
  let graph: Graph
  let batch: Int
  let store: ParameterStore
  let algorithms: Algorithms
  let useCounts: [Int]

  private(set) var steps: [Step] = []
  private(set) var buffers: [Int] = []
  private(set) var inputs: [String: (placement: Placement, step: Int)] = [:]
  private var placements: [Int: [Placement]] = [:]
  private var workspaces: [Int: Placement] = [:]
  private var gated: Set<Int> = []
  private var sharedStorage: Set<Placement.Storage> = []
  private(set) var constants: [AlignedBlock] = []
  private var totals: [Int: AlignedBlock] = [:]

  init(
    _ graph: Graph, batch: Int, store: ParameterStore, algorithms: Algorithms, backend: Backend
  ) {
    self.backend = backend
    self.graph = backend.optimized(graph, for: store)
    self.batch = batch
    self.store = store
    self.algorithms = algorithms
    useCounts = self.graph.useCounts
  }

  // MARK: Values

  /// Size of the largest value, which any plan has to hold.
  var largestByteCount: Int {
    graph.nodes.map { $0.extents.shape(batch: batch).count * MemoryLayout<Float>.stride }.max() ?? 0
  }

  func shape(of value: Value) -> Shape { graph[value].extents.shape(batch: batch) }

  /// The layout in which a value exists; it is computed first if need be.
  func layout(of value: Value) throws(EngineError) -> MemoryDescriptor {
    try existing(value)[0].layout
  }

  /// A value in the layout in which it exists.
  func place(_ value: Value) throws(EngineError) -> Placement { try existing(value)[0] }

  /// A value in row-major layout.
  func placePlain(_ value: Value) throws(EngineError) -> Placement {
    try place(value, as: .plain(shape(of: value)))
  }

  /// A value in a given layout, reordered if it does not exist in it yet.
  ///
  /// A view is the row-major layout of other extents as which the value is seen, such as with the groups
  /// of a weight apart.
  func place(
    _ value: Value, as layout: MemoryDescriptor, view: MemoryDescriptor? = nil
  ) throws(EngineError) -> Placement {
    let existing = try existing(value)
    if let found = existing.first(where: { $0.layout == layout }) { return found }
    var source = existing[0]
    if let view {
      source = Placement(layout: view, storage: try placePlain(value).storage)
      if view == layout { return source }
    }
    if case .parameter(let name, _) = graph[value] {
      let pointer = try store.packed(name, as: .layout(layout, from: source.layout))
      return Placement(layout: layout, storage: .fixed(pointer))
    }
    if case .constant = graph[value], case .fixed(let pointer) = source.storage {
      let packed = try pack(constant: pointer, as: .layout(layout, from: source.layout))
      placements[value.index, default: []].append(Placement(layout: layout, storage: packed))
      return Placement(layout: layout, storage: packed)
    }
    let target = newBuffer(layout)
    try reorder(source, to: target)
    if view == nil { placements[value.index, default: []].append(target) }
    return target
  }

  private func pack(
    constant pointer: UnsafeMutableRawPointer, as form: PackedForm
  ) throws(EngineError) -> Placement.Storage {
    try store.memory.require(form.byteCount, for: "a packed form of a constant")
    let block = AlignedBlock(byteCount: form.byteCount)
    constants.append(block)
    try form.packing(from: pointer, to: block.pointer)()
    return .fixed(block.pointer)
  }

  /// A weight as a kernel of ours reads it: packed once if it is known, else at each run.
  ///
  /// The key stands for all that the transformed values depend on besides the weight.
  func place(
    weight: Value, key: String, count: Int,
    transform: @escaping (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) throws(EngineError) -> Placement {
    let form = PackedForm.transformed(key: key, count: count, transform)
    let layout = MemoryDescriptor.plain([count])
    let source = try placePlain(weight)
    switch (graph[weight], source.storage) {
    case (.parameter(let name, _), _):
      return Placement(layout: layout, storage: .fixed(try store.packed(name, as: form)))
    case (.constant, .fixed(let pointer)):
      return Placement(layout: layout, storage: try pack(constant: pointer, as: form))
    default:
      let target = newBuffer(layout)
      emitHost("pack \(key)", [source, target]) { pointers in
        transform(
          pointers[0].assumingMemoryBound(to: Float.self),
          pointers[1].assumingMemoryBound(to: Float.self))
      }
      return target
    }
  }

  /// Declares a value's layout and gives it a buffer, or that of an operand that nobody needs later.
  func define(
    _ value: Value, as layout: MemoryDescriptor, inPlaceOf operand: Value? = nil
  ) throws(EngineError) -> Placement {
    var placement = newBuffer(layout)
    if let operand, useCounts[operand.index] == 1, graph[operand].isOperation,
      let old = placements[operand.index], old.count == 1, old[0].layout == layout,
      !sharedStorage.contains(old[0].storage)
    {
      placement = old[0]
    }
    placements[value.index] = [placement]
    return placement
  }

  /// Declares that a value is what is already stored somewhere.
  func define(_ value: Value, at placement: Placement) {
    placements[value.index] = [placement]
    sharedStorage.insert(placement.storage)
  }

  /// Where a value was first placed, if it was.
  func storage(of value: Value) -> Placement.Storage? { placements[value.index]?.first?.storage }

  func isDefined(_ value: Value) -> Bool { placements[value.index] != nil }

  /// A buffer for intermediate results of one step or between two.
  func newBuffer(_ layout: MemoryDescriptor) -> Placement {
    buffers.append(layout.byteCount)
    return Placement(layout: layout, storage: .arena(buffers.count - 1))
  }

  /// What the forward step of an operation keeps for its gradient.
  func workspace(of value: Value) -> Placement? { workspaces[value.index] }

  func setWorkspace(_ placement: Placement, of value: Value) {
    workspaces[value.index] = placement
  }

  /// The sum in double precision that a kernel keeps beside the scalar it rounds it to.
  func total(of value: Value) -> AlignedBlock? { totals[value.index] }

  /// A place for the sum in double precision of which a scalar is the mean.
  func makeTotal(of value: Value) -> AlignedBlock {
    let block = AlignedBlock(byteCount: MemoryLayout<Double>.stride)
    totals[value.index] = block
    return block
  }

  /// Whether a pooling leaves out of the winners that it remembers those that the ReLU behind it stopped.
  func isGated(_ pooled: Value) -> Bool { gated.contains(pooled.index) }

  func setGated(_ pooled: Value) { gated.insert(pooled.index) }

  // MARK: Steps

  func emit(
    _ descriptor: PrimitiveDescriptor, _ arguments: [(argument: Int32, placement: Placement)]
  ) throws(EngineError) {
    try store.memory.require(
      descriptor.scratchByteCount, for: "\(descriptor.operation) on \(batch) examples")
    steps.append(Step(action: .primitive(try Primitive(descriptor), arguments)))
  }

  func emitHost(
    _ name: String, _ placements: [Placement],
    _ body: @escaping ([UnsafeMutableRawPointer]) -> Void
  ) {
    steps.append(Step(action: .host(name, placements, body)))
  }

  func reorder(_ source: Placement, to target: Placement) throws(EngineError) {
    try emit(
      .reorder(from: source.layout, to: target.layout),
      [(DNNL_ARG_FROM, source), (DNNL_ARG_TO, target)])
  }

  // MARK: Lowering

  /// Lowers every node that has not been lowered on another's behalf.
  ///
  /// All steps of the outputs that do not depend on the late input come before it, reorders included.
  func lowerAll(lateInput: String?) throws(EngineError) {
    let late = graph.inputs.first { $0.name == lateInput }?.value
    for index in graph.nodes.indices {
      let value = Value(index: index)
      if value == late { try placeOutputs(before: value) }
      if !isDefined(value), !isDeferred(value) { try lower(value) }
    }
  }

  private func placeOutputs(before input: Value) throws(EngineError) {
    var depends = [Bool](repeating: false, count: graph.nodes.count)
    depends[input.index] = true
    for (index, node) in graph.nodes.enumerated() where !depends[index] {
      depends[index] = node.operands.contains { depends[$0.index] }
    }
    for (_, value) in graph.outputs where !depends[value.index] { _ = try placePlain(value) }
  }

  private func existing(_ value: Value) throws(EngineError) -> [Placement] {
    if placements[value.index] == nil { try lower(value) }
    guard let found = placements[value.index] else {
      preconditionFailure("value \(value.index) was lowered without being placed")
    }
    return found
  }

  private func lower(_ value: Value) throws(EngineError) {
    switch graph[value] {
    case .input(let name, _):
      let placement = newBuffer(.plain(shape(of: value)))
      inputs[name] = (placement, steps.count)
      define(value, at: placement)
    case .parameter(let name, let shape):
      let pointer = try store.plain(name, shape: shape)
      define(value, at: Placement(layout: .plain(shape), storage: .fixed(pointer)))
    case .constant(let tensor):
      let block = AlignedBlock(byteCount: tensor.count * MemoryLayout<Float>.stride)
      block.floats.update(from: tensor.scalars, count: tensor.count)
      constants.append(block)
      define(value, at: Placement(layout: .plain(tensor.shape), storage: .fixed(block.pointer)))
    case .operation(let op, let operands, _):
      if let kernel = backend.kernel(for: op) {
        try kernel.lower(op, value, operands, on: self)
      } else {
        try lowerByDefinition(op, value, operands)
      }
    }
  }

  /// Runs the operator's own definition on row-major values.
  func lowerByDefinition(
    _ op: any Operator, _ value: Value, _ operands: [Value]
  ) throws(EngineError) {
    let shapes = operands.map { self.shape(of: $0) }
    var arguments: [Placement] = []
    for operand in operands { arguments.append(try placePlain(operand)) }
    let shape = shape(of: value)
    arguments.append(try define(value, as: .plain(shape)))
    emitHost(op.name, arguments) { pointers in
      let tensors = zip(pointers, shapes).map { pointer, shape in
        let floats = pointer.assumingMemoryBound(to: Float.self)
        return Tensor(Array(UnsafeBufferPointer(start: floats, count: shape.count)), shape: shape)
      }
      let result = op.value(of: tensors, shape: shape)
      pointers[pointers.count - 1].assumingMemoryBound(to: Float.self)
        .update(from: result.scalars, count: result.count)
    }
  }

  /// Whether a value is better computed where it is used, if at all.
  private func isDeferred(_ value: Value) -> Bool {
    guard case .operation(let op, _, _) = graph[value] else { return false }
    return backend.kernel(for: op)?.isDeferred(op, value, on: self) ?? false
  }

  /// The values that use a value, in order.
  func users(of value: Value) -> [Value] {
    graph.nodes.indices.map { Value(index: $0) }.filter { graph[$0].operands.contains(value) }
  }

  /// Whether a value is an output of the graph.
  func isOutput(_ value: Value) -> Bool { graph.outputs.contains { $0.value == value } }
}

extension Node {
  var isOperation: Bool { if case .operation = self { true } else { false } }
}
