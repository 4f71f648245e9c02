import Gibbon

/// Firms that sell the same thing: the more all of them sell, the lower the price.
struct Firm: Player {
  let name: String
  let objective = "-price x amount"
  let size = 1

  func cost(at profile: Profile) -> Double { -(12 - profile[0][0] - profile[1][0]) * own(profile) }

  func bestResponse(to profile: Profile, at place: Int) -> [Double]? {
    [max(0, (12 - profile[1 - place][0]) / 2)]
  }

  private func own(_ profile: Profile) -> Double { profile[name == "first" ? 0 : 1][0] }
}

let market = Game("duopoly", players: [Firm(name: "first"), Firm(name: "second")])
let rest = try await market.play(Extragradient(stepSize: 0.2), named: "extragradient", steps: 300)
let lead = try await market.play(
  StackelbergImplicit(stepSize: 0.1), named: "stackelberg-implicit", steps: 300)

for path in [rest, lead] {
  let amounts = path.end.map { ($0[0] * 1000).rounded() / 1000 }
  let gains = try await market.exploitability(at: path.end)?.gains.map { $0.rounded() } ?? []
  print("\(path.solver): sells \(amounts); could gain \(gains)")
}
