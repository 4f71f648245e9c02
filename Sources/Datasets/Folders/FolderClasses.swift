import Settings

/// Which class each of some folders holds, by their names.
struct FolderClasses {
  /// The label of each folder.
  private(set) var labels: [Int] = []
  /// The names of all classes.
  private(set) var names: [String]
  /// How folders were counted, where another way is usual, too.
  private(set) var remark: String?

  /// The largest number that is taken for a class.
  private static let largest = 1_000_000

  /// Finds the classes.
  ///
  /// With names, a folder is called as one of them: exactly, by the identifier at its beginning (`n01440764 tench`), by
  /// one of its synonyms between commas, in other case or with other spaces and underscores, or else all folders are
  /// called by the classes' numbers (`07`, `class_7`). Without, folders that all are numbers are these, and others are numbered from 0 in
  /// the order of their names.
  ///
  /// - Parameters:
  ///   - folders: Their names in order, one at least.
  ///   - directory: The folder that they are in.
  ///   - names: The names of the classes; empty if they are not known.
  /// - Throws: `DatasetError` that names the folder which is called as no class, and the classes.
  init(_ folders: [String], in directory: String, names: [String]) throws(DatasetError) {
    self.names = names
    guard names.isEmpty else {
      labels = try FolderClasses.labels(of: folders, in: directory, names)
      return
    }
    if let numbers = FolderClasses.numbers(folders) {
      labels = numbers
      self.names = (0...max(1, numbers.max() ?? 0)).map(String.init)
      remark = FolderClasses.disorder(folders, numbers) { place in
        "folders are classes by their numbers; torchvision's ImageFolder sorts them as text and would make"
          + " \(folders[place]) class \(place)"
      }
    } else {
      labels = Array(folders.indices)
      self.names = folders
      let numbers = FolderClasses.numbers(FolderClasses.withoutCommonPrefix(folders).rest)
      remark = FolderClasses.disorder(folders, numbers ?? []) { place in
        "folders are numbered by name, as in torchvision's ImageFolder (\(folders[place]) is class \(place));"
          + " \(Setting.labels) FILE sets another order"
      }
    }
  }

  /// The numbers that all folders are called, such as 0, 07 and 12; `nil` if one is not.
  private static func numbers(_ folders: [String]) -> [Int]? {
    let numbers = folders.compactMap { folder -> Int? in
      let digits = trimmed(folder)
      guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
        let number = Int(digits), number <= largest
      else { return nil }
      return number
    }
    return numbers.count == folders.count ? numbers : nil
  }

  /// What is said of the first folder that the order of names puts elsewhere than the order of numbers.
  private static func disorder(
    _ folders: [String], _ numbers: [Int], _ words: (Int) -> String
  ) -> String? {
    guard numbers.count == folders.count, Set(numbers).count == numbers.count else { return nil }
    let sorted = numbers.sorted()
    return numbers.indices.first { numbers[$0] != sorted[$0] }.map(words)
  }

  /// Names such as `class_7` without what all of them begin with, digits excepted.
  private static func withoutCommonPrefix(_ folders: [String]) -> (prefix: String, rest: [String]) {
    var prefix = folders[0][...]
    for folder in folders {
      prefix = prefix.prefix(zip(prefix, folder).prefix { $0 == $1 }.count)
    }
    while prefix.last?.isNumber == true { prefix.removeLast() }
    return (String(prefix), folders.map { String($0.dropFirst(prefix.count)) })
  }

  /// The numbers behind a word that says that they are classes.
  private static func numbersOfClasses(_ folders: [String]) -> [Int]? {
    let (prefix, rest) = withoutCommonPrefix(folders)
    let words: Set = ["class", "cls", "c", "label", "digit", "category", "number", "id", "target"]
    return words.contains(plain(prefix)) ? numbers(rest) : nil
  }

