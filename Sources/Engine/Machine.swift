import CKernels
import COneDNN
import Models

/// What results' last bits depend on besides the program: processor, threads and library.
public struct Machine: Hashable, Sendable {
  /// The processor's name and which of its instructions are used.
  public let processor: String
  /// Threads that share a kernel's work.
  public let threads: Int
  /// Name and version of the library of kernels.
  public let library: String

  /// The machine this runs on, as the engine thread of the process uses it.
  ///
  /// Must not be called on that thread.
  public static var current: Machine { EngineThread.shared.sync { seenFromEngineThread() } }

  /// The machine, when called on the engine thread.
  static func seenFromEngineThread() -> Machine {
    let version = dnnl_version().pointee
    let instructions = dnnl_get_effective_cpu_isa().rawValue
    return Machine(
      processor: "\(model), isa \(instructions), vectors of \(gibbon_panel_width() / 2)",
      threads: OpenMP.threadCount,
      library: "oneDNN \(version.major).\(version.minor).\(version.patch)")
  }

  private static var model: String {
    var family: Int32 = 0
    var model: Int32 = 0
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { name in
      guard let start = name.baseAddress, gibbon_processor(start, &family, &model) != 0 else {
        return "unknown processor"
      }
      return "\(String(cString: start)) \(family)/\(model)"
    }
  }
}
