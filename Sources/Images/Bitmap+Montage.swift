extension Bitmap {
  /// Pictures side by side or in rows, on white, each in the middle of its cell.
  ///
  /// - Parameters:
  ///   - rows: The pictures of each row from the left, `nil` for an empty cell; at least one picture.
  ///   - gap: The pixels between cells and around them, at least 0.
  /// - Returns: The picture of all, in colours where one of them is.
  public static func montage(_ rows: [[Bitmap?]], gap: Int) -> Bitmap {
    let all = rows.joined().compactMap { $0 }
    precondition(!all.isEmpty && gap >= 0, "no pictures")
    let (cellWidth, cellHeight) = (all.map(\.width).max() ?? 1, all.map(\.height).max() ?? 1)
    let columns = rows.map(\.count).max() ?? 1
    let width = columns * (cellWidth + gap) + gap
    let height = rows.count * (cellHeight + gap) + gap
    let channels: Channels = all.contains { $0.channels == .rgb } ? .rgb : .grey
    let depth = channels.rawValue
    var bytes = [UInt8](repeating: 255, count: width * height * depth)
    for (row, pictures) in rows.enumerated() {
      for case (let column, let picture?) in pictures.enumerated() {
        let left = gap + column * (cellWidth + gap) + (cellWidth - picture.width) / 2
        let top = gap + row * (cellHeight + gap) + (cellHeight - picture.height) / 2
        for y in 0..<picture.height {
          for x in 0..<picture.width {
            let pixel = picture.pixel(x: x, y: y)
            let place = ((top + y) * width + left + x) * depth
            for channel in 0..<depth {
              bytes[place + channel] = pixel[pixel.startIndex + min(channel, pixel.count - 1)]
            }
          }
        }
      }
    }
    return Bitmap(width: width, height: height, channels: channels, bytes: bytes)
  }
}
