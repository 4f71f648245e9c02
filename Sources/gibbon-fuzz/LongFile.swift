import Archives

/// A file that is long in one way, such as a list of very many elements.
struct LongFile: Sendable {
  /// What there is much of.
  let name: String
  /// The file.
  let bytes: [UInt8]

  /// Creates a file.
  init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// Creates a file of a text.
  init(_ name: String, text: String) { self.init(name, Array(text.utf8)) }

  /// As many copies of something as fit.
  static func repeated(_ unit: [UInt8], _ byteCount: Int) -> [UInt8] {
    Array(repeatElement(unit, count: max(1, byteCount / unit.count)).joined())
  }

  /// As many copies of a text as fit.
  static func repeated(_ unit: String, _ byteCount: Int) -> String {
    String(repeating: unit, count: max(1, byteCount / unit.utf8.count))
  }

  /// Texts for the numbers from 0 until there are enough bytes.
  static func counted(_ byteCount: Int, _ unit: (Int) -> String) -> [String] {
    var texts: [String] = []
    var size = 0
    while size < byteCount {
      let text = unit(texts.count)
      size += text.utf8.count
      texts.append(text)
    }
    return texts
  }

  /// Tables.
  static func tables(_ n: Int) -> [LongFile] {
    let columns = n / 4
    return [
      LongFile("rows", text: repeated("1,2,0\n", n)),
      LongFile("columns", text: repeated("1.5,", n) + "1\n"),
      LongFile("equal names", text: repeated("label,", n / 2) + "y\n" + repeated("1,", n / 2)),
      LongFile("names", text: counted(n / 2) { "c\($0)," }.joined() + "y\n1,2,3\n"),
      LongFile("counted names", text: counted(n) { "\($0)," }.joined() + "y\n"),
      LongFile("classes", text: counted(n) { "1,c\($0)\n" }.joined()),
      LongFile("numbers of classes", text: counted(n) { "1,\($0)\n" }.joined()),
      LongFile("quotes", text: repeated("\"", n)),
      LongFile("quoted", text: "\"" + repeated("\"\"", n) + "\",1\n"),
      LongFile("open quotes", text: repeated("\"a,1\n", n)),
      LongFile("comments", text: repeated("#\n", n)),
      LongFile("comments within", text: "1,2,0\n" + repeated("#\n", n)),
      LongFile("empty rows", text: "a,b,y\n" + repeated(",,\n", n)),
      LongFile("spaces", text: repeated(" ", n)),
      LongFile("spaces within", text: "1 2 0\n" + repeated(" ", n) + "1 2 0\n"),
      LongFile("ends of lines", text: repeated("\n", n)),
      LongFile("digits", text: "1," + repeated("1", columns * 4) + "\n"),
      LongFile("a name", text: repeated("é", n) + ",y\n1,0\n"),
      LongFile("ragged", text: repeated("1,2\n1,2,3\n", n)),
      LongFile("tabs", text: repeated("\t", n)),
      LongFile("semicolons", text: repeated("1,5;2,5;0\n", n)),
    ]
  }

  /// ZIP archives of arrays.
  static func archives(_ n: Int) throws -> [LongFile] {
    // An empty entry takes 30 bytes and its name, and 46 and its name in the directory.
    let names = counted(n / 2) { "\(String(repeating: "0", count: 38))\($0).npy" }
    let short = counted(n / 16) { "\($0)" }
    return [
      LongFile("entries", try ZipEncoder.encoded(names.map { ($0, []) })),
      LongFile("short entries", try ZipEncoder.encoded(short.map { ($0, []) })),
      LongFile(
        "entries of which none is found",
        try ZipEncoder.encoded(short.map { ("\($0).npy", [UInt8](repeating: 0, count: 8)) })),
    ]
  }

  /// NumPy arrays.
  static func arrays(_ n: Int) -> [LongFile] {
    func array(_ header: String) -> [UInt8] {
      let text = Array(header.utf8)
      return [0x93] + Array("NUMPY".utf8)
        + [2, 0] + (0..<4).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
    }
    func header(_ shape: String) -> String {
      "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape)), }"
    }
    // Longer headers are refused by their length.
    let most = min(n, 65_000)
    return [
      LongFile("extents", array(header(repeated("1,", most)))),
      LongFile("spaces", array(header(repeated(" ", most)))),
      LongFile("digits", array(header(repeated("1", most)))),
      LongFile("keys", array("{" + counted(most) { "'k\($0)': 1, " }.joined() + "}")),
      LongFile("a long header", array(header(repeated("1,", n)))),
      LongFile(
        "values", array(header("\(n / 4), 1")) + [UInt8](repeating: 0, count: n / 4 * 4)),
    ]
  }

