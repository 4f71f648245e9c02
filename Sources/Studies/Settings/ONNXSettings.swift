import Tensors
import Settings
import Networks
/// What an ONNX file may leave open, as it is given in words.
public struct ONNXSettings: Sendable, Hashable, Codable {
  /// The output that holds the scores; by default the first that is a row of floats for each example.
  public var outputName: String?
  /// The shape of one example, such as `3,224,224`; that of the data by default.
  public var inputShape: String?
  /// Inputs that are the same for every example, as NAME=VALUES with one number for all values or one for each.
  public var constantInput: [String] = []

  /// Nothing is said.
  public init() {}

  /// The setting that is given, if one is.
  var given: Setting? {
    outputName != nil
      ? .outputName
      : inputShape != nil ? .inputShape : constantInput.isEmpty ? nil : .constantInput
  }

  /// What was given, as options of a file.
  ///
  /// - Throws: `StudyError` that names the option.
  func options() throws -> ONNXFile.Options {
    var options = ONNXFile.Options(output: outputName)
    if let inputShape {
      let parts = inputShape.split(omittingEmptySubsequences: false) { $0 == "," || $0 == "x" }
      let extents = parts.compactMap { Int($0) }
      guard extents.count == parts.count, extents.allSatisfy({ 1...1 << 24 ~= $0 }) else {
        throw StudyError(
          "\(Setting.inputShape) is '\(inputShape)'; expected the extents of one example, such as 3,224,224"
        )
      }
      options.exampleShape = Shape(extents)
    }
    for text in constantInput {
      guard let place = text.lastIndex(of: "="), place > text.startIndex else {
        throw StudyError(
          "\(Setting.constantInput) is '\(text)'; expected NAME=VALUES, such as mask=1")
      }
      let parts = text[text.index(after: place)...]
        .split(separator: ",", omittingEmptySubsequences: false)
      let values = parts.compactMap { Double($0) }
      guard values.count == parts.count, values.allSatisfy(\.isFinite) else {
        throw StudyError("\(Setting.constantInput) is '\(text)'; expected numbers joined by commas")
      }
      options.constants[String(text[..<place])] = values
    }
    return options
  }

  /// Reads a file, and says what was chosen in it.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - isOther: Whether this is not the model but another one, which what was said of the model need not fit.
  ///   - observer: Told what was chosen.
  ///   - example: Gives the shape of an example; asked only if the file leaves it open.
  /// - Returns: The file.
  /// - Throws: As `ONNXFile`; `StudyError` that names the option.
  func read(
    _ path: String, isOther: Bool, telling observer: Observer, example: () throws -> Shape?
  ) throws -> ONNXFile {
    var options = try options()
    if isOther, options.output != nil || !options.constants.isEmpty {
      let outline = try ONNXOutline(path: path)
      if !outline.outputs.contains(where: { $0.name == options.output }) { options.output = nil }
      options.constants = options.constants.filter { name, _ in
        outline.inputs.contains { $0.name == name }
      }
    }
    let file = try ONNXFile(path: path, options: options, example: example)
    let taken = file.network.input.shape
    if !isOther, let inputShape, options.exampleShape?.withoutOnes != taken.withoutOnes {
      throw StudyError("\(Setting.inputShape) is '\(inputShape)', but \(path) takes \(taken)")
    }
    for note in file.notes { observer.note(note) }
    return file
  }
}
