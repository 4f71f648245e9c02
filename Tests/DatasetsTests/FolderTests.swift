import Datasets
import Foundation
import Images
import Tensors
import TestSupport
import Testing

@Suite struct FolderTests {
  /// A folder with the given files, named `CLASS/FILE`, each a copy of a committed image.
  private func make(_ files: [String: String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, source) in files {
      let place = URL(fileURLWithPath: "\(folder.path)/\(name)")
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(Fixtures.bytes("images/\(source)")).write(to: place)
    }
    return folder
  }

  private let files = [
    "cat/b.png": "colour.png", "cat/a.JPG": "colour.jpg", "dog/1.png": "grey.png",
    "cat/.hidden": "grey.png",
  ]

  @Test func classesAndFilesAreInOrder() throws {
    let folder = try make(files)
    defer { folder.remove() }
    let data = try DataReference("images:\(folder.path)").load()
    #expect(data.classNames == ["cat", "dog"])
    #expect(data.labels == [0, 0, 1])
    #expect(data.exampleShape == [3, 23, 37])
    let picture = try ImageFile.read("\(folder.path)/cat/b.png")
    let expected = (0..<3).flatMap { channel in
      stride(from: channel, to: picture.bytes.count, by: 3).map { Float(picture.bytes[$0]) / 255 }
    }
    #expect(try data.image(at: 1).scalars == expected)
    let grey = try data.image(at: 2).scalars
    #expect(Array(grey[..<851]) == Array(grey[1702...]))
  }

  @Test func resizesAndCuts() throws {
    let folder = try make(files)
    defer { folder.remove() }
    let options = DataOptions(shape: [3, 13, 14], bounds: 0...255, resize: 16)
    let data = try DataReference("images:\(folder.path)").load(options)
    let picture = try ImageFile.read("\(folder.path)/cat/b.png").resized(shorterSide: 16)
      .centerCropped(width: 14, height: 13)
    #expect(
      try data.image(at: 1).scalars[..<182]
        == picture.bytes.enumerated().compactMap {
          $0.offset % 3 == 0 ? Float($0.element) : nil
        }[...])
    for shape: Shape in [[1, 5, 50], [3, 50, 5], [3, 23, 37], [1, 64, 64]] {
      let data = try DataReference("images:\(folder.path)").load(DataOptions(shape: shape))
      #expect(try data.inputs(at: 0..<3).shape == shape.prepending(3))
    }
  }

  @Test func labelsFollowNames() throws {
    let folder = try make(files)
    defer { folder.remove() }
    let names = DataOptions(classNames: ["mouse", "dog", "cat"])
    #expect(try DataReference("images:\(folder.path)").load(names).labels == [2, 2, 1])
    let error = #expect(throws: DatasetError.self) {
      try DataReference("images:\(folder.path)").load(DataOptions(classNames: ["cat", "mouse"]))
    }
    #expect(error?.source == "\(folder.path)/dog")
    let numbers = try make(["7/a.png": "grey.png", "2/a.png": "grey.png"])
    defer { numbers.remove() }
    let data = try DataReference("images:\(numbers.path)").load()
    #expect(data.labels == [2, 7])
    #expect(data.numberOfClasses == 8)
    let synsets = try make(["n01440764/a.png": "grey.png"])
    defer { synsets.remove() }
    let tench = DataOptions(classNames: ["n00000001 other", "n01440764 tench, Tinca tinca"])
    #expect(try DataReference("images:\(synsets.path)").load(tench).labels == [1])
  }

  private func labels(_ folders: [String], _ names: [String]) throws -> [Int] {
    let files = folders.map { ("\($0)/a.png", "grey.png") }
    let folder = try make(Dictionary(uniqueKeysWithValues: files))
    defer { folder.remove() }
    return try DataReference("images:\(folder.path)").load(DataOptions(classNames: names)).labels
  }

  @Test(
    "folders are called as classes in several ways, the most exact first",
    arguments: [
      (["Dog", "cat "], ["mouse", "dog", "cat"], [1, 2]),
      (["great_dane", "Mouse-Lemur"], ["great dane", "mouse lemur"], [1, 0]),
      (["tench", "tinca tinca"], ["other", "n01440764 tench, Tinca tinca"], [1, 1]),
      (["cat", "CAT"], ["CAT", "cat"], [0, 1]),
      (["00", "07", "9"], (0..<10).map { "\($0)" }, [0, 7, 9]),
      (["01", "02"], ["1", "2", "3"], [0, 1]),
      (["0", "2"], ["airplane", "automobile", "bird"], [0, 2]),
      (["c0", "c2"], ["safe", "texting", "talking"], [0, 2]),
      (["digit_2", "digit_3"], ["1", "2", "3"], [1, 2]),
    ])
  func waysOfNaming(folders: [String], names: [String], expected: [Int]) throws {
    // Labels come in the order of the folders' names.
    #expect(try labels(folders, names) == expected)
  }

  @Test(
    "a folder that may be several classes or none is refused with what helps",
    arguments: [
      (["crane"], ["crane", "dog", "crane"], "is the name of the classes 0 and 2"),
      (["bird"], ["bird, hawk", "bird, owl"], "is the name of the classes"),
      (["area51"], (0..<60).map { "class \($0)x" }, "is not the name of one of the 60 classes"),
      (
        ["3"], ["a", "b", "c"], "is the number 3, expected 0 to 2, since classes are counted from 0"
      ),
      (
        ["0", "cat"], ["dog", "mouse"], "is not the name of one of the 2 classes (dog, mouse);"
      ),
    ])
  func refusedNames(folders: [String], names: [String], words: String) throws {
    let error = #expect(throws: DatasetError.self) { try labels(folders, names) }
    #expect(error?.message.hasPrefix(words) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("by labels FILE") == true)
  }

  @Test func refusesOtherFilesAndEmptyFolders() throws {
    for files in [["a.png": "grey.png"], ["cat/a.png": "grey.png", "cat/a.txt": "grey.png"], [:]] {
      let folder = try make(files)
      defer { folder.remove() }
      #expect(throws: DatasetError.self) { try DataReference("images:\(folder.path)").load() }
    }
  }

  @Test func damagedImagesAreErrorsWhenRead() throws {
    let folder = try make(files)
    defer { folder.remove() }
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: "\(folder.path)/dog/1.png"))
    let data = try DataReference("images:\(folder.path)").load()
    #expect(try data.image(at: 0).count == 2553)
    let error = #expect(throws: DatasetError.self) { try data.image(at: 2) }
    #expect(error?.source == "\(folder.path)/dog/1.png")
  }
}
