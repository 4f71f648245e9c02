import Tensors

// What networks are made of, in terms of the operators.

extension GraphBuilder {
  /// The elementwise sum.
  public mutating func add(_ left: Value, _ right: Value) throws(GraphError) -> Value {
    try apply(Arithmetic(.add), left, right)
  }

  /// The elementwise product.
  public mutating func multiply(_ left: Value, _ right: Value) throws(GraphError) -> Value {
    try apply(Arithmetic(.multiply), left, right)
  }

  /// The elementwise difference.
  public mutating func subtract(_ left: Value, _ right: Value) throws(GraphError) -> Value {
    try add(left, try scale(right, by: -1))
  }

  /// factor * x + offset.
  public mutating func affine(
    _ x: Value, factor: Float, offset: Float
  ) throws(GraphError) -> Value {
    try apply(Elementwise(.affine(factor: factor, offset: offset)), x)
  }

  /// factor * x.
  public mutating func scale(_ x: Value, by factor: Float) throws(GraphError) -> Value {
    try affine(x, factor: factor, offset: 0)
  }

  /// max(x, 0).
  public mutating func relu(_ x: Value) throws(GraphError) -> Value {
    try apply(Elementwise(.relu), x)
  }

  /// min(max(x, 0), 6).
  public mutating func relu6(_ x: Value) throws(GraphError) -> Value {
    try apply(Elementwise(.clip(lower: 0, upper: 6)), x)
  }

  /// The Gaussian error linear unit x * Phi(x), exact form (Hendrycks and Gimpel 2016).
  public mutating func gelu(_ x: Value) throws(GraphError) -> Value {
    try apply(Elementwise(.gelu), x)
  }

  /// A vector of C values repeated to extents with C along axis 1.
  public mutating func perChannel(
    _ vector: Value, like x: Value, isMean: Bool = false
  ) throws(GraphError) -> Value {
    let target = extents(of: x)
    let axes = (0..<target.rank).filter { $0 != 1 }
    return try apply(Broadcast(to: target, axes: axes, isMean: isMean), vector)
  }

  /// x plus one value per channel (axis 1).
  public mutating func addBias(_ x: Value, _ bias: Value) throws(GraphError) -> Value {
    try add(x, try perChannel(bias, like: x))
  }

  /// x (N x I) times weight (O x I) transposed, plus a bias if there is one.
  public mutating func linear(
    _ x: Value, weight: Value, bias: Value?
  ) throws(GraphError) -> Value {
    let product = try apply(MatrixMultiply(transposesRight: true), x, weight)
    guard let bias else { return product }
    return try addBias(product, bias)
  }

  /// A convolution plus a bias if there is one.
  public mutating func convolution(
    _ x: Value, weight: Value, bias: Value?, _ window: Window, groups: Int = 1
  ) throws(GraphError) -> Value {
    let product = try apply(Convolution(window, groups: groups), x, weight)
    guard let bias else { return product }
    return try addBias(product, bias)
  }

  /// All axes but the batch as one.
  public mutating func flatten(_ x: Value) throws(GraphError) -> Value {
    try apply(Reshape(to: [Extents.batch, extents(of: x).countPerExample]), x)
  }

  /// The mean over some axes, which disappear.
  public mutating func mean(_ x: Value, axes: [Int]) throws(GraphError) -> Value {
    try apply(Reduce(axes: axes, isMean: true), x)
  }

  /// The mean over height and width: N x C x H x W -> N x C.
  public mutating func globalAveragePool(_ x: Value) throws(GraphError) -> Value {
    try mean(x, axes: [2, 3])
  }

  /// Batch normalisation with known statistics (Ioffe and Szegedy 2015): an affine map per channel.
  public mutating func batchNorm(
    _ x: Value, scale: Value, shift: Value, mean: Value, variance: Value, epsilon: Float
  ) throws(GraphError) -> Value {
    try apply(BatchNormalization(epsilon: epsilon), x, scale, shift, mean, variance)
  }

  /// Batch normalisation with the statistics of the batch, which are results as well.
  ///
  /// - Returns: The normalised values, and the mean and the biased variance per channel.
  public mutating func batchNormTraining(
    _ x: Value, scale: Value, shift: Value, epsilon: Float
  ) throws(GraphError) -> (y: Value, mean: Value, variance: Value) {
    let axes = (0..<extents(of: x).rank).filter { $0 != 1 }
    let standard = try apply(Standardize(axes: axes, epsilon: epsilon), x)
    let scaled = try multiply(standard, try perChannel(scale, like: x))
    return (
      try addBias(scaled, shift), try mean(x, axes: axes), try apply(Variance(axes: axes), x)
    )
  }

  /// Layer normalisation over the channels, axis 1 (Ba, Kiros and Hinton 2016,
  /// https://arxiv.org/abs/1607.06450).
  public mutating func layerNorm(
    _ x: Value, scale: Value, shift: Value, epsilon: Float
  ) throws(GraphError) -> Value {
    let standard = try apply(Standardize(axes: [1], epsilon: epsilon), x)
    return try addBias(try multiply(standard, try perChannel(scale, like: x)), shift)
  }

  /// 1 where a column is the row's class, else 0: N labels -> N x K; rows of another number, such as -1, are zeros.
  package mutating func oneHot(_ labels: Value, classes: Int) throws(GraphError) -> Value {
    let extents: Extents = [Extents.batch, classes]
    let numbers = constant(Tensor((0..<classes).map { Float($0) }, shape: [classes]))
    return try apply(
      Comparison(.equal), try apply(Broadcast(to: extents, axes: [1]), labels),
      try apply(Broadcast(to: extents, axes: [0]), numbers))
  }

  /// 1 / sqrt(variance + epsilon).
  package mutating func inverseDeviation(
    _ variance: Value, epsilon: Float
  ) throws(GraphError) -> Value {
    let deviation = try apply(
      Elementwise(.squareRoot), try affine(variance, factor: 1, offset: epsilon))
    return try apply(Elementwise(.reciprocal), deviation)
  }
}
