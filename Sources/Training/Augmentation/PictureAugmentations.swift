import Files
import Platform
public import Tensors

// What moves or covers parts of pictures. Nothing but rotation needs memory of its own.

/// A random crop of the picture with zeros around it: a shift by up to a number of pixels along each axis.
///
/// He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016, https://arxiv.org/abs/1512.03385.
public struct Crop: Augmentation, Hashable {
  /// What the words begin with.
  public static let name = "crop"
  /// How it is written.
  public static let form = "crop:N"
  /// What it does.
  public static let summary =
    "N zeros are put around the picture, and a part of its size is cut out"
  /// What is expected of the words.
  public static let expectation = "crop:N with N from 1 to 1000 pixels, such as crop:4"

  /// The number of zeros on each side.
  public let padding: Int

  /// Creates the augmentation.
  public init(padding: Int) { self.padding = padding }

  /// Creates it from words.
  public init?(arguments: [String]) {
    guard let padding = arguments.integer(1...1000) else { return nil }
    self.padding = padding
  }

  /// The words that make it again.
  public var words: String { "crop:\(padding)" }

  /// Makes sure that something of the picture is left.
  public func check(_ shape: Shape) throws(AugmentationError) {
    try checkPictures(shape, shorterThanSide: padding)
  }

  /// Shifts a picture.
  public func apply(
    to values: UnsafeMutableBufferPointer<Float>, of form: ExampleForm,
    drawing generator: inout Philox
  ) {
    let down = generator.integer(below: 2 * padding + 1) - padding
    let right = generator.integer(below: 2 * padding + 1) - padding
    guard let start = values.baseAddress else { return }
    let (height, width, blank) = (form.height, form.width, form.blank)
    // Each row comes from one that is not written yet.
    for channel in 0..<form.channels {
      let picture = start + channel * height * width
      for step in 0..<height {
        let y = down >= 0 ? step : height - 1 - step
        let row = picture + y * width
        let source = y + down
        guard 0..<height ~= source, abs(right) < width else {
          row.update(repeating: blank, count: width)
          continue
        }
        let from = picture + source * width
        if right >= 0 {
          memmove(row, from + right, (width - right) * MemoryLayout<Float>.stride)
          (row + width - right).update(repeating: blank, count: right)
        } else {
          memmove(row - right, from, (width + right) * MemoryLayout<Float>.stride)
          row.update(repeating: blank, count: -right)
        }
      }
    }
  }
}

/// A mirror image, left for right, of every other picture.
public struct Flip: Augmentation, Hashable {
  /// What the words begin with.
  public static let name = "flip"
  /// How it is written.
  public static let form = "flip"
  /// What it does.
  public static let summary = "every other picture is mirrored, left for right"
  /// What is expected of the words.
  public static let expectation = "flip, without a number"

  /// Creates the augmentation.
  public init() {}

  /// Creates it from words.
  public init?(arguments: [String]) { guard arguments.isEmpty else { return nil } }

  /// The words that make it again.
  public var words: String { "flip" }

  /// Makes sure that examples are pictures.
  public func check(_ shape: Shape) throws(AugmentationError) { try checkPictures(shape) }

  /// Mirrors a picture or leaves it.
  public func apply(
    to values: UnsafeMutableBufferPointer<Float>, of form: ExampleForm,
    drawing generator: inout Philox
  ) {
    guard generator.next32() & 1 == 1, let start = values.baseAddress else { return }
    for row in 0..<form.channels * form.height {
      let row = start + row * form.width
      for x in 0..<form.width / 2 {
        (row[x], row[form.width - 1 - x]) = (row[form.width - 1 - x], row[x])
      }
    }
  }
}

/// A rotation of the picture about its center by a random angle, with zeros where nothing comes from.
///
/// Values between pixels are bilinear.
public struct Rotation: Augmentation, Hashable {
  /// What the words begin with.
  public static let name = "rotate"
  /// How it is written.
  public static let form = "rotate:D"
  /// What it does.
  public static let summary = "the picture is rotated by up to D degrees either way"
  /// What is expected of the words.
  public static let expectation = "rotate:D with D above 0 and up to 180 degrees, such as rotate:15"

  /// The largest angle, in degrees.
  public let degrees: Double

  /// Creates the augmentation.
  public init(degrees: Double) { self.degrees = degrees }

  /// Creates it from words.
  public init?(arguments: [String]) {
    guard let degrees = arguments.positive(upTo: 180) else { return nil }
    self.degrees = degrees
  }

  /// The words that make it again.
  public var words: String { "rotate:\(degrees.plain)" }

  /// Makes sure that examples are pictures.
  public func check(_ shape: Shape) throws(AugmentationError) { try checkPictures(shape) }

