import Files
import Settings
import Reports
import Tensors
package import JSON
package import Networks

/// An ONNX file whose examples may be of any shape, so that its graph is not read before one is known.
package struct OpenNetwork {
  /// What the file is called.
  package let name: String
  /// What it says of itself.
  package let outline: ONNXOutline

  /// A file with what it says of itself.
  package init(name: String, outline: ONNXOutline) {
    self.name = name
    self.outline = outline
  }

  /// The description that `gibbon info` prints.
  package var text: String {
    let count = outline.parameters.reduce(0) { $0 + $1.shape.count }
    var lines = ["\(name): ONNX, \(Format.count(count)) values in the file"]
    lines += outline.inputs.map { "input    \(OpenNetwork.text($0))" }
    lines += outline.outputs.map { "output   \(OpenNetwork.text($0))" }
    lines += [
      "         the shape of an example is left open; \(Setting.data) or \(Setting.inputShape), such as \(Setting.inputShape) 3,224,224,"
        + " says it",
      "",
    ]
    var table = Table(columns: [.words("value"), .words("shape"), .numbers("values")])
    for parameter in outline.parameters {
      table.append(texts: [
        parameter.name, parameter.shape.description, Format.count(parameter.shape.count),
      ])
    }
    return lines.safeLines + "\n" + table.text()
  }

  private static func text(_ value: ONNXOutline.Value) -> String {
    "\(value.name), \(value.type), " + (value.extents?.joined(separator: "x") ?? "of any shape")
  }

  /// The same as `gibbon info` writes it.
  package var json: JSONValue {
    func values(_ values: [ONNXOutline.Value]) -> JSONValue {
      .array(
        values.map { value -> JSONValue in
          let extents: JSONValue? = value.extents.map { .array($0.map { JSONValue($0) }) }
          return [
            "name": JSONValue(value.name), "type": JSONValue(value.type),
            "extents": JSONValue(extents),
          ]
        })
    }
    return [
      "verb": "info", "version": JSONValue(Version.text), "model": JSONValue(name),
      "architecture": "ONNX", "inputs": values(outline.inputs),
      "outputs": values(outline.outputs),
      "parameters": .array(
        outline.parameters.map { parameter -> JSONValue in
          [
            "name": JSONValue(parameter.name),
            "shape": .array(parameter.shape.extents.map { JSONValue($0) }),
          ]
        }),
    ]
  }
}
