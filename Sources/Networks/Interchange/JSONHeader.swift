/// The part of JSON that headers of tensor files use: strings, natural numbers, arrays and objects.
enum JSONHeader: Sendable, Equatable {
  case string(String)
  case natural(Int)
  case array([JSONHeader])
  case object([Member])
  /// A number with a sign or fractions, or a word, where the reader lets them pass.
  case other

  /// One entry of an object, in the order of the text.
  struct Member: Sendable, Equatable {
    let key: String
    let value: JSONHeader
  }

  /// Why a text is not such JSON, and at which byte.
  struct Failure: Error, Equatable {
    let offset: Int
    let expectation: String
  }

  /// The string, unless this is another kind of value.
  var string: String? { if case .string(let value) = self { value } else { nil } }

  /// The number, unless this is another kind of value.
  var natural: Int? { if case .natural(let value) = self { value } else { nil } }

  /// The elements, unless this is another kind of value.
  var array: [JSONHeader]? { if case .array(let value) = self { value } else { nil } }

  /// The entries, unless this is another kind of value.
  var object: [Member]? { if case .object(let value) = self { value } else { nil } }

  /// The numbers of an array of numbers, unless this is another kind of value.
  var naturals: [Int]? {
    guard let array else { return nil }
    let numbers = array.compactMap(\.natural)
    return numbers.count == array.count ? numbers : nil
  }

  /// Appends a text as a JSON string, in ASCII where JSON demands an escape and raw otherwise.
  static func append(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
