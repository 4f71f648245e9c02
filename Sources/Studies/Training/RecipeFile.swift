import Attacks
import Datasets
import Files
import JSON
import Networks
import Robustness
import Settings
import Training
import YAML

/// A recipe for training: a file in YAML, or one that is built in, whose keys are the names of the settings.
///
///     architecture: mnist-small
///     threat: linf:0.3
///     attack: fgsm
///     random-start: true
///     step-size: 0.375
///
/// Options of the attack stand beside the settings. A list is the same as its words joined by commas.
public struct RecipeFile: Sendable {
  /// What it is called: the built-in one's name, or the path.
  public let name: String
  /// What it is about, in a line; empty if it does not say.
  public let summary: String
  /// The text as it stands in the file, comments included.
  public var text: String { document.text }
  private let document: YAMLDocument

  /// Reads a recipe.
  ///
  /// - Parameter reference: The name of a built-in recipe, or a file.
  /// - Throws: `StudyError` or `YAMLError` that names the line.
  public init(_ reference: String) throws {
    if let builtIn = BuiltInRecipe.all.first(where: { $0.name == reference }) {
      try self.init(parsing: Array(builtIn.text.utf8), named: reference)
      return
    }
    let names = BuiltInRecipe.all.map(\.name)
    guard WholeFile.exists(reference) || reference.contains("/") || reference.contains(".") else {
      throw StudyError(
        "there is no built-in recipe '\(reference)'\(reference.suggestion(among: names)); there are "
          + names.joined(separator: ", ") + "; otherwise it is a file in YAML")
    }
    try self.init(try Setting.recipe.reading(reference) { try YAMLDocument(path: reference) })
  }

  /// Reads a recipe from its text.
  ///
  /// - Parameters:
  ///   - bytes: The text in UTF-8.
  ///   - name: What messages call it.
  /// - Throws: `YAMLError` that names the line.
  public init(parsing bytes: [UInt8], named name: String) throws {
    try self.init(try YAMLDocument(parsing: bytes, named: name))
  }

  private init(_ document: YAMLDocument) throws {
    self.document = document
    name = document.name
    summary = document.value["summary"]?.stringValue ?? ""
    let attack = document.value["attack"]?.stringValue ?? "pgd"
    let row: CatalogueRow
    do { row = try Catalogue.row(named: attack) } catch {
      throw document.error(at: ["attack"], "\(error)")
    }
    let own = RecipeKey.all.map { (key: $0.name, value: $0.kind) }
    let names = Set(own.map(\.key) + ["summary"])
    let options = row.parameters.filter { !names.contains($0.name) }
    let known =
      [(key: "summary", value: KnownKeys.text)] + own
      + options.map { (key: $0.name, value: KnownKeys.anything) }
    for key in (document.value.objectValue ?? [:]).map({ $0.key })
    where !known.contains(where: { $0.key == key })
      && Catalogue.all.contains(where: { $0.parameters.contains { $0.name == key } })
    {
      throw document.error(
        at: [key],
        "unknown key '\(key)'; the attack \(row.name) has no such option, it has "
          + row.parameters.map(\.name).joined(separator: ", "))
    }
    try document.check(.mapping(known), usual: RecipeKey.usual) { key in
      OtherNames.meaning(of: key, among: known.map(\.key))?.words(separatedBy: ": ")
    }
    try checkEach()
  }

  /// What the recipe asks for, written over what a specification asks for.
  ///
  /// - Throws: `YAMLError` that names the line.
  public func apply(to specification: inout TrainingSpecification) throws {
    try write((document.value.objectValue ?? [:]).map { $0.key }, to: &specification)
    specification.recipe.name = name
    do {
      try specification.recipe.checkTogether()
    } catch {
      throw placed(error)
    }
  }

