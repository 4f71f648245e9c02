/// How a kernel slides over the two spatial axes of N x C x H x W values.
public struct Window: Hashable, Sendable {
  /// Height and width of the kernel, at least 1.
  public var kernel: Pair
  /// Step between neighbouring positions, at least 1.
  public var stride: Pair
  /// Rows and columns added before the first.
  public var paddingBefore: Pair
  /// Rows and columns added after the last.
  public var paddingAfter: Pair
  /// Distance between neighbouring elements of the kernel, at least 1.
  public var dilation: Pair

  /// A number for the height and one for the width.
  public struct Pair: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// Along the height.
    public var height: Int
    /// Along the width.
    public var width: Int

    /// Creates a pair of numbers.
    public init(_ height: Int, _ width: Int) {
      self.height = height
      self.width = width
    }

    /// Creates a pair of equal numbers.
    public init(integerLiteral value: Int) { self.init(value, value) }
  }

  /// Creates a window.
  public init(
    kernel: Pair, stride: Pair = 1, paddingBefore: Pair = 0, paddingAfter: Pair = 0,
    dilation: Pair = 1
  ) {
    self.kernel = kernel
    self.stride = stride
    self.paddingBefore = paddingBefore
    self.paddingAfter = paddingAfter
    self.dilation = dilation
  }

  /// Creates a square window with equal padding on all sides.
  public init(_ size: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1) {
    self.init(
      kernel: Pair(size, size), stride: Pair(stride, stride),
      paddingBefore: Pair(padding, padding), paddingAfter: Pair(padding, padding),
      dilation: Pair(dilation, dilation))
  }

  /// The number of positions over an extent of `size`; `nil` if the window does not fit or is invalid.
  public func outputSize(of size: Pair) -> Pair? {
    func positions(
      _ size: Int, _ kernel: Int, _ stride: Int, _ before: Int, _ after: Int, _ dilation: Int
    ) -> Int? {
      guard kernel >= 1, stride >= 1, before >= 0, after >= 0, dilation >= 1,
        [size, kernel, stride, before, after, dilation].allSatisfy({ $0 <= Int32.max })
      else { return nil }
      let free = size + before + after - (dilation * (kernel - 1) + 1)
      return free < 0 ? nil : free / stride + 1
    }
    guard
      let height = positions(
        size.height, kernel.height, stride.height, paddingBefore.height, paddingAfter.height,
        dilation.height),
      let width = positions(
        size.width, kernel.width, stride.width, paddingBefore.width, paddingAfter.width,
        dilation.width)
    else { return nil }
    return Pair(height, width)
  }

  /// Whether some kernel element falls inside the input at every output position.
  func alwaysMeets(_ size: Pair) -> Bool {
    guard let positions = outputSize(of: size) else { return false }
    func meets(
      _ positions: Int, _ size: Int, _ kernel: Int, _ stride: Int, _ before: Int, _ dilation: Int
    ) -> Bool {
      (0..<positions).allSatisfy { position in
        let first = position * stride - before
        let skipped = first < 0 ? (-first + dilation - 1) / dilation : 0
        return skipped < kernel && first + skipped * dilation < size
      }
    }
    return meets(
      positions.height, size.height, kernel.height, stride.height, paddingBefore.height,
      dilation.height)
      && meets(
        positions.width, size.width, kernel.width, stride.width, paddingBefore.width,
        dilation.width)
  }

  /// Calls `body` for each kernel element that falls inside the input, at one output position.
  func forEachElement(
    atRow row: Int, column: Int, of size: Pair,
    _ body: (_ kernelRow: Int, _ kernelColumn: Int, _ inputRow: Int, _ inputColumn: Int) -> Void
  ) {
    for kernelRow in 0..<kernel.height {
      let inputRow = row * stride.height - paddingBefore.height + kernelRow * dilation.height
      guard 0..<size.height ~= inputRow else { continue }
      for kernelColumn in 0..<kernel.width {
        let inputColumn =
          column * stride.width - paddingBefore.width + kernelColumn * dilation.width
        guard 0..<size.width ~= inputColumn else { continue }
        body(kernelRow, kernelColumn, inputRow, inputColumn)
      }
    }
  }
}

extension Extents {
  /// Height and width of N x C x H x W extents.
  var spatial: Window.Pair { Window.Pair(self[2], self[3]) }
}
