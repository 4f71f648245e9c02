package import Datasets
package import Images
package import Models
package import Reports
package import Tensors

/// Chooses pictures that show well what an attack does.
package struct Gallery: Sendable {
  /// The model that reads the pictures.
  package let network: any BatchedModel
  /// What the pictures are from.
  package let data: Dataset
  /// Images that stand for their classes: read rightly and with confidence.
  private let typical: [Int: [Example]]

  /// Looks for typical images among the first of a data set.
  package init(_ network: any BatchedModel, data: Dataset, searching count: Int = 1000) async throws
  {
    self.network = network
    self.data = data
    let examples = try data.subset(offset: 0, count: count).examples
    let readings = try await network.readings(of: examples.map(\.input))
    var typical: [Int: [Example]] = [:]
    for (example, reading) in zip(examples, readings)
    where reading.label == example.label && reading.confidence > 0.9 {
      typical[example.label, default: []].append(example)
    }
    self.typical = typical
  }

  /// Puts changed images beside their originals, those that are taken for another class.
  package func triptychs(
    _ changes: [(example: Example, changed: Tensor<Float>)]
  ) async throws -> [Triptych] {
    let before = try await network.readings(of: changes.map(\.example.input))
    let after = try await network.readings(of: changes.map(\.changed))
    return zip(changes, zip(before, after)).compactMap { change, readings in
      guard let seen = readings.1.label, seen != change.example.label else { return nil }
      return Triptych(
        example: change.example, changed: change.changed, before: readings.0, after: readings.1,
        real: nearest(to: change.example, of: seen))
    }
  }

  /// As many as wanted, in this order, of different classes that are taken for different classes as far
  /// as possible.
  package func varied(_ triptychs: [Triptych], count: Int) -> [Triptych] {
    var chosen: [Triptych] = []
    var rest = triptychs
    let rules: [(Triptych, Triptych) -> Bool] = [
      { $0.example.label != $1.example.label && $0.after.label != $1.after.label },
      { $0.example.label != $1.example.label || $0.after.label != $1.after.label },
      { $0.example.index != $1.example.index },
    ]
    for isDifferent in rules {
      while chosen.count < count,
        let place = rest.firstIndex(where: { next in chosen.allSatisfy { isDifferent($0, next) } })
      {
        chosen.append(rest.remove(at: place))
      }
    }
    return chosen
  }

  /// The typical image of a class that is nearest to an image.
  private func nearest(to example: Example, of label: Int) -> Example? {
    typical[label]?.filter { $0.index != example.index }.map { other in
      (other, (other.input - example.input).norm2)
    }.min { $0.1 < $1.1 }?.0
  }
}

/// An image, the change, and what the changed image is taken for.
package struct Triptych: Sendable {
  /// The image as it is.
  package let example: Example
  /// The changed image.
  package let changed: Tensor<Float>
  /// What the network makes of the image as it is.
  package let before: Reading
  /// What the network makes of the changed image.
  package let after: Reading
  /// A real example of the class that the changed image is taken for.
  package var real: Example?

  /// The largest change of any value.
  package var size: Double { (changed - example.input).normInfinity }

  /// The Euclidean length of the change.
  package var length: Double { (changed - example.input).norm2 }

  /// How large the change is: of how many pixels, where those are few, and of any value at most.
  private var extent: String {
    let most = "at most \(Triptych.text(size))"
    let shape = changed.shape
    let places = shape.rank == 3 ? shape[1] * shape[2] : changed.count
    let moved = Set(
      (0..<changed.count).filter { changed[$0] != example.input[$0] }.map { $0 % places })
    guard moved.count <= places / 8 else { return most }
    return "\(moved.count == 1 ? "1 pixel" : "\(moved.count) pixels"), \(most)"
  }

  /// What the colours of the change mean.
  package var colours: String { Triptych.colours(of: changed.shape) + ", which is written below." }

  /// What the last picture is, if there is one.
  package var ending: String {
    real == nil ? "" : "Last comes a real example of the class that the result is taken for."
  }

  /// What the colours of a drawn change mean, up to the largest change, which they show at full strength.
  ///
  /// - Parameter shape: The shape of the input.
  /// - Returns: A sentence without its full stop.
  package static func colours(of shape: Shape) -> String {
    shape.rank == 3 && shape[0] == 3
      ? "Middle grey is no change; red, green and blue are each drawn lighter where they grow and darker where they"
        + " shrink, at full strength for the largest change"
      : "Red becomes lighter, blue darker; the full colour stands for the largest change"
  }

  /// Image + change = result | a real example of the class seen; `nil` unless inputs are images.
  package func row(_ data: Dataset, caption: RichText = "") -> ImageRow? {
    let names = data.classNames
    let scale = Float(size)
    guard let image = Bitmap(example.input, bounds: data.bounds),
      let change = Bitmap(change: changed - example.input, radius: scale),
      let result = Bitmap(changed, bounds: data.bounds)
    else { return nil }
    let label = names.name(of: example.label)
    var panels = [
      ImagePanel(
        heading: "image", image: image, alternative: "An image of class \(label)",
        lines: ["\(strong: before.text(names))"]),
      ImagePanel(
        .sign("+"), heading: "change", image: change,
        alternative: "The change, in colours", lines: ["\(extent)"]),
      ImagePanel(
        .sign("="), heading: "result", image: result,
        alternative: "The changed image, taken for class \(after.text(names))",
        lines: ["\(strong: after.text(names))"]),
    ]
    if let real, let picture = Bitmap(real.input, bounds: data.bounds) {
      let seen = names.name(of: real.label)
      panels.append(
        ImagePanel(
          .rule, heading: "a real \(seen)", image: picture,
          alternative: "A real image of class \(seen)", lines: ["example \(real.index)"]))
    }
    return ImageRow(panels, caption: caption)
  }

  /// A size with two significant digits.
  package static func text(_ size: Double) -> String {
    Format.fixed(size, decimals: size >= 0.0995 ? 2 : 3)
  }
}

extension Bitmap {
  /// The picture of an input; `nil` unless its shape is that of a grey or coloured image.
  package init?(_ input: Tensor<Float>, bounds: ClosedRange<Float>) {
    guard let (channels, height, width) = Bitmap.layout(input.shape) else { return nil }
    let length = bounds.upperBound - bounds.lowerBound
    let values = input.scalars.map { length > 0 ? ($0 - bounds.lowerBound) / length : 0 }
    self.init(width: width, height: height, channels: channels, planes: values)
  }

  /// The picture of a change of an image, its colours at full strength where it is `radius`.
  package init?(change: Tensor<Float>, radius: Float) {
    guard let (channels, height, width) = Bitmap.layout(change.shape), radius > 0 else {
      return nil
    }
    self.init(
      width: width, height: height, channels: channels, signedPlanes: change.scalars,
      radius: radius)
  }

  private static func layout(_ shape: Shape) -> (Channels, height: Int, width: Int)? {
    let extents = shape.extents
    switch extents.count {
    // Two axes may also be those of a series, whose values make no picture.
    case 2
    where extents.allSatisfy { $0 >= 8 } && extents[0] <= 4 * extents[1]
      && extents[1] <= 4 * extents[0]:
      return (.grey, extents[0], extents[1])
    case 3:
      guard let channels = Channels(rawValue: extents[0]) else { return nil }
      return (channels, extents[1], extents[2])
    default: return nil
    }
  }
}
