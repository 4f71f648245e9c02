import COneDNN
import Tensors

/// Logical extents and physical layout of a block of fp32 numbers.
struct MemoryDescriptor {
  private(set) var raw: dnnl_memory_desc_t

  init(_ raw: dnnl_memory_desc_t) { self.raw = raw }

  /// Row-major layout.
  static func plain(_ shape: Shape) -> MemoryDescriptor {
    let extents = shape.rank == 0 ? [1] : shape.extents
    return strided(extents, strides: Shape(extents).strides)
  }

  /// A layout given by the distance between neighbours along each axis.
  static func strided(_ extents: [Int], strides: [Int]) -> MemoryDescriptor {
    var raw = dnnl_memory_desc_t()
    let status = dnnl_memory_desc_init_by_strides(
      &raw, Int32(extents.count), extents.map(dnnl_dim_t.init), dnnl_f32,
      strides.map(dnnl_dim_t.init))
    precondition(status == dnnl_success, "invalid extents \(extents)")
    return MemoryDescriptor(raw)
  }

  /// A layout that has a name.
  static func tagged(_ tag: dnnl_format_tag_t, _ extents: [Int]) -> MemoryDescriptor {
    var raw = dnnl_memory_desc_t()
    let status = dnnl_memory_desc_init_by_tag(
      &raw, Int32(extents.count), extents.map(dnnl_dim_t.init), dnnl_f32, tag)
    precondition(status == dnnl_success, "invalid extents \(extents)")
    return MemoryDescriptor(raw)
  }

  /// A layout that the primitive may choose.
  static func any(_ extents: [Int]) -> MemoryDescriptor { tagged(dnnl_format_tag_any, extents) }

  /// A layout that the primitive may choose.
  static func any(_ shape: Shape) -> MemoryDescriptor { any(shape.extents) }

  /// Size in bytes, padding included.
  var byteCount: Int { withUnsafePointer(to: raw) { dnnl_memory_desc_get_size($0) } }

  /// The logical extents.
  var extents: [Int] {
    withUnsafeBytes(of: raw.dims) { bytes in
      bytes.bindMemory(to: dnnl_dim_t.self).prefix(Int(raw.ndims)).map(Int.init)
    }
  }

  /// The part of the block from an offset along one axis; `nil` if the layout does not allow it.
  func part(axis: Int, range: Range<Int>) -> MemoryDescriptor? {
    var extents = extents
    extents[axis] = range.count
    var offsets = [dnnl_dim_t](repeating: 0, count: extents.count)
    offsets[axis] = dnnl_dim_t(range.lowerBound)
    var part = dnnl_memory_desc_t()
    let status = withUnsafePointer(to: raw) {
      dnnl_memory_desc_init_submemory(&part, $0, extents.map(dnnl_dim_t.init), offsets)
    }
    return status == dnnl_success ? MemoryDescriptor(part) : nil
  }
}

extension MemoryDescriptor: Equatable {
  static func == (left: MemoryDescriptor, right: MemoryDescriptor) -> Bool {
    withUnsafePointer(to: left.raw) { left in
      withUnsafePointer(to: right.raw) { right in dnnl_memory_desc_equal(left, right) != 0 }
    }
  }
}
