public import Tensors

/// What is known about data beside the reference that names them.
public struct DataOptions: Hashable, Sendable {
  /// In which order the axes of an image follow.
  public enum Layout: String, Hashable, Sendable, CaseIterable {
    /// Channels, height, width; what networks take here.
    case channelsFirst = "nchw"
    /// Height, width, channels; converted.
    case channelsLast = "nhwc"
  }

  /// The shape of one example that a network takes; images of folders and photographs are cut to it.
  public var shape: Shape?

  /// The range that values must lie in, which bytes are spread over; by default 0...1, and for
  /// features without a shape of images the range that they have.
  public var bounds: ClosedRange<Float>?

  /// The range that numbers of arrays lie in, if they are to be spread over the bounds from there,
  /// such as 0...255.
  public var valueRange: ClosedRange<Float>?

  /// The order of the axes of arrays of images; by default channels first, and what looks different is
  /// refused.
  public var layout: Layout?

  /// The length that the shorter side of an image in a folder is brought to before its middle is cut out;
  /// by default the least that fills the shape.
  public var resize: Int?

  /// The column of a table with the class, by its name or its number from 1, or several of them joined by
  /// commas; by default one that is called as targets usually are.
  public var target: String?

  /// What the targets are; by default what they look like: whole numbers are classes, several columns of 0 and
  /// 1 labels, and other numbers are those of a regression.
  public var targets: TargetKind?

  /// The number of outputs that the network has, if that is known: a single one tells no more than two classes apart,
  /// so that other floating-point numbers are those of a regression.
  public var outputCount: Int?

  /// The names of the classes by label; what data sets name otherwise by themselves.
  public var classNames: [String]

  /// The means and standard deviations that the network normalises by, if it does: data that are normalised already
  /// are probably so by these.
  public var statistics: Statistics?

  /// What values are normalised by: one number for each channel, or one for all.
  public struct Statistics: Hashable, Sendable {
    /// The means.
    public var means: [Float]
    /// The standard deviations.
    public var deviations: [Float]

    /// Creates statistics.
    public init(means: [Float], deviations: [Float]) {
      (self.means, self.deviations) = (means, deviations)
    }
  }

  /// Whether each column of a table, or of an array N x D, has bounds of its own: its least and its largest value.
  public var boundsColumns = false

  /// The columns of a table, or of an array N x D, that must not change, by names or by numbers from 1, joined by
  /// commas.
  public var fixedColumns: String?

  /// Whether arrays and tables may come without labels, where they are not asked for.
  public var allowsUnlabelled = false

  /// Creates options.
  public init(
    shape: Shape? = nil, bounds: ClosedRange<Float>? = nil,
    valueRange: ClosedRange<Float>? = nil, layout: Layout? = nil,
    resize: Int? = nil, target: String? = nil, targets: TargetKind? = nil,
    classNames: [String] = []
  ) {
    self.shape = shape
    self.bounds = bounds
    self.valueRange = valueRange
    self.layout = layout
    self.resize = resize
    self.target = target
    self.targets = targets
    self.classNames = classNames
  }

  /// What the values of bytes stand for.
  var levels: ByteLevels { ByteLevels(bounds ?? 0...1) }
}
