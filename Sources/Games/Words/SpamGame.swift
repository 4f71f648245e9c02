/// A filter of messages against spammers who add good words to theirs.
public struct SpamGame: Sendable {
  /// The different words of each message, by their places in the vocabulary.
  public let messages: [[Int]]
  /// Whether each is spam.
  public let isSpam: [Bool]
  /// The number of words.
  public let vocabulary: Int

  /// Creates a game; traps unless there is a label for each message.
  public init(messages: [[Int]], isSpam: [Bool], vocabulary: Int) {
    precondition(messages.count == isSpam.count, "\(isSpam.count) labels of \(messages.count)")
    self.messages = messages
    self.isSpam = isSpam
    self.vocabulary = vocabulary
  }

  /// Some of the messages.
  public func subset(_ places: [Int]) -> SpamGame {
    SpamGame(
      messages: places.map { messages[$0] }, isSpam: places.map { isSpam[$0] },
      vocabulary: vocabulary)
  }

  /// What a filter does to messages of which spammers may add words.
  public struct Outcome: Sendable, Hashable, Codable {
    /// The most words that are added.
    public let words: Int
    /// The share of spam that is caught.
    public let caught: Double
    /// The share of other messages that are taken for spam.
    public let lost: Double
    /// The share of right decisions.
    public let accuracy: Double
  }

  /// What a filter does where spammers add up to some words.
  public func outcome(of filter: WordFilter, adding words: Int) -> Outcome {
    let spammer = GoodWords(against: filter)
    var (caught, spam, lost) = (0, 0, 0)
    for (message, isSpam) in zip(messages, isSpam) {
      if isSpam {
        spam += 1
        if spammer.evasion(of: message, most: words) == nil { caught += 1 }
      } else if filter.score(message) > 0 {
        lost += 1
      }
    }
    let others = messages.count - spam
    return Outcome(
      words: words, caught: spam == 0 ? 0 : Double(caught) / Double(spam),
      lost: others == 0 ? 0 : Double(lost) / Double(others),
      accuracy: Double(caught + others - lost) / Double(max(1, messages.count)))
  }

  /// Learns a filter by naive Bayes from messages as they are.
  ///
  /// - Throws: `GameError` unless both kinds occur.
  public func naiveFilter() throws(GameError) -> WordFilter {
    guard isSpam.contains(true), isSpam.contains(false) else {
      throw GameError("the messages to learn from are all of one kind; expected more of both")
    }
    return WordFilter(naiveBayes: messages, isSpam: isSpam, vocabulary: vocabulary)
  }

  /// Learns a filter that leads: it trusts good words only so far, with the limit and the bias of most right decisions
  /// once spammers have added up to some words.
  ///
  /// For each limit the bias is exact, from the least scores that spam can have and the scores of other messages.
  ///
  /// - Parameter words: The most words that spammers add.
  /// - Returns: The filter.
  /// - Throws: `GameError` unless both kinds occur.
  public func hardenedFilter(against words: Int) throws(GameError) -> WordFilter {
    let plain = try naiveFilter()
    let deepest = -(plain.weights.min() ?? 0)
    var best: (filter: WordFilter, right: Int)?
    for step in 0...20 {
      var filter = plain.trusting(atMost: deepest * Double(20 - step) / 20)
      let spammer = GoodWords(against: filter)
      let scores = zip(messages, isSpam).map { message, isSpam in
        isSpam ? spammer.leastScore(of: message, adding: words) : filter.score(message)
      }
      let (threshold, right) = cut(scores)
      filter.bias -= threshold
      if best.map({ right > $0.right }) ?? true { best = (filter, right) }
    }
    return best?.filter ?? plain
  }

  /// Where to cut scores so that most of the spam is above and most other messages are not, and how many are right.
  private func cut(_ scores: [Double]) -> (threshold: Double, right: Int) {
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    var right = isSpam.count { $0 }
    var best = (threshold: (scores.min() ?? 0) - 1, right: right)
    for (place, message) in order.enumerated() {
      right += isSpam[message] ? -1 : 1
      let isLast = place + 1 == order.count
      let next = isLast ? scores[message] + 2 : scores[order[place + 1]]
      if next > scores[message], right > best.right {
        best = (scores[message] / 2 + next / 2, right)
      }
    }
    return best
  }
}
