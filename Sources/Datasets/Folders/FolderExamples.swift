import Images
import Tensors

/// Pictures in files, which are read and prepared when they are asked for.
struct FolderExamples: ExampleSource {
  let paths: [String]
  let preparation: ImagePreparation
  let levels: ByteLevels

  var exampleCount: Int { paths.count }
  var exampleSize: Int { preparation.shape.count }

  func copy(
    example index: Int, to buffer: UnsafeMutableBufferPointer<Float>
  ) throws(DatasetError) {
    let picture = preparation.apply(to: try DatasetError.image(paths[index]))
    picture.planes.withUnsafeBufferPointer { levels.convert($0, to: buffer) }
  }
}

extension DatasetError {
  /// The picture in a file.
  static func image(_ path: String) throws(DatasetError) -> Bitmap {
    do throws(ImageError) {
      return try ImageFile.read(path)
    } catch {
      throw DatasetError(.format, in: error.file, error.message)
    }
  }
}
