extension Double {
  /// The shortest decimal that reads back as the number, whole numbers without a point: `180`, `0.3`, `1e+30`.
  package var plain: String {
    let text = description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
