import ArgumentParser
import Corruptions
import Datasets
import Files
import Reports
import Studies

/// A data set with corrupted pictures.
struct CorruptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corrupt",
    abstract: "Write a data set whose pictures are corrupted: noise, blur, weather and the like.",
    discussion: """
      The constants are those of CIFAR-10-C, ImageNet-C or MNIST-C, whichever fits the pictures, or --suite says it; \
      `gibbon info --corruptions` lists what each has. The same seed makes the same pictures. Values are 8 bits.

      --output FILE.npz holds one corruption (x, y and severity). A folder holds any number: by default as CIFAR-10-C \
      is published, NAME.npy with the severities one after the other, beside labels.npy; photographs of images:DIR as \
      ImageNet-C is, NAME/SEVERITY/CLASS/INDEX.png. All of these are read as data again, as by `gibbon evaluate MODEL \
      --data npz:fog.npz`.

      Examples:
        gibbon corrupt mnist:test --corruption fog --count 100 --output fog.npz
        gibbon corrupt mnist:test --corruption all --count 100 --output mnist-c
      """)

  @Argument(
    help: ArgumentHelp(
      "The pictures, as for --data of other commands; mnist:test or images:DIR, for example.",
      valueName: "data"), completion: Completions.data)
  var data: String

  @OptionGroup var form: DataFormArguments

  @Option(
    parsing: .unconditional, help: "How many pictures to take; all by default.",
    transform: Parse.integer)
  var count: Int?

  @Option(
    parsing: .unconditional, help: "How many pictures to leave out at the beginning.",
    transform: Parse.integer)
  var offset = 0

  @Option(
    help: ArgumentHelp(
      "The corruptions, joined by commas; all for those of the suite, common for the 15 of mean corruption errors.",
      valueName: "name"), completion: Completions.corruptions)
  var corruption: String

  @Option(
    help: ArgumentHelp(
      "Numbers from 1 to 5 joined by commas, all, or published (of MNIST-C); published for MNIST-C and all for others by default.",
      valueName: "number"))
  var severity: String?

  @Option(
    help: "Whose constants: cifar10-c, imagenet-c or mnist-c; those that fit by default.",
    completion: .list(CorruptionSuite.allCases.map(\.rawValue)))
  var suite: String?

  @Option(
    parsing: .unconditional, help: "Determines all random choices.", transform: Parse.seed)
  var seed: UInt64 = 0

  @Option(help: "The .npz file or the folder to write.")
  var output: String

  @Option(
    name: .customLong("form"),
    help: "How a folder is written: npy or png; as the discussion says by default.",
    completion: .list(["npy", "png"]))
  var written: String?

  @Option(help: "Write what was done as JSON to this file.")
  var json: String?

  mutating func validate() throws { try Parse.check { try settings.check() } }

  private var settings: DataSettings {
    var settings = DataSettings(data)
    settings.form = form.settings
    settings.count = count
    settings.offset = offset
    return settings
  }

  /// How pictures are written.
  ///
  /// - Throws: `StudyError` for a form that there is not, or that the name of the output does not allow.
  private func outputForm() throws -> CorruptedDataStudy.Form {
    if let ending = FileEnding.of(output), FileEnding.known.contains(ending), ending != "npz" {
      throw StudyError(
        "--output is '\(output)'; expected a name that ends in .npz, or a folder")
    }
    let isFile = output.hasSuffix(".npz")
    guard let written else {
      return isFile ? .npz : data.hasPrefix("images:") ? .png : .npy
    }
    guard let form = CorruptedDataStudy.Form(rawValue: written), form != .npz, !isFile else {
      throw StudyError(
        isFile
          ? "--form is about folders, but --output is '\(output)'; expected a folder"
          : "--form is '\(written)'; expected npy or png")
    }
    return form
  }

  mutating func run() async throws {
    let form = try outputForm()
    try OutputFiles.check(
      [.named("--output", form == .npz ? output : nil), .json("--json", json)],
      apartFrom: OutputFiles.inputs(nil, data, nil, nil))
    var asked = CorruptedDataSpecification()
    asked.data = settings
    asked.corruptions.names = corruption.split(
      separator: ",", omittingEmptySubsequences: false
    ).map(String.init)
    asked.corruptions.severities = severity
    asked.corruptions.suite = suite
    asked.seed = seed
    let observer = TerminalObserver.observer
    let study = try CorruptedDataStudy(asked, telling: observer)
    try study.check(form, to: output)
    let clock = ContinuousClock.now
    let path = output
    let files = try await Interrupt.guarding {
      try await study.write(as: form, to: path, telling: observer)
    }
    let seconds = (ContinuousClock.now - clock).seconds
    var delivery = Delivery()
    let (cells, pictures) = (study.grid.cells.count, study.grid.cells.count * study.data.count)
    delivery.tell(
      "\(output): \(Format.count(pictures)) pictures by \(study.grid.suite.rawValue), "
        + (cells == 1 ? "\(study.grid.cells[0])" : "\(cells) corruptions and severities")
        + ", \(Format.duration(seconds: seconds))")
    delivery.write(
      study.record(of: files, in: seconds, command: ShellWords.ownWords).text, to: json)
    try delivery.finish()
  }
}
