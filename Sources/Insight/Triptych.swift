import Images
package import Datasets
package import Reports
package import Tensors

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
