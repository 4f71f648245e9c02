import Images

extension Picture {
  /// The picture as bytes, for what works on bytes; its levels have to be whole.
  var bitmap: Bitmap {
    get {
      var bytes = [UInt8](repeating: 0, count: levels.count)
      for channel in 0..<channels {
        for place in 0..<area {
          bytes[place * channels + channel] = UInt8(levels[channel * area + place])
        }
      }
      return Bitmap(
        width: width, height: height, channels: channels == 1 ? .grey : .rgb, bytes: bytes)
    }
    set {
      precondition(
        newValue.width == width && newValue.height == height
          && newValue.channels.rawValue == channels, "a bitmap of another form")
      newValue.bytes.withUnsafeBufferPointer { bytes in
        for channel in 0..<channels {
          for place in 0..<area {
            levels[channel * area + place] = Float(bytes[place * channels + channel])
          }
        }
      }
    }
  }
}
