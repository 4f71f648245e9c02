extension String {
  /// The text on one line without characters that could drive a terminal or deceive whoever reads it there.
  package var terminalSafe: String { harmless(keepingLines: false) }

  /// The same for a text of several lines, which stay apart.
  package var terminalSafeLines: String { harmless(keepingLines: true) }

  private func harmless(keepingLines: Bool) -> String {
    // Most texts are plain ASCII, which takes no look at Unicode's tables.
    guard utf8.contains(where: { !(0x20..<0x7F ~= $0) }),
      unicodeScalars.contains(where: \.isUnsafeInText)
    else { return self }
    var safe = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar {
      case "\n": safe.append(keepingLines ? scalar : " ")
      case "\t": safe.append(" ")
      default: safe.append(scalar.isUnsafeInText ? "\u{FFFD}" : scalar)
      }
    }
    return String(safe)
  }

  /// The last part of a path, without the folders; an address stays as it is.
  package var fileName: String {
    contains("://") ? self : split(separator: "/").last.map(String.init) ?? self
  }

  /// The name that was probably meant: the one that differs from this text by the fewest keystrokes, if they are few.
  ///
  /// A keystroke adds, drops or replaces a letter, or swaps two neighbours. A third of the letters may be wrong; where
  /// several names are as near, there is no telling. Where none is near, it is the only one that begins with this text.
  /// Capitals and the sort of dash do not count.
  ///
  /// - Parameter names: The names there are.
  /// - Returns: The name, or `nil` if none is near.
  package func nearest(among names: [String]) -> String? {
    let own = String.plain(self)
    guard own.count > 2 else { return nil }
    let longer = Set(names.filter { String.plain($0).starts(with: own) })
    var best: (name: String, distance: Int)?
    var isTied = false
    for name in names where best?.name != name {
      let other = String.plain(name)
      let limit = Swift.max(own.count, other.count) / 3
      guard abs(own.count - other.count) <= limit else { continue }
      let distance = String.distance(own, other)
      guard distance <= limit, distance <= best?.distance ?? .max else { continue }
      isTied = distance == best?.distance
      best = (name, distance)
    }
    // Of names that are as near, one that only goes on is the likelier.
    return best == nil || isTied ? (longer.count == 1 ? longer.first : nil) : best?.name
  }

  /// The question whether a near name was meant, to stand behind a name that there is not; empty if none is near.
  ///
  /// - Parameters:
  ///   - names: The names there are.
  ///   - prefix: What stands before the name, such as two dashes.
  /// - Returns: Such as ` (did you mean --count?)`.
  package func suggestion(among names: [String], prefix: String = "") -> String {
    nearest(among: names).map { " (did you mean \(prefix)\($0)?)" } ?? ""
  }

  private static func plain(_ text: String) -> [Character] {
    text.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 }
  }

  /// The number of keystrokes between two texts, no letter being touched twice.
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var (before, last) = ([Int](), Array(0...right.count))
    for row in left.indices {
      var next = [row + 1]
      for column in right.indices {
        var least = Swift.min(
          last[column + 1] + 1, next[column] + 1,
          last[column] + (left[row] == right[column] ? 0 : 1))
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          least = Swift.min(least, before[column - 1] + 1)
        }
        next.append(least)
      }
      (before, last) = (last, next)
    }
    return last[right.count]
  }

  /// The bytes in hexadecimal, two small digits each, as digests are written.
  package init(hexadecimal bytes: some Sequence<UInt8>) {
    let digits = Array("0123456789abcdef".utf8)
    self.init(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

extension Unicode.Scalar {
  /// Whether a text from outside should not show the character as it is: controls of the terminal, ends of lines and
  /// marks of writing direction, which can make one name look like another.
  package var isUnsafeInText: Bool {
    switch value {
    case 0...0x1F, 0x7F...0x9F: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

extension Sequence<String> {
  /// Texts that may come from files, each on a line of its own.
  package var safeLines: String { map(\.terminalSafe).joined(separator: "\n") }
}

extension Double {
  /// The shortest decimal that reads back as the number, whole numbers without a point: `180`, `0.3`, `1e+30`.
  package var plain: String {
    let text = description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

/// Base64 of RFC 4648, for pictures inside a page and names in requests.
package enum Base64 {
  /// The text that stands for some bytes.
  package static func string(_ bytes: [UInt8]) -> String {
    let alphabet = Array(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var value: UInt32 = 0
      for index in 0..<3 {
        value = value << 8 | (index < group.count ? UInt32(group[start + index]) : 0)
      }
      for index in 0..<4 {
        let isPadding = index > group.count
        let digit = alphabet[Int(value >> (18 - 6 * UInt32(index)) & 63)]
        text.append(isPadding ? UInt8(ascii: "=") : digit)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
