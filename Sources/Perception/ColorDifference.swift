import Platform
public import Tensors

/// How different colours look (CIEDE2000): about 1 is the least that people see side by side, 2.3 what they notice.
///
/// Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula", 2005, https://doi.org/10.1002/col.20070; its
/// weights kL, kC and kH are 1.
public enum ColorDifference {
  /// The difference of two colours, 0 for equal ones.
  public static func between(_ first: LabColor, _ second: LabColor) -> Double {
    let chroma = (hypot(first.a, first.b) + hypot(second.a, second.b)) / 2
    let stretch = 1 + 0.5 * (1 - saturation(chroma))
    let (a1, a2) = (first.a * stretch, second.a * stretch)
    let (c1, c2) = (hypot(a1, first.b), hypot(a2, second.b))
    let (h1, h2) = (hue(a1, first.b), hue(a2, second.b))

    let isGrey = c1 * c2 == 0
    var turn = h2 - h1
    if isGrey { turn = 0 } else if turn > 180 { turn -= 360 } else if turn < -180 { turn += 360 }
    var meanHue = h1 + h2
    if !isGrey {
      if abs(h1 - h2) > 180 { meanHue += meanHue < 360 ? 360 : -360 }
      meanHue /= 2
    }
    let lightness = second.lightness - first.lightness
    let chromaChange = c2 - c1
    let hueChange = 2 * (c1 * c2).squareRoot() * sine(turn / 2)

    let meanChroma = (c1 + c2) / 2
    let offset = (first.lightness + second.lightness) / 2 - 50
    let weightL = 1 + 0.015 * offset * offset / (20 + offset * offset).squareRoot()
    let weightC = 1 + 0.045 * meanChroma
    let t =
      1 - 0.17 * cosine(meanHue - 30) + 0.24 * cosine(2 * meanHue)
      + 0.32 * cosine(3 * meanHue + 6) - 0.20 * cosine(4 * meanHue - 63)
    let weightH = 1 + 0.015 * meanChroma * t
    let blue = (meanHue - 275) / 25
    let rotation = -sine(60 * Double.exp(-blue * blue)) * 2 * saturation(meanChroma)
    let (l, c, h) = (lightness / weightL, chromaChange / weightC, hueChange / weightH)
    return max(0, l * l + c * c + h * h + rotation * c * h).squareRoot()
  }

  /// The mean and the largest difference of the pixels of two pictures; grey ones are taken as equal red, green and
  /// blue.
  ///
  /// - Throws: `PerceptionError` unless both are C x H x W with 1 or 3 channels of sRGB values in 0...1.
  public static func between(
    _ first: Tensor<Float>, _ second: Tensor<Float>
  ) throws(PerceptionError) -> (mean: Double, largest: Double) {
    pixels(try PicturePair(first, second))
  }

  static func pixels(_ pair: PicturePair) -> (mean: Double, largest: Double) {
    let size = pair.height * pair.width
    let channels = pair.first.count
    func color(_ planes: [[Double]], _ place: Int) -> LabColor {
      LabColor(
        red: planes[0][place], green: planes[channels == 3 ? 1 : 0][place],
        blue: planes[channels == 3 ? 2 : 0][place])
    }
    var (sum, largest) = (0.0, 0.0)
    for place in 0..<size {
      let isEqual = (0..<channels).allSatisfy { pair.first[$0][place] == pair.second[$0][place] }
      if isEqual { continue }
      let difference = between(color(pair.first, place), color(pair.second, place))
      sum += difference
      largest = max(largest, difference)
    }
    return (sum / Double(size), largest)
  }

  /// sqrt(c^7 / (c^7 + 25^7)).
  private static func saturation(_ chroma: Double) -> Double {
    let power = Double.pow(chroma, 7)
    return (power / (power + 6_103_515_625)).squareRoot()
  }

  /// The angle of a point in degrees, 0 to 360.
  private static func hue(_ a: Double, _ b: Double) -> Double {
    if a == 0 && b == 0 { return 0 }
    let angle = atan2(b, a) * 180 / .pi
    return angle < 0 ? angle + 360 : angle
  }

  private static func sine(_ degrees: Double) -> Double { Double.sin(degrees * .pi / 180) }
  private static func cosine(_ degrees: Double) -> Double { Double.cos(degrees * .pi / 180) }
}
