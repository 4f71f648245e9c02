import Datasets
import Tensors
import TestSupport
import Testing

/// One table in the dresses that programs and people give it.
@Suite("Tables as pandas, R and spreadsheets write them") struct TableFormTests {
  /// What every dress holds.
  private static let rows: [(Float, Float, Int)] = [
    (0.056, 0.237, 1), (0.434, 0.403, 2), (0.031, 0.499, 1), (0.261, 0.145, 0), (0.215, 0.472, 1),
    (0.448, 0.17, 0), (0.0625, 0.25, 2), (0.4, 0.45, 0),
  ]

  private static func text(
    header: String?, _ separator: String = ",", end: String = "\n",
    row: (Int, Float, Float, Int) -> [String] = { ["\($1)", "\($2)", "\($3)"] }
  ) -> String {
    var lines = header.map { [$0] } ?? []
    for (place, values) in rows.enumerated() {
      lines.append(row(place, values.0, values.1, values.2).joined(separator: separator))
    }
    return lines.joined(separator: end) + end
  }

  private static func comma(_ value: Float) -> String {
    "\(value)".replacing(".", with: ",")
  }

  private static func utf16(_ text: String, _ isMarked: Bool, _ isLittle: Bool) -> [UInt8] {
    ((isMarked ? [0xFEFF] : []) + Array(text.utf16)).flatMap { unit in
      let (low, high) = (UInt8(truncatingIfNeeded: unit), UInt8(truncatingIfNeeded: unit >> 8))
      return isLittle ? [low, high] : [high, low]
    }
  }

  /// A dress: what it is, its bytes, and what the notes say.
  struct Dress: Sendable, CustomStringConvertible {
    let description: String
    let bytes: [UInt8]
    var notes: [String] = []

    init(_ description: String, _ text: String, notes: [String] = []) {
      self.init(description, Array(text.utf8), notes: notes)
    }

    init(_ description: String, _ bytes: [UInt8], notes: [String] = []) {
      self.description = description
      self.bytes = bytes
      self.notes = notes
    }
  }

  private static let named = text(header: "a,b,target")
  private static func commas(_ place: Int, _ a: Float, _ b: Float, _ label: Int) -> [String] {
    [comma(a), comma(b), "\(label)"]
  }

  private static func numbered(_ place: Int, _ a: Float, _ b: Float, _ label: Int) -> [String] {
    ["\(place)", "\(a)", "\(b)", "\(label)"]
  }

