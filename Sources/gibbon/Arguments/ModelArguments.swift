import Studies
import ArgumentParser

/// What a model's file does not say of itself.
struct ModelArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The form of a network whose file holds tensors alone; `gibbon info` lists them."),
    completion: Completions.architectures)
  var architecture: String?

  @Option(
    help: ArgumentHelp(
      "Which of several sets of weights in a checkpoint is taken, such as model_ema.",
      valueName: "name"))
  var entry: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The values that the network was trained on, such as 0:255 or -1:1, where the data's are 0 to 1.",
      valueName: "lower:upper"))
  var inputRange: String?

  @Option(
    parsing: .unconditional,
    help: "Means that are subtracted first, one for each channel, such as 0.485,0.456,0.406.")
  var mean: String?

  @Option(help: "Standard deviations that are divided by then, one for each channel.")
  var std: String?

  @Option(
    help:
      "The order of axes that the network takes, or of the values of pictures where it takes rows: nchw or nhwc; the data's is nchw."
  )
  var layout: String?

  @Option(
    help: "The order of colours that the network takes: rgb or bgr; the data's is rgb.",
    completion: .list(["rgb", "bgr"]))
  var channels: String?

  @Option(help: "A file with the names of the classes, one on each line, in the outputs' order.")
  var labels: String?

  @OptionGroup var onnx: ONNXArguments

  mutating func validate() throws { try Parse.check { try settings.check() } }

  /// What was given.
  var settings: ModelSettings {
    var settings = ModelSettings()
    settings.architecture = architecture
    settings.entry = entry
    settings.inputRange = inputRange
    settings.mean = mean
    settings.std = std
    settings.layout = layout
    settings.channels = channels
    settings.labels = labels
    settings.onnx = onnx.settings
    return settings
  }
}
