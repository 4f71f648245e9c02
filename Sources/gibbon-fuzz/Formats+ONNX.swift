import Graphs
import Networks
import Tensors

extension Format {
  /// Networks in ONNX's form.
  static let networks = [
    Format(
      name: "onnx",
      seeds: { _ in
        let input = InputDescription(shape: [2, 6, 6])
        return try [
          Network("convolutional", input: input, seed: 1) {
            Convolve(3, kernel: 3, padding: 1)
            BatchNorm()
            ReLU()
            MaxPooling(2)
            Flatten()
            Linear(4)
          },
          Network("transformer", input: input, seed: 2) {
            TokenEmbedding(patch: 3, width: 4)
            TransformerBlock(heads: 2)
            ClassToken()
            Linear(3)
          },
        ].map { try $0.encodedForONNX() }
      },
      read: { bytes, path in _ = try ONNXFile(bytes: bytes, name: path) })
  ]
}
