import Foundation
import JSON

extension JSONValue {
  /// What can be coded, as a tree; numbers that are not finite are texts.
  init(coding value: any Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let bytes = try? encoder.encode(value), let json = try? JSONValue(parsing: Array(bytes))
    else { preconditionFailure("words and numbers can be written") }
    self = json
  }
}
