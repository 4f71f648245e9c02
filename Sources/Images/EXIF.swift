/// What cameras note in pictures (EXIF), of which only the orientation matters here.
enum EXIF {
  /// The orientation noted in a PNG or JPEG file, 1 to 8; 1 if there is none that can be read.
  static func orientation(in file: [UInt8]) -> Int {
    let note = file.starts(with: [0xFF, 0xD8]) ? jpegNote(file) : pngNote(file)
    return note.flatMap { orientation(tiff: $0) } ?? 1
  }

  /// The contents of the segment that EXIF has in a JPEG file.
  private static func jpegNote(_ file: [UInt8]) -> ArraySlice<UInt8>? {
    var place = 2
    while place + 4 <= file.count, file[place] == 0xFF {
      let marker = file[place + 1]
      if marker == 0xFF {
        place += 1
        continue
      }
      // The samples begin, before which all notes are.
      guard marker != 0xDA, marker != 0xD9 else { return nil }
      let length = Int(file[place + 2]) << 8 | Int(file[place + 3])
      let end = place + 2 + length
      guard length >= 2, end <= file.count else { return nil }
      let segment = file[place + 4..<end]
      if marker == 0xE1, segment.starts(with: "Exif\0\0".utf8) { return segment.dropFirst(6) }
      place = end
    }
    return nil
  }

  /// The contents of the chunk that EXIF has in a PNG file.
  private static func pngNote(_ file: [UInt8]) -> ArraySlice<UInt8>? {
    var place = 8
    while place + 12 <= file.count {
      let length = file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= file.count - place - 12 else { return nil }
      if file[place + 4..<place + 8].elementsEqual("eXIf".utf8) {
        return file[place + 8..<place + 8 + length]
      }
      place += 12 + length
    }
    return nil
  }

  /// The orientation in the first directory of a TIFF file.
  private static func orientation(tiff: ArraySlice<UInt8>) -> Int? {
    let isBigEndian = tiff.starts(with: [0x4D, 0x4D, 0, 0x2A])
    guard isBigEndian || tiff.starts(with: [0x49, 0x49, 0x2A, 0]) else { return nil }
    func number(at place: Int, _ width: Int) -> Int? {
      guard place >= 0, place <= tiff.count - width else { return nil }
      let bytes = tiff.dropFirst(place).prefix(width)
      return isBigEndian
        ? bytes.reduce(0) { $0 << 8 | Int($1) } : bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(at: 4, 4), let count = number(at: directory, 2) else { return nil }
    for entry in 0..<count {
      let place = directory + 2 + 12 * entry
      guard let tag = number(at: place, 2), let type = number(at: place + 2, 2) else { return nil }
      guard tag == 0x0112 else { continue }
      let value = number(at: place + 8, type == 4 ? 4 : 2)
      return value.flatMap { 1...8 ~= $0 ? $0 : nil }
    }
    return nil
  }
}
