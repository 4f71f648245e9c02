import Settings
import Datasets
/// What data sets do not say of themselves, as it is given in words.
public struct DataFormSettings: Sendable, Hashable, Codable {
  /// The order of axes of images in NumPy arrays, or of their values in rows: `nchw` or `nhwc`.
  public var dataLayout: String?
  /// The range that numbers in NumPy arrays and tables lie in, such as `0:255`; or `columns`, each of which has its own.
  public var dataRange: String?
  /// The shorter side of photographs before their middle is cut out, in pixels.
  public var resize: Int?
  /// The column of a table that holds the class, by name or by number from 1; several joined by commas.
  public var targetColumn: String?
  /// The columns of a table that must not change, joined by commas.
  public var fixedColumns: String?
  /// What the targets in NumPy arrays and tables are: `classes`, `multi-label` or `numbers`.
  public var targets: String?

  /// Nothing is said.
  public init() {}

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
  /// - Throws: `StudyError` that names the option that has no such value or does not belong there.
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
      throw StudyError(
        "\(Setting.dataLayout) belongs to npz:FILE, npy:X,Y and csv:FILE, not to \(name)")
    }
    let boundsColumns = dataRange == DataFormSettings.columns
    if dataRange != nil, !isArray, !isTable {
      throw StudyError(
        "\(Setting.dataRange) belongs to npz:FILE, npy:X,Y and csv:FILE, not to \(name)")
    }
    if fixedColumns != nil, !isArray, !isTable {
      throw StudyError(
        "\(Setting.fixedColumns) belongs to csv:FILE, npz:FILE and npy:X,Y, not to \(name)")
    }
    if targetColumn != nil, !isTable {
      throw StudyError("\(Setting.targetColumn) belongs to csv:FILE, not to \(name)")
    }
    if resize != nil, !isPicture {
      throw StudyError("\(Setting.resize) belongs to images:DIR and photographs, not to \(name)")
    }
    if targets != nil, !isTable, !isArray {
      throw StudyError(
        "\(Setting.targets) belongs to npz:FILE, npy:X,Y and csv:FILE, not to \(name)")
    }
    var options = DataOptions()
    if let dataLayout {
      guard let layout = DataOptions.Layout(rawValue: dataLayout) else {
        throw StudyError("\(Setting.dataLayout) is '\(dataLayout)'; expected nchw or nhwc")
      }
      options.layout = layout
    }
    if let resize, !(1...16_384 ~= resize) {
      throw StudyError("\(Setting.resize) is \(resize); expected 1 to 16384")
    }
    options.resize = resize
    options.boundsColumns = boundsColumns
    options.fixedColumns = fixedColumns
    if let dataRange, !boundsColumns {
      guard dataRange.contains(":") else {
        throw StudyError(
          "\(Setting.dataRange) is '\(dataRange)'; expected LOWER:UPPER, such as 0:255, or columns")
      }
      options.valueRange = try ModelSettings.range(dataRange, .dataRange)
    }
    options.target = targetColumn
    if let targets {
      guard let kind = TargetKind(rawValue: targets) else {
        throw StudyError(
          "\(Setting.targets) is '\(targets)'; expected classes, multi-label or numbers")
      }
      options.targets = kind
    }
    return options
  }
}
