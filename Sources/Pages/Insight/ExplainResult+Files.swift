import Files
import Insight
public import Studies

extension ExplainResult {
  /// Writes pictures and arrays into a folder, in a folder for each picture where there are several.
  ///
  /// - Parameter folder: The folder, which is made if there is none.
  /// - Throws: `FileError`.
  public func write(to folder: String) throws {
    try Folder.create(folder)
    for (place, example) in examples.enumerated() {
      let own = examples.count == 1 ? folder : "\(folder)/\(place + 1)"
      try Folder.create(own)
      try example.attribution?.write(to: own)
      if let change = example.change {
        try AtomicFile.write(
          try change.pictures().encoded(as: "changes.npz"), to: own + "/changes.npz")
      }
      if let morph = example.morph {
        try AtomicFile.write(try morph.strip(), to: own + "/morph.png")
      }
    }
  }
}