  /// IDX files.
  static func indices(_ n: Int) -> [LongFile] {
    let count = (0..<4).reversed().map { UInt8(truncatingIfNeeded: n >> (8 * $0)) }
    return [
      LongFile("bytes", [0, 0, 8, 1] + count + [UInt8](repeating: 0, count: n)),
      LongFile("axes", [0, 0, 8, 255] + repeated([0, 0, 0, 1], 1020) + repeated([0], n)),
    ]
  }

  /// Gzip data in very many members.
  static func members(_ n: Int, of empty: [UInt8]) -> [LongFile] {
    [LongFile("members", repeated(empty, n)), LongFile("nothing more", empty + repeated([0], n))]
  }

  /// Headers of safetensors files.
  static func headers(_ n: Int) -> [LongFile] {
    func file(_ header: String, data: Int = 0) -> [UInt8] {
      let text = Array(header.utf8)
      return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
        + [UInt8](repeating: 0, count: data)
    }
    func tensor(_ name: String, _ shape: String = "0") -> String {
      "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[0,0]}"
    }
    func tensors(_ name: (Int) -> String) -> String {
      "{" + counted(n) { tensor(name($0)) + "," }.joined().dropLast() + "}"
    }
    return [
      LongFile("tensors", file(tensors { "t\($0)" })),
      LongFile("parameters", file(tensors { "a\($0).fc.weight" })),
      LongFile("deep names", file(tensors { "\(repeated("a.", 200))\($0).fc.weight" })),
      LongFile("a name", file("{" + tensor(repeated("a.", n) + "fc.weight") + "}")),
      LongFile("extents", file("{" + tensor("a", "0" + repeated(",1", n)) + "}")),
      LongFile("spaces", file("{" + repeated(" ", n) + tensor("a") + "}")),
      LongFile("escapes", file("{" + tensor(repeated("\\u0061", n)) + "}")),
      LongFile("accents", file("{" + tensor(repeated("\u{301}", n)) + "}")),
      LongFile(
        "metadata",
        file(
          "{\"__metadata__\":{" + counted(n) { "\"k\($0)\":\"v\"," }.joined().dropLast() + "},"
            + tensor("a") + "}")),
      LongFile(
        "class names",
        file(
          "{\"__metadata__\":{\"format\":\"gibbon-network-1\",\"architecture\":\"mnist-mlp\","
            + "\"input.classes\":\"" + counted(n) { "c\($0)\\n" }.joined() + "\"}," + tensor("a")
            + "}")),
      LongFile("nesting", file(repeated("[", n))),
      LongFile("naturals", file("{" + tensor("a", repeated("1", n)) + "}")),
    ]
  }

