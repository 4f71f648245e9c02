import Datasets
import Networks
import Tensors

extension Dataset {
  /// The examples as a network takes them, where pictures and rows of values differ in their shape alone.
  ///
  /// Pictures of one channel are the rows that they lie in, and the other way round. Of several channels, the order
  /// of values must be said.
  ///
  /// - Parameters:
  ///   - shape: What the network takes.
  ///   - rows: The order in which a network of rows takes the values of pictures.
  ///   - images: The order in which rows hold the values of pictures.
  /// - Returns: The examples, in the network's shape if that is so; a note on standard error says it.
  func fitted(
    to shape: Shape, rows: InputDescription.Layout?, images: DataOptions.Layout?
  ) -> Dataset {
    guard exampleShape != shape, exampleShape.count == shape.count else { return self }
    let isChannelsLast: Bool
    let picture: Shape
    switch (exampleShape.rank, shape.rank) {
    case (3, 1):
      picture = exampleShape
      guard rows != nil || picture[0] == 1 else { return self }
      isChannelsLast = rows == .channelsLast
      Terminal.note(
        "gibbon: \(name): pictures of \(exampleShape) are taken as rows of \(shape.count) values\(order(isChannelsLast, picture))"
      )
    case (1, 3):
      picture = shape
      guard images != nil || picture[0] == 1 else { return self }
      isChannelsLast = images == .channelsLast
      Terminal.note(
        "gibbon: \(name): rows of \(shape.count) values are taken as pictures of \(shape)\(order(isChannelsLast, picture))"
      )
    default: return self
    }
    guard isChannelsLast, picture[0] > 1 else { return reshaped(to: shape) }
    let (channels, pixels) = (picture[0], picture[1] * picture[2])
    let places = (0..<shape.count).map { place in
      shape.rank == 1
        ? place % channels * pixels + place / channels
        : place % pixels * channels + place / pixels
    }
    return reordered(places).reshaped(to: shape)
  }

  private func order(_ isChannelsLast: Bool, _ picture: Shape) -> String {
    picture[0] == 1 ? "" : isChannelsLast ? ", channels last" : ", channel after channel"
  }

  /// What would make the examples fit, for messages; empty if nothing known would.
  func remedy(for shape: Shape) -> String {
    let (own, wanted) = (exampleShape.extents, shape.extents)
    switch (own.count, wanted.count) {
    case (3, 3):
      let first = [own[2], own[0], own[1]]
      let last = [own[1], own[2], own[0]]
      if first == wanted {
        return "; arrays that have the channels last need --data-layout nhwc"
      }
      if last == wanted {
        return wanted[2] < wanted[0]
          ? "; a network that has the channels last needs --layout nhwc"
          : "; arrays that have the channels first need no --data-layout nhwc"
      }
    case (3, 1) where exampleShape.count == shape.count:
      return
        "; say in which order it takes the values of pictures: --layout nchw (channel after channel)"
        + " or --layout nhwc"
    case (1, 3) where exampleShape.count == shape.count:
      return
        "; say in which order the rows hold the values of pictures: --data-layout nchw (channel after"
        + " channel) or --data-layout nhwc"
    default: break
    }
    return ""
  }
}
