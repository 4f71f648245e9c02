/// A model that runs elsewhere, as the command line names it: an address or a program.
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
