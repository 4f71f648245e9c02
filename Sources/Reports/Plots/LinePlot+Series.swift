extension LinePlot {
  /// A point of a line, with the range in which the true value is believed to lie.
  public struct Point: Hashable, Sendable {
    /// The place on the horizontal axis.
    public var x: Double

    /// The place on the vertical axis; the line breaks at a number that is not finite.
    public var y: Double

    /// The error band at this point, if there is one.
    public var band: ClosedRange<Double>?

    /// Creates a point.
    public init(_ x: Double, _ y: Double, band: ClosedRange<Double>? = nil) {
      self.x = x
      self.y = y
      self.band = band
    }
  }

  /// A named line.
  public struct Series: Hashable, Sendable {
    /// The name, written at the line's end or in a legend.
    public var name: String

    /// The points in the order in which they are joined.
    public var points: [Point]

    /// The colour; nil takes the next of the palette.
    public var color: PlotColor?

    /// Whether the line is dashed, as bounds and references usually are.
    public var isDashed: Bool

    /// Whether each point has a dot.
    public var hasMarkers: Bool

    /// Creates a line.
    public init(
      _ name: String, _ points: [Point], color: PlotColor? = nil, isDashed: Bool = false,
      hasMarkers: Bool = false
    ) {
      self.name = name
      self.points = points
      self.color = color
      self.isDashed = isDashed
      self.hasMarkers = hasMarkers
    }
  }

  /// A labelled vertical line.
  public struct Rule: Hashable, Sendable {
    /// The place on the horizontal axis; nothing is drawn outside its range.
    public var value: Double

    /// What the place means, such as `eps = 0.3`.
    public var label: String

    /// Creates a rule.
    public init(at value: Double, label: String) {
      self.value = value
      self.label = label
    }
  }
}
