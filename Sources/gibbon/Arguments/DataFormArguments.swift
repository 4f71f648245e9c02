import ArgumentParser
import Datasets

/// What data sets do not say of themselves.
struct DataFormArguments: ParsableArguments {
  @Option(
    help:
      "The order of axes of images in NumPy arrays, or of their values in rows: nchw or nhwc, which is converted; what looks like nhwc is refused otherwise."
  )
  var dataLayout: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The range that numbers in NumPy arrays and tables lie in where it is not the network's, such as 0:255; it is spread over that. Or columns: each column of a table has its own range, and radii are shares of it.",
      valueName: "lower:upper"))
  var dataRange: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The shorter side of photographs before their middle is cut out, such as 256 for networks that take 224; as little as fills the network's input by default.",
      valueName: "pixels"),
    transform: Parse.integer)
  var resize: Int?

  @Option(
    help: ArgumentHelp(
      "The column of a table that holds the class, by name or by number from 1; several joined by commas where examples have several labels or numbers as targets.",
      valueName: "column"))
  var targetColumn: String?

  @Option(
    help: ArgumentHelp(
      "The columns of a table that must not change, by name or by number from 1, joined by commas.",
      valueName: "column,..."))
  var fixedColumns: String?

  @Option(
    help: ArgumentHelp(
      "What the targets in NumPy arrays and tables are: classes, multi-label or numbers; by default what they look like.",
      valueName: "kind"))
  var targets: String?

  /// The word that stands for the range of each column.
  private static let columns = "columns"

  /// Whether anything was given.
  var isGiven: Bool {
    dataLayout != nil || dataRange != nil || resize != nil || targetColumn != nil
      || fixedColumns != nil || targets != nil
  }

  /// What was given, as options of the data that a reference names.
  ///
  /// - Parameter reference: The data; `nil` for a photograph.
  /// - Returns: The options.
  /// - Throws: `BadArgument` that names the option that has no such value or does not belong there.
  func options(for reference: DataReference?) throws -> DataOptions {
    let (isArray, isTable, isPicture) =
      switch reference {
      case .npz, .npy: (true, false, false)
      case .csv: (false, true, false)
      case .images, nil: (false, false, true)
      case .mnist, .idx, .cifar: (false, false, false)
      }
    let name = reference?.description ?? "a photograph"
    if dataLayout != nil, !isArray, !isTable {
      throw BadArgument("--data-layout belongs to npz:FILE, npy:X,Y and csv:FILE, not to \(name)")
    }
    let boundsColumns = dataRange == DataFormArguments.columns
    if dataRange != nil, !isArray, !isTable {
      throw BadArgument("--data-range belongs to npz:FILE, npy:X,Y and csv:FILE, not to \(name)")
    }
    if fixedColumns != nil, !isArray, !isTable {
      throw BadArgument("--fixed-columns belongs to csv:FILE, npz:FILE and npy:X,Y, not to \(name)")
    }
    if targetColumn != nil, !isTable {
      throw BadArgument("--target-column belongs to csv:FILE, not to \(name)")
    }
    if resize != nil, !isPicture {
      throw BadArgument("--resize belongs to images:DIR and photographs, not to \(name)")
    }
    if targets != nil, !isTable, !isArray {
      throw BadArgument("--targets belongs to npz:FILE, npy:X,Y and csv:FILE, not to \(name)")
    }
    var options = DataOptions()
    if let dataLayout {
      guard let layout = DataOptions.Layout(rawValue: dataLayout) else {
        throw BadArgument("--data-layout is '\(dataLayout)'; expected nchw or nhwc")
      }
      options.layout = layout
    }
    if let resize, !(1...16_384 ~= resize) {
      throw BadArgument("--resize is \(resize); expected 1 to 16384")
    }
    options.resize = resize
    options.boundsColumns = boundsColumns
    options.fixedColumns = fixedColumns
    if let dataRange, !boundsColumns {
      guard dataRange.contains(":") else {
        throw BadArgument(
          "--data-range is '\(dataRange)'; expected LOWER:UPPER, such as 0:255, or columns")
      }
      options.valueRange = try ModelArguments.range(dataRange, "--data-range")
    }
    options.target = targetColumn
    if let targets {
      guard let kind = TargetKind(rawValue: targets) else {
        throw BadArgument("--targets is '\(targets)'; expected classes, multi-label or numbers")
      }
      options.targets = kind
    }
    return options
  }
}
