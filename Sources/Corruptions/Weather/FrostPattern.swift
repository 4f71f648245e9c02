import Platform
import Tensors

/// Ice on glass: feathers of needles, each grown in its own direction, or soft streaks; below clouds of haze.
struct FrostPattern {
  /// Brighter where there is more ice, row after row; the deviation is about 1, whatever the mean.
  private(set) var values: [Float]

  private let noise: LatticeNoise
  private let left: Float
  private let top: Float
  private let columns: Int
  private let grains: [Grain]

  /// Where a feather has grown from, in grains, and its direction.
  private struct Grain {
    let place: SIMD2<Float>
    let direction: SIMD2<Float>
  }

  /// What there is of each part, by the deviations that they have by themselves.
  private struct Shares {
    let haze: Float
    let ice: Float

    init(clouds: Float, isSoft: Bool) {
      haze = clouds.squareRoot() / 0.21
      ice = (1 - clouds).squareRoot() / (isSoft ? 0.48 : 0.38)
    }
  }

  /// Draws a pattern.
  ///
  /// - Parameters:
  ///   - height: Rows.
  ///   - width: Pixels in a row.
  ///   - grain: Pixels from one feather to the next.
  ///   - clouds: The share of clouds in the variance.
  ///   - isSoft: Whether there are streaks instead of feathers.
  ///   - generator: Where it draws from.
  init(
    height: Int, width: Int, grain: Float, clouds: Float, isSoft: Bool,
    drawing generator: inout Philox
  ) {
    noise = LatticeNoise(generator.next32())
    (left, top) = (generator.uniform() * 64, generator.uniform() * 64)
    columns = Int(Float(width) / grain) + 6
    let rows = Int(Float(height) / grain) + 6
    var grains: [Grain] = []
    grains.reserveCapacity(columns * rows)
    for index in 0..<(isSoft ? 0 : columns * rows) {
      let angle = 2 * Float.pi * generator.uniform()
      let (column, row) = (Float(index % columns - 2), Float(index / columns - 2))
      grains.append(
        Grain(
          place: SIMD2(column + generator.uniform(), row + generator.uniform()),
          direction: SIMD2(cos(angle), sin(angle))))
    }
    self.grains = grains
    values = []
    values.reserveCapacity(height * width)
    let shares = Shares(clouds: clouds, isSoft: isSoft)
    for row in 0..<height {
      for column in 0..<width {
        let place = SIMD2(Float(column) / grain, Float(row) / grain)
        let bend = bend(at: place)
        let fine = isSoft ? 0.8 * softGrain(place, bend) : 0.3 * value(place * 16)
        let ice = (isSoft ? streak(place, bend) : feather(place, bend)) + fine
        let haze =
          value(place * 0.28) + 0.5 * value(SIMD2(place.x * 0.7 + 17, place.y * 0.7))
        values.append(shares.haze * haze + shares.ice * ice)
      }
    }
  }

  private func value(_ place: SIMD2<Float>) -> Float {
    noise.value(left + place.x, top + place.y)
  }

  /// How far outlines are from straight at a place.
  private func bend(at place: SIMD2<Float>) -> SIMD2<Float> {
    let (coarse, fine) = (place * 1.7, place * 5)
    return SIMD2(
      value(coarse) + 0.5 * value(fine + SIMD2(9, 0)),
      value(coarse + SIMD2(31, 0)) + 0.5 * value(fine + SIMD2(47, 0))) - 0.75
  }

  /// A crest: 1 where noise crosses its middle, less beside it.
  private func crest(_ place: SIMD2<Float>) -> Float { 1 - 2 * abs(value(place) - 0.5) }

  /// Long bright streaks that bend.
  private func streak(_ place: SIMD2<Float>, _ bend: SIMD2<Float>) -> Float {
    let crest = crest(SIMD2(place.x * 1.1, place.y * 4) + bend * SIMD2(2, 5))
    return 1.5 * crest * crest * crest
  }

  private func softGrain(_ place: SIMD2<Float>, _ bend: SIMD2<Float>) -> Float {
    value(place * SIMD2(9, 14) + bend * SIMD2(6, 9))
  }

  /// A stem with needles on both sides that lean toward its end, of the nearest grain.
  private func feather(_ place: SIMD2<Float>, _ bend: SIMD2<Float>) -> Float {
    let outline = place + 0.7 * bend
    let (column, row) = (Int(outline.x.rounded(.down)) + 2, Int(outline.y.rounded(.down)) + 2)
    var (nearest, own) = (Float.infinity, 0)
    for cellRow in row - 1...row + 1 {
      for cell in cellRow * columns + column - 1...cellRow * columns + column + 1 {
        let way = outline - grains[cell].place
        let distance = (way * way).sum()
        if distance < nearest { (nearest, own) = (distance, cell) }
      }
    }
    let grain = grains[own]
    let way = place - grain.place
    let along = (way * grain.direction).sum()
    let across = way.y * grain.direction.x - way.x * grain.direction.y
    let side = abs(across)
    // Feathers have noise of their own.
    let shift = Float(own % 31) * 7
    let needles = crest(SIMD2(shift + (along + 0.8 * side) * 6, across * 1.2))
    let twigs = crest(SIMD2(shift + 5 + (along + 0.6 * side) * 13, across * 2.5))
    return needles * needles + 0.6 * twigs + 0.8 * max(0, 1 - 5 * side)
  }
}