  /// The folder that is called as a class is, if there is one; see `init(_:in:names:)`.
  static func folder(of label: Int, among folders: [String], _ names: [String]) -> String? {
    let index = ClassIndex(names)
    return folders.first { index.classes(called: $0) == [label] }
      ?? folders.first { Int($0) == label && index.classes(called: $0).isEmpty }
  }

  private static func trimmed(_ name: String) -> Substring {
    var part = name[...]
    while part.first?.isWhitespace == true { part.removeFirst() }
    while part.last?.isWhitespace == true { part.removeLast() }
    return part
  }

  /// A name without what differs between ways of writing it.
  private static func plain(_ name: some StringProtocol) -> String {
    // A number's sign is no mark between words.
    let sign = name.first == "-" && name.dropFirst().first?.isNumber == true ? "-" : ""
    let spaced = name.dropFirst(sign.count).lowercased().map { $0 == "_" || $0 == "-" ? " " : $0 }
    return sign + String(trimmed(String(spaced)))
  }

  private static func labels(
    of folders: [String], in directory: String, _ names: [String]
  ) throws(DatasetError) -> [Int] {
    let index = ClassIndex(names)
    let numbers = numbers(folders) ?? numbersOfClasses(folders)
    // Names that are numbers themselves are met by their values.
    let values = FolderClasses.numbers(names) ?? Array(names.indices)
    let places = Dictionary(zip(values, names.indices), uniquingKeysWith: { first, _ in first })
    var labels: [Int] = []
    for (place, folder) in folders.enumerated() {
      let found = index.classes(called: folder)
      guard found.count <= 1 else {
        throw DatasetError(
          .content, in: "\(directory)/\(folder)",
          "is the name of the classes \(found.map(String.init).joined(separator: " and ")); give them different names"
            + " by \(Setting.labels) FILE")
      }
      if let label = found.first {
        labels.append(label)
      } else if let label = numbers.flatMap({ places[$0[place]] }) {
        labels.append(label)
      } else {
        throw DatasetError(
          .content, in: "\(directory)/\(folder)", unknown(folder, names, numbers?[place]))
      }
    }
    return labels
  }

  /// Why a folder is no class, and what helps.
  private static func unknown(_ folder: String, _ names: [String], _ number: Int?) -> String {
    let shown = 12
    let list = names.prefix(shown).map { String($0.prefix(40)) }.joined(separator: ", ")
    let rest = names.count > shown ? " and \(names.count - shown) more" : ""
    let remedy =
      "rename the folder, or give the folders' names in the order of the network's classes by \(Setting.labels) FILE"
    if let number, number >= names.count {
      return
        "is the number \(number), expected 0 to \(names.count - 1), since classes are counted from 0;"
        + " \(remedy)"
    }
    return "is not the name of one of the \(names.count) classes (\(list)\(rest)); \(remedy)"
  }

  /// Classes by the ways in which folders may be called.
  private struct ClassIndex {
    /// Exact names and identifiers, then synonyms and names written otherwise.
    private var stages: [[String: [Int]]] = [[:], [:]]

    init(_ names: [String]) {
      for (label, name) in names.enumerated() {
        var exact = [name]
        let word = String(name.prefix { $0 != " " && $0 != "," })
        if word.count == 9, word.hasPrefix("n"), Int(word.dropFirst()) != nil { exact.append(word) }
        var loose = [plain(name)]
        loose += name.split(separator: ",").map { plain($0) }
        if exact.count > 1 {
          loose += name.dropFirst(9).split(separator: ",").map { plain($0) }
        }
        for key in Set(exact) { stages[0][key, default: []].append(label) }
        for key in Set(loose) where !key.isEmpty { stages[1][key, default: []].append(label) }
      }
    }

    /// The classes that a folder may mean, by the most exact way in which there are any.
    func classes(called folder: String) -> [Int] {
      stages[0][folder] ?? stages[1][plain(folder)] ?? []
    }
  }
}
