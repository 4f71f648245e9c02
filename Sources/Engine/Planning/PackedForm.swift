import COneDNN

/// A form other than the plain one in which a kernel reads a weight.
enum PackedForm {
  /// Another layout of oneDNN's, seen from a row-major one.
  case layout(MemoryDescriptor, from: MemoryDescriptor)
  /// What a kernel of ours makes of the row-major values; the key stands for all that the result depends on.
  case transformed(
    key: String, count: Int,
    (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void)

  /// Size of the packed values.
  var byteCount: Int {
    switch self {
    case .layout(let layout, _): layout.byteCount
    case .transformed(_, let count, _): count * MemoryLayout<Float>.stride
    }
  }

  /// The action that packs what is at one address to another.
  func packing(
    from source: UnsafeMutableRawPointer, to target: UnsafeMutableRawPointer
  ) throws(EngineError) -> () throws(EngineError) -> Void {
    switch self {
    case .layout(let layout, let plain):
      let primitive = try Primitive(.reorder(from: plain, to: layout))
      let memories = (try Memory(plain, at: source), try Memory(layout, at: target))
      return { () throws(EngineError) in
        try primitive.execute([
          dnnl_exec_arg_t(arg: DNNL_ARG_FROM, memory: memories.0.raw),
          dnnl_exec_arg_t(arg: DNNL_ARG_TO, memory: memories.1.raw),
        ])
      }
    case .transformed(_, _, let transform):
      let (plain, packed) = (
        source.assumingMemoryBound(to: Float.self), target.assumingMemoryBound(to: Float.self)
      )
      return { () throws(EngineError) in transform(plain, packed) }
    }
  }
}

extension PackedForm: Equatable {
  static func == (left: PackedForm, right: PackedForm) -> Bool {
    switch (left, right) {
    case (.layout(let left, _), .layout(let right, _)): left == right
    case (.transformed(let left, _, _), .transformed(let right, _, _)): left == right
    default: false
    }
  }
}
