import Foundation
import Reports
import Settings
package import Training

extension RateRange {
  /// What is printed: the smoothed loss at some of the rates, and which rate to use.
  package var text: String {
    var table = Table(columns: [.numbers("rate"), .numbers("loss, smoothed")])
    let tried = zip(rates, smoothed)
    let step = max(1, smoothed.count / 12)
    for (index, (rate, loss)) in tried.enumerated()
    where index % step == step - 1 || index == smoothed.count - 1 {
      table.append([.init(Self.words(rate)), .init(String(format: "%.4g", loss))])
    }
    return table.text() + "\n" + advice
  }

  private var advice: String {
    guard let limit, let suggestion else {
      return
        "The loss climbs from the first rate on, \(Self.words(rates.first ?? 0)): no rate is suggested."
    }
    let isWhole = limit == rates.last
    let seen =
      isWhole
      ? "The loss does not climb up to \(Self.words(limit))"
      : "The loss climbs beyond \(Self.words(limit))"
    return "\(seen). Use a quarter of that: \(Setting.rate) \(Self.words(suggestion))"
  }

  private static func words(_ rate: Double) -> String { String(format: "%.2g", rate) }
}
