import Reports

extension AttackRun {
  /// The page that `--report` writes.
  func page() throws -> HTMLDocument {
    HTMLDocument(title: "Attack on \(request.model)")
  }
}
