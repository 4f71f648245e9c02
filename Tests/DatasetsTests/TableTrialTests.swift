import Archives
import Datasets
import Foundation
import Tensors
import TestSupport
import Testing

/// What users' tables and arrays showed.
@Suite struct TableTrialTests {
  private func load(
    _ bytes: [UInt8], _ name: String = "data.csv", _ options: DataOptions = DataOptions()
  ) throws -> Dataset {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(bytes, to: name)
    return try DataReference((name.hasSuffix("npz") ? "npz:" : "csv:") + path).load(options)
  }

  private func refusal(
    _ bytes: [UInt8], _ name: String = "data.csv", _ options: DataOptions = DataOptions()
  ) -> String {
    #expect(throws: DatasetError.self) { try load(bytes, name, options) }?.description ?? ""
  }

  @Test func textThatIsNoUTF8IsRefused() {
    let rows =
      Array("a,b,animal\n1,2,B".utf8) + [0xE4] + Array("r\n1,2,B".utf8) + [0xF6] + Array("r\n".utf8)
    let line = refusal(rows)
    #expect(line.contains("line 2, byte 6: 0xE4 is no UTF-8"), "\(line)")
    #expect(line.contains("encoding='latin-1'"))
    #expect(refusal([0xFF, 0xFE, 0x61, 0, 0, 0xD8, 0x62, 0]).contains("is not UTF-16"))
  }

  @Test func valuesAreSpreadOverTheRange() throws {
    var options = DataOptions(bounds: 0...1, valueRange: 0...255)
    options.target = "label"
    let data = try load(Array("label,p,q\n3,0,255\n1,51,102\n".utf8), "data.csv", options)
    #expect(try data.image(at: 0).scalars == [0, 1])
    #expect(try data.image(at: 1).scalars == [0.2, 0.4])
    #expect(data.bounds == 0...1)
    options.valueRange = nil
    let line = refusal(Array("label,p,q\n3,0,255\n1,51,102\n".utf8), "data.csv", options)
    #expect(line.contains("line 2: feature 2 is 255.0"), "\(line)")
    #expect(line.contains("data-range 0:255 spreads them over"), "\(line)")
  }

  @Test func theOnlyColumnOfTextsIsTheClass() throws {
    let data = try load(Array("cat,1,2.5\ndog,3,4.5\ncat,5,6.5\n".utf8))
    #expect(data.exampleShape == [2] && data.labels == [0, 1, 0])
    let named = try load(
      Array("id,p,q,kind\n0,1.5,2,x\n1,3.5,4,y\n2,5.5,6,x\n".utf8), "data.csv",
      DataOptions(shape: [2]))
    #expect(named.exampleShape == [2] && named.labels == [0, 1, 0])
  }

  @Test func mostRowsDecideAboutCommas() {
    let line = refusal(Array("a,b,y\n.1,2.5,0\n\"1,5\",2.5,1\n0.3,1.5,0\n".utf8))
    #expect(line.contains("line 3, column 1 ('a'): found '1,5'"), "\(line)")
  }

  @Test(arguments: ["--1", "1_0", "0.5f", "0x1", "Total"])
  func valuesAmongNumbersAreToBeMended(value: String) {
    let line = refusal(Array("a,b,y\n1,2,0\n3,4,1\n\(value),6,0\n7,8,1\n".utf8))
    #expect(line.contains("most rows have a number in this column"), "\(line)")
  }

  @Test(arguments: [
    ("<Error><Code>AccessDenied</Code></Error>", "XML or HTML"), ("%PDF-1.4\n%x", "is a PDF"),
    ("SQLite format 3", "is a database of SQLite"), ("BZh91AY", "bzip2"),
  ])
  func otherFilesAreNoTables(text: String, words: String) {
    #expect(refusal(Array(text.utf8)).contains(words))
  }

  @Test func arraysOfOtherNames() throws {
    let x = NPYContents(integers: [1, 2], shape: [2])
    func archive(_ names: String...) -> [UInt8] {
      (try? NPYContents.npz(sorted: Dictionary(uniqueKeysWithValues: names.map { ($0, x) }))) ?? []
    }
    #expect(
      refusal(archive("x_train", "x_test", "y_test"), "mnist.npz").contains(
        "numpy.savez('data.npz', x=a['x_test'], y=a['y_test']) names them so"))
    #expect(refusal(Array("{\"x\": 1}".utf8), "data.npz").contains("is JSON: write its arrays"))
    #expect(
      refusal([0x93] + Array("NUMPY".utf8) + [1, 0], "data.npz").contains("name it by npy:X,Y"))
  }

  @Test func signedColumnsAreNoLabels() throws {
    let x = NPYContents(integers: [1, 2, 3, 4], shape: [2, 2])
    let y = NPYContents(integers: [1, -1, -1, 1], shape: [2, 2])
    let bytes = try NPYContents.npz(["x": x, "y": y])
    #expect(refusal(bytes, "data.npz").contains("write (y + 1) // 2"))
    #expect(
      try load(bytes, "data.npz", DataOptions(targets: .numbers)).targetKind == .numbers)
  }
}

extension TableTrialTests {
  @Test func twoArraysOfOneNameAreRefused() throws {
    let x = NPYContents(integers: [1, 2], shape: [2]).bytes
    let bytes = try ZipEncoder.encoded([("x.npy", x), ("y.npy", x), ("x", x)].map { ($0.0, $0.1) })
    #expect(refusal(bytes, "data.npz").contains("holds two arrays 'x', expected one"))
  }

  @Test func aSignIsNoMarkBetweenWords() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for name in ["-1", "1"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/\(name)", withIntermediateDirectories: false)
      try FileManager.default.copyItem(
        atPath: "\(Fixtures.folder)/images/grey.png", toPath: "\(folder.path)/\(name)/a.png")
    }
    let error = #expect(throws: DatasetError.self) {
      try DataReference("images:\(folder.path)").load(
        DataOptions(classNames: (0..<10).map(String.init)))
    }
    #expect(error?.description.contains("/-1: is not the name of one of the 10 classes") == true)
  }
}
