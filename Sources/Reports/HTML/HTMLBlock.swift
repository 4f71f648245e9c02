/// One element of an `HTMLDocument`, from top to bottom.
public enum HTMLBlock: Sendable {
  /// A heading that opens a section; level 2 for sections, 3 for their parts.
  case heading(String, level: Int = 2)

  /// A paragraph.
  case paragraph(RichText)

  /// A list with bullets.
  case list([RichText])

  /// Key facts as terms with their values, such as the model and the threat.
  case facts([(term: String, value: RichText)])

  /// Large numbers with what they mean, at most about four.
  case figures([(value: String, meaning: RichText)])

  /// A table, with its caption above it.
  case table(Table)

  /// A plot with a caption below it.
  case plot(any Plot, caption: RichText)

  /// Images side by side.
  case images(ImageRow)

  /// Lines of code or commands, shown as they are.
  case code(String)
}
