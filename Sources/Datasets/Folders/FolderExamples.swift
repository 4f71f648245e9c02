package import Images
import Tensors

/// Pictures in files, which are read and prepared when they are asked for.
struct FolderExamples: ExampleSource {
  let paths: [String]
  let preparation: ImagePreparation
  let levels: ByteLevels
  let remarks: Remarks

  var exampleCount: Int { paths.count }
  var exampleSize: Int { preparation.shape.count }

  func copy(
    example index: Int, to buffer: UnsafeMutableBufferPointer<Float>
  ) throws(DatasetError) {
    let file = try DatasetError.image(paths[index])
    if let remark = file.orientationRemark {
      remarks.add(.orientation, "\(paths[index]): \(remark)")
    }
    let picture = preparation.apply(to: file.picture)
    picture.planes.withUnsafeBufferPointer { levels.convert($0, to: buffer) }
  }
}

extension DatasetError {
  /// The picture in a file.
  static func image(_ path: String) throws(DatasetError) -> ImageFile {
    do throws(ImageError) {
      return try ImageFile(path: path)
    } catch {
      throw DatasetError(.format, in: error.file, error.message)
    }
  }
}

extension ImageFile {
  /// That the picture is not turned as its camera noted, if it noted any turn; to follow the name of the file.
  package var orientationRemark: String? {
    guard orientation != 1 else { return nil }
    return
      "is taken as it is stored: the orientation that the camera noted (EXIF \(orientation)) is not applied, as in"
      + " torchvision's loader; Pillow's ImageOps.exif_transpose turns such pictures"
  }
}
