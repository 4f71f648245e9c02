package import Tensors

/// The extents of a picture whose values lie channel by channel, row by row.
package struct PictureExtents: Sendable, Hashable {
  /// The number of channels.
  package let channels: Int
  /// The number of rows.
  package let height: Int
  /// The number of columns.
  package let width: Int

  /// The extents of inputs of a shape; `nil` unless it is that of pictures: height and width, or one or three channels
  /// before them.
  package init?(_ shape: Shape) {
    switch shape.rank {
    case 2 where shape[0] >= 2 && shape[1] >= 2:
      (channels, height, width) = (1, shape[0], shape[1])
    case 3 where [1, 3].contains(shape[0]) && shape[1] >= 2 && shape[2] >= 2:
      (channels, height, width) = (shape[0], shape[1], shape[2])
    default: return nil
    }
  }

  /// The number of values.
  package var count: Int { channels * height * width }

  /// The length of the shorter side.
  package var shorterSide: Int { min(height, width) }
}
