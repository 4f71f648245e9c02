import Archives
import Files
public import Games
import Tensors

/// What came of filters and of good words.
public struct SpamReport: Sendable, Hashable, Codable {
  /// A word and its weight.
  public struct Word: Sendable, Hashable, Codable {
    /// The word.
    public let word: String
    /// Its weight in the plain filter.
    public let weight: Double
    /// Its weight in the hardened filter.
    public let hardenedWeight: Double
  }

  /// The messages.
  public let data: String
  /// How many filters were learnt of.
  public let trained: Int
  /// How many they were judged on.
  public let judged: Int
  /// The share of spam among these.
  public let spam: Double
  /// The number of different words.
  public let vocabulary: Int
  /// The number of words that the hardened filter expects.
  public let words: Int
  /// What the plain filter does for each number of words from 0.
  public let plain: [SpamGame.Outcome]
  /// What the hardened filter does for each number of words from 0.
  public let hardened: [SpamGame.Outcome]
  /// The best words to add, the best first.
  public let goodWords: [Word]
  /// How many words spam needs in the mean to get through the plain filter, of what is caught and can.
  public let wordsNeeded: Double
}

/// A filter against good words.
struct SpamPlay: Playing {
  private let name: String
  private let texts: [[String]]
  private let isSpam: [Bool]
  private let words: Int
  private let seed: UInt64

  /// The most words that are added.
  private static let most = 20

  /// Reads messages; some that are drawn where no file is named.
  init(_ asked: PlaySpecification, telling observer: Observer) throws {
    words = asked.words ?? 10
    seed = asked.seed
    if let file = asked.file {
      let messages = try MessageFile(path: file)
      (name, texts, isSpam) = (messages.source, messages.texts, messages.isSpam)
    } else {
      (texts, isSpam) = Self.drawn(seed: asked.seed)
      name = "\(texts.count) messages that are drawn"
    }
  }

  func play(telling observer: Observer) async throws -> PlayOutcome {
    let stage = observer.begin("play", of: 3, "parts")
    defer { stage.finish() }
    var draws = RandomKey(seed: seed).child("held out").generator
    let order = draws.permutation(of: texts.count)
    let count = max(1, texts.count * 3 / 10)
    let (held, kept) = (Array(order.prefix(count)), Array(order.dropFirst(count)))
    // Words of what is held out that nobody has seen say nothing.
    let vocabulary = Set(kept.flatMap { texts[$0] }).sorted()
    let places = Dictionary(
      zip(vocabulary, vocabulary.indices), uniquingKeysWith: { first, _ in first })
    let game = SpamGame(
      messages: texts.map { Set($0.compactMap { places[$0] }).sorted() }, isSpam: isSpam,
      vocabulary: vocabulary.count)
    let (training, judged) = (game.subset(kept), game.subset(held))
    let plain = try training.naiveFilter()
    let hardened = try training.hardenedFilter(against: words)
    stage.show(1)
    let outcomes = [plain, hardened].map { filter in
      (0...Self.most).map { judged.outcome(of: filter, adding: $0) }
    }
    stage.show(2)
    let spammer = GoodWords(against: plain)
    let needed = zip(judged.messages, judged.isSpam).compactMap { message, isSpam -> Int? in
      guard isSpam, plain.score(message) > 0 else { return nil }
      return spammer.evasion(of: message, most: vocabulary.count)?.count
    }
    let best = plain.weights.indices.sorted {
      (plain.weights[$0], $0) < (plain.weights[$1], $1)
    }.prefix(10)
    stage.show(3)
    return .spam(
      SpamReport(
        data: name, trained: kept.count, judged: held.count,
        spam: Double(judged.isSpam.count { $0 }) / Double(held.count),
        vocabulary: vocabulary.count, words: words, plain: outcomes[0], hardened: outcomes[1],
        goodWords: best.map {
          SpamReport.Word(
            word: vocabulary[$0], weight: plain.weights[$0], hardenedWeight: hardened.weights[$0])
        },
        wordsNeeded: needed.isEmpty
          ? 0 : Double(needed.reduce(0, +)) / Double(needed.count)))
  }

  /// Messages of words that are more frequent in one kind.
  private static func drawn(seed: UInt64) -> (texts: [[String]], isSpam: [Bool]) {
    var draws = RandomKey(seed: seed).child("messages").generator
    let (offers, talk, neutral) = (
      ["free", "win", "prize", "claim", "urgent", "cash", "offer", "call", "reply", "mobile"],
      ["home", "later", "sorry", "love", "dinner", "ok", "going", "lol", "tomorrow", "think"],
      ["the", "you", "to", "now", "for", "and", "it", "is", "at", "me"]
    )
    var (texts, isSpam): ([[String]], [Bool]) = ([], [])
    for _ in 0..<2000 {
      let isBad = draws.uniform() < 0.2
      let length = 4 + draws.integer(below: 9)
      texts.append(
        (0..<length).map { _ in
          let kind = draws.uniform()
          let own = isBad ? offers : talk
          let other = isBad ? talk : offers
          let words = kind < 0.45 ? own : kind < 0.53 ? other : neutral
          // Some of the words of a kind are rare.
          let place = Int(Float(words.count) * draws.uniform() * draws.uniform())
          return words[min(place, words.count - 1)]
        })
      isSpam.append(isBad)
    }
    return (texts, isSpam)
  }
}
