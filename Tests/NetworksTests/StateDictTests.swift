import Archives
import Foundation
import Networks
import Pickles
import Tensors
import TestSupport
import Testing

@Suite("PyTorch's checkpoints")
struct StateDictTests {
  @Test(
    "types, strides, offsets and sharing in every format",
    arguments: ["zip.pt", "zip-protocol4.pt", "old.pt"])
  func tensors(name: String) throws {
    let state = try StateDict(pyTorch: Fixtures.path("checkpoints/\(name)"))
    let expected = try SafeTensorsFile(path: Fixtures.path("checkpoints/tensors.safetensors"))
    #expect(state.path == [])
    #expect(state.tensors.keys.sorted() == expected.tensors.keys.sorted())
    for (key, tensor) in expected.tensors { #expect(state.tensors[key] == tensor, "\(key)") }
  }

  @Test(
    "a state dict within a checkpoint is found",
    arguments: [("nested.pt", ["model_state_dict"]), ("list.pt", ["state_dict", "0"])])
  func nested(name: String, path: [String]) throws {
    let state = try StateDict(pyTorch: Fixtures.path("checkpoints/\(name)"))
    let expected = try SafeTensorsFile(path: Fixtures.path("checkpoints/nested.safetensors"))
    #expect(state.path == path)
    #expect(state.tensors == expected.tensors)
  }

  @Test("prefixes are taken off where the names fit then, and only there")
  func prefixes() throws {
    let checkpoint = try Checkpoint(pyTorch: Fixtures.path("checkpoints/nested.pt"))
    let state = try StateDict(pyTorch: Fixtures.path("checkpoints/nested.pt"))
    let form = Architecture("test", "for tests", input: InputDescription(shape: [3])) {
      Linear(2)
      BatchNorm()
    }
    let fit = try checkpoint.fit(to: form)
    #expect(
      fit.parameters.keys.sorted() == [
        "0.bias", "0.weight", "1.bias", "1.running_mean", "1.running_var", "1.weight",
      ])
    #expect(fit.entry == "model_state_dict.module._orig_mod")
    #expect(fit.parameters["0.weight"] == state.tensors["module._orig_mod.0.weight"])
    let named = Architecture("test", "for tests", input: InputDescription(shape: [3])) {
      Sequential { Linear(2) }.named("model")
    }
    let own = Checkpoint(
      name: "own", tensors: ["model.0.weight": .zeros([2, 3]), "model.0.bias": .zeros([2])])
    #expect(try own.fit(to: named).entry == ".")
  }

  @Test("what is written is read again")
  func roundTrip() throws {
    let state = try StateDict(pyTorch: Fixtures.path("checkpoints/zip.pt"))
    let bytes = try state.encodedForPyTorch()
    let again = try StateDict(pyTorch: bytes, name: "again")
    #expect(again.tensors == state.tensors)
    #expect(try state.encodedForPyTorch() == bytes)
  }

  @Test("a whole model is refused, and the message says what to save")
  func wholeModel() throws {
    let error = try #require(throws: NetworkError.self) {
      try StateDict(pyTorch: Fixtures.path("checkpoints/whole-model.pt"))
    }
    #expect(error.description.contains("asks to import torch.nn.modules.container.Sequential"))
    #expect(error.description.contains("save model.state_dict()"))
  }

  @Test("what does not fit is listed with its shape")
  func misfits() throws {
    let state = Checkpoint(name: "some.pt", tensors: ["module.0.weight": .zeros([2, 2])])
    let error = try #require(throws: NetworkError.self) { try state.fit(to: .perceptron) }
    let line = error.description
    #expect(line.hasPrefix("some.pt: the parameters do not fit the architecture mnist-mlp: "))
    #expect(
      line.contains("1.weight (200x784) is missing")
        && line.hasSuffix("module.0.weight (2x2) is surplus, and 1 more"))
  }

  @Test(
    "mutated checkpoints are read or refused",
    arguments: ["zip.pt", "old.pt", "nested.pt", "list.pt", "whole-model.pt"])
  func mutations(name: String) throws {
    let whole = Array(try Data(contentsOf: URL(filePath: Fixtures.path("checkpoints/\(name)"))))
    var random = Mutations(seed: 1)
    var refused = 0
    for _ in 0..<500 {
      let bytes = random.mutation(of: whole)
      do {
        _ = try StateDict(pyTorch: bytes, name: "bad")
      } catch {
        refused += 1
        #expect(
          error is NetworkError || error is PickleError || error is ArchiveError, "\(error)")
        let line = "\(error)"
        #expect(line.hasPrefix("bad") && !line.contains("\n"), "\(line)")
      }
    }
    #expect(refused > 100)
  }
}
