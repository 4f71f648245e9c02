import Files
import Reports
import Remote
import Settings
/// How a remote model is asked.
public struct RemoteSettings: Sendable, Hashable, Codable {
  /// Lines of each request's header.
  public var header: [String] = []
  /// How long to wait for an answer, in seconds; 30 by default.
  public var timeout: Double?
  /// How often to ask before giving up; 5 by default.
  public var attempts: Int?
  /// The longest Retry-After waited for, in seconds; 600 by default.
  public var maxWait: Double?
  /// The most inputs per second.
  public var perSecond: Double?
  /// The most inputs to ask about in this run.
  public var queryLimit: Int?
  /// A file that keeps the answers.
  public var cache: String?
  /// The number of classes of a model that answers with labels.
  public var classes: Int?

  /// Nothing is said.
  public init() {}

  /// Makes sure that the numbers are in their ranges.
  ///
  /// - Throws: `StudyError`.
  package func check() throws {
    if let line = header.first(where: { line in
      !line.contains(":") || line.hasPrefix(":") || line.contains(where: \.isNewline)
    }) {
      throw StudyError("\(Setting.header) is '\(line)'; expected 'NAME: VALUE'")
    }
    // A day, so that it can be told in milliseconds.
    if let timeout, !(timeout >= 0.001 && timeout <= 86_400) {
      throw StudyError("\(Setting.timeout) is \(timeout); expected 0.001 to 86400 seconds")
    }
    if let attempts, !(1...1000 ~= attempts) {
      throw StudyError("\(Setting.attempts) is \(attempts); expected 1 to 1000")
    }
    if let maxWait, !(maxWait >= 0 && maxWait <= 86_400) {
      throw StudyError(
        "\(Setting.maxWait) is \(Format.shortest(maxWait)); expected 0 to 86400 seconds")
    }
    if let perSecond, !(perSecond >= 0.001 && perSecond.isFinite) {
      throw StudyError(
        "\(Setting.perSecond) is \(perSecond); expected 0.001 or more inputs per second")
    }
    if let queryLimit, queryLimit < 1 {
      throw StudyError("\(Setting.queryLimit) is \(queryLimit); expected 1 or more")
    }
    if let classes, !(2...1_000_000 ~= classes) {
      throw StudyError("\(Setting.classes) is \(classes); expected 2 to 1000000")
    }
  }

  /// The first setting that was given.
  private var given: Setting? {
    let all: [(Setting, Bool)] = [
      (.header, !header.isEmpty), (.timeout, timeout != nil), (.attempts, attempts != nil),
      (.maxWait, maxWait != nil), (.perSecond, perSecond != nil), (.queryLimit, queryLimit != nil),
      (.cache, cache != nil), (.classes, classes != nil),
    ]
    return all.first { $0.1 }?.0
  }

  /// Makes sure that the settings are about one of the models.
  ///
  /// - Throws: `StudyError` if they are about none.
  func check(for models: [ModelSource]) throws {
    if let given, !models.contains(where: \.isRemote) {
      throw StudyError(
        "\(given) applies only to a remote model (\(ModelReference.remote)), but"
          + " \(models.map(\.name).joined(separator: " and ")) runs here")
    }
    if !header.isEmpty, !models.contains(where: \.isEndpoint) {
      throw StudyError(
        "\(Setting.header) applies only to endpoints (http://... or https://...), not to programs")
    }
  }

  /// The same with a file for the answers where none was named: beside the result, as long as the work is under way.
  ///
  /// - Parameters:
  ///   - result: The file of the result.
  ///   - source: The model.
  /// - Returns: The settings, and the file that is to be removed in the end, if there is one.
  func keepingAnswers(
    beside result: String?, of source: ModelSource
  ) -> (settings: RemoteSettings, file: String?) {
    guard source.isRemote, cache == nil, let result, !result.hasPrefix("/dev/") else {
      return (self, nil)
    }
    var settings = self
    settings.cache = result + ".answers"
    return (settings, settings.cache)
  }

  /// How to ask.
  ///
  /// - Parameters:
  ///   - batch: The most inputs in one question.
  ///   - range: What the values from 0 to 1 are told as.
  ///   - observer: Told what there is to say while it is asked.
  /// - Returns: The options.
  func options(
    batch: Int, range: ClosedRange<Float>?, telling observer: Observer
  ) -> RemoteModel.Options {
    var options = RemoteModel.Options()
    options.headers = header
    if let timeout { options.timeout = .milliseconds(Int((timeout * 1000).rounded())) }
    if let attempts { options.attempts = attempts }
    if let maxWait {
      options.longestWait = .milliseconds(Int((maxWait * 1000).rounded()))
    }
    options.rate = perSecond
    options.queries = queryLimit
    options.batch = batch
    options.cache = cache
    options.range = range
    options.note = { observer.note($0.terminalSafe) }
    return options
  }
}
extension RemoteSettings {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case header, timeout, attempts, maxWait, perSecond, queryLimit, cache, classes
  }

  /// Reads settings; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init()
    try members.read(.header, into: &header)
    try members.read(.timeout, into: &timeout)
    try members.read(.attempts, into: &attempts)
    try members.read(.maxWait, into: &maxWait)
    try members.read(.perSecond, into: &perSecond)
    try members.read(.queryLimit, into: &queryLimit)
    try members.read(.cache, into: &cache)
    try members.read(.classes, into: &classes)
  }
}