  /// Rotates a picture.
  public func apply(
    to values: UnsafeMutableBufferPointer<Float>, of form: ExampleForm,
    drawing generator: inout Philox
  ) {
    let angle = (2 * Double(generator.uniform()) - 1) * degrees * Double.pi / 180
    let (c, s) = (Float(cos(angle)), Float(sin(angle)))
    let (height, width, blank) = (form.height, form.width, form.blank)
    let (middleY, middleX) = (Float(height - 1) / 2, Float(width - 1) / 2)
    let size = height * width
    withUnsafeTemporaryAllocation(of: Float.self, capacity: size) { source in
      guard let start = values.baseAddress, let source = source.baseAddress else { return }
      func value(_ y: Int, _ x: Int) -> Float {
        y >= 0 && y < height && x >= 0 && x < width ? source[y * width + x] : blank
      }
      for channel in 0..<form.channels {
        let picture = start + channel * size
        source.update(from: picture, count: size)
        for y in 0..<height {
          let dy = Float(y) - middleY
          for x in 0..<width {
            let dx = Float(x) - middleX
            let fromX = c * dx - s * dy + middleX
            let fromY = s * dx + c * dy + middleY
            let (i, j) = (Rotation.floor(fromY), Rotation.floor(fromX))
            let (u, v) = (fromX - Float(j), fromY - Float(i))
            let corners: (Float, Float, Float, Float)
            if i >= 0, j >= 0, i + 1 < height, j + 1 < width {
              let corner = source + (i * width + j)
              corners = (corner[0], corner[1], corner[width], corner[width + 1])
            } else {
              corners = (value(i, j), value(i, j + 1), value(i + 1, j), value(i + 1, j + 1))
            }
            let upper = corners.0 + u * (corners.1 - corners.0)
            let lower = corners.2 + u * (corners.3 - corners.2)
            picture[y * width + x] = min(
              max(upper + v * (lower - upper), form.bounds.lowerBound), form.bounds.upperBound)
          }
        }
      }
    }
  }

  /// The integer at or below a number; the library's own is a call without newer instructions.
  private static func floor(_ value: Float) -> Int {
    let whole = Int(value)
    return Float(whole) > value ? whole - 1 : whole
  }
}

/// A square at a random place that is covered; the part of it outside of the picture covers nothing.
///
/// DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout", 2017,
/// https://arxiv.org/abs/1708.04552.
public struct Cutout: Augmentation, Hashable {
  /// What covers the square.
  public enum Fill: String, Sendable, CaseIterable {
    /// Zeros.
    case zero
    /// The mean of each channel of the picture.
    case mean
  }

  /// What the words begin with.
  public static let name = "cutout"
  /// How it is written.
  public static let form = "cutout:N[:mean]"
  /// What it does.
  public static let summary =
    "a square of N x N pixels is covered by zeros, or by the picture's mean"
  /// What is expected of the words.
  public static let expectation =
    "cutout:N or cutout:N:mean with N from 1 to 1000 pixels, such as cutout:8"

  /// The side of the square.
  public let side: Int
  /// What covers it.
  public let fill: Fill

  /// Creates the augmentation.
  public init(side: Int, fill: Fill = .zero) {
    self.side = side
    self.fill = fill
  }

  /// Creates it from words.
  public init?(arguments: [String]) {
    guard let side = Array(arguments.prefix(1)).integer(1...1000), arguments.count <= 2,
      let fill = Fill(rawValue: arguments.count == 2 ? arguments[1] : "zero")
    else { return nil }
    self.init(side: side, fill: fill)
  }

  /// The words that make it again.
  public var words: String { "cutout:\(side)" + (fill == .mean ? ":mean" : "") }

  /// Makes sure that something of the picture is left.
  public func check(_ shape: Shape) throws(AugmentationError) {
    try checkPictures(shape, shorterThanSide: side)
  }

  /// Covers a square.
  public func apply(
    to values: UnsafeMutableBufferPointer<Float>, of form: ExampleForm,
    drawing generator: inout Philox
  ) {
    guard form.count > 0, let start = values.baseAddress else { return }
    let top = generator.integer(below: form.height) - side / 2
    let left = generator.integer(below: form.width) - side / 2
    let rows = max(top, 0)..<min(top + side, form.height)
    let columns = max(left, 0)..<min(left + side, form.width)
    let size = form.height * form.width
    for channel in 0..<form.channels {
      let picture = start + channel * size
      var value = form.blank
      if fill == .mean {
        var sum = 0.0
        for place in 0..<size { sum += Double(picture[place]) }
        value = min(
          max(Float(sum / Double(size)), form.bounds.lowerBound), form.bounds.upperBound)
      }
      for y in rows {
        (picture + y * form.width + columns.lowerBound).update(
          repeating: value, count: columns.count)
      }
    }
  }
}
