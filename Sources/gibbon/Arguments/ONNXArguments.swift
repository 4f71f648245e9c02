import Studies
import ArgumentParser

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

  /// What was given.
  var settings: ONNXSettings {
    var settings = ONNXSettings()
    settings.outputName = outputName
    settings.inputShape = inputShape
    settings.constantInput = constantInput
    return settings
  }
}
