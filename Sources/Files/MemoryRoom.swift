import Platform

/// Asks whether memory can be had, since an array that cannot get it ends the process.
package enum MemoryRoom {
  /// Sizes that are not worth the question.
  private static let negligible = 1 << 20

  /// Whether the system gives so many bytes in one piece.
  package static func has(_ byteCount: Int) -> Bool {
    guard byteCount > negligible else { return true }
    // Compilers take out a pair of malloc and free.
    let block = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let block, block != MAP_FAILED else { return false }
    munmap(block, byteCount)
    return true
  }
}
