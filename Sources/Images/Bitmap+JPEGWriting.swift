import CTurboJPEG
import Files

extension Bitmap {
  /// The image as a baseline JPEG file: grey as grey, colours sampled as 4:2:0 by the accurate transform, as Pillow's
  /// `save` with a quality does it.
  ///
  /// - Parameter quality: From 1 to 100.
  /// - Returns: The whole file.
  /// - Throws: `JPEGError.notEncodable` for an image beyond what JPEG can hold, or when memory runs out.
  public func jpeg(quality: Int) throws(JPEGError) -> [UInt8] {
    precondition(1...100 ~= quality, "quality \(quality) outside 1...100")
    guard let handle = tjInitCompress() else { throw .notEncodable("TurboJPEG cannot start") }
    defer { tjDestroy(handle) }
    let (format, sampling) =
      channels == .grey ? (TJPF_GRAY, TJSAMP_GRAY) : (TJPF_RGB, TJSAMP_420)
    var file: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    defer { tjFree(file) }
    guard let columns = Int32(exactly: width), let rows = Int32(exactly: height),
      tjCompress2(
        handle, bytes, columns, 0, rows, Int32(format.rawValue), &file, &size,
        Int32(sampling.rawValue), Int32(quality), TJFLAG_ACCURATEDCT) == 0
    else {
      throw .notEncodable(tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown")
    }
    return Array(UnsafeBufferPointer(start: file, count: Int(size)))
  }
}
