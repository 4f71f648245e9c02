import Datasets
import Foundation
import TestSupport
import Testing

/// What servers and tools leave in the place of data.
@Suite struct StandInTests {
  @Test(arguments: [
    ("<!DOCTYPE html>\n<html><body>404</body></html>", "is a page of HTML", "download the file"),
    ("\u{FEFF}\n <HTML>", "is a page of HTML", "download the file"),
    (
      "version https://git-lfs.github.com/spec/v1\noid x\n", "is a pointer of Git LFS",
      "git lfs pull"
    ),
    ("../.git/annex/objects/Xk/SHA256E-s9", "is a pointer of git-annex", "git annex get "),
  ])
  func areCalledWhatTheyAre(text: String, words: String, remedy: String) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(Array(text.utf8), to: "data_batch_1")
    for reference in [
      "npz:\(path)", "npy:\(path),\(path)", "idx:\(path),\(path)", "csv:\(path)",
      "cifar10:data_batch_1@\(folder.path)",
    ] {
      let error = #expect(throws: DatasetError.self) { try DataReference(reference).load() }
      let line = error?.description ?? ""
      #expect(line.hasPrefix("\(path): ") && line.contains(words), "\(reference): \(line)")
      #expect(line.contains(remedy) && line.contains("expected"), "\(reference): \(line)")
    }
  }

  @Test func picturesBesideClassesAreTold() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let images = "\(Fixtures.folder)/images"
    let picture = try #require(
      FileManager.default.contentsOfDirectory(atPath: images).first { $0.hasSuffix(".png") })
    for name in ["a", "b"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/\(name)", withIntermediateDirectories: false)
    }
    for name in ["a/1.png", "b/2.png", "3.png", "4.PNG"] {
      try FileManager.default.copyItem(
        atPath: "\(images)/\(picture)", toPath: "\(folder.path)/\(name)")
    }
    let data = try DataReference("images:\(folder.path)").load()
    #expect(data.count == 2)
    #expect(
      data.remarks.sentences == [
        "images:\(folder.path): 2 pictures lie beside the folders of the classes and are not read, such as 3.png"
      ])
  }
}
