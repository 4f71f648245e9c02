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

  /// The text that reads back as this reference.
  public var description: String {
    switch self {
    case .endpoint(let address): address
    case .program(let command): "program:" + command
    }
  }
}
