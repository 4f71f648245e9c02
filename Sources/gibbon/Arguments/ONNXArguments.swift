import ArgumentParser
import Networks
import Tensors

/// What an ONNX file may leave open.
struct ONNXArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The output of an ONNX file that holds the scores; by default the first that is a row of floats for each example.",
      valueName: "name"))
  var outputName: String?

  @Option(
    help: ArgumentHelp(
      "The shape of one example, such as 3,224,224, where an ONNX file leaves it open; that of the data by default.",
      valueName: "extents"))
  var inputShape: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "An input of an ONNX file that is the same for every example, with one number for all of its values or one for each, such as mask=1 or size=28,28.",
      valueName: "name=values"))
  var constantInput: [String] = []

  /// The option that is given, if one is.
  var given: String? {
    outputName != nil
      ? "--output-name"
      : inputShape != nil
        ? "--input-shape" : constantInput.isEmpty ? nil : "--constant-input"
  }

  /// What was given, as options of a file.
  ///
  /// - Throws: `BadArgument` that names the option.
  func options() throws -> ONNXFile.Options {
    var options = ONNXFile.Options(output: outputName)
    if let inputShape {
      let parts = inputShape.split(omittingEmptySubsequences: false) { $0 == "," || $0 == "x" }
      let extents = parts.compactMap { Int($0) }
      guard extents.count == parts.count, extents.allSatisfy({ 1...1 << 24 ~= $0 }) else {
        throw BadArgument(
          "--input-shape is '\(inputShape)'; expected the extents of one example, such as 3,224,224"
        )
      }
      options.exampleShape = Shape(extents)
    }
    for text in constantInput {
      guard let place = text.lastIndex(of: "="), place > text.startIndex else {
        throw BadArgument("--constant-input is '\(text)'; expected NAME=VALUES, such as mask=1")
      }
      let parts = text[text.index(after: place)...]
        .split(separator: ",", omittingEmptySubsequences: false)
      let values = parts.compactMap { Double($0) }
      guard values.count == parts.count, values.allSatisfy(\.isFinite) else {
        throw BadArgument("--constant-input is '\(text)'; expected numbers joined by commas")
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
  ///   - example: Gives the shape of an example; asked only if the file leaves it open.
  /// - Returns: The file.
  /// - Throws: As `ONNXFile`; `BadArgument` that names the option.
  func read(_ path: String, isOther: Bool, example: () throws -> Shape?) throws -> ONNXFile {
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
      throw BadArgument("--input-shape is '\(inputShape)', but \(path) takes \(taken)")
    }
    for note in file.notes { Terminal.note("gibbon: \(note)") }
    return file
  }
}
