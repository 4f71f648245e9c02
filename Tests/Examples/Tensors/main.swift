import Gibbon

// Scores, a gradient and a step along it, on tensors.
let network = try Network(path: "mnist-robust")
let digits = try Dataset("mnist:test").prefix(8)
let images = try digits.inputs(at: 0..<8)  // 8 x 1 x 28 x 28
let labels = digits.labels

let scores = try await network.scores(of: images)  // 8 x 10
print("shape \(scores.shape), first row \(scores.row(0).scalars)")

let slopes = try await network.gradient(at: images, of: .crossEntropy, labels: labels)
let step = slopes.map { Float(0.3) * ($0 > 0 ? 1 : $0 < 0 ? -1 : 0) }
let changed = (images + step).map { min(max($0, 0), 1) }

print("read as", try await network.predictions(on: digits).map { $0 ?? -1 })
print("after a step", try await network.predictions(of: changed).map { $0 ?? -1 })
