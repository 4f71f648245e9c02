package import Datasets
package import Images
package import Tensors

/// A picture in a file, as a model sees it.
package struct Photograph: Sendable {
  /// The file.
  package let path: String
  /// The picture before it is prepared.
  package let picture: Bitmap
  /// What was met in the file and read nevertheless.
  package let remark: String?
  /// How it is prepared.
  package let preparation: ImagePreparation
  /// What its bytes are spread over.
  package let bounds: ClosedRange<Float>
  /// The shape of the model's inputs, if it is known.
  private let shape: Shape?

  /// Reads a file for a model; where the shape of inputs is not known, it is the picture's or that of a square.
  ///
  /// - Throws: `ImageError` or `DatasetError` that names the file, or what the model takes.
  package init(path: String, for input: InputForm, resize: Int?) throws {
    self.path = path
    shape = input.shape
    let file = try ImageFile(path: path)
    picture = file.picture
    remark = file.orientationRemark.map { "\(path): \($0)" }
    let channels = picture.channels.rawValue
    let own: Shape =
      resize.map { [channels, $0, $0] } ?? [channels, picture.height, picture.width]
    do {
      preparation = try ImagePreparation(
        shape: input.shape.map { $0.picture ?? $0 } ?? own, resize: resize)
    } catch {
      throw StudyError("\(path): \(error.message)")
    }
    bounds = input.bounds ?? 0...1
  }

  /// The shape of a photograph as it is, for a network that takes any.
  ///
  /// - Throws: `ImageError` that names the file.
  package static func shape(of path: String, resize: Int?) throws -> Shape {
    let picture = try ImageFile.read(path)
    let channels = picture.channels.rawValue
    return resize.map { [channels, $0, $0] } ?? [channels, picture.height, picture.width]
  }

  /// The same with what was said of photographs.
  package static func shape(of path: String, _ form: DataFormSettings) throws -> Shape {
    try shape(of: path, resize: try form.options(for: nil).resize)
  }

  /// A data set of this one example.
  package func data(label: Int, classNames: [String]) -> Dataset {
    let data = Dataset(
      name: path, photo: picture, preparation: preparation, label: label, classNames: classNames,
      bounds: bounds)
    return data.fitted(to: shape ?? data.exampleShape, rows: nil, images: nil)
  }

  /// The input of the model.
  package var input: Tensor<Float> {
    get throws { try data(label: 0, classNames: ["unknown"]).image(at: 0) }
  }

  /// The levels that an 8-bit image can have.
  package var levels: [Float] { ByteLevels(bounds).values }
}
