import Archives

extension LongFile {
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
}
