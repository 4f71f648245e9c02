import Platform

import Synchronization

/// Keeps a file for one process: work that takes long and replaces it in the end is not to be done twice at once.
///
/// A lock (`flock`) on `FILE.lock`, since the file itself is replaced. It ends with the process, however that ends; the
/// lock's file is removed by whoever lets go of it last.
public final class FileClaim: Sendable {
  /// Another process has the file.
  public struct Taken: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// The process that has it, if it says so.
    public let process: Int?

    /// One line that says how to go on.
    public var description: String {
      "\(path.terminalSafe): another run\(process.map { " (process \($0))" } ?? "") is working on this file; use"
        + " another name, or wait for its end"
    }
  }

  /// The locks' files of this process.
  private static let held = Mutex<[String]>([])

  private let lock: String
  private let number: Mutex<Int32>

  /// Takes a file, which need not exist; devices and pipes are everybody's.
  ///
  /// - Throws: `Taken` where another process, or another value of this type, has it; `FileError`.
  public init(_ path: String) throws {
    lock = FileClaim.lock(of: path)
    var status = stat()
    let isShared = stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    number = Mutex(isShared ? -1 : try FileClaim.take(lock, path))
    if number.withLock({ $0 >= 0 }) { FileClaim.held.withLock { [lock] in $0.append(lock) } }
  }

  deinit { release() }

  /// Lets go of the file.
  public func release() {
    number.withLock { number in
      guard number >= 0 else { return }
      FileClaim.held.withLock { all in all.removeAll { $0 == lock } }
      // Before the lock ends, or it could be that of the next.
      _ = unlink(lock)
      close(number)
      number = -1
    }
  }

  /// Removes the locks' files before the process ends at once; the locks end with it.
  package static func removeAll() {
    held.withLock { all in
      for lock in all { _ = unlink(lock) }
      all = []
    }
  }

  /// The file that is locked: beside the one that a symbolic link leads to.
  private static func lock(of path: String) -> String {
    var path = path
    if let resolved = realpath(path, nil) {
      path = String(cString: resolved)
      free(resolved)
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let name = path.dropFirst(folder.count)
    guard name.utf8.count > 250 else { return path + ".lock" }
    var sum = Checksum()
    sum.add(String(name))
    return folder + sum.hexadecimal + ".lock"
  }

  private static func take(_ lock: String, _ path: String) throws -> Int32 {
    while true {
      let number = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o644)
      guard number >= 0 else {
        throw FileError(path: path, action: "create the file \(lock)", code: errno)
      }
      if flock(number, LOCK_EX | LOCK_NB) != 0 {
        let code = errno
        if code == EINTR {
          close(number)
          continue
        }
        // Some file systems have no locks; then nobody can be asked.
        guard code == EWOULDBLOCK else {
          _ = unlink(lock)
          close(number)
          return -1
        }
        defer { close(number) }
        throw Taken(path: path, process: process(in: number))
      }
      // The one who had it may have removed the file between the opening and the lock.
      var mine = stat()
      var present = stat()
      guard fstat(number, &mine) == 0, stat(lock, &present) == 0, mine.st_ino == present.st_ino,
        mine.st_dev == present.st_dev
      else {
        close(number)
        continue
      }
      let line = Array("\(getpid())\n".utf8)
      // Where there is no room for it, the lock holds all the same.
      _ = ftruncate(number, 0)
      _ = write(number, line, line.count)
      return number
    }
  }

  private static func process(in number: Int32) -> Int? {
    var room = [UInt8](repeating: 0, count: 20)
    let count = pread(number, &room, room.count, 0)
    guard count > 0 else { return nil }
    return Int(String(decoding: room[..<count].prefix { $0 != 10 }, as: UTF8.self))
  }
}
