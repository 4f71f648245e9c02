import Insight
package import JSON

extension PhotographAttack {
  /// How many classes are named.
  package static let top = 5

  /// The object of a record: that of the attack, and what the network sees.
  package var json: JSONValue {
    guard case .object(var object) = run.json else { return run.json }
    object["photo"] = JSONValue(photograph.path)
    object["before"] = before.json(names, top: PhotographAttack.top)
    object["after"] = JSONValue(after.map { $0.json(names, top: PhotographAttack.top) })
    object["saved"] = JSONValue(saved.map { $0.json(names, top: PhotographAttack.top) })
    object["survives_saving"] = JSONValue(saved == nil ? nil : JSONValue(survivesSaving))
    return .object(object)
  }
}
