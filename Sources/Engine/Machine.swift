import CKernels
import COneDNN
public import Models

extension Machine {
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
