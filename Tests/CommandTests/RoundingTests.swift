import Datasets
import JSON
import Networks
import Tensors
import Testing

/// What results say of changes near the boundary.
@Suite struct RoundingTests {
  /// Runs an attack on two scores that are the two inputs themselves.
  private func attack(radius: String) throws -> (example: JSONValue, file: SafeTensorsFile) {
    let folder = try Folder()
    try folder.write(PlainONNX.flatten([1, 1, 2]), to: "same.onnx")
    try folder.write(
      try NPYContents.npz([
        "x": NPYContents(Tensor<Float>([0.5, 0.375], shape: [1, 1, 1, 2])), "y": NPYContents([0]),
      ]), to: "data.npz")
    let result = try Command.run(
      line: "attack same.onnx --data npz:data.npz --threat linf:\(radius) --attack pgd "
        + "--json out.json --save out.safetensors", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    return (
      try #require(json["examples"]?.arrayValue?.first),
      try SafeTensorsFile(path: folder / "out.safetensors")
    )
  }

  // The margin is twice the radius less 0.125; rounding is taken for 2^-15 of the largest output, about 1.7e-5.
  @Test func theRecordHoldsBothNumbersNearTheBoundary() throws {
    let (example, file) = try attack(radius: "0.062505")
    #expect(example["rounding"]?["check"]?.stringValue == "verified")
    let margin = try #require(example["margin"]?.doubleValue)
    let precise = try #require(example["rounding"]?["margin_float64"]?.doubleValue)
    let difference = try #require(example["rounding"]?["difference"]?.doubleValue)
    #expect(abs(margin - 1e-5) < 1e-6 && abs(precise - margin) <= difference)
    #expect(precise > 10 * difference)
    #expect(file.tensors["margin"]?.scalars == [Float(margin)])
    #expect(file.tensors["margin_float64"]?.scalars == [Float(precise)])
    #expect(file.tensors["rounding_difference"]?.scalars == [Float(difference)])
  }

  @Test func andSaysWhereNothingWasAsked() throws {
    let (example, file) = try attack(radius: "0.07")
    #expect(example["rounding"]?["check"]?.stringValue == "clear")
    #expect(example["rounding"]?["margin_float64"] == .null)
    #expect(file.tensors["margin"]?[0] == example["margin"]?.doubleValue.map { Float($0) })
    #expect(file.tensors["margin_float64"]?[0].isNaN == true)
  }

  @Test func anEvaluationSaysThemToo() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "evaluate \(try Trained.network.path) --data mnist:test --count 20 --threat linf:0.1 "
        + "--attacks fgsm,pgd --no-checks --json out.json --save out.npz", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    let examples = try #require(json["examples"]?.arrayValue)
    let broken = examples.filter { $0["witness"] != .null }
    #expect(!broken.isEmpty)
    for example in broken {
      let check = example["rounding"]?["check"]?.stringValue
      #expect(check == "clear" || check == "verified")
      #expect(try #require(example["margin"]?.doubleValue) > 0)
    }
    for example in examples where example["witness"] == .null {
      #expect(example["rounding"] == .null && example["margin"] == .null)
    }
  }
}
