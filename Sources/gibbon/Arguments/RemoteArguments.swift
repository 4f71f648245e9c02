import ArgumentParser
import Files
import Remote
import Reports

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

  mutating func validate() throws {
    if let line = header.first(where: { line in
      !line.contains(":") || line.hasPrefix(":") || line.contains(where: \.isNewline)
    }) {
      throw ValidationError("--header is '\(line)'; expected 'NAME: VALUE'")
    }
    // A day, so that it can be told in milliseconds.
    if let timeout, !(timeout >= 0.001 && timeout <= 86_400) {
      throw ValidationError("--timeout is \(timeout); expected 0.001 to 86400 seconds")
    }
    if let attempts, !(1...1000 ~= attempts) {
      throw ValidationError("--attempts is \(attempts); expected 1 to 1000")
    }
    if let maxWait, !(maxWait >= 0 && maxWait <= 86_400) {
      throw ValidationError(
        "--max-wait is \(Format.shortest(maxWait)); expected 0 to 86400 seconds")
    }
    if let perSecond, !(perSecond >= 0.001 && perSecond.isFinite) {
      throw ValidationError(
        "--per-second is \(perSecond); expected 0.001 or more inputs per second")
    }
    if let queryLimit, queryLimit < 1 {
      throw ValidationError("--query-limit is \(queryLimit); expected 1 or more")
    }
    if let classes, !(2...1_000_000 ~= classes) {
      throw ValidationError("--classes is \(classes); expected 2 to 1000000")
    }
  }

  /// The first option that was given.
  private var given: String? {
    let all: [(String, Bool)] = [
      ("--header", !header.isEmpty), ("--timeout", timeout != nil), ("--attempts", attempts != nil),
      ("--max-wait", maxWait != nil),
      ("--per-second", perSecond != nil), ("--query-limit", queryLimit != nil),
      ("--cache", cache != nil),
      ("--classes", classes != nil),
    ]
    return all.first { $0.1 }?.0
  }

  /// Makes sure that the options are about one of the models.
  ///
  /// - Throws: `BadArgument` if they are about none, or there is nothing to write the cache to; `FileError`.
  func check(for models: [ModelSource]) throws {
    if let given, !models.contains(where: \.isElsewhere) {
      throw BadArgument(
        "\(given) is about a model elsewhere (\(ModelReference.elsewhere)), but"
          + " \(models.map(\.name).joined(separator: " and ")) runs here")
    }
    if !header.isEmpty, !models.contains(where: \.isEndpoint) {
      throw BadArgument("--header is about an endpoint (http://... or https://...), not a program")
    }
    try OutputFiles.check([.own("--cache", cache)])
  }

  /// The same with a file for the answers where none was named: beside the result, as long as the work is under way.
  ///
  /// - Parameters:
  ///   - result: The file of the result.
  ///   - source: The model.
  /// - Returns: The arguments, and the file that is to be removed in the end, if there is one.
  func keepingAnswers(
    beside result: String?, of source: ModelSource
  ) -> (arguments: RemoteArguments, file: String?) {
    guard source.isElsewhere, cache == nil, let result, !result.hasPrefix("/dev/") else {
      return (self, nil)
    }
    var arguments = self
    arguments.cache = result + ".answers"
    return (arguments, arguments.cache)
  }

  /// How to ask.
  ///
  /// - Parameters:
  ///   - batch: The most inputs in one question.
  ///   - range: What the values from 0 to 1 are told as.
  /// - Returns: The options.
  func options(batch: Int, range: ClosedRange<Float>?) -> RemoteModel.Options {
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
    options.note = { message in
      // Over the line that shows the progress, if there is one.
      if Terminal.showsProgress { Terminal.overwrite("") }
      Terminal.note("gibbon: \(message.terminalSafe)")
    }
    return options
  }
}
