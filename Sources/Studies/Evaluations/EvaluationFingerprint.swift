import Evaluation
import Datasets
import JSON
import Remote
import Files
import Crypto

/// What two runs must have in common for one to go on where the other stopped: named parts, each a text.
struct EvaluationFingerprint: Hashable {
  let parts: [(name: String, value: String)]
  /// The digest of the examples; `nil` where nothing is kept that they must go with.
  let dataDigest: String?

  static func == (left: Self, right: Self) -> Bool {
    left.parts.elementsEqual(right.parts) { $0 == $1 }
  }

  func hash(into hasher: inout Hasher) {
    for part in parts {
      hasher.combine(part.name)
      hasher.combine(part.value)
    }
  }

  init(_ request: EvaluationRun.Request) throws {
    let data = request.data
    dataDigest = request.state == nil ? nil : try Digests.data(data)
    parts = [
      ("model", Self.digest(of: request.subject)),
      ("data", Self.digest(of: data, dataDigest ?? "")),
      (
        "part of the data",
        "\(data.count) examples from \(data.count > 0 ? data.index(at: 0) : 0) on"
      ),
      ("threat", request.threatDescription),
      ("range", request.data.boundsColumns ? "columns" : "\(request.bounds)"),
      (
        "attacks",
        request.suite.members.map { "\($0.name): \($0.description)" }.joined(separator: "; ")
      ),
      ("seed", "\(request.seed)"),
      ("version", Version.text),
    ]
  }

  /// What titles of files begin with.
  static let start = "{\"gibbon_evaluation\":"

  /// The title of a file that holds the evaluation.
  var title: String {
    var of = JSONObject()
    for part in parts { of[part.name] = JSONValue(part.value) }
    let line: JSONValue = ["gibbon_evaluation": 3, "of": .object(of)]
    return line.text(.compact)
  }

  /// What is wrong with a file that has another title.
  func difference(from title: String, in path: String) -> StudyError {
    let of = (try? JSONValue(parsing: title))?["of"]
    for part in parts {
      let stored = of?[part.name]?.stringValue ?? ""
      guard stored == part.value else {
        let isHash = part.value.count == 64
        return StudyError(
          "\(path): holds an evaluation in which this differs: \(part.name)"
            + (isHash ? "" : " ('\(stored)', and now it is '\(part.value)')")
            + "; expected the same, or remove the file")
      }
    }
    return StudyError(
      "\(path): holds an evaluation that another version of Gibbon began; expected another name, or remove the file"
    )
  }

  /// All parameters, the form and what the input means; of a model elsewhere, what it is called and answers with.
  private static func digest(of subject: Subject) -> String {
    guard case .here(let network, _) = subject.place else {
      return "\(subject.name), \(subject.knowledge) of \(subject.outputCount) classes"
        + (subject.remote?.digest.map { ", \($0)" } ?? "")
    }
    return Digests.network(network)
  }

  /// All examples, and what is said of their columns.
  private static func digest(of data: Dataset, _ examples: String) -> String {
    var hasher = SHA256()
    hasher.update(data: Array("\(data.exampleShape) \(examples)\n".utf8))
    if let columns = data.columns {
      hasher.update(data: Array("\(columns.lower) \(columns.upper) \(columns.isFixed)\n".utf8))
    }
    return String(hexadecimal: hasher.finalize())
  }
}
