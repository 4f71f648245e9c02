import Files
public import Tensors

/// A change of the tones of a picture by one number z: x' = x + z times a linear function of x, clamped to the bounds.
public struct ColorAdjustment: ParametricThreat, Hashable {
  /// Which tones change; what z stands for.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// z is added to every value.
    case brightness
    /// The distance from the middle of the bounds grows by the share z; at -1 all is grey.
    case contrast
    /// The distance from the grey of the same luma grows by the share z; at -1 no colour is left. RGB only.
    case saturation
    /// The share z of every value is replaced by the upper bound: a white fog.
    case fog
  }

  /// Which tones change.
  public let kind: Kind
  /// The largest magnitude of z.
  public let amount: Double
  /// The values that each coordinate may take.
  public let bounds: InputBounds

  /// Creates a change of tones.
  ///
  /// - Throws: `ThreatError.size` if the amount is negative, not finite, or above 1 for contrast and fog.
  public init(_ kind: Kind, amount: Double, bounds: InputBounds = .unit) throws(ThreatError) {
    let most: Double = kind == .contrast || kind == .fog ? 1 : 1e6
    guard amount >= 0, amount <= most else {
      throw .size(kind.rawValue, amount, expected: 0...most)
    }
    self.kind = kind
    self.amount = amount
    self.bounds = bounds
  }

  /// The values of z: no fog and no saturation below what there is.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try check(x)
    let least =
      switch kind {
      case .brightness, .contrast: -amount
      case .saturation: -min(amount, 1)
      case .fog: 0.0
      }
    return BoxRegion(parameters: [1], in: least...amount)
  }

  /// Any amount that makes a difference.
  public var withoutLimit: (any ThreatModel)? {
    switch kind {
    case .contrast, .fog: try? ColorAdjustment(kind, amount: 1, bounds: bounds)
    case .brightness:
      try? ColorAdjustment(
        kind, amount: Double(bounds.range(at: 0).upperBound - bounds.range(at: 0).lowerBound),
        bounds: bounds)
    case .saturation: try? ColorAdjustment(kind, amount: 256, bounds: bounds)
    }
  }

  /// Makes sure that the example lies within the bounds, and is an RGB picture where that matters.
  public func check(_ x: Tensor<Float>) throws {
    if kind == .saturation { return try checkPicture(x, channels: 3) }
    try bounds.check(x)
  }

  /// The text form, such as `brightness:0.2`.
  public var description: String { "\(kind.rawValue):\(amount.plain)" }

  /// The changed input.
  public func changed<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, by z: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let rates = rates(x)
    return Tensor(shape: x.shape) { target in
      for index in 0..<target.count {
        let (least, most) = ends(at: index, Scalar.self)
        target[index] = min(max(x[index] + z[0] * rates[index], least), most)
      }
    }
  }

  /// The gradients with respect to z and the input.
  public func gradients<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, at z: Tensor<Scalar>, of x: Tensor<Scalar>, needsInput: Bool
  ) -> (z: Tensor<Scalar>, input: Tensor<Scalar>?) {
    let rates = rates(x)
    // Clamped values do not move.
    var moving = gradient
    var sum: Scalar = 0
    for index in 0..<x.count {
      let value = x[index] + z[0] * rates[index]
      let (least, most) = ends(at: index, Scalar.self)
      if value < least || value > most { moving[index] = 0 }
      sum += moving[index] * rates[index]
    }
    let input = needsInput ? moving.zip(transposed(moving)) { $0 + z[0] * $1 } : nil
    return (Tensor([sum], shape: z.shape), input)
  }

  private func ends<Scalar: TensorScalar>(
    at index: Int, _ type: Scalar.Type
  ) -> (Scalar, Scalar) { (Scalar(bounds.lower(at: index)), Scalar(bounds.upper(at: index))) }

  /// The luma of ITU-R BT.601.
  private static let luma = [0.299, 0.587, 0.114]

  /// How fast each value changes with z.
  private func rates<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    Tensor(shape: x.shape) { target in
      let size = x.count / max(1, x.shape.rank == 3 ? x.shape[0] : 1)
      for index in 0..<target.count {
        let range = bounds.range(at: index)
        let value = x[index]
        switch kind {
        case .brightness: target[index] = 1
        case .contrast:
          target[index] = value - (Scalar(range.lowerBound) + Scalar(range.upperBound)) / 2
        case .fog: target[index] = Scalar(range.upperBound) - value
        case .saturation:
          let place = index % size
          target[index] = (0..<3).reduce(value) {
            $0 - Scalar(ColorAdjustment.luma[$1]) * x[$1 * size + place]
          }
        }
      }
    }
  }

  /// The transpose of the linear part of `rates`.
  private func transposed<Scalar: TensorScalar>(_ gradient: Tensor<Scalar>) -> Tensor<Scalar> {
    switch kind {
    case .brightness: return .zeros(gradient.shape)
    case .contrast: return gradient
    case .fog: return gradient.map { -$0 }
    case .saturation:
      let size = gradient.count / 3
      return Tensor(shape: gradient.shape) { target in
        for index in 0..<target.count {
          let place = index % size
          let sum = gradient[place] + gradient[size + place] + gradient[2 * size + place]
          target[index] = gradient[index] - Scalar(ColorAdjustment.luma[index / size]) * sum
        }
      }
    }
  }
}
