extension RemoteModel {
  /// How to ask.
  public struct Options: Sendable {
    /// Lines of the request's header, such as `Authorization: Bearer ...`.
    public var headers: [String] = []
    /// How long to wait for an answer.
    public var timeout: Duration = .seconds(30)
    /// How often to ask before giving up.
    public var attempts = 5
    /// The wait before the second attempt; it doubles each time, up to a minute, and is never shorter than
    /// what the endpoint asks for (`Retry-After`).
    public var pause: Duration = .milliseconds(500)
    /// The longest that an endpoint may ask to be left alone before the run ends.
    public var longestWait: Duration = .seconds(600)
    /// The most inputs per second; `nil` for no limit.
    public var rate: Double?
    /// The most inputs to ask about in all; `nil` for no limit.
    public var queries: Int?
    /// The most inputs in one question; never more than the rate allows in a second.
    public var batch = 128
    /// What the values from 0 to 1 are told as, such as 0...255; `nil` for as they are.
    public var range: ClosedRange<Float>?
    /// A file that keeps the answers.
    public var cache: String?
    /// Told, in a line, how long a wait will be, and what of the cache is damaged.
    public var note: @Sendable (String) -> Void = { _ in }

    /// Creates the standard options.
    public init() {}
  }
}
