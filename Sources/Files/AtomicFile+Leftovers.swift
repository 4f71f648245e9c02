import Platform

import Synchronization

extension AtomicFile {
  /// What names of temporary files begin with; the rest is thirteen digits.
  static let temporaryPrefix = ".tmp-gibbon-"
  private static let digits = 13

  /// The folders that were looked at.
  private static let cleaned = Mutex<Set<String>>([])

  /// A name for a temporary file: short and unrelated to the target's, which may already be as long as the system allows.
  static func temporaryName() -> String {
    let number = String(UInt64.random(in: 0 ... .max), radix: 36)
    return temporaryPrefix + String(repeating: "0", count: digits - number.count) + number
  }

  /// Removes the temporary files of processes that were killed, once for each folder.
  ///
  /// Whoever writes one holds a lock on it, which ends with the process, on whatever machine it ran.
  static func removeLeftovers(in folder: String) {
    guard cleaned.withLock({ $0.insert(folder).inserted }),
      let names = try? Folder.names(in: folder.isEmpty ? "." : folder)
    else { return }
    for name in names where isTemporary(name) {
      let path = folder + name
      let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
      guard number >= 0 else { continue }
      var status = stat()
      if fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        flock(number, LOCK_EX | LOCK_NB) == 0
      {
        _ = unlink(path)
      }
      close(number)
    }
  }

  private static func isTemporary(_ name: String) -> Bool {
    let rest = name.dropFirst(temporaryPrefix.count).utf8
    return name.hasPrefix(temporaryPrefix) && rest.count == digits
      && rest.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
  }
}
