import COneDNN
import Graphs

extension PrimitiveDescriptor {
  /// y = scale * (x - mean) / sqrt(variance + epsilon) + shift with given statistics.
  static func batchNormalization(
    _ x: MemoryDescriptor, epsilon: Float
  ) throws(EngineError) -> PrimitiveDescriptor {
    var x = x.raw
    var description = dnnl_batch_normalization_desc_t()
    let flags =
      dnnl_use_global_stats.rawValue | dnnl_use_scale.rawValue | dnnl_use_shift.rawValue
    try check(
      dnnl_batch_normalization_forward_desc_init(
        &description, dnnl_forward_inference, &x, epsilon, UInt32(flags)),
      "batch_normalization_forward")
    return try create(description, "batch_normalization_forward")
  }
}
