import Archives
import Networks
import Pickles
import Tensors

extension Format {
  /// Checkpoints of networks, and the pickles within them.
  static let models = [
    Format(
      name: "pickle", seeds: { try $0.files("pickles", ".pkl") },
      read: { bytes, path in
        let pickle = try Pickle(
          bytes[...], name: path,
          allowing: PickleGlobal.containers.union(PickleGlobal.arrays))
        for entry in pickle.entries(of: pickle.root) ?? [] { _ = pickle.text(of: entry.key) }
      }, long: { LongFile.pickles($0) }),
    Format(
      name: "pytorch", seeds: { try $0.files("checkpoints", ".pt") },
      read: { bytes, path in
        _ = try StateDict(pyTorch: bytes, name: path)
        let checkpoint = try Checkpoint(pyTorch: bytes, name: path)
        _ = checkpoint.architectures()
        _ = try? checkpoint.fit(to: .perceptron)
      },
      long: { size in
        try (LongFile.pickles(size) + LongFile.checkpoints(size)).map {
          LongFile(
            $0.name,
            try ZipEncoder.encoded([("a/data.pkl", $0.bytes), ("a/data/0", [0, 0, 0, 0])]))
        }
      }),
    Format(
      name: "weights", seeds: { try $0.files("weights", ".pt") + $0.files("obstacles", ".pt") },
      read: { bytes, path in _ = try Checkpoint(pyTorch: bytes, name: path).architectures() }),
    Format(
      name: "shards", seeds: { try $0.files("weights", ".json") },
      read: { _, path in
        if case .weights(let checkpoint) = try TensorFile(path: path) {
          _ = checkpoint.architectures()
        }
      }, long: { LongFile.headers($0) }),
    Format(
      name: "file-kind",
      seeds: { fixtures in
        try ["weights", "programs", "safetensors", "numpy", "images"].flatMap {
          try fixtures.files($0)
        }
      },
      read: { _, path in _ = try ModelFormat(ofFile: path) }),
    Format(
      name: "safetensors", seeds: { try $0.files("checkpoints", ".safetensors") },
      read: { bytes, path in
        let file = try SafeTensorsFile(bytes: bytes, name: path)
        if InputDescription.isDescribed(by: file.metadata) {
          _ = try InputDescription(metadata: file.metadata, shape: [3, 32, 32])
        }
        _ = try? NetworkFile(bytes: bytes, name: path)
      }, long: { LongFile.headers($0) }),
  ]
}
