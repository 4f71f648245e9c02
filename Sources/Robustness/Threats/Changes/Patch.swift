import Files
public import Tensors

/// A square of a picture that shows whatever the adversary likes.
///
/// Anywhere, z is one row: the row and the column of the upper left corner, rounded to whole pixels, then the values,
/// C x side x side; a search by gradients moves the values, and its random starts the place. At a place, z is the
/// values alone, and the patch may be turned and scaled there, read bilinearly: so one patch shared by many examples,
/// each with a place and a pose of its own, is one that can be printed.
///
/// Brown, Mané, Roy, Abadi and Gilmer, "Adversarial patch", 2017, https://arxiv.org/abs/1712.09665.
public struct Patch: ParametricThreat, Hashable {
  /// How large the patch is.
  public enum Size: Sendable, Hashable {
    /// A share of the picture's area.
    case share(Double)
    /// The length of a side in pixels.
    case pixels(Int)
  }

  /// Where and how the patch is shown.
  public struct Pose: Sendable, Hashable {
    /// The row of the upper left corner of the patch before it is turned and scaled about its middle.
    public var row: Double
    /// The column of that corner.
    public var column: Double
    /// The angle, counter-clockwise.
    public var degrees: Double
    /// The factor of its size.
    public var scale: Double

    /// Creates a pose.
    public init(row: Double, column: Double, degrees: Double = 0, scale: Double = 1) {
      self.row = row
      self.column = column
      self.degrees = degrees
      self.scale = scale
    }

    /// A random pose: the place uniform where the patch, not turned, lies in the picture whole.
    public static func random(
      side: Int, in picture: Shape, degrees: Double, scales: ClosedRange<Double>,
      using randomness: inout Philox
    ) -> Pose {
      let scale =
        scales.lowerBound + (scales.upperBound - scales.lowerBound) * Double(randomness.uniform())
      let grown = Double(side) * scale
      func corner(_ extent: Int) -> Double {
        let room = max(0, Double(extent) - grown)
        return (room * Double(randomness.uniform())).rounded() + (grown - Double(side)) / 2
      }
      let row = corner(picture[1])
      let column = corner(picture[2])
      return Pose(
        row: row, column: column, degrees: degrees * (2 * Double(randomness.uniform()) - 1),
        scale: scale)
    }
  }

  /// How large the patch is.
  public let size: Size
  /// Where it is; `nil` if the adversary chooses.
  public let pose: Pose?
  /// The values that each coordinate may take.
  public let bounds: InputBounds

  /// Creates a patch.
  ///
  /// - Throws: `ThreatError.size` unless a share is in 0...1, a side in 0...10000, or a scale in 0.01...100.
  public init(_ size: Size, at pose: Pose? = nil, bounds: InputBounds = .unit) throws(ThreatError) {
    switch size {
    case .share(let share):
      guard share >= 0, share <= 1 else { throw .size("patch", share, expected: 0...1) }
    case .pixels(let side):
      guard 0...10_000 ~= side else { throw .size("patch", Double(side), expected: 0...10_000) }
    }
    if let pose {
      for value in [pose.row, pose.column, pose.degrees] where value.magnitude > 1e4 || value.isNaN
      {
        throw .size("patch", value, expected: -1e4...1e4)
      }
      guard pose.scale >= 0.01, pose.scale <= 100 else {
        throw .size("patch", pose.scale, expected: 0.01...100)
      }
    }
    self.size = size
    self.pose = pose
    self.bounds = bounds
  }

  /// The length of a side in a picture.
  public func side(in picture: Shape) -> Int {
    switch size {
    case .share(let share):
      let area = share * Double(picture[1] * picture[2])
      return min(Int(area.squareRoot().rounded()), picture[1], picture[2])
    case .pixels(let side): return side
    }
  }

