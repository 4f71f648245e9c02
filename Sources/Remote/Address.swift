import Crypto
import Files

/// What of addresses is for others to read: neither the name and password before the host nor the values of the query,
/// which are often keys.
package struct Address: Hashable, Sendable {
  /// The address as it is asked.
  package let text: String

  /// Takes an address as it was written.
  package init(_ text: String) { self.text = text }

  private struct Parts {
    var scheme: Substring
    var user: Substring?
    var place: Substring
    var items: [Substring]
    var separator: Substring
    var hasFragment: Bool
  }

  private var parts: Parts? {
    guard let scheme = text.firstRange(of: "://") else { return nil }
    let rest = text[scheme.upperBound...]
    var host = rest.prefix { !"/?#".contains($0) }
    var sign = host.lastIndex(of: "@")
    // A password with a slash in it is written wrongly, and a password all the same.
    if sign == nil, let colon = host.lastIndex(of: ":"), !host.hasSuffix("]"),
      !host[host.index(after: colon)...].allSatisfy(\.isNumber)
    {
      sign = rest.lastIndex(of: "@")
      host = rest
    }
    let user = sign.map { host[..<$0] }
    var tail = sign.map { rest[rest.index(after: $0)...] } ?? rest
    let fragment = tail.firstIndex(of: "#")
    if let fragment { tail = tail[..<fragment] }
    let mark = tail.firstIndex(of: "?")
    let query = mark.map { tail[tail.index(after: $0)...] } ?? ""
    let separator = query.contains("&") || !query.contains(";") ? "&" : ";"
    return Parts(
      scheme: text[..<scheme.upperBound], user: user, place: mark.map { tail[..<$0] } ?? tail,
      items: mark == nil
        ? [] : query.split(separator: Character(separator), omittingEmptySubsequences: false),
      separator: separator[...], hasFragment: fragment != nil)
  }

  /// The address with dots for what is not to be shown.
  package var shown: String {
    guard let parts else { return text }
    let items = parts.items.map { item in
      item.firstIndex(of: "=").map { item[...$0] + "..." } ?? (item.isEmpty ? "" : "...")
    }
    return parts.scheme + (parts.user == nil ? "" : "...@") + parts.place
      + (parts.items.isEmpty ? "" : "?" + items.joined(separator: parts.separator))
      + (parts.hasFragment ? "#..." : "")
  }

  /// What names of secret items hold.
  private static let secretWords = [
    "key", "token", "secret", "pass", "pwd", "auth", "sig", "cred", "session", "code",
  ]

  /// A digest of the items of the query whose names are not those of secrets, in order; `nil` if there are none.
  ///
  /// Two models may differ in them alone, as in `?model=a`; another key for the same model makes no other model.
  package var digest: String? {
    let items = (parts?.items ?? []).filter { item in
      let name = item.prefix { $0 != "=" }.lowercased()
      return item.contains("=") && !Self.secretWords.contains { name.contains($0) }
    }
    guard !items.isEmpty else { return nil }
    return String(
      hexadecimal: SHA256.hash(data: Array(items.joined(separator: "&").utf8)).prefix(8))
  }

  /// What is secret in it, to be left out of what the other side says.
  package var secrets: [String] {
    guard let parts else { return [] }
    var found: [Substring] = []
    if let user = parts.user {
      found += [user] + user.split(separator: ":", maxSplits: 1).dropFirst()
      // As the request says it.
      let told = Self.decoded(user)
      found.append(Base64.string(Array((told + (told.contains(":") ? "" : ":")).utf8))[...])
    }
    for item in parts.items {
      found.append(item.firstIndex(of: "=").map { item[item.index(after: $0)...] } ?? item)
    }
    // What is shorter stands everywhere.
    return found.flatMap { [String($0), Self.decoded($0)] }.filter { $0.utf8.count >= 4 }
  }

  /// A text without its escapes.
  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      if byte == 0x25, digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A text in which every address is as it is shown.
  package static func hidden(in text: String) -> String {
    guard text.contains("://") else { return text }
    var result = ""
    var rest = text[...]
    while let mark = rest.firstRange(of: "://") {
      let before = rest[..<mark.lowerBound]
      let letters = before.reversed().prefix { $0.isLetter || $0.isNumber || "+-.".contains($0) }
      let start = before.index(before.endIndex, offsetBy: -letters.count)
      let end =
        rest[mark.upperBound...].firstIndex { $0.isWhitespace || "'\"`<>|\\(){}".contains($0) }
        ?? rest.endIndex
      result += rest[..<start] + Address(String(rest[start..<end])).shown
      rest = rest[end...]
    }
    return result + rest
  }
}

/// A remote model, as the command line names it: an address or a program.
public enum RemoteReference: Sendable, Hashable, CustomStringConvertible {
  /// An HTTP endpoint: `http://...` or `https://...`.
  case endpoint(String)
  /// A command of the shell that answers on its standard output: `program:COMMAND`.
  case program(String)

  /// Reads a reference.
  ///
  /// - Returns: `nil` if the text names neither.
  public init?(_ text: String) {
    if text.hasPrefix("http://") || text.hasPrefix("https://") {
      self = .endpoint(text)
    } else if text.hasPrefix("program:"), text.utf8.count > 8 {
      self = .program(String(text.dropFirst(8)))
    } else {
      return nil
    }
  }

  /// What it is called: the text that it was read from, but for what is secret in addresses.
  public var description: String {
    switch self {
    case .endpoint(let address): Address(address).shown
    case .program(let command): "program:" + Address.hidden(in: command)
    }
  }

  /// Tells it from others that are called the same; `nil` if nothing but secrets is left out of the name.
  var digest: String? {
    switch self {
    case .endpoint(let address): Address(address).digest
    case .program(let command):
      // Which parts of a command are secret, nobody knows but for addresses.
      Address.hidden(in: command) == command
        ? nil
        : command.split(whereSeparator: \.isWhitespace).compactMap { Address(String($0)).digest }
          .joined(separator: " ")
    }
  }

  /// What the other side is not to be quoted with.
  func secrets(_ headers: [String]) -> [String] {
    let values = headers.flatMap { line -> [String] in
      let value = line.drop { $0 != ":" }.dropFirst().drop { $0 == " " }
      return [String(value)] + value.split(separator: " ").dropFirst().map(String.init)
    }.filter { $0.utf8.count >= 4 }
    guard case .endpoint(let address) = self else { return values }
    return (Address(address).secrets + values).sorted { $0.utf8.count > $1.utf8.count }
  }
}
