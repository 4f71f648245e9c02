import Gibbon

let network = try Network(path: "mnist-robust")
let digits = try Dataset("mnist:test").prefix(100)

let result = try await network.evaluate(on: digits, within: "linf:0.3", checks: false)
print("accuracy \(result.cleanAccuracy), robust accuracy at most \(result.robustAccuracy)")

for example in result.evaluation.broken.prefix(3) {
  guard let found = example.adversarialExample else { continue }
  print("\(example.index), a \(example.label), is read as \(found.prediction ?? -1)")
  try found.input.writePNG(to: "digit-\(example.index).png")
}
try await result.writePage(to: "evaluation.html")
