#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Asks whether memory can be had, since an array that cannot get it ends the process.
package enum MemoryRoom {
  /// Sizes that are not worth the question.
  private static let negligible = 1 << 20

  /// Whether the system gives so many bytes in one piece.
  package static func has(_ byteCount: Int) -> Bool {
    guard byteCount > negligible else { return true }
    guard let block = malloc(byteCount) else { return false }
    free(block)
    return true
  }
}
