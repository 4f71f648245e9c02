// Lets Scripts/check-attribution.py compare maps with captum's: on the same inputs, and with the same noise.

import Datasets
import Files
import Insight
import Models
import Networks
import Platform
import Tensors

/// The noise that SmoothGrad adds, standard normal: n x samples x the shape of an example.
func noise(_ request: AttributionRequest, _ method: SmoothGrad) -> NPYContents {
  let shape = request.model.inputShape
  var values: [Float] = []
  for example in request.classes.indices {
    for sample in 0..<method.samples {
      values +=
        SmoothGrad.noise(seed: request.seed, example: example, sample: sample, shape: shape).scalars
    }
  }
  return NPYContents(
    Tensor(values, shape: Shape([request.classes.count, method.samples] + shape.extents)))
}

do {
  let arguments = Array(CommandLine.arguments.dropFirst())
  guard arguments.count >= 4 else {
    print("usage: attribution-check MODEL INPUTS.npz MAPS.npz METHOD...   inputs: x and class")
    throw CancellationError()
  }
  let network = try ONNXFile(path: arguments[0]).network
  let inputs = try NPZ(path: arguments[1])
  let classes = try inputs.array("class").tensor().scalars.map { Int($0) }
  let request = try AttributionRequest(
    try network.compiled(), network: network, inputs: try inputs.array("x").tensor(),
    classes: classes)
  var arrays: [String: NPYContents] = [:]
  for (place, words) in arguments.dropFirst(3).enumerated() {
    let method = try AttributionCatalogue.method(words)
    let found = try await method.attributions(for: request)
    arrays["map\(place)"] = NPYContents(Tensor.stacking(found.map(\.map)))
    arrays["value\(place)"] = NPYContents(
      Tensor(found.map { Float($0.value) }, shape: [found.count]))
    arrays["gap\(place)"] = NPYContents(
      Tensor(found.map { Float($0.balance?.relativeGap ?? 0) }, shape: [found.count]))
    if let smooth = method as? SmoothGrad { arrays["noise\(place)"] = noise(request, smooth) }
    print("\(words): \(found.first?.remarks.joined(separator: "; ") ?? "")")
  }
  try AtomicFile.write(try NPYContents.npz(sorted: arrays), to: arguments[2])
} catch {
  print("attribution-check: \(error)")
  exit(1)
}
