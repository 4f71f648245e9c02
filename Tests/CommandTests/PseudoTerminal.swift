import Foundation
import Synchronization

/// A terminal that the tests read.
final class PseudoTerminal: Sendable {
  /// The end that a command writes to.
  let path: String
  private let number: Int32
  private let received = Mutex<[UInt8]>([])

  init() throws {
    number = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    guard number >= 0, let path = PseudoTerminal.unlock(number) else {
      throw Command.Failure(description: "there are no terminals here")
    }
    self.path = path
    // The command may write when nobody reads.
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
  }

  /// Opens the other end to all and tells its path.
  private static func unlock(_ number: Int32) -> String? {
    #if canImport(Darwin)
      guard grantpt(number) == 0, unlockpt(number) == 0, let name = ptsname(number) else {
        return nil
      }
      return String(cString: name)
    #else
      // TIOCSPTLCK and TIOCGPTN, which `unlockpt` and `ptsname` stand for and which are not imported.
      var zero: Int32 = 0
      var place: UInt32 = 0
      guard ioctl(number, 0x4004_5431, &zero) == 0, ioctl(number, 0x8004_5430, &place) == 0 else {
        return nil
      }
      return "/dev/pts/\(place)"
    #endif
  }

  deinit { close(number) }

  /// All that was written so far.
  var text: String {
    received.withLock { received in
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(number, &buffer, buffer.count)
        guard count > 0 else { break }
        received += buffer[..<count]
      }
      return String(decoding: received, as: UTF8.self)
    }
  }
}
