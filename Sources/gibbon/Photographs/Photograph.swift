import Datasets
import Images
import Networks
import Tensors

/// A picture in a file, as a network sees it.
struct Photograph: Sendable {
  /// The file.
  let path: String
  /// The picture before it is prepared.
  let picture: Bitmap
  /// How it is prepared.
  let preparation: ImagePreparation
  /// What its bytes are spread over.
  let bounds: ClosedRange<Float>

  /// Reads a file for a network.
  ///
  /// - Throws: `ImageError` or `DatasetError` that names the file, or what the network takes.
  init(path: String, for network: Network, resize: Int?) throws {
    self.path = path
    picture = try ImageFile.read(path)
    do {
      preparation = try ImagePreparation(shape: network.input.shape, resize: resize)
    } catch {
      throw BadArgument("\(path): \(error.message)")
    }
    bounds = network.input.bounds
  }

  /// A data set of this one example.
  func data(label: Int, classNames: [String]) -> Dataset {
    Dataset(
      name: path, photo: picture, preparation: preparation, label: label, classNames: classNames,
      bounds: bounds)
  }

  /// The input of the network.
  var input: Tensor<Float> {
    get throws { try data(label: 0, classNames: ["unknown"]).image(at: 0) }
  }

  /// The levels that an 8-bit image can have.
  var levels: [Float] { ByteLevels(bounds).values }
}
