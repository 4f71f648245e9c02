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

  /// y = (x - mean) / sqrt(variance + epsilon) with the batch's statistics, which are results too.
  static func batchStandardization(
    _ x: MemoryDescriptor, epsilon: Float
  ) throws(EngineError) -> PrimitiveDescriptor {
    var x = x.raw
    var description = dnnl_batch_normalization_desc_t()
    try check(
      dnnl_batch_normalization_forward_desc_init(
        &description, dnnl_forward_training, &x, epsilon, 0), "batch_normalization_forward")
    return try create(description, "batch_normalization_forward")
  }

  /// dx of a standardisation by the batch's statistics.
  static func batchStandardizationGradient(
    _ x: MemoryDescriptor, epsilon: Float
  ) throws(EngineError) -> PrimitiveDescriptor {
    let hint = try batchStandardization(x, epsilon: epsilon)
    var x = x.raw
    var dy = x
    var description = dnnl_batch_normalization_desc_t()
    try check(
      dnnl_batch_normalization_backward_desc_init(
        &description, dnnl_backward_data, &dy, &x, epsilon, 0), "batch_normalization_backward")
    return try create(description, hint: hint, "batch_normalization_backward")
  }
}
