package import Corruptions
import Files
import Settings
package import Tensors

/// Which corruptions a study applies.
public struct CorruptionSettings: Sendable, Hashable, Codable {
  /// Names, `all` for those of the suite, or `common` for the 15 of mean corruption errors.
  public var names = ["all"]
  /// Numbers from 1 to 5 joined by commas, `all` or `published`; by default `published` for MNIST-C and `all` for others.
  public var severities: String?
  /// Whose constants are taken: `cifar10-c`, `imagenet-c` or `mnist-c`; by default the one that fits the pictures.
  public var suite: String?

  /// All corruptions of the suite that fits.
  public init() {}

  /// What is applied to pictures of a shape.
  ///
  /// - Throws: `StudyError` for a suite that there is not; `CorruptionError`.
  package func grid(for shape: Shape) throws -> CorruptionGrid {
    try CorruptionGrid(names, severities: severities, in: try known() ?? .init(fitting: shape))
  }

  /// Makes sure that what needs no pictures is right.
  ///
  /// - Throws: `StudyError` for a suite that there is not.
  package func check() throws { _ = try known() }

  private func known() throws -> CorruptionSuite? {
    try suite.map { name in
      guard let suite = CorruptionSuite(rawValue: name) else {
        let names = CorruptionSuite.allCases.map(\.rawValue)
        throw StudyError(
          "\(Setting.suite) is '\(name)'\(name.suggestion(among: names)); expected \(names.joined(separator: ", "))"
        )
      }
      return suite
    }
  }
}

extension CorruptionSettings {
  private enum CodingKeys: String, CodingKey, CaseIterable { case names, severities, suite }

  /// Reads settings; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init()
    try members.read(.names, into: &names)
    try members.read(.severities, into: &severities)
    try members.read(.suite, into: &suite)
  }
}
