import Settings
import Networks
package import Datasets
package import Tensors

extension Dataset {
  /// The examples as a network takes them, where shapes differ but hold the same values in the same order.
  ///
  /// Axes of 1 come and go. Pictures of one channel are the rows that they lie in, and the other way round. Of several
  /// channels, the order of values must be said.
  ///
  /// - Parameters:
  ///   - shape: What the network takes.
  ///   - rows: The order in which a network of rows takes the values of pictures.
  ///   - images: The order in which rows hold the values of pictures.
  ///   - observer: Told what is more than axes of 1.
  /// - Returns: The examples, in the network's shape if that is so.
  func fitted(
    to shape: Shape, rows: InputDescription.Layout?, images: DataOptions.Layout?,
    telling observer: Observer = .none
  ) -> Dataset {
    guard exampleShape != shape, exampleShape.count == shape.count else { return self }
    if exampleShape.withoutOnes == shape.withoutOnes { return reshaped(to: shape) }
    let isChannelsLast: Bool
    let picture: Shape
    switch (exampleShape.rank, shape.rank) {
    case (3, 1):
      picture = exampleShape
      guard rows != nil || picture[0] == 1 else { return self }
      isChannelsLast = rows == .channelsLast
      observer.note(
        "\(name): pictures of \(exampleShape) are taken as rows of \(shape.count) values\(order(isChannelsLast, picture))"
      )
    case (1, 3):
      picture = shape
      guard images != nil || picture[0] == 1 else { return self }
      isChannelsLast = images == .channelsLast
      observer.note(
        "\(name): rows of \(shape.count) values are taken as pictures of \(shape)\(order(isChannelsLast, picture))"
      )
    case (2, 1),
      (2, 3) where shape.withoutOnes.count == 1:
      observer.note(
        "\(name): examples of \(exampleShape) are taken as rows of \(shape.count) values, row after row"
      )
      return reshaped(to: shape)
    case (1, 2),
      (3, 2) where exampleShape.withoutOnes.count == 1:
      observer.note(
        "\(name): rows of \(shape.count) values are taken as \(shape), row after row")
      return reshaped(to: shape)
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
  package func remedy(for shape: Shape) -> String {
    let (own, wanted) = (exampleShape.extents, shape.extents)
    switch (own.count, wanted.count) {
    case (3, 3):
      let first = [own[2], own[0], own[1]]
      let last = [own[1], own[2], own[0]]
      if first == wanted {
        return "; arrays that have the channels last need \(Setting.dataLayout) nhwc"
      }
      if last == wanted {
        return wanted[2] < wanted[0]
          ? "; a network that has the channels last needs \(Setting.layout) nhwc"
          : "; arrays that have the channels first need no \(Setting.dataLayout) nhwc"
      }
    case (3, 1) where exampleShape.count == shape.count:
      return
        "; give the order of its input values: \(Setting.layout) nchw (channel after channel) or \(Setting.layout) nhwc"
    case (1, 3) where exampleShape.count == shape.count:
      return
        "; give the order of the values in a row: \(Setting.dataLayout) nchw (channel after channel) or"
        + " \(Setting.dataLayout) nhwc"
    case (2, 2) where own == Array(wanted.reversed()):
      return "; exchange the axes of the array first: x.transpose(0, 2, 1) in NumPy"
    default: break
    }
    return ""
  }
}

extension Shape {
  /// The extents but for those of 1.
  var withoutOnes: [Int] { extents.filter { $0 != 1 } }

  /// The shape of a picture that fills it: channels, height and width, or one channel of height and width.
  package var picture: Shape? {
    switch rank {
    case 2: prepending(1)
    case 3: self
    default: nil
    }
  }

  /// Whether it looks like height, width and channels.
  var hasChannelsLast: Bool {
    rank == 3 && [1, 3, 4].contains(self[2]) && ![1, 3, 4].contains(self[0])
  }
}
