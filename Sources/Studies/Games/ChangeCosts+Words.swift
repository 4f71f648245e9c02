import Games
import Reports

extension ChangeCosts {
  /// A person's values, in words for categories.
  func words(_ person: [Double]) -> [String] {
    zip(features, person).map { feature, value in Self.word(feature, value) }
  }

  /// What somebody would have to do, and whether it is worth it.
  func advice(from old: [Double], _ answer: Responder.Answer) -> String {
    guard let new = answer.accepted, let cost = answer.cost else {
      return "no change that is possible gets this person accepted"
    }
    let changes = features.indices.filter { old[$0] != new[$0] }.map { place -> String in
      let feature = features[place]
      let (from, to) = (Self.word(feature, old[place]), Self.word(feature, new[place]))
      switch feature.kind {
      case .category: return "become \(to) instead of \(from) in '\(feature.name)'"
      case .number:
        return
          "\(new[place] > old[place] ? "raise" : "lower") '\(feature.name)' from \(from) to \(to)"
      }
    }
    let parts =
      changes.count > 1
      ? changes.dropLast().joined(separator: ", ") + " and " + (changes.last ?? "")
      : changes.first ?? ""
    let price = Format.significant(cost, digits: 3)
    return answer.moves
      ? "\(parts): costs \(price), worth it"
      : "\(parts): costs \(price), more than the \(Format.significant(benefit, digits: 3)) that it is worth"
  }

  private static func word(_ feature: StrategicFeature, _ value: Double) -> String {
    switch feature.kind {
    case .category(let names): names[Int(value)]
    case .number: Format.significant(value, digits: 5)
    }
  }
}