  /// The values within the bounds, and the places if the adversary chooses.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try check(x)
    let side = side(in: x.shape)
    let room = Tensor([Float(x.shape[1] - side), Float(x.shape[2] - side)], shape: [2])
    let middle = room.map { ($0 / 2).rounded(.down) }
    let shape: Shape = [x.shape[0], side, side]
    let corner = pose.map { ($0.row, $0.column) } ?? (Double(middle[0]), Double(middle[1]))
    // What the place shows, the nearest pixels beyond the edge; the limits are those of its pixels.
    let (row, column) = (Int(corner.0.rounded()), Int(corner.1.rounded()))
    let places = Patch.places(side, row, column, in: x.shape)
    let values = BoxRegion(
      center: Tensor(places.map { x[$0] }, shape: shape), radius: Patch.width(bounds),
      hull: Box(
        lower: Tensor(places.map { bounds.lower(at: $0) }, shape: shape),
        upper: Tensor(places.map { bounds.upper(at: $0) }, shape: shape)))
    if pose != nil { return values }
    let place = BoxRegion(
      center: middle, radius: Double(max(room[0] - middle[0], room[1] - middle[1])),
      hull: Box(lower: .zeros([2]), upper: room))
    return ProductRegion([place, values])
  }

  /// Makes sure that the example is a picture in which there is room for the patch, at its place unless it is turned or
  /// scaled there.
  public func check(_ x: Tensor<Float>) throws {
    try checkPicture(x)
    let side = side(in: x.shape)
    if side == 0, case .share(let share) = size, share > 0 {
      throw ThreatError.patchShare(share, picture: x.shape)
    }
    guard side <= x.shape[1], side <= x.shape[2] else {
      throw ThreatError.patch(height: side, width: side, picture: x.shape)
    }
    guard let pose, pose.degrees == 0, pose.scale == 1 else { return }
    let corner = (row: Int(pose.row.rounded()), column: Int(pose.column.rounded()))
    guard 0...x.shape[1] - side ~= corner.row, 0...x.shape[2] - side ~= corner.column else {
      throw ThreatError.patchPlace("\(self)", side: side, picture: x.shape)
    }
  }

  /// The text form, such as `patch:0.1` or `patch:5px@3,4`.
  public var description: String {
    let size =
      switch size {
      case .share(let share): "patch:\(share.plain)"
      case .pixels(let side): "patch:\(side)px"
      }
    guard let pose else { return size }
    func text(_ value: Double) -> String {
      value == value.rounded() ? "\(Int(value))" : "\(value)"
    }
    return size + "@\(text(pose.row)),\(text(pose.column))"
  }

  /// The picture with the patch on it.
  public func changed<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, by z: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let view = view(z, x.shape)
    let seen = view.warp.apply(view.positions, to: view.values)
    var result = x
    let places = x.shape[1] * x.shape[2]
    for index in 0..<x.count where view.covers[index % places] { result[index] = seen[index] }
    return result
  }

  /// The gradients with respect to z, zero for the place, and the input.
  public func gradients<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, at z: Tensor<Scalar>, of x: Tensor<Scalar>, needsInput: Bool
  ) -> (z: Tensor<Scalar>, input: Tensor<Scalar>?) {
    let view = view(z, x.shape)
    let places = x.shape[1] * x.shape[2]
    var (inside, outside) = (gradient, gradient)
    for index in 0..<x.count {
      if view.covers[index % places] { outside[index] = 0 } else { inside[index] = 0 }
    }
    let values = view.warp.inputPullback(inside, at: view.positions)
    let slopes = pose == nil ? [0, 0] + values.scalars : values.scalars
    return (Tensor(slopes, shape: z.shape), needsInput ? outside : nil)
  }

  /// The patch, where each place of the picture lies in it, and which places it covers.
  private struct View<Scalar: TensorScalar> {
    let values: Tensor<Scalar>
    let warp: Warp
    var positions: [Scalar]
    var covers: [Bool]
  }

  private func view<Scalar: TensorScalar>(_ z: Tensor<Scalar>, _ picture: Shape) -> View<Scalar> {
    let side = side(in: picture)
    let shape: Shape = [picture[0], side, side]
    let scalars = pose == nil ? Array(z.scalars.dropFirst(2)) : z.scalars
    var pose = pose ?? Pose(row: 0, column: 0)
    if self.pose == nil {
      pose.row = Patch.corner(Double(z[0]), picture[1] - side)
      pose.column = Patch.corner(Double(z[1]), picture[2] - side)
    }
    let size = picture[1] * picture[2]
    var view = View(
      values: Tensor(scalars, shape: shape), warp: Warp(shape, to: picture, outside: .nearest),
      positions: Array(repeating: Scalar(0), count: 2 * size),
      covers: Array(repeating: false, count: size))
    guard side > 0 else { return view }
    let half = Double(side - 1) / 2
    let angle = pose.degrees * Double.pi / 180
    let isPlain = pose.degrees == 0 && pose.scale == 1
    let (sine, cosine) = (Double.sin(angle) / pose.scale, Double.cos(angle) / pose.scale)
    for place in 0..<size {
      let row = Double(place / picture[2]) - pose.row
      let column = Double(place % picture[2]) - pose.column
      let (down, across) = (row - half, column - half)
      let there = isPlain ? row : half + cosine * down + sine * across
      let along = isPlain ? column : half - sine * down + cosine * across
      guard (-0.5..<Double(side) - 0.5).contains(there), (-0.5..<Double(side) - 0.5).contains(along)
      else { continue }
      view.covers[place] = true
      view.positions[2 * place] = Scalar(there)
      view.positions[2 * place + 1] = Scalar(along)
    }
    return view
  }

  /// A whole coordinate of a corner; the first one for NaN.
  private static func corner(_ value: Double, _ room: Int) -> Double {
    value > 0 ? min(value.rounded(), Double(room)) : 0
  }

  /// The pixels, channel by channel, of a square, or those nearest to it.
  private static func places(_ side: Int, _ row: Int, _ column: Int, in picture: Shape) -> [Int] {
    var places: [Int] = []
    for channel in 0..<picture[0] {
      for down in 0..<side {
        for across in 0..<side {
          let i = min(max(row + down, 0), picture[1] - 1)
          let j = min(max(column + across, 0), picture[2] - 1)
          places.append((channel * picture[1] + i) * picture[2] + j)
        }
      }
    }
    return places
  }

  /// From black to white, the length of a full step.
  private static func width(_ bounds: InputBounds) -> Double {
    let range = bounds.range(at: 0)
    return Double(range.upperBound) - Double(range.lowerBound)
  }
}
