/// The middle of an axis enlarged by linear interpolation, as `scipy.ndimage.zoom` of order 1 does it.
struct Zoom: Sendable {
  /// The places cut out of the axis.
  let cut: Range<Int>
  /// For each new place the old one before it, counted from the cut's first.
  private(set) var starts: [Int] = []
  /// For each new place the share of the old one after it.
  private(set) var shares: [Float] = []

  /// What of the enlarged axis is kept where it is longer than the axis.
  enum Part: Sendable {
    /// The beginning.
    case first
    /// The middle.
    case middle
    /// All of it.
    case whole
  }

  /// An axis of some length whose middle is enlarged by a factor of 1 or more.
  init(_ extent: Int, by factor: Double, keeping part: Part) {
    let length = min(extent, max(1, Int((Double(extent) / factor).rounded(.up))))
    let start = (extent - length) / 2
    cut = start..<start + length
    let enlarged = max(extent, Int((Double(length) * factor).rounded(.toNearestOrEven)))
    let scale = enlarged > 1 ? Double(length - 1) / Double(enlarged - 1) : 0
    let first = part == .middle ? (enlarged - extent) / 2 : 0
    for place in first..<(part == .whole ? enlarged : first + extent) {
      let position = min(Double(place) * scale, Double(length - 1))
      let before = min(Int(position), max(length - 2, 0))
      starts.append(before)
      shares.append(Float(position - Double(before)))
    }
  }

  /// The new length.
  var count: Int { starts.count }

  /// Adds the enlarged middle of a plane to another.
  ///
  /// - Parameters:
  ///   - plane: Values, row after row.
  ///   - width: How many of them are in a row.
  ///   - rows: How the columns are enlarged.
  ///   - columns: How the rows are enlarged.
  ///   - target: As many values as the two make.
  static func add(
    _ plane: UnsafePointer<Float>, width: Int, _ rows: Zoom, _ columns: Zoom,
    to target: UnsafeMutablePointer<Float>
  ) {
    let length = columns.cut.count
    let next = length > 1 ? 1 : 0
    withUnsafeTemporaryAllocation(of: Float.self, capacity: length) { line in
      for row in 0..<rows.count {
        let start = rows.cut.lowerBound + rows.starts[row]
        let above = plane + start * width + columns.cut.lowerBound
        let below = rows.cut.count > 1 ? above + width : above
        let share = rows.shares[row]
        for place in 0..<length {
          line[place] = above[place] + share * (below[place] - above[place])
        }
        let own = target + row * columns.count
        columns.starts.withUnsafeBufferPointer { starts in
          columns.shares.withUnsafeBufferPointer { shares in
            for place in 0..<starts.count {
              let (left, right) = (line[starts[place]], line[starts[place] + next])
              own[place] += left + shares[place] * (right - left)
            }
          }
        }
      }
    }
  }
}
