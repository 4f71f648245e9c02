import Settings

/// Another numbering of the labels, which explains what is predicted of each.
struct Renumbering: CustomStringConvertible {
  /// The output for each label.
  private let outputs: [Int: Int]
  /// Which examples are right by a numbering that was made from the other half of them.
  let heldOut: [Bool]

  /// The numbering, unless labels are as they should be, or too few examples show another.
  init?(_ labels: [Int], _ predictions: [Int?]) {
    var seen: [Int: Int] = [:]
    let halves = labels.map { label -> Int in
      seen[label, default: 0] += 1
      return seen[label, default: 0] % 2
    }
    guard labels.count >= 3 * seen.count else { return nil }
    func fitted(_ isUsed: (Int) -> Bool) -> [Int: Int] {
      Renumbering.fit(labels.indices.filter(isUsed).map { (labels[$0], predictions[$0]) })
    }
    let parts = [fitted { halves[$0] == 1 }, fitted { halves[$0] == 0 }]
    heldOut = labels.indices.map { place in
      let output = parts[halves[place]][labels[place]]
      return output != nil && predictions[place] == output
    }
    outputs = fitted { _ in true }
    // Labels whose examples are mostly told by another output, of which a single one may be an example's fault.
    let places = Dictionary(grouping: labels.indices) { labels[$0] }
    let clear = places.filter { label, places in
      places.count > 1 && 2 * places.count { predictions[$0] == outputs[label] } > places.count
    }
    let moved = clear.keys.filter { outputs[$0] != $0 }
    guard moved.count >= 2, 2 * clear.count >= places.count else { return nil }
    // An output that another label takes cannot be most examples' of the label of its number too: orders are one to one.
    let isShared = moved.contains { label in
      guard let output = outputs[label], let own = places[output] else { return false }
      return 2 * own.count { predictions[$0] == output } > own.count
    }
    guard !isShared else { return nil }
  }

  /// The output of a label; itself where nothing shows another.
  subscript(label: Int) -> Int { outputs[label] ?? label }

  /// An output of its own for each label, those first of which most examples agree.
  private static func fit(_ pairs: [(label: Int, prediction: Int?)]) -> [Int: Int] {
    var counts: [[Int]: Int] = [:]
    for (label, prediction) in pairs {
      if let prediction { counts[[label, prediction], default: 0] += 1 }
    }
    let order = counts.sorted {
      ($1.value, $0.key[0], $0.key[1]) < ($0.value, $1.key[0], $1.key[1])
    }
    var result: [Int: Int] = [:]
    var taken: Set<Int> = []
    for (pair, _) in order where result[pair[0]] == nil && taken.insert(pair[1]).inserted {
      result[pair[0]] = pair[1]
    }
    return result
  }

  private var moved: [(label: Int, output: Int)] {
    outputs.filter { $0.key != $0.value }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The numbering in words, such as "label 0 is output 2, 1 is 0".
  var description: String {
    let some = moved.prefix(10).enumerated().map { place, pair in
      place == 0
        ? "label \(pair.label) is output \(pair.output)" : "\(pair.label) is \(pair.output)"
    }
    return some.joined(separator: ", ") + (moved.count > 10 ? ", ..." : "")
  }

  /// What to do about it.
  func mend(classCount: Int) -> String {
    if outputs.count == 2, classCount == 2 {
      return "the two classes seem to be exchanged: renumber them, 0 as 1 and 1 as 0"
    }
    for first in [0, 1] where classCount + first > 10 {
      let numbers = (first..<classCount + first).map(String.init).sorted().map {
        (Int($0) ?? 0) - first
      }
      if outputs.allSatisfy({ numbers.indices.contains($0.key) && numbers[$0.key] == $0.value }) {
        return
          "the labels seem to number the classes alphabetically (10 before 2): renumber them numerically"
      }
    }
    return
      "the labels seem to number the classes in another order than the outputs: renumber them, or give the class"
      + " names in the order of the outputs by \(Setting.labels) FILE"
  }
}
