import ONNXMessages
import Settings
import Tensors

/// Which output of a file holds the scores.
struct ONNXOutputs {
  /// The outputs that may be it.
  let names: [String]
  private let file: String
  private let all: [Onnx_ValueInfoProto]
  private let isGiven: Bool

  /// How many outputs are tried at most.
  private static let limit = 32

  /// Finds the outputs that may hold scores: the wanted one, or all but those that are declared as something else.
  ///
  /// - Throws: `ONNXError` if there is no such output.
  init(of reader: ONNXGraphReader, wanted: String?) throws(ONNXError) {
    file = reader.file
    all = reader.outputs
    isGiven = wanted != nil
    if let wanted {
      guard all.contains(where: { $0.name == wanted }) else {
        throw ONNXError(
          file: file,
          problem: "there is no output \(wanted.quoted); there are "
            + ONNXOutputs.list(all.map(\.name)))
      }
      names = [wanted]
      return
    }
    let possible = all.filter { ONNXOutputs.types.contains($0.type.tensorType.elemType) }
    names = (possible.isEmpty ? all : possible).prefix(ONNXOutputs.limit).map(\.name)
    guard !names.isEmpty else { throw ONNXError(file: file, problem: "it has no output") }
  }

  /// Floats, and what a file does not say or is no tensor, such as maps from labels to probabilities.
  private static let types: Set<Int32> = [0, 1, 10, 11, 16]

  /// The output that is taken, and what is to be said of that.
  ///
  /// - Throws: `ONNXError` if none is a row of scores for each example.
  func chosen(by reader: ONNXGraphReader) throws(ONNXError) -> (name: String, note: String?) {
    guard !isGiven, all.count > 1 else { return (names[0], nil) }
    // What one output needs is read once for all; the network is read again for the chosen one alone.
    var reader = reader
    var fitting: [String] = []
    var others: [(name: String, shape: [Int])] = []
    var failure: ONNXError?
    for name in names {
      do throws(ONNXError) {
        let result = try reader.read(outputs: [name])[0]
        if result.isRow { fitting.append(name) } else { others.append((name, result.shape)) }
      } catch {
        failure = failure ?? error
      }
    }
    guard let first = fitting.first else {
      if let failure { throw failure }
      throw ONNXError(
        file: file,
        problem: "expected an output with a row of scores for each example, found "
          + others.prefix(6).map { "\($0.name.quoted) (\(Shape($0.shape)))" }.joined(
            separator: ", "),
        hint: others.first.flatMap { ONNXOutputs.remedy($0.shape, $0.name) })
    }
    let rest = fitting.dropFirst()
    guard let second = rest.first else {
      return (
        first,
        "of the outputs \(ONNXOutputs.list(all.map(\.name))), \(first.quoted) is taken, the only row of"
          + " scores for each example"
      )
    }
    return (
      first,
      "of the outputs \(ONNXOutputs.list(fitting)), the first is taken as the scores; \(Setting.outputName) takes"
        + " another, such as \(Setting.outputName) \(second)"
    )
  }

  /// What makes a row of scores of something larger.
  static func remedy(_ shape: [Int], _ name: String) -> String? {
    let program = "or use program:COMMAND"
    switch shape.count {
    case 4:
      return
        "average over all places: model.graph.node.append(onnx.helper.make_node('GlobalAveragePool',"
        + " ['\(name)'], ['scores'])) and model.graph.output[0].CopyFrom(onnx.helper.make_tensor_value_info("
        + "'scores', 1, ['N', \(shape[1]), 1, 1])); \(program)"
    case 3:
      return
        "average over axis 1: model.graph.node.append(onnx.helper.make_node('ReduceMean', ['\(name)'],"
        + " ['scores'], axes=[1])) up to opset 17, and model.graph.output[0].CopyFrom("
        + "onnx.helper.make_tensor_value_info('scores', 1, ['N', 1, \(shape[2])])); \(program)"
    default: return "for scores of your choice, ask it through program:COMMAND"
    }
  }

  private static func list(_ names: [String]) -> String {
    let texts = names.prefix(6).map(\.quoted) + (names.count > 6 ? ["..."] : [])
    return texts.joined(separator: ", ")
  }
}
