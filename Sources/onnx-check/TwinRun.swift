import Engine
import Graphs
import Models
import Networks
import Tensors

/// Times steps of a network read from ONNX against one of our own of the same form, in turns.
struct TwinRun {
  let own: Network
  let foreign: Network
  let batch: Int

  /// Prepares both; without a file the foreign one is our own, written and read again.
  init(architecture: String, path: String?, batch: Int) throws {
    own = try Architecture.named(architecture).network(seed: 1)
    self.batch = batch
    if let path {
      foreign = try ONNXFile(path: path).network
    } else {
      foreign = try ONNXFile(bytes: try own.encodedForONNX(), name: architecture).network
    }
  }

  /// Prints the median milliseconds of a forward and backward pass of each.
  func run() throws {
    let (own, foreign, batch) = (own, foreign, batch)
    let medians = try EngineThread.shared.sync { () throws -> [Double] in
      let sides = try [own, foreign].map { try Side($0, batch: batch) }
      var times: [[Double]] = [[], []]
      for round in 0..<13 {
        for (index, side) in sides.enumerated() {
          let seconds = try side.step()
          if round >= 2 { times[index].append(seconds * 1000) }
        }
      }
      return times.map { $0.sorted()[$0.count / 2] }
    }
    print("own \(medians[0]) ms, from ONNX \(medians[1]) ms, ratio \(medians[1] / medians[0])")
  }

  private final class Side {
    let compiled: CompiledNetwork
    let rows: Tensor<Float>

    init(_ network: Network, batch: Int) throws {
      compiled = try CompiledNetwork(network)
      compiled.expect(rows: batch)
      var random = RandomKey(seed: 1).child("rows").generator
      rows = random.uniforms(network.input.shape.prepending(batch))
    }

    func step() throws -> Double {
      let clock = ContinuousClock()
      let start = clock.now
      _ = try compiled.differentiate(rows) { $0 }
      return (clock.now - start) / .seconds(1)
    }
  }
}
