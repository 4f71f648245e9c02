import COneDNN
import Tensors

/// Logical extents and physical layout of a block of fp32 numbers.
struct MemoryDescriptor {
  private let handle: Handle

  /// oneDNN's handle, which ends with the last copy of the descriptor.
  var raw: gibbon_dnnl_layout_t { handle.raw }

  /// Takes over what a call creates; `nil` if it fails.
  private init?(_ create: (_ result: inout gibbon_dnnl_layout_t?) -> dnnl_status_t) {
    var raw: gibbon_dnnl_layout_t?
    guard create(&raw) == dnnl_success, let raw else { return nil }
    handle = Handle(raw)
  }

  /// The layout of one of an operation's arguments; `nil` if there is no such argument.
  init?(_ query: dnnl_query_t, of descriptor: PrimitiveDescriptor) {
    self.init { gibbon_dnnl_descriptor_layout(&$0, descriptor.raw, query) }
  }

  private final class Handle {
    let raw: gibbon_dnnl_layout_t
    init(_ raw: gibbon_dnnl_layout_t) { self.raw = raw }
    deinit { gibbon_dnnl_layout_destroy(raw) }
  }
}

extension MemoryDescriptor {
  /// Row-major layout.
  static func plain(_ shape: Shape) -> MemoryDescriptor {
    let extents = shape.rank == 0 ? [1] : shape.extents
    return strided(extents, strides: Shape(extents).strides)
  }

  /// A layout given by the distance between neighbours along each axis.
  static func strided(_ extents: [Int], strides: [Int]) -> MemoryDescriptor {
    let layout = MemoryDescriptor {
      gibbon_dnnl_layout_by_strides(
        &$0, Int32(extents.count), extents.map(dnnl_dim_t.init), strides.map(dnnl_dim_t.init))
    }
    guard let layout else { preconditionFailure("invalid extents \(extents)") }
    return layout
  }

  /// A layout that has a name.
  static func tagged(_ tag: dnnl_format_tag_t, _ extents: [Int]) -> MemoryDescriptor {
    let layout = MemoryDescriptor {
      gibbon_dnnl_layout_by_tag(&$0, Int32(extents.count), extents.map(dnnl_dim_t.init), tag)
    }
    guard let layout else { preconditionFailure("invalid extents \(extents)") }
    return layout
  }

  /// A layout that the primitive may choose.
  static func any(_ extents: [Int]) -> MemoryDescriptor { tagged(dnnl_format_tag_any, extents) }

  /// A layout that the primitive may choose.
  static func any(_ shape: Shape) -> MemoryDescriptor { any(shape.extents) }

  /// Size in bytes, padding included.
  var byteCount: Int { gibbon_dnnl_layout_size(raw) }

  /// The logical extents.
  var extents: [Int] {
    withUnsafeTemporaryAllocation(of: dnnl_dim_t.self, capacity: Int(DNNL_MAX_NDIMS)) { extents in
      let rank = gibbon_dnnl_layout_extents(raw, extents.baseAddress)
      return extents.prefix(Int(rank)).map(Int.init)
    }
  }

  /// How the numbers lie; `nil` if the primitive is to choose, or if it has a format of its own.
  var blocking: gibbon_dnnl_blocking? {
    var blocking = gibbon_dnnl_blocking()
    return gibbon_dnnl_layout_blocking(raw, &blocking) != 0 ? blocking : nil
  }

  /// The part of the block from an offset along one axis; `nil` if the layout does not allow it.
  func part(axis: Int, range: Range<Int>) -> MemoryDescriptor? {
    var extents = extents
    extents[axis] = range.count
    var offsets = [dnnl_dim_t](repeating: 0, count: extents.count)
    offsets[axis] = dnnl_dim_t(range.lowerBound)
    return MemoryDescriptor {
      gibbon_dnnl_layout_part(&$0, raw, extents.map(dnnl_dim_t.init), offsets)
    }
  }
}

extension MemoryDescriptor: Equatable {
  static func == (left: MemoryDescriptor, right: MemoryDescriptor) -> Bool {
    gibbon_dnnl_layout_equal(left.raw, right.raw) != 0
  }
}
