import Archives
import Files
import ONNXMessages
public import Tensors

/// What an ONNX file says of itself, without its graph being read.
public struct ONNXOutline: Sendable {
  /// An input or output.
  public struct Value: Sendable {
    /// Its name.
    public let name: String
    /// The type of its elements.
    public let type: String
    /// Its extents with the batch, numbers or names; `nil` if they are not given.
    public let extents: [String]?
  }

  /// The inputs that are not values of the file.
  public let inputs: [Value]
  /// The outputs.
  public let outputs: [Value]
  /// The values of the file, by name and shape.
  public let parameters: [(name: String, shape: Shape)]

  /// Reads a file.
  ///
  /// - Throws: As `ONNXFile` for files that cannot be read.
  public init(path: String) throws {
    let file = try FileContents(name: path, bytes: WholeFile.read(path)).uncompressed()
    let model = try ONNXFile.message(file.bytes, name: path)
    let initializers = Set(model.graph.initializer.map(\.name))
    inputs = model.graph.input.filter { !initializers.contains($0.name) }.map { Value($0) }
    outputs = model.graph.output.map { Value($0) }
    parameters = model.graph.initializer.compactMap { tensor in
      guard let extents = ONNXShape.integers(tensor.dims), ONNXShape.count(extents) != nil else {
        return nil
      }
      return (tensor.name, Shape(extents))
    }
  }
}

extension ONNXOutline.Value {
  fileprivate init(_ message: Onnx_ValueInfoProto) {
    let type = message.type.tensorType
    self.init(
      name: message.name, type: ONNXInputType.name(of: message),
      extents: type.hasShape
        ? type.shape.dim.map { dimension in
          dimension.dimValue > 0
            ? String(dimension.dimValue)
            : dimension.dimParam.isEmpty ? "?" : dimension.dimParam
        } : nil)
  }
}
