import Settings
import Images
import Networks
import Datasets
package import Insight
package import Models
package import Robustness
package import Tensors

/// One attack on one photograph, and what came of it.
package struct PhotographAttack: Sendable {
  /// The attack as on any example.
  package var run: AttackRun
  /// The photograph.
  package let photograph: Photograph
  /// The input of the network.
  package let input: Tensor<Float>
  /// What the network sees on the photograph.
  package let before: Ranking
  /// What it sees on the changed one, if the attack found any.
  package let after: Ranking?
  /// What it sees once the change has been saved as an 8-bit PNG and read back.
  package let saved: Ranking?
  /// The PNG file.
  package let png: [UInt8]?

  /// Attacks a photograph.
  ///
  /// - Parameters:
  ///   - photograph: The photograph.
  ///   - label: The class to attack; by default what the network sees.
  ///   - request: All else; its data are replaced.
  ///   - compiled: The model, to be run.
  ///   - observer: Told what happens.
  /// - Returns: What came of it. With `request.levels` a change is found only if it is still one as a PNG.
  /// - Throws: `StudyError`, and what the attack throws.
  package static func perform(
    on photograph: Photograph, label: Int?, _ request: AttackRun.Request,
    by compiled: any BatchedModel, telling observer: Observer
  ) async throws -> PhotographAttack {
    let classes = max(2, request.subject.outputCount)
    if let label, !(0..<classes ~= label) {
      throw StudyError("\(Setting.label) is \(label); expected 0 to \(classes - 1)")
    }
    let input = try photograph.input
    let before = try await compiled.ranking(of: input)
    guard let seen = before.label else {
      throw StudyError("\(photograph.path): \(request.model) gives scores that are not numbers")
    }
    let names = request.subject.input.classNames
    var request = request
    request.data = photograph.data(
      label: label ?? seen,
      classNames: names.count >= classes ? names : (0..<classes).map { names.name(of: $0) })
    let run = try await AttackRun.perform(request, on: compiled, telling: observer)
    guard let witness = run.outcomes.first?.witness else {
      return PhotographAttack(
        run: run, photograph: photograph, input: input, before: before, after: nil, saved: nil,
        png: nil)
    }
    let after = try await compiled.ranking(of: witness.input)
    guard let picture = Bitmap(witness.input, bounds: photograph.bounds) else {
      throw StudyError("\(photograph.path): inputs of shape \(witness.input.shape) are no images")
    }
    let png = try picture.png()
    // From the bytes of the file, not from the picture in memory.
    let decoded = try ImageFile.decode(png, name: "the saved photograph")
    let levels = ByteLevels(photograph.bounds).values
    let again = Tensor(decoded.planes.map { levels[Int($0)] }, shape: witness.input.shape)
    let saved = try await compiled.ranking(of: again)
    if request.levels != nil, again != witness.input {
      throw StudyError("\(photograph.path): the change differs once it is read back from a PNG")
    }
    return PhotographAttack(
      run: run, photograph: photograph, input: input, before: before, after: after, saved: saved,
      png: png)
  }

  /// The class that was attacked.
  package var label: Int { run.request.data.label(at: 0) }

  /// The witness.
  package var witness: Witness? { run.outcomes.first?.witness }

  /// The names of the classes, without the synonyms that ImageNet's have.
  package var names: [String] {
    run.request.data.classNames.map { String($0.prefix { $0 != "," }) }
  }

  /// Whether the change still does what it should once it is a PNG.
  package var survivesSaving: Bool {
    guard let saved = saved?.label else { return false }
    return run.request.target.map { $0 == saved } ?? (saved != label)
  }
}
