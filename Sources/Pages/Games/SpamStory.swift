import Games
import Reports
import Studies

/// A filter against good words, told.
struct SpamStory: OutcomeStory {
  let report: SpamReport

  private func outcome(_ outcomes: [SpamGame.Outcome], _ words: Int) -> SpamGame.Outcome {
    outcomes[min(words, outcomes.count - 1)]
  }

  var title: String { "Spam that says good words" }

  var lead: RichText {
    """
    A filter adds up what the words of a message speak for. A spammer who knows it adds words that speak for the message: of \
    the spam that it catches, \(strong: Format.significant(report.wordsNeeded, digits: 3)) words are enough in the mean.
    """
  }

  var blocks: [HTMLBlock] {
    [
      .facts([
        (
          "messages",
          "\(report.data): \(Format.count(report.trained)) to learn of, \(Format.count(report.judged)) to be judged on, of which \(Format.percent(report.spam)) are spam"
        ), ("words", "\(Format.count(report.vocabulary)) different ones"),
      ]),
      .heading("What a few words do"), .table(table),
      .plot(
        plot,
        caption:
          "The share of spam that is still caught. The best words to add are those of least weight, exactly."
      ),
      .heading("The words"),
      .paragraph(
        """
        The hardened filter trusts no word beyond a limit, which is chosen together with its threshold so that most decisions \
        are right once \(Format.count(report.words)) words have been added. It leads; the spammer answers.
        """), .table(words),
    ]
  }

  var checked: RichText {
    """
    For a linear filter the fewest words that get a message through are exact: each word that is not there changes the score \
    by its weight, whatever else is there. Filters were learnt of other messages than they were judged on.
    """
  }

  var printed: [String] {
    [
      "\(report.data): learnt of \(Format.count(report.trained)), judged on \(Format.count(report.judged)), \(Format.percent(report.spam)) spam, \(Format.count(report.vocabulary)) words",
      table.text(),
      "the best words to add: \(report.goodWords.map(\.word).joined(separator: ", "))",
    ]
  }

  private var table: Table {
    var table = Table(columns: [
      .words("filter"), .numbers("words added"), .numbers("spam caught"),
      .numbers("others lost"), .numbers("right decisions"),
    ])
    for (name, outcomes) in [("plain", report.plain), ("hardened", report.hardened)] {
      for (place, words) in Set([0, 1, 3, report.words]).sorted().enumerated() {
        let one = outcome(outcomes, words)
        table.append(texts: [
          place == 0 ? name : "", Format.count(words), Format.percent(one.caught),
          Format.percent(one.lost), Format.percent(one.accuracy),
        ])
      }
    }
    return table
  }

  private var plot: LinePlot {
    LinePlot(
      title: "Spam caught", x: Axis("words added"),
      y: Axis("caught", range: 0...1, style: .percent(decimals: 0)),
      series: [("plain", report.plain), ("hardened", report.hardened)].map { name, outcomes in
        LinePlot.Series(
          name, outcomes.map { LinePlot.Point(Double($0.words), $0.caught) }, hasMarkers: true)
      })
  }

  private var words: Table {
    var table = Table(columns: [
      .words("word"), .numbers("weight"), .numbers("hardened"),
    ])
    for word in report.goodWords {
      table.append(texts: [
        word.word, Format.fixed(word.weight, decimals: 2),
        Format.fixed(word.hardenedWeight, decimals: 2),
      ])
    }
    return table
  }
}
