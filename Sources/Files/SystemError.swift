import Platform

/// The system's error number at the moment a call failed, before any other call can change it.
struct SystemError: Error {
  let code: Int32

  init(code: Int32 = errno) { self.code = code }
}
