import Datasets
import Tensors
import TestSupport
import Testing

@Suite struct TableTests {
  private func load(_ text: String, _ options: DataOptions = DataOptions()) throws -> Dataset {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(Array(text.utf8), to: "a.csv")
    do {
      return try Dataset(name: "a", csv: path, options: options)
    } catch {
      throw DatasetError(error.kind, in: "a.csv", at: error.offset, error.message)
    }
  }

  @Test(arguments: [
    "a,b,label\n1,2.5,0\n-3,4e1,2\n", "a;b;label\r\n1;2.5;0\r\n-3;4e1;2",
    "\u{FEFF}\"a\",\"b\",\"Label\"\n1, 2.5 ,0\n\"-3\",40,2\n\n",
    "label\ta\tb\n0\t1\t2.5\n2.0\t-3\t40\n",
    "1,2.5,0\n-3,40,2\n",
  ])
  func readsNumbers(text: String) throws {
    let data = try load(text)
    #expect(data.labels == [0, 2])
    #expect(data.exampleShape == [2])
    #expect(data.classNames == ["0", "1", "2"])
    #expect(try data.inputs(at: 0..<2).scalars == [1, 2.5, -3, 40])
    #expect(data.bounds == -3...40)
  }

  @Test func choosesTheColumn() throws {
    let text = "b \"x\",\"a, b\"\n3,yes\n4,no\n5,yes\n"
    for target in ["a, b", "2"] {
      let data = try load(text, DataOptions(target: target))
      #expect(data.classNames == ["no", "yes"])
      #expect(data.labels == [1, 0, 1])
    }
    let named = try load(
      text, DataOptions(target: "2", classNames: ["yes", "perhaps", "no"]))
    #expect(named.labels == [0, 2, 0])
    #expect(try load("0.5,-1\n2,1\n3,-1").labels == [0, 1, 0])
  }

  @Test(arguments: [
    ("a,label\n1,0\n,1\n", "line 3, column 1 ('a'): the value is missing (''), expected one"),
    ("a,label\n1,0\n2,NA\n", "line 3, column 2 ('label'): the value is missing ('NA')"),
    ("1,0\nx,1\n", "line 2, column 1: found 'x', expected a finite number"),
    ("1,0\ninf,1\n", "line 2, column 1: found 'inf', expected a finite number"),
    ("1,0\n1,2,3\n", "line 2: found 3 fields, expected 2"),
    ("a,b\n1,0\n", "the column of the class is not clear"),
    ("", "is empty"), ("a,label\n", "has no rows"), ("7\n", "found a single column"),
    ("a,label\n\"1,0\n", "a quoted field without an end"),
    ("a,label\n\"1\"2,0\n", "something follows a quoted field"),
  ])
  func saysLineAndColumn(text: String, message: String) {
    let error = #expect(throws: DatasetError.self) { try load(text) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test func checksBoundsAndNames() {
    #expect(throws: DatasetError.self) { try load("2,0", DataOptions(bounds: 0...1)) }
    #expect(throws: DatasetError.self) { try load("2,5", DataOptions(classNames: ["a", "b"])) }
    #expect(throws: DatasetError.self) { try load("2,c", DataOptions(classNames: ["a", "b"])) }
    #expect(throws: DatasetError.self) { try load("2,0", DataOptions(target: "name")) }
  }
}