  /// Pickles.
  static func pickles(_ n: Int) -> [LongFile] {
    let stop = UInt8(ascii: ".")
    func code(_ text: String) -> [UInt8] { Array(text.utf8) }
    func word(_ number: Int) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    func text(_ count: Int) -> [UInt8] { code("X") + word(count) + repeated([0x61], count) }
    let memos = Array(
      (0..<n / 6).map { code("q") + [UInt8($0 % 256)] + code("r") + word($0) }.joined())
    return [
      LongFile("memos", code("]") + memos + [stop]),
      LongFile(
        "numbered memos", code("]") + counted(n) { "p\($0)\n" }.flatMap { $0.utf8 } + [stop]),
      LongFile("new memos", code("(") + repeated([0x5D, 0x94], n) + code("t") + [stop]),
      LongFile("memos of one", code("]") + repeated([0x94], n) + [stop]),
      LongFile("remembered", code("]q\0") + repeated(code("h\0") + code("0"), n) + [stop]),
      LongFile("appended", code("]") + repeated(code("Na"), n) + [stop]),
      LongFile(
        "appended lists",
        code("]") + repeated(code("](Ne"), n / 2) + repeated(code("a"), n / 8) + [stop]),
      LongFile("appended by parts", code("]") + repeated(code("(Ne"), n) + [stop]),
      LongFile("added to a set", [0x8F] + repeated(code("(N") + [0x90], n) + [stop]),
      LongFile("set", code("}") + repeated(code("NNs"), n) + [stop]),
      LongFile("set by parts", code("}") + repeated(code("(NNu"), n) + [stop]),
      LongFile("remembered lists", code("]q\0") + repeated(code("h\0Na0"), n) + [stop]),
      LongFile("remembered dictionaries", code("}q\0") + repeated(code("h\0NNs0"), n) + [stop]),
      LongFile("marks", repeated(code("("), n) + [stop]),
      LongFile("tuples", code("N") + repeated([0x85], n) + [stop]),
      LongFile("digits", code("]") + repeated(code("I1"), n) + code("\n") + [stop]),
      LongFile("numbers", code("(") + repeated(code("I123456789\n"), n) + code("t") + [stop]),
      LongFile("a text", text(n) + [stop]),
      LongFile(
        "equal keys",
        code("}") + text(n / 2) + code("q\0") + code("Ns") + repeated(code("h\0Ns"), n / 2) + [stop]
      ),
      LongFile(
        "equal keys of bytes",
        code("}") + [0x42] + word(n / 2) + repeated([0xE9], n / 2) + code("q\0") + code("Ns")
          + repeated(code("h\0Ns"), n / 2) + [stop]),
      LongFile(
        "escapes", code("V") + repeated(code("\\u0061"), n) + code("\n") + [stop]),
      LongFile("quoted", code("S'") + repeated(code("\\x61"), n) + code("'\n") + [stop]),
    ]
  }

  /// Pickles of checkpoints.
  static func checkpoints(_ n: Int) -> [LongFile] {
    func code(_ text: String) -> [UInt8] { Array(text.utf8) }
    func short(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + code(text) }
    func word(_ number: Int) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    let stop = UInt8(ascii: ".")
    let ordered = code("ccollections\nOrderedDict\n")
    // A tensor of storage 0 with a shape and strides that are remembered as 1.
    let storage =
      code("(") + short("storage") + code("ctorch\nFloatStorage\n") + short("0") + short("cpu")
      + code("K\u{1}tQ")
    func tensor(_ shape: [UInt8]) -> [UInt8] {
      code("ctorch._utils\n_rebuild_tensor_v2\n") + code("(") + storage + code("K\0") + shape
        + shape
        + [0x89] + ordered + code(")RtR")
    }
    let extents = code("(") + repeated(code("K\u{1}"), n / 2) + code("tq\u{1}0")
    let shared = tensor(code("h\u{1}"))
    let object = code("cfoo\nBar\n)") + [0x81]
    let state =
      code("}(") + counted(n / 2) { "\($0)" }.flatMap { short($0) + code("N") } + code("uq\0")
    let element = code("]q\u{2}0")
    return [
      LongFile(
        "tensors",
        code("}(")
          + counted(n) { String(repeating: "x", count: 170) + "\($0)" }.flatMap {
            short(String($0.suffix(12))) + tensor(code("K\u{1}") + [0x85])
          } + code("u") + [stop]),
      LongFile(
        "tensors of one long shape",
        extents + code("}(") + (0..<n / 2 / (shared.count + 6)).flatMap { short("\($0)") + shared }
          + code("u") + [stop]),
      LongFile(
        "objects of one state",
        code("}(") + short("first") + object + state + code("b")
          + (0..<n / 40).flatMap { short("\($0)") + object + code("h\0b") } + code("u") + [stop]),
      LongFile(
        "lists of one list", element + code("(") + repeated(code("h\u{2}"), n) + code("l") + [stop]),
      LongFile("dictionaries", code("(") + repeated(code("}"), n) + code("l") + [stop]),
      LongFile(
        "a dictionary in each",
        code("}(") + counted(n) { "\($0)---" }.flatMap { short($0) + code("}") } + code("u") + [
          stop
        ]),
      LongFile("imports", code("(") + repeated(ordered, n) + code("l") + [stop]),
      LongFile(
        "imports by text",
        code("X") + word(n / 2) + repeated([0x61], n / 2) + code("q\0(")
          + repeated(code("h\0h\0") + [0x93], n / 2) + code("l") + [stop]),
    ]
  }
}
