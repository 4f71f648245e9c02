extension Table {
  /// One cell: a text, which may be emphasised.
  public struct Cell: Hashable, Sendable, ExpressibleByStringInterpolation {
    /// What the cell says.
    public let text: String

    /// Whether Markdown and HTML make the cell stand out; terminal text does not.
    public let isEmphasised: Bool

    /// Creates a cell.
    public init(_ text: String, isEmphasised: Bool = false) {
      self.text = text
      self.isEmphasised = isEmphasised
    }

    /// Creates a plain cell from a literal.
    public init(stringLiteral text: String) { self.init(text) }

    /// A cell that stands out, such as the best of its column.
    public static func emphasised(_ text: String) -> Cell { Cell(text, isEmphasised: true) }
  }
}
