import Platform

/// A linear filter of messages: the sum of the weights of all different words, and a bias; above zero is spam.
public struct WordFilter: Sendable, Hashable, Codable {
  /// A weight for each word of the vocabulary.
  public var weights: [Double]
  /// Added to every sum.
  public var bias: Double

  /// Creates a filter.
  public init(weights: [Double], bias: Double) {
    self.weights = weights
    self.bias = bias
  }

  /// Learns a filter by naive Bayes with one count added to each word: weights are logarithms of ratios of frequencies.
  ///
  /// - Parameters:
  ///   - messages: The different words of each message, by their places in the vocabulary.
  ///   - isSpam: Whether each is spam; both kinds occur.
  ///   - vocabulary: The number of words.
  public init(naiveBayes messages: [[Int]], isSpam: [Bool], vocabulary: Int) {
    var counts = [
      [Double](repeating: 1, count: vocabulary), [Double](repeating: 1, count: vocabulary),
    ]
    var kinds = [1.0, 1.0]
    for (words, isSpam) in zip(messages, isSpam) {
      kinds[isSpam ? 1 : 0] += 1
      for word in words { counts[isSpam ? 1 : 0][word] += 1 }
    }
    let totals = counts.map { $0.reduce(0, +) }
    weights = (0..<vocabulary).map {
      log(counts[1][$0] / totals[1]) - log(counts[0][$0] / totals[0])
    }
    bias = log(kinds[1] / kinds[0])
  }

  /// The score of a message's different words.
  public func score(_ words: [Int]) -> Double { words.reduce(bias) { $0 + weights[$1] } }

  /// The same filter in which no word speaks for a message by more than a limit.
  ///
  /// - Parameter limit: At or above 0.
  /// - Returns: The filter with weights at or above the negative limit.
  public func trusting(atMost limit: Double) -> WordFilter {
    WordFilter(weights: weights.map { max($0, -limit) }, bias: bias)
  }
}

/// A spammer who adds good words: for a linear filter the best are those with the least weights, one after the other.
///
/// Lowd and Meek, "Good word attacks on statistical spam filters", 2005. Adding a word that is not there changes the
/// score by its weight whatever else is there, so that the order of weights is the exact optimum for every number of
/// words.
public struct GoodWords: Sendable {
  private let filter: WordFilter
  /// The words that speak for a message, the strongest first.
  private let order: [Int]

  /// Looks at a filter, all of which the spammer knows.
  public init(against filter: WordFilter) {
    self.filter = filter
    order = filter.weights.indices.filter { filter.weights[$0] < 0 }
      .sorted { (filter.weights[$0], $0) < (filter.weights[$1], $1) }
  }

  /// The fewest words by which a message gets through, best first.
  ///
  /// - Parameters:
  ///   - message: The message's different words.
  ///   - most: The most words to add.
  /// - Returns: The words to add, none where the message gets through as it is; `nil` where that many are not enough.
  public func evasion(of message: [Int], most: Int) -> [Int]? {
    var score = filter.score(message)
    if score <= 0 { return [] }
    let own = Set(message)
    var added: [Int] = []
    for word in order where !own.contains(word) {
      guard added.count < most else { return nil }
      added.append(word)
      score += filter.weights[word]
      if score <= 0 { return added }
    }
    return nil
  }

  /// The least score that a message can have with some words more.
  public func leastScore(of message: [Int], adding most: Int) -> Double {
    let own = Set(message)
    return order.lazy.filter { !own.contains($0) }.prefix(most)
      .reduce(filter.score(message)) { $0 + filter.weights[$1] }
  }
}
