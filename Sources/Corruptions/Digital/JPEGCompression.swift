import Images
import Tensors

/// The artefacts of JPEG at a low quality.
enum JPEGCompression: Corruption {
  static let name = "jpeg_compression"
  static let isDrawn = false

  /// The quality, from 1 to 100.
  static let strengths: [CorruptionSuite: [Int]] = [
    .cifar10C: [80, 65, 58, 50, 40],
    .imagenetC: [25, 18, 15, 10, 7],
  ]

  static func apply(
    to picture: inout Picture, _ quality: Int, drawing generator: inout Philox
  ) throws(CorruptionError) {
    do {
      picture.bitmap = try Bitmap(jpeg: try picture.bitmap.jpeg(quality: quality))
    } catch {
      throw .format(error.description)
    }
  }
}
