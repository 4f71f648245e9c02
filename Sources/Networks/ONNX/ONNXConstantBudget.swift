import Engine
import Models

/// How many values of one number a file may ask for, which takes a few bytes there and gigabytes in memory.
///
/// Such constants may be the whole of a network's weights. They are made when it is compiled, not when it is read;
/// together they may take a gigabyte, as those of the largest networks for pictures do, and a quarter of the
/// memory that the system leaves.
struct ONNXConstantBudget {
  private static let byteLimit = 1 << 30

  private var used = 0

  /// Takes account of a tensor that is filled with one number.
  ///
  /// - Throws: `ONNXProblem` if it is too much.
  mutating func charge(_ count: Int) throws {
    used += count * MemoryLayout<Float>.size
    // Little is never refused, and the system is not asked about it.
    guard used > 1 << 24 else { return }
    let available = SystemMemory().available ?? Self.byteLimit
    let limit = min(Self.byteLimit, available / 4)
    guard used <= limit else {
      throw ONNXProblem(
        "the constants that the file fills with one number take more than \(limit / 1_000_000) MB:"
          + " at most 1074 MB, and a quarter of the memory that is left")
    }
  }
}
