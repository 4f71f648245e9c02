import Foundation
import Games
import Testing

/// Good words against a linear filter: the order of weights is the optimum.
@Suite struct SpamTests {
  @Test func theFewestWordsAreThoseOfBruteForce() {
    for seed in 0..<200 {
      var drawing = Drawing(seed)
      let count = drawing.integer(1...9)
      let filter = WordFilter(weights: drawing.vector(count), bias: drawing.uniform(0...2))
      let message = (0..<count).filter { _ in drawing.integer(0...2) == 0 }
      let found = GoodWords(against: filter).evasion(of: message, most: count)
      // All sets of words that are not there.
      let free = (0..<count).filter { !message.contains($0) }
      var fewest: Int?
      var least = [Int: Double]()
      for subset in 0..<(1 << free.count) {
        let words = free.indices.filter { subset >> $0 & 1 == 1 }.map { free[$0] }
        let score = filter.score(message + words)
        least[words.count] = min(least[words.count] ?? .infinity, score)
        if score <= 0 { fewest = min(fewest ?? .max, words.count) }
      }
      #expect(found?.count == fewest, "\(seed)")
      if let found { #expect(filter.score(message + found) <= 0) }
      for most in 0...free.count {
        let expected = (0...most).compactMap { least[$0] }.min() ?? 0
        let score = GoodWords(against: filter).leastScore(of: message, adding: most)
        #expect(abs(score - expected) < 1e-12)
      }
    }
  }

  @Test func naiveBayesHasItsClosedForm() {
    // Two words, of which one is in three of four spam messages and in one of four others.
    let messages = [[0], [0], [0, 1], [1], [0], [1], [1], [1]]
    let filter = WordFilter(
      naiveBayes: messages, isSpam: [true, true, true, true, false, false, false, false],
      vocabulary: 2)
    #expect(filter.bias == 0)
    // (3 + 1) / (5 + 2) against (1 + 1) / (4 + 2), and (2 + 1) / 7 against (3 + 1) / 6.
    let ratios = [(4.0 / 7) / (2.0 / 6), (3.0 / 7) / (4.0 / 6)]
    for (weight, ratio) in zip(filter.weights, ratios) {
      #expect(abs(weight - log(ratio)) < 1e-12)
    }
    #expect(filter.trusting(atMost: 0.1).weights[1] == -0.1)
  }

  @Test func theHardenedFilterKeepsWhatThePlainOneLoses() throws {
    var drawing = Drawing(7)
    // Words 0..<20 are of spam, 20..<40 of others, the rest of both.
    var (messages, isSpam): ([[Int]], [Bool]) = ([], [])
    for place in 0..<1500 {
      let isBad = place.isMultiple(of: 3)
      messages.append(
        Set(
          (0..<10).map { _ in
            let kind = drawing.integer(0...9)
            let start = kind < 5 ? (isBad ? 0 : 20) : kind < 6 ? (isBad ? 20 : 0) : 40
            return start + drawing.integer(0...19)
          }
        ).sorted())
      isSpam.append(isBad)
    }
    let game = SpamGame(messages: messages, isSpam: isSpam, vocabulary: 60)
    let (plain, hardened) = (try game.naiveFilter(), try game.hardenedFilter(against: 3))
    let before = game.outcome(of: plain, adding: 0)
    let (weak, strong) = (game.outcome(of: plain, adding: 3), game.outcome(of: hardened, adding: 3))
    #expect(before.accuracy > 0.95 && weak.accuracy < before.accuracy - 0.1)
    #expect(strong.accuracy >= weak.accuracy + (before.accuracy - weak.accuracy) / 2)
    #expect(throws: GameError.self) {
      try SpamGame(messages: [[0]], isSpam: [true], vocabulary: 1).naiveFilter()
    }
  }
}