  private func write(_ keys: [String], to specification: inout TrainingSpecification) throws {
    // There need not be an architecture yet.
    var json = specification.json
    let none: JSONValue = "-"
    if specification.architecture.isEmpty { json = json.setting(["architecture"], to: none) }
    var options = specification.options
    for key in keys where key != "summary" {
      guard let value = document.value[key], value != .null else { continue }
      if let known = RecipeKey.all.first(where: { $0.name == key }) {
        guard let written = known.member(value) else {
          throw document.error(at: [key], "'\(key)' is neither a text nor a list of words")
        }
        json = json.setting(known.path, to: written)
      } else if let words = RecipeKey.words(value) {
        options[key] = words
      } else {
        throw document.error(at: [key], "'\(key)' is neither a text nor a number")
      }
    }
    do {
      specification = try TrainingSpecification(json: json)
    } catch {
      throw placed(error)
    }
    if specification.architecture == none.stringValue { specification.architecture = "" }
    specification.options = options
  }

  /// Looks at each value by itself, so that what is wrong is known with its line.
  private func checkEach() throws {
    for (key, value) in document.value.objectValue ?? [:] where key != "summary" && value != .null {
      var alone = TrainingSpecification(architecture: "none", output: "none")
      try write([key], to: &alone)
      do {
        switch key {
        case "threat": try ThreatReference(alone.threat ?? "").checkAmounts()
        case "data": _ = try DataReference(alone.data.data)
        case "validation": _ = try DataReference(alone.validation ?? "")
        case "architecture":
          if !WholeFile.exists(alone.architecture),
            BuiltInNetwork(rawValue: alone.architecture) == nil
          {
            _ = try Architecture.named(alone.architecture)
          }
        default:
          try alone.recipe.check()
          try alone.data.check()
          let attack = document.value["attack"]?.stringValue ?? "pgd"
          _ = try Catalogue.row(named: attack).attack(alone.options)
        }
      } catch let error as YAMLError {
        throw error
      } catch {
        throw document.error(at: [key], RecipeFile.plain("\(error)", key))
      }
    }
  }

  /// An error with the line of the key that it is about, where it begins with one.
  private func placed(_ error: any Error) -> any Error {
    let message = "\(error)"
    let key = (document.value.objectValue ?? [:]).map { $0.key }.first { key in
      message.hasPrefix(Setting.spelling(ofOption: key) + " ")
    }
    guard let key else { return StudyError("\(name): \(message)") }
    return document.error(at: [key], RecipeFile.plain(message, key))
  }

  /// A message with a setting's name as it stands in the file.
  private static func plain(_ message: String, _ key: String) -> String {
    let name = Setting.spelling(ofOption: key)
    let placed = message.hasPrefix(name + " ") ? key + message.dropFirst(name.count) : message
    return placed.replacing(name + " is", with: "\(key) is")
  }
}

/// A key of recipes: a setting, and where it stands in a specification.
struct RecipeKey {
  /// The setting's name.
  let name: String
  /// Where it stands in a specification.
  let path: [String]
  /// What may stand there.
  let kind: KnownKeys
  /// Whether it is written even where it is left to its standard.
  let isEssential: Bool

  private init(
    _ setting: Setting, in place: [String] = [], _ kind: KnownKeys = .text,
    isEssential: Bool = false
  ) {
    name = setting.name
    path = place + [setting.rawValue]
    self.kind = kind
    self.isEssential = isEssential
  }

