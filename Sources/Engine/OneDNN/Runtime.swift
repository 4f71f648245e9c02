import COneDNN
import Models

/// The one CPU engine and stream of the process; used on the engine thread only.
struct Runtime: @unchecked Sendable {
  // The handles are created once and never destroyed; oneDNN's engine is thread-safe, and the stream is
  // used by one thread.
  let engine: dnnl_engine_t
  let stream: dnnl_stream_t

  /// The process's runtime.
  static func shared() throws(EngineError) -> Runtime { try result.get() }

  private static let result = Result<Runtime, EngineError> { () throws(EngineError) in
    let version = dnnl_version().pointee
    guard version.major == DNNL_VERSION_MAJOR, version.minor >= DNNL_VERSION_MINOR else {
      throw .version(
        found: "\(version.major).\(version.minor).\(version.patch)",
        expected: "\(DNNL_VERSION_MAJOR).\(DNNL_VERSION_MINOR)")
    }
    OpenMP.shortenSpinning()
    var engine: dnnl_engine_t?
    try check(dnnl_engine_create(&engine, dnnl_cpu, 0), "engine_create")
    var stream: dnnl_stream_t?
    try check(
      dnnl_stream_create(&stream, engine, UInt32(dnnl_stream_default_flags.rawValue)),
      "stream_create")
    guard let engine, let stream else { throw .library(call: "engine_create", status: -1) }
    return Runtime(engine: engine, stream: stream)
  }
}

/// Turns oneDNN's status into an error.
func check(_ status: dnnl_status_t, _ call: @autoclosure () -> String) throws(EngineError) {
  guard status == dnnl_success else {
    throw .library(call: call(), status: Int(status.rawValue))
  }
}