  static let dresses: [Dress] = [
    Dress("named", named),
    Dress("without names", text(header: nil)),
    Dress("pandas' integers", text(header: "0,1,2"), notes: ["line 1 (0, 1, 2) is taken"]),
    Dress(
      "pandas' integers and a word", text(header: "0,1,target"), notes: ["line 1 (0, 1, target)"]),
    Dress("R's integers", text(header: "1,2,3"), notes: ["line 1 (1, 2, 3)"]),
    Dress("the mark of an end", named + "\u{1A}"),
    Dress(
      "spaces that do not break",
      text(header: "a,b,target", row: { ["\($1)\u{A0}", "\($2)", "\($3)"] })),
    Dress("integers in quotes", text(header: "\"0\",\"1\",\"2\""), notes: ["line 1 (0, 1, 2)"]),
    Dress(
      "a name that is a number", text(header: "a,1e3,target"), notes: ["line 1 (a, 1e3, target)"]),
    Dress(
      "wavelengths and a class", text(header: "400.5,401.5,Class"),
      notes: ["line 1 (400.5, 401.5, Class)"]),
    Dress("decimal commas", text(header: "a;b;target", ";", row: commas)),
    Dress("decimal commas without names", text(header: nil, ";", row: commas)),
    Dress("decimal commas and tabs", text(header: "a\tb\ttarget", "\t", row: commas)),
    Dress("decimal commas and spaces", text(header: nil, "  ", row: commas)),
    Dress(
      "decimal commas in quotes",
      text(header: "a,b,target", row: { ["\"\(comma($1))\"", "\"\(comma($2))\"", "\($3)"] })),
    Dress("spaces", text(header: "a b target", " ")),
    Dress(
      "columns of spaces",
      text(header: "  a    b  target", "   ", row: { ["  \($1)", "\($2)", "\($3)  "] })),
    Dress("bars", text(header: "a|b|target", "|")),
    Dress("tabs", text(header: nil, "\t")),
    Dress("commas and spaces", text(header: "a, b, target", ", ")),
    Dress("sep=", "sep=;\n" + text(header: "a;b;target", ";")),
    Dress("a comment", "# made by me\n#\n" + named),
    Dress(
      "names in a comment, as by savetxt", text(header: "# a,b,target"),
      notes: ["the comment above line 2"]),
    Dress("a comment behind", named + "# the end\n"),
    Dress(
      "pandas' index", text(header: ",a,b,target", row: numbered),
      notes: ["the first column, which has no name"]),
    Dress(
      "pandas' index in quotes", text(header: "\"\",\"a\",\"b\",\"target\"", row: numbered),
      notes: ["the first column"]),
    Dress(
      "pandas' index of integers", text(header: ",0,1,target", row: numbered),
      notes: ["line 1", "the first column"]),
    Dress(
      "all pandas' integers", text(header: ",0,1,2", row: numbered),
      notes: ["line 1", "the first column"]),
    Dress(
      "pandas' index of two levels",
      text(
        header: ",,a,b,target",
        row: { ["r\($0 / 4)", "\($0 % 4)", "\($1)", "\($2)", "\($3)"] }),
      notes: ["the first column", "column 2, which has no name"]),
    Dress(
      "R's row names",
      text(
        header: "\"a\" \"b\" \"target\"", " ", row: { ["\"r\($0)\"", "\($1)", "\($2)", "\($3)"] }),
      notes: ["the first column"]),
    Dress(
      "an index saved twice", text(header: "Unnamed: 0,a,b,target", row: numbered),
      notes: ["'Unnamed: 0'"]),
    Dress(
      "an index saved thrice",
      text(
        header: "Unnamed: 0.1,Unnamed: 0,a,b,target",
        row: { ["\($0)", "\($0)", "\($1)", "\($2)", "\($3)"] }),
      notes: ["'Unnamed: 0.1'", "'Unnamed: 0'"]),
    Dress(
      "a separator behind each row",
      text(header: "a,b,target,", row: { ["\($1)", "\($2)", "\($3)", ""] })),
    Dress(
      "a separator behind each row but the first",
      text(header: "a,b,target", row: { ["\($1)", "\($2)", "\($3)", ""] })),
    Dress("empty rows of a spreadsheet", named + ",,\n,,\n", notes: ["2 rows of empty fields"]),
    Dress("CR LF", text(header: "a,b,target", end: "\r\n")),
    Dress("CR alone", text(header: "a,b,target", end: "\r")),
    Dress("the mark of UTF-8", "\u{FEFF}" + named),
    Dress("UTF-16", utf16(named, true, true)),
    Dress("UTF-16, big end first", utf16(named, true, false)),
    Dress("UTF-16 without a mark", utf16(named, false, true)),
    Dress("UTF-16 without a mark, big end first", utf16(named, false, false)),
    Dress("the class first", text(header: "class,a,b", row: { ["\($3)", "\($1)", "\($2)"] })),
    Dress(
      "names in quotes with separators and line breaks",
      text(header: "\"a, or\n so\",\"b\"\"\",Target")),
    Dress("names that repeat", text(header: "a,a,label")),
    Dress("plus signs", text(header: nil, row: { ["+\($1)", "+\($2)", "\($3)"] })),
  ]

  private func load(_ bytes: [UInt8], _ options: DataOptions = DataOptions()) throws -> Dataset {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(bytes, to: "a.csv")
    do {
      return try Dataset(name: "a", csv: path, options: options)
    } catch {
      throw DatasetError(error.kind, in: "a.csv", at: error.offset, error.message)
    }
  }

  private func load(_ text: String, _ options: DataOptions = DataOptions()) throws -> Dataset {
    try load(Array(text.utf8), options)
  }

