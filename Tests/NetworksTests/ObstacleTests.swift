import Foundation
import Networks
import Tensors
import TestSupport
import Testing

/// Files of PyTorch whose tensors can be no parameters, or that are no tensors.
@Suite("What is in a checkpoint instead of weights")
struct ObstacleTests {
  private static let form = Architecture("small", "for tests", input: InputDescription(shape: [3]))
  {
    Linear(2)
  }

  private func refusal(_ name: String) throws -> String {
    let path = Fixtures.path(name)
    let error = try #require(throws: (any Error).self) {
      if name.hasSuffix(".safetensors") {
        _ = try TensorFile(path: path)
      } else {
        _ = try Checkpoint(pyTorch: path).fit(to: ObstacleTests.form)
      }
    }
    let line = "\(error)"
    #expect(line.hasPrefix(path) && !line.contains("\n"), "\(line)")
    return line
  }

  @Test(
    "tensors are named as what they are, with what helps",
    arguments: [
      ("quantised.pt", "0.weight is a quantised tensor; save the network before it is quantised"),
      (
        "quantised-layer.pt",
        "0._packed_params._packed_params is a quantised tensor; save the network before it is quantised"
      ),
      ("sparse.pt", "0.weight is a sparse tensor; save it dense, by tensor.to_dense()"),
      ("sparse-rows.pt", "0.weight is a sparse tensor; save it dense, by tensor.to_dense()"),
      ("complex.pt", "0.weight is a tensor of complex numbers"),
      ("complex-old.pt", "0.weight is a tensor of complex numbers"),
      ("float8.pt", "0.weight is a tensor of float8_e4m3fn; save it as floats, by tensor.float()"),
      (
        "float8.safetensors",
        ": tensor \"0.weight\": is of type F8_E4M3; save it as floats, by tensor.float()"
      ),
      ("uint16.pt", "0.weight is a tensor of uint16; save it as floats, by tensor.float()"),
      ("meta.pt", "0.weight is a tensor without values"),
      (
        "pruned.pt",
        "weights are pruned; save them after torch.nn.utils.prune.remove(layer, 'weight')"
      ),
      ("weight-norm.pt", "torch.nn.utils.parametrize.remove_parametrizations(layer, 'weight')"),
    ])
  func obstacles(name: String, words: String) throws {
    let line = try refusal("obstacles/\(name)")
    #expect(line.contains(words), "\(line)")
  }

  @Test("where a file asks for more than tensors, the line that saves the tensors fits the file")
  func programs() throws {
    let whole = try refusal("checkpoints/whole-model.pt")
    #expect(
      whole.hasSuffix(
        "torch.save(torch.load('\(Fixtures.path("checkpoints/whole-model.pt"))', weights_only=False)"
          + ".state_dict(), 'weights.pt')"), "\(whole)")
    let within = try refusal("weights/model-within.pt")
    #expect(
      within.contains("weights_only=False)['model'].state_dict(), 'weights.pt')"), "\(within)")
    let beside = try refusal("weights/record-beside.pt")
    #expect(
      beside.contains("asks to import UserDict.IterableUserDict")
        && beside.contains("weights_only=False)['state_dict'], 'weights.pt')"), "\(beside)")
    let program = try refusal("programs/torchscript.pt")
    #expect(
      program.contains("is a TorchScript program; save its state dict: torch.save(torch.jit.load("))
    let code = try refusal("hostile/pytorch/runs-code.pt")
    #expect(
      code.hasSuffix(
        "which lets a pickle run any code; it was not read, and Python should not load it either"
      ))
  }
}
