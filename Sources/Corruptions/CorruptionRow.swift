import Files
public import Tensors

/// What everything else knows about one corruption.
public struct CorruptionRow: Sendable, CustomStringConvertible {
  /// The name, as the published data sets have it.
  public let name: String
  /// What kind of change it is.
  public let family: CorruptionFamily
  /// What it does, in one line.
  public let summary: String
  /// The suites that have it.
  public let suites: [CorruptionSuite]
  /// The severity at which MNIST-C was published; 1 of what has no severities.
  public let published: Int?
  /// Whether chance has a part in it, so that seeds make different pictures.
  public let isDrawn: Bool

  private let counts: [CorruptionSuite: Int]
  private let change:
    @Sendable (inout Picture, CorruptionSuite, Int, inout Philox) throws(CorruptionError) -> Void

  /// Creates a row.
  ///
  /// - Parameters:
  ///   - kind: The corruption.
  ///   - family: What kind of change it is.
  ///   - published: The severity at which MNIST-C was published.
  ///   - summary: What it does, in one line.
  init<Kind: Corruption>(
    _ kind: Kind.Type, _ family: CorruptionFamily, published: Int? = nil, _ summary: String
  ) {
    name = kind.name
    self.family = family
    self.published = published
    isDrawn = kind.isDrawn
    self.summary = summary
    suites = CorruptionSuite.allCases.filter { kind.strengths[$0] != nil }
    counts = kind.strengths.mapValues(\.count)
    change = { picture, suite, severity, generator throws(CorruptionError) in
      guard let strengths = kind.strengths[suite] else {
        preconditionFailure("\(suite.rawValue) has no \(kind.name)")
      }
      try kind.apply(to: &picture, strengths[severity - 1], drawing: &generator)
    }
  }

  /// The name.
  public var description: String { name }

  /// The severities that a suite has of it: 1 to 5, or 1 alone.
  ///
  /// - Precondition: The suite has the corruption.
  public func severities(in suite: CorruptionSuite) -> ClosedRange<Int> {
    guard let count = counts[suite] else {
      preconditionFailure("\(suite.rawValue) has no \(name)")
    }
    return 1...count
  }

  /// The corrupted picture.
  ///
  /// Cost: microseconds for small pictures; some milliseconds for photographs.
  ///
  /// - Parameters:
  ///   - image: C x H x W of one or three channels and any size, values in 0...1, which are rounded to 8 bits first.
  ///   - severity: How strong, from 1 on.
  ///   - suite: Whose constants are taken.
  ///   - key: All chance, whatever thread it is used on.
  /// - Returns: A picture of 8 bits of the same shape, values in 0...1, rounded down as the reference does.
  /// - Throws: `CorruptionError` for another shape, a value out of range, a severity that there is not, or a suite that
  ///   has no such corruption.
  public func corrupted(
    _ image: Tensor<Float>, severity: Int, in suite: CorruptionSuite, key: RandomKey
  ) throws(CorruptionError) -> Tensor<Float> {
    guard let count = counts[suite] else { throw .unknown(name, suite, elsewhere: suites) }
    guard 1...count ~= severity else { throw .severity(severity, name, 1...count) }
    var picture = try Picture(image)
    var generator = key.child(suite.rawValue).child(name).child(severity).generator
    try change(&picture, suite, severity, &generator)
    return picture.image
  }
}

extension CorruptionRow {
  /// All corruptions.
  public static let all: [CorruptionRow] = [
    CorruptionRow(GaussianNoise.self, .noise, "normal noise on every value"),
    CorruptionRow(ShotNoise.self, .noise, published: 5, "Poisson noise, as of few photons"),
    CorruptionRow(ImpulseNoise.self, .noise, published: 4, "values that become black or white"),
    CorruptionRow(DefocusBlur.self, .blur, "a blur by a disk, as of a lens out of focus"),
    CorruptionRow(GlassBlur.self, .blur, published: 1, "neighbours mixed, as behind frosted glass"),
    CorruptionRow(MotionBlur.self, .blur, published: 1, "a blur along a line at a random angle"),
    CorruptionRow(ZoomBlur.self, .blur, "the mean of enlargements, as of moving ahead"),
    CorruptionRow(Snow.self, .weather, "falling snow before a paler scene"),
    CorruptionRow(Frost.self, .weather, "frost on a window"),
    CorruptionRow(Fog.self, .weather, published: 5, "bright clouds"),
    CorruptionRow(Brightness.self, .weather, published: 5, "more light"),
    CorruptionRow(Contrast.self, .digital, "less contrast"),
    CorruptionRow(ElasticTransform.self, .digital, "bent, as if drawn on rubber"),
    CorruptionRow(Pixelate.self, .digital, "fewer pixels"),
    CorruptionRow(JPEGCompression.self, .digital, "the artefacts of JPEG at a low quality"),
    CorruptionRow(SpeckleNoise.self, .noise, "normal noise in proportion to each value"),
    CorruptionRow(GaussianBlur.self, .blur, "a blur by a normal density"),
    CorruptionRow(
      Spatter.self, .weather, published: 4, "drops of water or splashes of mud on the lens"),
    CorruptionRow(Saturate.self, .digital, "paler or stronger colours"),
    CorruptionRow(Shear.self, .geometry, published: 2, "leaning to the left or to the right"),
    CorruptionRow(Scale.self, .geometry, published: 3, "smaller"),
    CorruptionRow(Rotate.self, .geometry, published: 2, "turned to the left or to the right"),
    CorruptionRow(Translate.self, .geometry, published: 3, "shifted along both axes"),
    CorruptionRow(Stripe.self, .drawing, published: 1, "outer quarters of each row inverted"),
    CorruptionRow(DottedLine.self, .drawing, published: 1, "a dotted line across"),
    CorruptionRow(Zigzag.self, .drawing, published: 1, "a zigzag across"),
    CorruptionRow(CannyEdges.self, .drawing, published: 1, "the edges alone"),
  ]

  /// The corruptions of a suite: the 15 common ones first, then what else it has.
  public static func rows(of suite: CorruptionSuite) -> [CorruptionRow] {
    all.filter { $0.suites.contains(suite) }
  }

  /// The names of the 15 common corruptions, over which mean errors of CIFAR-10-C and ImageNet-C are taken.
  public static let commonNames = all.prefix(15).map(\.name)

  /// The corruption of a suite with a name.
  ///
  /// - Throws: `CorruptionError` with the nearest name, or the suites that have it.
  public static func row(
    named name: String, in suite: CorruptionSuite
  ) throws(CorruptionError) -> CorruptionRow {
    let known = all.first { $0.name == name.replacing("-", with: "_") }
    guard let known, known.suites.contains(suite) else {
      throw .unknown(name, suite, elsewhere: known?.suites ?? [])
    }
    return known
  }
}