  @Test("every dress is the same table, and guesses are said", arguments: dresses)
  func reads(_ dress: Dress) throws {
    let data = try load(dress.bytes)
    #expect(data.exampleShape == [2])
    #expect(data.labels == Self.rows.map(\.2))
    #expect(try data.inputs(at: 0..<data.count).scalars == Self.rows.flatMap { [$0.0, $0.1] })
    #expect(data.notes.count == dress.notes.count, "\(data.notes)")
    for (note, expected) in zip(data.notes, dress.notes) { #expect(note.contains(expected)) }
  }

  @Test("a first row of values is a row")
  func firstRows() throws {
    for (text, count) in [
      ("0,1,2\n3,4,5\n6,7,8\n", 3), ("0,1\n1,0\n0,0\n1,1\n", 4), ("1,0,1,1\n0,1,2,0\n1,2,0,1\n", 3),
      ("5.1,3.5,setosa\n4.9,3,setosa\n7,3.2,versicolor\n", 3), ("0,1,y\n1,1,n\n1,0,y\n", 3),
      ("0,1,2,3,4,5\n6,7,8,9,10,11\n", 2), ("2,5\n", 1),
    ] {
      let data = try load(text)
      let notes = data.notes.filter { !$0.contains("the classes are numbered in their order") }
      #expect(data.count == count && notes.isEmpty, "\(text): \(notes)")
    }
    // Row numbers with names are columns, for nobody says that they are none.
    #expect(try load("id,a,label\n0,0.5,1\n1,0.25,0\n").exampleShape == [2])
  }

  @Test("numbers in the ways that people write them")
  func numbers() throws {
    for (text, expected) in [
      ("a;b;y\n1.234,5;0,5;0\n1,25;2;1\n", [1234.5, 0.5, 1.25, 2] as [Float]),
      ("a;b;y\n1,234.5;0.5;0\n12,000;2.25;1\n", [1234.5, 0.5, 12000, 2.25]),
      ("a;b;y\n1,234,567;5;0\n1;2;1\n", [1_234_567, 5, 1, 2]),
      ("a,b,y\n\"1,234.5\",0.5,0\n7,2,1\n", [1234.5, 0.5, 7, 2]),
      ("a;b;y\n1 234;0.5;0\n1'000'000;-2e-3;1\n", [1234, 0.5, 1_000_000, -0.002]),
      ("a,b,y\nTrue,0.5,0\nfalse,\u{2212}2,1\n", [1, 0.5, 0, -2]),
    ] {
      #expect(try load(text).inputs(at: 0..<2).scalars == expected, "\(text)")
    }
  }

  @Test(
    "what is no number is named, with what helps",
    arguments: [
      (
        "a,b,y\n1,,0\n",
        "line 2, column 2 ('b'): the value is missing (''), expected one in every row: fill it"
      ),
      ("a,b,y\n1,?,0\n", "line 2, column 2 ('b'): the value is missing ('?')"),
      ("a,b,y\n1,NaN,0\n", "the value is missing ('NaN')"),
      (
        "a,b,y\n1,2,0\n1,red,1\n",
        "line 3, column 2 ('b'): found 'red', expected a finite number; turn a text column into"
      ),
      (
        "a,b,y\n45%,2,0\n",
        "found '45%', expected a finite number; write percentages without the sign"
      ),
      ("a,b,y\n2024-01-31,2,0\n", "found '2024-01-31', expected a finite number; leave dates out"),
      (
        "a,b,y\n$5,2,0\n",
        "found '$5', expected a finite number; write amounts without their currency"
      ),
      (
        "a;b;y\n1,234;2;0\n5;2;0\n",
        "found '1,234', expected a finite number; write it with a decimal point"
      ),
      (
        "a;b;y\n0,5;2;0\n0.5;2;0\n",
        "found '0.5', expected a finite number; other rows have decimal commas"
      ),
      ("a,b,y\n1,2,0\n1,2\n", "line 3: found 2 fields, expected 3"),
      (
        "a,b,y\n1,2,'c'\n1,2,'c, or d'\n",
        "line 3: found 4 fields, expected 3 as in the rows before; write quotes as \""
      ),
      (
        "a,b,y\n1,2,\"c\"\n1,2,\"the \\\"b\\\"\"\n",
        "something follows a quoted field; a quote within it is written twice"
      ),
      ("a,a,y\n1,2,0\n", "2 columns are called 'a'; say target-column by number, one of 1, 2"),
      ("a,b\n1,2,3,4\n1,2,3,4\n", "line 1: found 2 names of columns, expected 4"),
      (
        "0.5,abc,0.25,1\n0.5,0.5,0.25,0\n",
        "line 1, column 2: found 'abc', expected a finite number"
      ),
      ("{\"a\": [1, 2]}", "is JSON"), ("<!DOCTYPE html><html>", "is a page of HTML"),
      ("<table border=\"1\">\n  <tr>", "read_html and to_csv(index=False)"),
      ("PK\u{3}\u{4}", "is a ZIP archive or a workbook"),
      ("version https://git-lfs.github.com/spec/v1\noid", "is a pointer of Git LFS"),
      ("@RELATION iris\n", "is a table in ARFF"),
      ("\0\0\0\0\0\0", "is not text: line 1 holds a byte 0"),
      ("a,b\n1,\0\n", "is not text: line 2 holds a byte 0"),
    ])
  func refuses(text: String, message: String) {
    let error = #expect(throws: DatasetError.self) {
      try load(text, DataOptions(target: text.hasPrefix("a,a") ? "a" : nil))
    }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("\0") != true)
  }

  @Test("tables without targets serve where none are needed")
  func unlabelled() throws {
    var options = DataOptions(shape: [2])
    options.allowsUnlabelled = true
    for text in ["a,b\n0.5,1\n0.25,2\n", "0.5,1\n0.25,2\n"] {
      let data = try load(text, options)
      #expect(!data.isLabelled && data.exampleShape == [2] && data.notes.count == 1)
    }
    #expect(try load("a,b,y\n0.5,1,0\n0.25,2,1\n", options).labels == [0, 1])
    #expect(try load("0.5,1,0\n0.25,2,1\n", options).labels == [0, 1])
    options.allowsUnlabelled = false
    #expect(throws: DatasetError.self) { try load("a,b\n0.5,1\n0.25,2\n", options) }
    // Of features that are numbers, the only column of texts is the class.
    let iris = try load("species,a,b\nsetosa,0.5,1\nvirginica,0.25,2\n", options)
    #expect(iris.classNames == ["setosa", "virginica"] && iris.notes.count == 2)
    #expect(
      iris.notes.last
        == "the classes are numbered in their order, 'setosa' is 0, 'virginica' is 1, unless labels FILE says"
        + " another", "\(iris.notes)")
    #expect(try load("1,0.5,0.25\n0,0.75,0.5\n").targetHint.contains("target-column 1"))
  }

  @Test("a column that counts the rows is left out where the model takes one less")
  func rowNumbers() throws {
    for (text, values) in [
      ("id,a,y\n5,0.5,1\n6,0.25,0\n7,0.75,1\n", 1), ("0,0.5,1\n1,0.25,0\n2,0.75,1\n", 1),
    ] {
      let data = try load(text, DataOptions(shape: [values]))
      #expect(try data.inputs(at: 0..<3).scalars == [0.5, 0.25, 0.75])
      #expect(data.notes.count == 1 && data.columns?.names.count == 1)
      #expect(try load(text, DataOptions(shape: [2])).notes.isEmpty)
    }
  }

  @Test("columns of fractions without a name are features, but for the first")
  func unnamedColumns() throws {
    let data = try load(",,a,y\n0,0.5,1,1\n1,0.25,2,0\n2,0.75,3,1\n")
    #expect(try data.inputs(at: 0..<3).scalars == [0.5, 1, 0.25, 2, 0.75, 3])
  }

  @Test("a column that may number the rows is named where there is one column too many")
  func rowNumbersInAnyOrder() throws {
    for (text, hint) in [
      ("id,a,y\n7,0.5,1\n3,0.25,0\n9,0.75,1\n", "; if the column 'id' numbers the rows"),
      ("7,0.5,1\n3,0.25,0\n9,0.75,1\n", "; if column 1 numbers the rows"),
      ("id,a,y\n7,0.5,1\n7,0.25,0\n9,0.75,1\n", ""), ("a,b,y\n7.5,0.5,1\n3,0.25,0\n9,0.75,1\n", ""),
    ] {
      let data = try load(text, DataOptions(shape: [1]))
      #expect(data.exampleShape == [2] && data.notes.isEmpty)
      #expect(data.widthHint.hasPrefix(hint) && data.widthHint.isEmpty == hint.isEmpty)
      #expect(try load(text, DataOptions(shape: [2])).widthHint.isEmpty)
    }
  }

  @Test("a pickle is named")
  func pickles() {
    for version in [4, 5] as [UInt8] {
      let error = #expect(throws: DatasetError.self) {
        try load([0x80, version, 0x95, 0xE9, 3, 0, 0, 0, 0, 0, 0, 0x8C])
      }
      #expect(error?.message.contains("is a pickle") == true)
    }
  }

  @Test("columns know their ranges, of all rows, and which are fixed")
  func columns() throws {
    var options = DataOptions()
    options.fixedColumns = "member, income"
    options.boundsColumns = true
    let text = "share,income,member,target\n0.5,100,0,1\n0.25,900,1,0\n0.75,500,0,1\n"
    let columns = try #require(try load(text, options).subset(offset: 0, count: 1).columns)
    #expect(columns.names == ["share", "income", "member"])
    #expect(columns.lower == [0.25, 100, 0] && columns.upper == [0.75, 900, 1])
    #expect(columns.isFixed == [false, true, true] && columns.isBounding)
    #expect(abs(columns.deviations[1] - 326.598632371) < 1e-6)
    for (fixed, message) in [("target", "holds the class"), ("colour", "no column 'colour'")] {
      options.fixedColumns = fixed
      let error = #expect(throws: DatasetError.self) { try load(text, options) }
      #expect(error?.message.contains(message) == true)
    }
  }
}

extension Dataset {
  /// What was said of the table, part by part.
  fileprivate var notes: [String] {
    remarks.sentences.flatMap { sentence in
      sentence.dropFirst(name.count + 2).split(separator: "; ").map(String.init)
    }
  }
}
