import Files
public import Models
public import Tensors

/// Why there is no attribution.
public enum AttributionError: Error, Equatable, CustomStringConvertible {
  /// There is no such method.
  case unknown(String, known: [String])
  /// A method has no such option.
  case unknownOption(String, method: String, known: [String])
  /// An option is given twice.
  case twice(String, method: String)
  /// An option has a value that it cannot have.
  case value(String, option: String, method: String, expected: String)
  /// A method needs more of a model than it reveals.
  case knowledge(Knowledge, method: String, revealed: Knowledge)
  /// Something is about pictures, and inputs are none.
  case needsPictures(String, Shape)
  /// A class that is none, or not as many classes as examples.
  case classes(String)
  /// An operator of the network has no rule of relevance.
  case unsupported(operator: String, node: Int)
  /// A network has no features in several places, or not the layer that was named.
  case layer(String)
  /// A method explains other scores than the one that was asked for.
  case score(ClassScore, method: String, expected: [ClassScore])
  /// The network's score is not a number, or infinite.
  case notFinite(example: Int)
  /// A map has numbers that are not finite.
  case map(example: Int, method: String)

  /// One line that says what was given and what was expected.
  public var description: String { words.terminalSafe }

  private var words: String {
    switch self {
    case .unknown(let name, let known):
      "there is no attribution method '\(name)'\(name.suggestion(among: known)); there are "
        + known.joined(separator: ", ")
    case .unknownOption(let name, let method, let known):
      "the attribution method \(method) has no option '\(name)'\(name.suggestion(among: known)); "
        + (known.isEmpty ? "it has none" : "it has " + known.joined(separator: ", "))
    case .twice(let name, let method):
      "the attribution method \(method) is given \(name) twice; expected one value"
    case .value(let text, let option, let method, let expected):
      "the attribution method \(method): \(option) is '\(text)'; expected \(expected)"
    case .knowledge(let needed, let method, let revealed):
      "the attribution method \(method) needs the model's \(needed), but it reveals \(revealed) only; "
        + "expected a method such as rise or occlusion"
    case .needsPictures(let what, let shape):
      "\(what) is for pictures, and inputs are \(shape); expected C x H x W, or another choice"
    case .classes(let problem): problem
    case .unsupported(let name, let node):
      "lrp has no rule for the operator '\(name)' (node \(node)); expected convolutions, linear layers, "
        + "poolings, sums, activations through zero, or another method"
    case .layer(let problem): problem
    case .score(let score, let method, let expected):
      "the attribution method \(method) does not explain the \(score.rawValue); expected "
        + expected.map(\.rawValue).joined(separator: " or ")
    case .notFinite(let example):
      "the model's score for input \(example) is not a finite number; expected a model that can be explained there"
    case .map(let example, let method):
      "the attribution method \(method) gives numbers that are not finite for input \(example); expected a model with "
        + "finite slopes there, or a method such as occlusion"
    }
  }
}
