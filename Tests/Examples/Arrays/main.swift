import Gibbon

// A network of one's own in ONNX, arrays of one's own, two attacks, a picture.
let folder = CommandLine.arguments.dropFirst().first ?? "."
let network = try Network(path: folder + "/network.onnx")
let values = (0..<20 * 28 * 28).map { Float($0 % 97) / 97 }
let inputs = Tensor(values, shape: [20, 1, 28, 28])
let labels = try await network.predictions(of: inputs).map { $0 ?? 0 }
let names = (0...9).map(String.init)
let data = try Dataset("stripes", inputs: inputs, labels: labels, classNames: names)

for attack: any Attack in [FGSM(), PGD { $0.steps = 20 }] {
  let outcomes = try await network.attack(data, by: attack, within: "linf:0.1")
  print(type(of: attack).name, "leaves", outcomes.count { $0.robust }, "of", outcomes.count)
  if let found = outcomes.compactMap(\.adversarialExample).first {
    try found.input.writePNG(to: folder + "/changed.png")
  }
}
try network.write(to: folder + "/copy.onnx")
