import JSON
import Reports
import Training

extension InfoCommand {
  /// A method of training and its options.
  static func text(of method: MethodRow) -> String {
    var text = "\(method.name): \(method.summary)\n\n"
    guard !method.options.isEmpty else { return text + "It has no options." }
    var table = Table(columns: [
      .words("option"), .words("standard"), .words("range"), .words("what it is"),
    ])
    for option in method.options {
      table.append(texts: [
        option.name, option.standard.map { Format.shortest($0) } ?? "",
        option.isText
          ? ""
          : "\(Format.shortest(option.range.lowerBound)) to \(Format.shortest(option.range.upperBound))",
        option.summary,
      ])
    }
    text += table.text()
    return text + "\nAs in: gibbon train ... --method \(method.name):"
      + method.options.prefix(2).map {
        "\($0.name)=\(Format.shortest($0.standard ?? $0.range.lowerBound))"
      }
      .joined(separator: ",")
  }

  static func json(of method: MethodRow) -> JSONValue {
    [
      "method": JSONValue(method.name), "summary": JSONValue(method.summary),
      "options": .array(
        method.options.map { option in
          [
            "name": JSONValue(option.name), "standard": JSONValue(option.standard),
            "least": JSONValue(option.range.lowerBound),
            "largest": JSONValue(option.range.upperBound),
            "summary": JSONValue(option.summary),
          ]
        }),
    ]
  }
}
