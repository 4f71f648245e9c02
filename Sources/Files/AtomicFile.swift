import Platform
import Synchronization

/// Writes whole files so that a reader sees the old content or the new one, never a part.
public enum AtomicFile {
  /// Held while a temporary file exists.
  private static let writing = Mutex(())

  /// How many writings are under way or wait for their turn.
  private static let pending = Atomic(0)

  /// Whether something is being written; may be asked from a handler of signals.
  package static var isWriting: Bool { pending.load(ordering: .relaxed) > 0 }

  private static let hurries = Atomic(false)

  /// From now on nothing waits for the disk: the process is to end soon, which what the system has taken over survives.
  package static func hurry() { hurries.store(true, ordering: .relaxed) }

  /// Runs work, such as ending the process, while no temporary file of this process exists.
  ///
  /// A file that is being written is finished first.
  package static func betweenWrites<Result>(_ work: () throws -> Result) rethrows -> Result {
    try writing.withLock { _ in try work() }
  }

  /// Replaces or creates a file with the given bytes.
  ///
  /// The bytes go to a temporary file in the same folder, which is synchronised and then renamed;
  /// it is removed upon any failure, and where the process is killed, by the next one that writes into that folder. A symbolic link keeps pointing where it did, and an existing
  /// file keeps its permissions. A device or a pipe such as `/dev/stdout` cannot be replaced and is
  /// written directly; a pipe that nobody reads is refused after three seconds.
  ///
  /// - Parameters:
  ///   - bytes: The new content, which may be empty.
  ///   - path: Where to write; its folder must exist.
  ///   - replacesOnly: Whether a device or a pipe is refused.
  /// - Throws: `FileError` naming `path`, the step that failed and the system's reason.
  public static func write(
    _ bytes: [UInt8], to path: String, replacesOnly: Bool = false
  ) throws(FileError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw FileError(path: path, action: "use this path", code: path.isEmpty ? ENOENT : EINVAL)
    }
    var status = stat()
    guard stat(path, &status) == 0 else {
      let code = errno
      guard code == ENOENT else { throw FileError(path: path, action: "look it up", code: code) }
      // A rename would replace the link.
      guard lstat(path, &status) != 0 else {
        throw FileError(path: path, action: "follow the symbolic link", code: code)
      }
      return try replace(path, shownAs: path, mode: nil, with: bytes)
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw FileError(path: path, action: "write a file", code: EISDIR)
    case S_IFREG:
      // A rename would silently overrule the protection of a read-only file.
      guard access(path, W_OK) == 0 else {
        throw FileError(path: path, action: "overwrite it", code: errno)
      }
      try replace(
        resolved(path) ?? path, shownAs: path, mode: status.st_mode & 0o7777, with: bytes)
    case S_IFSOCK: throw FileError(path: path, action: "write to a socket", code: ENOTSUP)
    default:
      guard !replacesOnly else {
        throw FileError(path: path, action: "replace a device or a pipe", code: ENOTSUP)
      }
      try writeDirectly(bytes, to: path, isPipe: status.st_mode & S_IFMT == S_IFIFO)
    }
  }

  /// Replaces or creates a file with the UTF-8 form of a text.
  ///
  /// - Parameters:
  ///   - text: The new content.
  ///   - path: Where to write; its folder must exist.
  /// - Throws: `FileError` naming `path`, the step that failed and the system's reason.
  public static func write(_ text: String, to path: String) throws(FileError) {
    try write(Array(text.utf8), to: path)
  }

  private static func replace(
    _ path: String, shownAs shown: String, mode: mode_t?, with bytes: [UInt8]
  ) throws(FileError) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    pending.wrappingAdd(1, ordering: .relaxed)
    defer { pending.wrappingSubtract(1, ordering: .relaxed) }
    var action = "create a temporary file in its folder"
    do throws(SystemError) {
      try writing.withLock { _ throws(SystemError) in
        removeLeftovers(in: folder)
        var temporary = ""
        var lock: Int32 = -1
        let file = try create(in: folder, &temporary, &lock)
        var isFinished = false
        defer {
          if !isFinished { _ = unlink(temporary) }
          close(lock)
        }
        if let mode {
          action = "keep its permissions"
          try file.setMode(mode)
        }
        action = "write the data"
        try file.write(bytes)
        action = "flush the data to the disk"
        if !hurries.load(ordering: .relaxed) { try file.synchronize() }
        action = "finish writing the data"
        try file.closeChecked()
        action = "move the finished file into place"
        guard rename(temporary, path) == 0 else { throw SystemError() }
        isFinished = true
      }
    } catch {
      throw FileError(path: shown, action: action, code: error.code)
    }
  }

  /// Creates a temporary file, and a second descriptor that holds a lock on it until it is closed.
  private static func create(
    in folder: String, _ path: inout String, _ lock: inout Int32
  ) throws(SystemError) -> FileDescriptor {
    while true {
      path = folder + temporaryName()
      let file = try FileDescriptor(opening: path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o666)
      lock = file.lock()
      // Before it was locked, another process may have taken it for a leftover.
      if file.isLinked { return file }
      close(lock)
    }
  }

  private static func writeDirectly(
    _ bytes: [UInt8], to path: String, isPipe: Bool
  ) throws(FileError) {
    var action = isPipe ? "write to a pipe that nobody reads" : "open it for writing"
    do throws(SystemError) {
      let file = try opened(path, turns: isPipe ? 60 : 0)
      action = "write the data"
      try file.write(bytes)
      action = "finish writing the data"
      try file.closeChecked()
    } catch {
      throw FileError(path: path, action: action, code: error.code)
    }
  }

  /// Opens a device or a pipe; as long as nobody reads a pipe, it is tried again every twentieth of a second.
  private static func opened(_ path: String, turns: Int) throws(SystemError) -> FileDescriptor {
    var turns = turns
    while true {
      do throws(SystemError) {
        // Opening would wait for a reader for ever, but writing has to wait for one that is slow.
        let file = try FileDescriptor(opening: path, flags: O_WRONLY | O_NONBLOCK | O_NOCTTY)
        try file.waitWhenFull()
        return file
      } catch {
        guard error.code == ENXIO, turns > 0 else { throw error }
        turns -= 1
        usleep(50_000)
      }
    }
  }

  private static func resolved(_ path: String) -> String? {
    guard let pointer = realpath(path, nil) else { return nil }
    defer { free(pointer) }
    return String(cString: pointer)
  }

  /// Makes sure that a file can be created or replaced, without touching it.
  ///
  /// - Throws: `FileError`.
  package static func check(_ path: String) throws {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    guard access(folder, F_OK) == 0 else {
      throw FileError(path: path, action: "find its folder", code: errno)
    }
    let target = WholeFile.exists(path) ? path : folder
    guard access(target, W_OK) == 0 else {
      throw FileError(path: path, action: "write it", code: errno)
    }
    var status = stat()
    guard stat(path, &status) == 0 else {
      let code = errno
      // A link that leads nowhere, or a name that no file may have.
      guard code == ENOENT, lstat(path, &status) != 0 else {
        throw FileError(
          path: path, action: code == ENAMETOOLONG ? "write it" : "follow the symbolic link",
          code: code)
      }
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw FileError(path: path, action: "write a file", code: EISDIR)
    case S_IFSOCK: throw FileError(path: path, action: "write to a socket", code: ENOTSUP)
    default: return
    }
  }

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
