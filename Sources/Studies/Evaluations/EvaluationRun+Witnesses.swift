import Settings
import Reports
import Images
import Files
import Networks
import Tensors
import Evaluation
import Insight
package import Datasets

extension EvaluationRun {
  /// Where the changed inputs go.
  package enum Destination: Hashable {
    case file(String), folder(String)

    /// What the ending of a name says.
    package init(_ path: String) {
      self =
        path.hasSuffix(".npz") || path.hasSuffix(".safetensors") ? .file(path) : .folder(path)
    }

    /// Whether a path looks like that of a file of another kind: letters after its last dot.
    private static func looksLikeFile(_ path: String) -> Bool {
      let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
      guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return false }
      let ending = name[name.index(after: dot)...]
      return !ending.isEmpty && ending.allSatisfy(\.isLetter)
    }

    /// Makes sure that it can be written.
    ///
    /// - Throws: `StudyError` or `FileError`.
    package func check(for data: Dataset) throws {
      guard case .folder(let path) = self else { return }
      if Destination.looksLikeFile(path), !Folder.exists(path) {
        throw StudyError(
          "\(Setting.save) is '\(path)'; expected a name that ends in .npz or .safetensors, or a folder, whose name may end in /"
        )
      }
      guard Bitmap(try data.image(at: 0), bounds: data.bounds) != nil else {
        throw StudyError(
          "\(Setting.save) is '\(path)', a folder of pictures, but examples are \(data.exampleShape); expected a name that "
            + "ends in .npz or .safetensors")
      }
      if WholeFile.exists(path), !Folder.exists(path) {
        throw StudyError(
          "\(Setting.save) is '\(path)', which is a file; expected a folder, or a name that ends in .npz or .safetensors"
        )
      }
    }
  }

  /// Writes the changed inputs.
  ///
  /// - Parameters:
  ///   - destination: Where.
  ///   - observer: Told of what was removed, and of pictures that rounding undid.
  /// - Throws: `FileError`, and what the model throws.
  package func save(to destination: Destination, telling observer: Observer) async throws {
    switch destination {
    case .file(let path):
      try AtomicFile.write(try witnesses().encoded(as: path), to: path)
    case .folder(let path): try await savePictures(in: path, observer)
    }
  }

  /// The changed inputs beside the originals: `x`, `witness`, `index`, `label`, and what both are taken for,
  /// `prediction` and `witness_prediction`; and the arrays of `RoundingRecord`.
  private func witnesses() throws -> SafeTensorsFile {
    var file = SafeTensorsFile(name: "witnesses")
    let rows = try broken()
    let verdicts = Dictionary(
      evaluation.verdicts.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
    let shape = request.subject.input.shape.prepending(rows.count)
    file.tensors["x"] = Tensor(rows.flatMap(\.example.input.scalars), shape: shape)
    file.tensors["witness"] = Tensor(rows.flatMap(\.change.input.scalars), shape: shape)
    file.integers["index"] = SafeTensorsIntegers(
      rows.map { Int64($0.example.index) }, shape: [rows.count])
    file.integers["label"] = SafeTensorsIntegers(
      rows.map { Int64($0.example.label) }, shape: [rows.count])
    let before = rows.compactMap { verdicts[$0.example.index]?.prediction.map(Int64.init) }
    let after = rows.compactMap { $0.change.prediction.map(Int64.init) }
    if before.count == rows.count, after.count == rows.count {
      file.integers["prediction"] = SafeTensorsIntegers(before, shape: [rows.count])
      file.integers["witness_prediction"] = SafeTensorsIntegers(after, shape: [rows.count])
    }
    file.tensors.merge(
      RoundingRecord.arrays(rows.map { ($0.change.margin, $0.change.rounding) })
    ) { $1 }
    file.metadata = provenance.metadata
    file.metadata["attack"] = request.suite.members.map(\.name).joined(separator: ", ")
    file.tensors.merge(request.data.columnTensors) { $1 }
    return file
  }

  /// Removes the pictures that an earlier evaluation left in a folder, known by their names; other files stay.
  private static func removePictures(in folder: String, _ observer: Observer) throws {
    let old = try Folder.names(in: folder).filter {
      $0.wholeMatch(of: #/[0-9]{6,}-class-[0-9]+-read-([0-9]+|none)\.png/#) != nil
    }
    for name in old { try Folder.remove(name, in: folder) }
    guard !old.isEmpty else { return }
    observer.note(
      "\(Format.count(old.count)) pictures of an earlier evaluation were removed from \(folder)"
    )
  }

  /// A PNG for each, named by index, class and what it is taken for; says how many rounding undid.
  private func savePictures(in folder: String, _ observer: Observer) async throws {
    try Folder.create(folder)
    try EvaluationRun.removePictures(in: folder, observer)
    let model = try request.subject.model()
    let levels = ByteLevels(request.data.bounds).values
    var undone = 0
    for (example, change) in try broken() {
      guard let picture = Bitmap(change.input, bounds: request.data.bounds) else { continue }
      let digits = String(example.index)
      let padded = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
      let name =
        "\(padded)-class-\(example.label)-read-\(change.prediction.map(String.init) ?? "none").png"
      try AtomicFile.write(try picture.png(), to: folder + "/" + name)
      if request.levels == nil {
        let (lower, upper) = (request.data.bounds.lowerBound, request.data.bounds.upperBound)
        let rounded = change.input.map { value in
          let place = ((value - lower) / (upper - lower) * 255).rounded()
          return levels[min(max(Int(place), 0), 255)]
        }
        let label = try await model.readings(of: [rounded])[0].label
        if label == example.label { undone += 1 }
      }
    }
    guard undone > 0 else { return }
    observer.note(
      "\(undone) of \(evaluation.broken.count) pictures are read rightly once they are rounded to 8 bits; "
        + "\(Setting.eightBit) searches for others")
  }
}
