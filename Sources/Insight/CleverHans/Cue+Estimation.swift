import Tensors

/// What pictures without a cue look like.
struct CueReference: Sendable {
  /// Pictures of other classes: what is seldom among them may be a cue.
  let others: SortedValues
  /// Pictures from which the cue's map is learnt: the rest of the class where it is known, else the other classes.
  let plain: SortedValues
  /// Whether `plain` is the rest of the class, so that what differs is the cue's and not the class's.
  let isOfClass: Bool
}

extension Cue {
  /// How near to one another values are that count as the same, as a share of the range.
  static let tolerance: Float = 0.05
  /// The part of the pictures on either side of the middle that may lack the cue, or hide it.
  static let tail: Float = 0.2
  /// The largest share of other classes' pictures that may have a core's value.
  static let rarity = 0.2

  /// Estimates what is common to some pictures of a class and seldom in others.
  ///
  /// A value is of the core where its middle three fifths over the pictures span at most a fifth of the range, and at
  /// most a fifth of the other classes' pictures lie there. The map takes the range of the plain pictures at a value
  /// (2nd to 98th percentile) to that with the cue. A value outside the core is touched where the end of the range at
  /// which most plain pictures are has moved, which is known only where these are of the same class.
  ///
  /// - Parameters:
  ///   - pictures: Pictures that may have a cue, at least one.
  ///   - reference: Pictures without.
  ///   - shape: The shape of a picture.
  ///   - bounds: The range of its values.
  init?(
    common pictures: SortedValues, against reference: CueReference, shape: Shape,
    bounds: ClosedRange<Float>
  ) {
    let size = shape.count
    let near = Cue.tolerance * (bounds.upperBound - bounds.lowerBound)
    let (others, plain) = (reference.others, reference.plain)
    var isCore = [Bool](repeating: false, count: size)
    var isTouched = isCore
    var lower = [Float](repeating: 0, count: size)
    var (upper, scale, shift, background) = (lower, lower, lower, lower)
    for place in 0..<size {
      let middle = pictures.quantile(0.5, at: place)
      lower[place] = min(pictures.quantile(Cue.tail, at: place), middle - near)
      upper[place] = max(pictures.quantile(1 - Cue.tail, at: place), middle + near)
      isCore[place] =
        upper[place] - lower[place] <= 4 * near
        && others.share(in: lower[place]...upper[place], at: place) <= Cue.rarity
      let with = (pictures.quantile(0.02, at: place), pictures.quantile(0.98, at: place))
      let without = (plain.quantile(0.02, at: place), plain.quantile(0.98, at: place))
      let range = without.1 - without.0
      scale[place] = range > 4 * near ? min((with.1 - with.0) / range, 1) : 1
      shift[place] = with.0 - scale[place] * without.0
      background[place] = plain.mean(at: place)
      let usual = plain.quantile(0.5, at: place)
      let isLow = usual - without.0 <= without.1 - usual
      let moved = isLow ? with.0 - without.0 : with.1 - without.1
      isTouched[place] = isCore[place] || (reference.isOfClass && abs(moved) > 2 * near)
    }
    guard isCore.contains(true) else { return nil }
    self.init(
      shape: shape, bounds: bounds, isCore: isCore, isTouched: isTouched, lower: lower,
      upper: upper, scale: scale, shift: shift, background: background)
  }
}
