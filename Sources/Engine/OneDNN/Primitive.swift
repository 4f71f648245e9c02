import COneDNN

/// A chosen implementation of an operation, with the layouts it wants.
final class PrimitiveDescriptor {
  let raw: dnnl_primitive_desc_t
  /// What is computed, such as "convolution_forward".
  let operation: String

  init(_ raw: dnnl_primitive_desc_t, _ operation: String) {
    self.raw = raw
    self.operation = operation
  }

  deinit { dnnl_primitive_desc_destroy(raw) }

  /// Makes the descriptor of an operation by the function that does so on an engine.
  static func create(
    _ operation: String,
    _ body: (_ result: inout dnnl_primitive_desc_t?, _ engine: dnnl_engine_t) -> dnnl_status_t
  ) throws(EngineError) -> PrimitiveDescriptor {
    let engine = try Runtime.shared().engine
    var raw: dnnl_primitive_desc_t?
    try check(body(&raw, engine), operation)
    guard let raw else { throw .library(call: operation, status: -1) }
    return PrimitiveDescriptor(raw, operation)
  }

  /// The layout of one of the operation's arguments.
  func layout(_ query: dnnl_query_t) -> MemoryDescriptor {
    guard let layout = MemoryDescriptor(query, of: self) else {
      preconditionFailure("the primitive has no such argument")
    }
    return layout
  }

  /// Size of the memory that oneDNN allocates for intermediate results.
  var scratchByteCount: Int {
    var byteCount: Int64 = 0
    let status = dnnl_primitive_desc_query(
      raw, dnnl_query_memory_consumption_s64, 0, &byteCount)
    return status == dnnl_success ? Int(byteCount) : 0
  }

  /// The name of the implementation, such as "jit:avx512_core".
  var implementation: String {
    var name: UnsafePointer<CChar>?
    guard dnnl_primitive_desc_query(raw, dnnl_query_impl_info_str, 0, &name) == dnnl_success,
      let name
    else { return "unknown" }
    return String(cString: name)
  }
}

/// Compiled code for one operation.
final class Primitive {
  let raw: dnnl_primitive_t
  /// The operation and its implementation, such as "reorder jit:uni".
  let name: String

  init(_ descriptor: PrimitiveDescriptor) throws(EngineError) {
    var raw: dnnl_primitive_t?
    try check(dnnl_primitive_create(&raw, descriptor.raw), "primitive_create")
    guard let raw else { throw .library(call: "primitive_create", status: -1) }
    self.raw = raw
    name = "\(descriptor.operation) \(descriptor.implementation)"
  }

  deinit { dnnl_primitive_destroy(raw) }

  /// Runs on memory bound beforehand.
  func execute(_ arguments: [dnnl_exec_arg_t]) throws(EngineError) {
    let stream = try Runtime.shared().stream
    try check(
      dnnl_primitive_execute(raw, stream, Int32(arguments.count), arguments), name)
  }
}

extension Primitive {
  /// Runs on memory bound for this run alone.
  func execute(
    at places: [(argument: Int32, layout: MemoryDescriptor, pointer: UnsafeMutableRawPointer)]
  ) throws(EngineError) {
    var memories: [Memory] = []
    var arguments: [dnnl_exec_arg_t] = []
    for place in places {
      let memory = try Memory(place.layout, at: place.pointer)
      memories.append(memory)
      arguments.append(dnnl_exec_arg_t(arg: place.argument, memory: memory.raw))
    }
    try withExtendedLifetime(memories) { () throws(EngineError) in try execute(arguments) }
  }
}

/// oneDNN's view of a block of memory that somebody else owns.
final class Memory {
  let raw: dnnl_memory_t

  init(_ layout: MemoryDescriptor, at pointer: UnsafeMutableRawPointer) throws(EngineError) {
    let engine = try Runtime.shared().engine
    var raw: dnnl_memory_t?
    try check(gibbon_dnnl_memory(&raw, layout.raw, engine, pointer), "memory_create")
    guard let raw else { throw .library(call: "memory_create", status: -1) }
    self.raw = raw
  }

  deinit { dnnl_memory_destroy(raw) }
}

/// What happens to a result before it is stored.
final class Attributes {
  let raw: dnnl_primitive_attr_t

  /// The argument that is added to the result.
  static let addendArgument = Int32(DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE) | DNNL_ARG_SRC_1

  /// Creates attributes that add values of a given layout and then clamp the result from below at zero.
  init(addend: MemoryDescriptor? = nil, relu: Bool) throws(EngineError) {
    var raw: dnnl_primitive_attr_t?
    try check(dnnl_primitive_attr_create(&raw), "primitive_attr_create")
    guard let raw else { throw .library(call: "primitive_attr_create", status: -1) }
    self.raw = raw
    guard relu || addend != nil else { return }
    var operations: dnnl_post_ops_t?
    try check(dnnl_post_ops_create(&operations), "post_ops_create")
    defer { dnnl_post_ops_destroy(operations) }
    if let addend {
      try check(gibbon_dnnl_append_addend(operations, addend.raw), "append_binary")
    }
    if relu {
      try check(gibbon_dnnl_append_relu(operations), "append_eltwise")
    }
    try check(dnnl_primitive_attr_set_post_ops(raw, operations), "set_post_ops")
  }

  deinit { dnnl_primitive_attr_destroy(raw) }
}
