import Games
import Tensors

/// People who are drawn, so that each game runs at once.
enum SyntheticPeople {
  /// Borrowers: three features that they can change, three that they cannot, and whether they default.
  static func credit(seed: UInt64) -> PeopleData {
    let count = 1000
    var draws = RandomKey(seed: seed).child("credit").generator
    let names = ["utilization", "open lines", "real estate loans", "late payments", "debt", "age"]
    let weights = [0.9, -0.4, 0.3, 1.1, 0.5, -0.6]
    var (people, labels): ([[Double]], [Bool]) = ([], [])
    for _ in 0..<count {
      let person = names.map { _ in Double(draws.normalPair().0) }
      let score = zip(person, weights).reduce(-0.2) { $0 + $1.0 * $1.1 }
      people.append(person)
      labels.append(score + 1.5 * Double(draws.normalPair().0) > 0)
    }
    var data = PeopleData(
      name: "\(count) borrowers who are drawn",
      features: names.enumerated().map { place, name in
        StrategicFeature(name, .number(range(people.map { $0[place] })))
      }, people: people, labels: labels)
    data.usuallyStrategic = Array(names.prefix(3))
    return data
  }

  /// Applicants for a loan, and what it costs them to look better.
  static func loans(seed: UInt64, benefit: Double, shape: CostShape) throws -> (
    data: PeopleData, costs: ChangeCosts
  ) {
    let count = 4000
    var draws = RandomKey(seed: seed).child("loans").generator
    func normal() -> Double { Double(draws.normalPair().0) }
    let jobs = ["employed", "self-employed", "without work"]
    var (people, labels): ([[Double]], [Bool]) = ([], [])
    for _ in 0..<count {
      // Means that nobody sees, and signs of it that can be arranged.
      let means = normal()
      let job = Double(means + normal() > 0.8 ? 0 : means + normal() > -0.4 ? 1 : 2)
      let income = max(0, (2600 + 700 * means + 300 * normal()).rounded())
      let accounts = max(0, (4 + 1.2 * means + 1.5 * normal()).rounded())
      let debt = max(0, (9000 - 2500 * means + 2500 * normal()).rounded())
      let years = max(0, (7 + 2 * means + 4 * normal()).rounded())
      people.append([income, debt, accounts, years, job])
      labels.append(means + 0.35 * normal() > 0)
    }
    func limits(_ place: Int) -> ClosedRange<Double> { range(people.map { $0[place] }) }
    let features = [
      StrategicFeature("income", .number(limits(0)), price: 0.004, change: .up),
      StrategicFeature("debt", .number(limits(1)), price: 0.0006, change: .down),
      StrategicFeature("accounts", .number(limits(2)), price: 0.25, change: .any),
      StrategicFeature("years at address", .number(limits(3))),
      StrategicFeature("job", .category(jobs), price: 1.5, change: .any),
    ]
    return (
      PeopleData(
        name: "\(count) applicants who are drawn", features: features, people: people,
        labels: labels),
      try ChangeCosts(features, shape: shape, benefit: benefit)
    )
  }

  private static func range(_ values: [Double]) -> ClosedRange<Double> {
    (values.min() ?? 0)...(values.max() ?? 0)
  }
}
