import COneDNN
import Graphs

extension PrimitiveDescriptor {
  /// y = scale * (x - mean) / sqrt(variance + epsilon) + shift with given statistics.
  static func batchNormalization(
    _ x: MemoryDescriptor, epsilon: Float
  ) throws(EngineError) -> PrimitiveDescriptor {
    let flags =
      dnnl_use_global_stats.rawValue | dnnl_use_scale.rawValue | dnnl_use_shift.rawValue
    return try create("batch_normalization_forward") {
      gibbon_dnnl_batch_normalization(
        &$0, $1, dnnl_forward_inference, x.raw, epsilon, UInt32(flags))
    }
  }

  /// y = (x - mean) / sqrt(variance + epsilon) with the batch's statistics, which are results too.
  static func batchStandardization(
    _ x: MemoryDescriptor, epsilon: Float
  ) throws(EngineError) -> PrimitiveDescriptor {
    try create("batch_normalization_forward") {
      gibbon_dnnl_batch_normalization(&$0, $1, dnnl_forward_training, x.raw, epsilon, 0)
    }
  }

  /// dx of a standardisation by the batch's statistics.
  static func batchStandardizationGradient(
    _ x: MemoryDescriptor, epsilon: Float
  ) throws(EngineError) -> PrimitiveDescriptor {
    let hint = try batchStandardization(x, epsilon: epsilon)
    return try create("batch_normalization_backward") {
      gibbon_dnnl_batch_normalization_gradient(&$0, $1, x.raw, epsilon, hint.raw)
    }
  }
}
