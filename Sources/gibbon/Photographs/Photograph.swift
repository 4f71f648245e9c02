import Datasets
import Images
import Tensors

/// A picture in a file, as a model sees it.
struct Photograph: Sendable {
  /// The file.
  let path: String
  /// The picture before it is prepared.
  let picture: Bitmap
  /// What was met in the file and read nevertheless.
  let remark: String?
  /// How it is prepared.
  let preparation: ImagePreparation
  /// What its bytes are spread over.
  let bounds: ClosedRange<Float>

  /// Reads a file for a model; where the shape of inputs is not known, it is the picture's or that of a square.
  ///
  /// - Throws: `ImageError` or `DatasetError` that names the file, or what the model takes.
  init(path: String, for input: InputForm, resize: Int?) throws {
    self.path = path
    let file = try ImageFile(path: path)
    picture = file.picture
    remark = file.orientationRemark.map { "\(path): \($0)" }
    let channels = picture.channels.rawValue
    let own: Shape =
      resize.map { [channels, $0, $0] } ?? [channels, picture.height, picture.width]
    do {
      preparation = try ImagePreparation(shape: input.shape ?? own, resize: resize)
    } catch {
      throw BadArgument("\(path): \(error.message)")
    }
    bounds = input.bounds ?? 0...1
  }

  /// A data set of this one example.
  func data(label: Int, classNames: [String]) -> Dataset {
    Dataset(
      name: path, photo: picture, preparation: preparation, label: label, classNames: classNames,
      bounds: bounds)
  }

  /// The input of the model.
  var input: Tensor<Float> {
    get throws { try data(label: 0, classNames: ["unknown"]).image(at: 0) }
  }

  /// The levels that an 8-bit image can have.
  var levels: [Float] { ByteLevels(bounds).values }
}
