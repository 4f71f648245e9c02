import Studies
import ArgumentParser

/// How a model elsewhere is asked.
struct RemoteArguments: ParsableArguments {
  /// The heading in help texts.
  static let title: String = "Models elsewhere"

  @Option(
    help: ArgumentHelp(
      "A line of each request's header, such as 'Authorization: Bearer ...'; for several lines several times.",
      valueName: "name: value"))
  var header: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How long to wait for an answer; 30 by default.", valueName: "seconds"),
    transform: Parse.number)
  var timeout: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How often to ask before giving up; 5 by default.", valueName: "times"),
    transform: Parse.integer)
  var attempts: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The longest Retry-After waited for; 600 by default.",
      valueName: "seconds"),
    transform: Parse.number)
  var maxWait: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most inputs per second.", valueName: "inputs"),
    transform: Parse.number)
  var perSecond: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most inputs to ask about in this run.", valueName: "inputs"),
    transform: Parse.integer)
  var queryLimit: Int?

  @Option(
    help: "A file that keeps the answers, so that later runs need not ask for them again."
  )
  var cache: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many classes there are, if it answers with labels.",
      valueName: "number"),
    transform: Parse.integer)
  var classes: Int?

  mutating func validate() throws { try Parse.check { try settings.check() } }

  /// What was given.
  var settings: RemoteSettings {
    var settings = RemoteSettings()
    settings.header = header
    settings.timeout = timeout
    settings.attempts = attempts
    settings.maxWait = maxWait
    settings.perSecond = perSecond
    settings.queryLimit = queryLimit
    settings.cache = cache
    settings.classes = classes
    return settings
  }
}
