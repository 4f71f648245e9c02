import Gibbon

// A network of one's own, trained against an attack, and attacked.
let untrained = try Network("probe", input: .mnist, seed: 0) {
  Convolve(16, kernel: 4, stride: 2, padding: 1)
  ReLU()
  Flatten()
  Linear(10)
}
let threat = try Ball(.infinity, radius: 0.1)
let recipe = Recipe(
  epochs: 1, optimizer: Adam(), schedule: .cyclic(rate: 0.005, peak: 0.4),
  adversary: Recipe.Adversary(
    FGSM { $0.randomStart = true }, threat: threat, description: "fgsm within linf:0.1"))
let digits = try Dataset("mnist:train").prefix(12_800)
let trained = try await Trainer(recipe).train(
  TrainingState(untrained, recipe: recipe), on: digits)

let outcomes = try await trained.network.attack(
  try Dataset("mnist:test").prefix(100), by: PGD { $0.steps = 40 }, within: "linf:0.1")
print("\(outcomes.count { $0.robust }) of \(outcomes.count) hold")