  /// All keys, in the order in which recipes are written.
  static let all: [RecipeKey] = {
    let recipe = ["recipe"]
    let data = ["data"]
    let form = ["data", "form"]
    return [
      RecipeKey(.input, in: recipe), RecipeKey(.architecture, isEssential: true), RecipeKey(.from),
      RecipeKey(.data, in: data, isEssential: true), RecipeKey(.count, in: data, .integer),
      RecipeKey(.dataLayout, in: form), RecipeKey(.dataRange, in: form),
      RecipeKey(.resize, in: form, .integer), RecipeKey(.targetColumn, in: form),
      RecipeKey(.fixedColumns, in: form, .anything), RecipeKey(.targets, in: form),
      RecipeKey(.validation), RecipeKey(.threat), RecipeKey(.attack),
      RecipeKey(.method, in: recipe), RecipeKey(.augment, in: recipe, .anything),
      RecipeKey(.epochs, in: recipe, .integer, isEssential: true),
      RecipeKey(.batch, in: recipe, .integer, isEssential: true),
      RecipeKey(.optimizer, in: recipe, isEssential: true),
      RecipeKey(.rate, in: recipe, .number),
      RecipeKey(.schedule, in: recipe, isEssential: true), RecipeKey(.peak, in: recipe, .number),
      RecipeKey(.drops, in: recipe, .anything), RecipeKey(.dropFactor, in: recipe, .number),
      RecipeKey(.floor, in: recipe, .number), RecipeKey(.points, in: recipe, .anything),
      RecipeKey(.warmUp, in: recipe), RecipeKey(.momentum, in: recipe, .number),
      RecipeKey(.weightDecay, in: recipe, .number), RecipeKey(.decayVectors, in: recipe, .flag),
      RecipeKey(.gradientNorm, in: recipe, .number),
      RecipeKey(.weightPerturbation, in: recipe, .number),
      RecipeKey(.labelSmoothing, in: recipe, .number),
      RecipeKey(.classWeights, in: recipe, .anything), RecipeKey(.average, in: recipe),
      RecipeKey(.freeze, in: recipe, .anything), RecipeKey(.heldOut, in: recipe),
      RecipeKey(.attacked, in: recipe, .integer), RecipeKey(.patience, in: recipe, .integer),
      RecipeKey(.onCollapse, in: recipe), RecipeKey(.time, in: recipe),
      RecipeKey(.keep, in: recipe, .integer),
      RecipeKey(.seed, in: recipe, .integer, isEssential: true),
    ]
  }()

  /// The keys of most recipes, for messages.
  static let usual: [String] = [
    Setting.architecture, .data, .threat, .attack, .method, .epochs, .batch, .optimizer, .rate,
    .schedule,
  ].map(\.name)

  /// A value of a recipe as a specification has it; `nil` if it is no such.
  func member(_ value: JSONValue) -> JSONValue? {
    switch kind {
    case .text, .anything: RecipeKey.words(value).map { JSONValue($0) }
    default: value
    }
  }

  /// What words are written as: a number or a flag where that gives the same words again, else a text.
  static func value(_ words: String) -> JSONValue {
    guard let plain = try? JSONValue(parsing: Array(words.utf8)), RecipeKey.words(plain) == words,
      plain.arrayValue == nil
    else { return JSONValue(words) }
    return plain
  }

  /// A text, a number, or a list of such as words joined by commas.
  static func words(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): return text
    case .bool, .integer, .number: return value.text()
    case .array(let list):
      let parts = list.map(words)
      return parts.contains(nil) ? nil : parts.compactMap { $0 }.joined(separator: ",")
    default: return nil
    }
  }
}

extension TrainingSpecification {
  /// What is asked for as a recipe, which trains the same again: all that is not left to its standard.
  public var yaml: String {
    let own = json
    let plain = TrainingSpecification(architecture: "-", output: "-").json
    var recipe = JSONObject()
    for key in RecipeKey.all {
      guard let value = own.value(at: key.path), value != .null,
        key.isEssential || value != plain.value(at: key.path)
      else { continue }
      recipe[key.name] = value.stringValue.map(RecipeKey.value) ?? value
    }
    recipe["method"] = JSONValue(self.recipe.method ?? (threat == nil ? "plain" : "adversarial"))
    recipe["rate"] = JSONValue(
      self.recipe.rate ?? RecipeSettings.standardRate(of: self.recipe.optimizer))
    for (name, value) in options.sorted(by: { $0.key < $1.key }) {
      recipe[name] = RecipeKey.value(value)
    }
    return JSONValue.object(recipe).yaml(
      order: .mapping(RecipeKey.all.map { (key: $0.name, value: $0.kind) }))
  }
}

extension JSONValue {
  /// What stands at a path of names.
  fileprivate func value(at path: [String]) -> JSONValue? {
    path.reduce(self as JSONValue?) { $0?[$1] }
  }

  /// The same with another value at a path.
  fileprivate func setting(_ path: [String], to value: JSONValue) -> JSONValue {
    guard let name = path.first else { return value }
    var object = objectValue ?? [:]
    object[name] = (object[name] ?? [:]).setting(Array(path.dropFirst()), to: value)
    return .object(object)
  }
}
