import ArgumentParser
import Studies

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
      "The order of axes that the network takes, or of values in rows: nchw (the data's) or nhwc."
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

extension ModelSpecification {
  /// Takes over what all verbs can be told that ask a model about examples.
  mutating func take(
    _ arguments: ModelArguments, _ examples: DataArguments, batch: Int, _ engine: EngineArguments,
    _ remote: RemoteArguments
  ) {
    modelSettings = arguments.settings
    data = examples.settings
    self.batch = batch
    self.engine = engine.settings
    self.remote = remote.settings
  }
}

/// What an ONNX file may leave open.
struct ONNXArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The output of an ONNX file that holds the scores; by default the first row of floats.",
      valueName: "name"))
  var outputName: String?

  @Option(
    help: ArgumentHelp(
      "The shape of one example where an ONNX file leaves it open, such as 3,224,224.",
      valueName: "extents"))
  var inputShape: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "An input of an ONNX file that is the same for every example, such as mask=1 or size=28,28.",
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

/// How a remote model is asked.
struct RemoteArguments: ParsableArguments {
  /// The heading in help texts.
  static let title: String = "Remote models"

  @Option(
    help: ArgumentHelp(
      "A line of each request's header, such as 'Authorization: Bearer ...'; for several lines several times.",
      valueName: "name: value"))
  var header: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How long to wait for an answer; 30 by default.", valueName: "seconds"),
    transform: Parse.number)
  var timeout: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How often to ask before giving up; 5 by default.", valueName: "times"),
    transform: Parse.integer)
  var attempts: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The longest Retry-After waited for; 600 by default.",
      valueName: "seconds"),
    transform: Parse.number)
  var maxWait: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most inputs per second.", valueName: "inputs"),
    transform: Parse.number)
  var perSecond: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most inputs to ask about in this run.", valueName: "inputs"),
    transform: Parse.integer)
  var queryLimit: Int?

  @Option(
    help: "A file that keeps the answers, so that later runs need not ask for them again."
  )
  var cache: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many classes there are, if it answers with labels.",
      valueName: "number"),
    transform: Parse.integer)
  var classes: Int?

  mutating func validate() throws { try Parse.check { try settings.check() } }

  /// What was given.
  var settings: RemoteSettings {
    var settings = RemoteSettings()
    settings.header = header
    settings.timeout = timeout
    settings.attempts = attempts
    settings.maxWait = maxWait
    settings.perSecond = perSecond
    settings.queryLimit = queryLimit
    settings.cache = cache
    settings.classes = classes
    return settings
  }
}
