package import Datasets
package import Images
package import Insight
package import JSON
package import Models
import Networks
package import Robustness
import Settings
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
  /// What the network makes of the change alone, as it is drawn.
  package let change: Ranking?
  /// The PNG file.
  package let png: [UInt8]?
  /// The folder in which a real example was looked for.
  package var gallery: String?
  /// A real example of the class that the changed photograph is taken for, if there is one in the gallery.
  package var real: RealExample?

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
    guard let outcome = run.outcomes.first,
      let adversarialExample = outcome.adversarialExample ?? outcome.lessSure
    else {
      return PhotographAttack(
        run: run, photograph: photograph, input: input, before: before, after: nil, saved: nil,
        change: nil, png: nil)
    }
    let after = try await compiled.ranking(of: adversarialExample.input)
    guard let picture = Bitmap(adversarialExample.input, bounds: photograph.bounds) else {
      throw StudyError(
        "\(photograph.path): inputs of shape \(adversarialExample.input.shape) are no images")
    }
    let png = try picture.png()
    // From the bytes of the file, not from the picture in memory.
    let decoded = try ImageFile.decode(png, name: "the saved photograph")
    let levels = ByteLevels(photograph.bounds).values
    let again = Tensor(
      decoded.planes.map { levels[Int($0)] }, shape: adversarialExample.input.shape)
    let saved = try await compiled.ranking(of: again)
    if request.levels != nil, again != adversarialExample.input {
      throw StudyError("\(photograph.path): the change differs once it is read back from a PNG")
    }
    let drawn = PhotographAttack.drawn(adversarialExample.input - input, in: photograph.bounds)
    return PhotographAttack(
      run: run, photograph: photograph, input: input, before: before, after: after, saved: saved,
      change: request.subject.remote == nil ? try await compiled.ranking(of: drawn) : nil,
      png: png)
  }

  /// A change as an input of its own: the middle of the range where nothing changes, and its ends for the largest change.
  private static func drawn(
    _ change: Tensor<Float>, in bounds: ClosedRange<Float>
  ) -> Tensor<Float> {
    let largest = Float(change.normInfinity)
    let middle = (bounds.lowerBound + bounds.upperBound) / 2
    let half = (bounds.upperBound - bounds.lowerBound) / 2
    return change.map { middle + (largest > 0 ? half * ($0 / largest) : 0) }
  }

  /// The class that was attacked.
  package var label: Int { run.request.data.label(at: 0) }

  /// The adversarial example; where the model is less sure there than was asked, that of which it is surest.
  package var adversarialExample: AdversarialExample? {
    run.outcomes.first.flatMap { $0.adversarialExample ?? $0.lessSure }
  }

  /// Whether the model is less sure of what it sees on the changed photograph than was asked.
  package var fallsShort: Bool { run.outcomes.first?.lessSure != nil }

  /// The names of the classes, without the synonyms that ImageNet's have.
  package var names: [String] {
    run.request.data.classNames.map { String($0.prefix { $0 != "," }) }
  }

  /// Whether the change still does what it should once it is a PNG.
  package var survivesSaving: Bool {
    guard let saved, let seen = saved.label else { return false }
    guard run.request.target.map({ $0 == seen }) ?? (seen != label) else { return false }
    guard let confidence = run.request.confidence, !fallsShort else { return true }
    return saved.probability(of: seen) ?? 0 > confidence.probability
  }

  /// How many classes are named.
  package static let top = 5

  /// The object of a record: that of the attack, and what the network sees.
  package var json: JSONValue {
    guard case .object(var object) = run.json else { return run.json }
    object["photo"] = JSONValue(photograph.path)
    object["gallery"] = JSONValue(gallery)
    object["real"] = JSONValue(
      real.map {
        [
          "path": JSONValue($0.path),
          "classes": $0.ranking.json(names, top: PhotographAttack.top),
        ]
      })
    object["change"] = JSONValue(change.map { $0.json(names, top: PhotographAttack.top) })
    object["falls_short"] = JSONValue(run.request.confidence == nil ? nil : JSONValue(fallsShort))
    object["before"] = before.json(names, top: PhotographAttack.top)
    object["after"] = JSONValue(after.map { $0.json(names, top: PhotographAttack.top) })
    object["saved"] = JSONValue(saved.map { $0.json(names, top: PhotographAttack.top) })
    object["survives_saving"] = JSONValue(saved == nil ? nil : JSONValue(survivesSaving))
    return .object(object)
  }
}

/// A picture in a file, as a model sees it.
package struct Photograph: Sendable {
  /// The file.
  package let path: String
  /// The picture before it is prepared.
  package let picture: Bitmap
  /// What was met in the file and read nevertheless.
  package let remark: String?
  /// How it is prepared.
  package let preparation: ImagePreparation
  /// What its bytes are spread over.
  package let bounds: ClosedRange<Float>
  /// What is known of the model's inputs.
  let form: InputForm

  /// Reads a file for a model; where the shape of inputs is not known, it is the picture's or that of a square.
  ///
  /// - Throws: `ImageError` or `DatasetError` that names the file, or what the model takes.
  package init(path: String, for input: InputForm, resize: Int?) throws {
    self.path = path
    form = input
    let file = try ImageFile(path: path)
    picture = file.picture
    remark = file.orientationRemark.map { "\(path): \($0)" }
    let channels = picture.channels.rawValue
    let own: Shape =
      resize.map { [channels, $0, $0] } ?? [channels, picture.height, picture.width]
    do {
      preparation = try ImagePreparation(
        shape: input.shape.map { $0.picture ?? $0 } ?? own, resize: resize)
    } catch {
      throw StudyError("\(path): \(error.message)")
    }
    bounds = input.bounds ?? 0...1
  }

  /// The shape of a photograph as it is, for a network that takes any.
  ///
  /// - Throws: `ImageError` that names the file.
  package static func shape(of path: String, resize: Int?) throws -> Shape {
    let picture = try ImageFile.read(path)
    let channels = picture.channels.rawValue
    return resize.map { [channels, $0, $0] } ?? [channels, picture.height, picture.width]
  }

  /// The same with what was said of photographs.
  package static func shape(of path: String, _ form: DataFormSettings) throws -> Shape {
    try shape(of: path, resize: try form.options(for: nil).resize)
  }

  /// A data set of this one example.
  package func data(label: Int, classNames: [String]) -> Dataset {
    let data = Dataset(
      name: path, photo: picture, preparation: preparation, label: label, classNames: classNames,
      bounds: bounds)
    return data.fitted(to: form.shape ?? data.exampleShape, rows: nil, images: nil)
  }

  /// The input of the model.
  package var input: Tensor<Float> {
    get throws { try data(label: 0, classNames: ["unknown"]).image(at: 0) }
  }

  /// The levels that an 8-bit image can have.
  package var levels: [Float] { ByteLevels(bounds).values }
}
