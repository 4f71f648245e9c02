import Platform

/// The mean logistic loss of linear scores with a squared penalty: mean of log(1 + e^s) - y s, and lambda |theta|^2 /
/// 2.
public struct LogisticRegression: Sendable, Hashable {
  /// The weight lambda of the penalty, at least 0.
  public var penalty: Double
  /// Whether the bias is penalised as the other weights are.
  public var penalizesBias: Bool
  /// Added to the penalty of each weight, the bias last; empty for nothing.
  public var extraPenalties: [Double] = []
  /// The shift that weights are told about: the bias is what is left of the last of them without it; empty for none.
  var anchor: [Double] = []

  /// Creates the loss.
  public init(penalty: Double, penalizesBias: Bool = false) {
    self.penalty = penalty
    self.penalizesBias = penalizesBias
  }

  /// How far the loss is from the mean of the rows: its value, gradient and second derivatives.
  struct Local {
    var value = 0.0
    var gradient: [Double]
    /// Second derivatives; empty unless asked for.
    var curvature: Matrix
    /// The sum of all gradients with respect to scores, divided by the number of rows.
    var meanResidual = 0.0
    /// The mean second derivative with respect to scores, and its mean with each feature.
    var meanSlope = 0.0
    var slopeMoments: [Double]
  }

  /// Parts of a mixture of shifted rows: how much each counts, and how far all of its rows are moved.
  ///
  /// A shift of all rows by the same vector adds the same number to each score.
  public struct Shift: Sendable, Hashable {
    /// How much it counts; the sum of all is 1.
    public var weight: Double
    /// Added to each row's features, the column of ones among them.
    public var vector: [Double]

    /// Creates a part.
    public init(weight: Double = 1, _ vector: [Double]) {
      self.weight = weight
      self.vector = vector
    }
  }

  func local(
    _ theta: [Double], on rows: LabeledRows, _ shifts: [Shift], curvature wants: Bool
  ) -> Local {
    let width = rows.width
    var result = Local(
      gradient: [Double](repeating: 0, count: width),
      curvature: wants ? Matrix(rows: width, columns: width) : Matrix(rows: 0, columns: 0),
      slopeMoments: [Double](repeating: 0, count: width))
    let scores = rows.scores(theta)
    for shift in shifts where shift.weight != 0 {
      add(&result, rows, scores, shift, theta, wants)
    }
    for place in 0..<width - 1 {
      let penalty = penalty + (extraPenalties.isEmpty ? 0 : extraPenalties[place])
      result.value += penalty * theta[place] * theta[place] / 2
      result.gradient[place] += penalty * theta[place]
      if wants { result.curvature[place, place] += penalty }
    }
    guard penalizesBias else { return result }
    var direction =
      anchor.isEmpty ? [Double](repeating: 0, count: width) : anchor.scaled(by: -1)
    direction[width - 1] = 1
    let (bias, weight) = (direction.dot(theta), penalty + (extraPenalties.last ?? 0))
    result.value += weight * bias * bias / 2
    result.gradient.add(direction, times: weight * bias)
    guard wants else { return result }
    for row in 0..<width {
      for column in 0..<width {
        result.curvature[row, column] += weight * direction[row] * direction[column]
      }
    }
    return result
  }

  private func add(
    _ result: inout Local, _ rows: LabeledRows, _ scores: [Double], _ shift: Shift,
    _ theta: [Double], _ wants: Bool
  ) {
    let (width, share) = (rows.width, shift.weight / Double(rows.count))
    let offset = shift.vector.dot(theta)
    var (value, residuals, slopes) = (0.0, 0.0, 0.0)
    // A logarithm of a product is cheaper than the sum of as many logarithms.
    var (product, factors) = (1.0, 0)
    var gradient = [Double](repeating: 0, count: width)
    var moments = gradient
    var products = [Double](repeating: 0, count: wants ? width * width : 0)
    rows.features.values.withUnsafeBufferPointer { features in
      gradient.withUnsafeMutableBufferPointer { gradient in
        moments.withUnsafeMutableBufferPointer { moments in
          products.withUnsafeMutableBufferPointer { products in
            for row in 0..<rows.count {
              let (score, label) = (scores[row] + offset, rows.labels[row])
              // log(1 + e^s), and the probability, without overflow.
              let small = exp(-abs(score))
              value += max(score, 0) - label * score
              product *= 1 + small
              factors += 1
              if factors == 64 {
                value += log(product)
                (product, factors) = (1, 0)
              }
              let probability = score >= 0 ? 1 / (1 + small) : small / (1 + small)
              let residual = probability - label
              residuals += residual
              let start = row * width
              for place in 0..<width { gradient[place] += residual * features[start + place] }
              guard wants else { continue }
              let slope = probability * (1 - probability)
              slopes += slope
              for place in 0..<width {
                let part = slope * features[start + place]
                moments[place] += part
                for other in 0...place {
                  products[place * width + other] += part * features[start + other]
                }
              }
            }
          }
        }
      }
    }
    value += log(product)
    result.value += share * value
    result.meanResidual += share * residuals
    result.gradient.add(gradient, times: share)
    result.gradient.add(shift.vector, times: share * residuals)
    guard wants else { return }
    result.meanSlope += share * slopes
    result.slopeMoments.add(moments, times: share)
    result.slopeMoments.add(shift.vector, times: share * slopes)
    for place in 0..<width {
      for other in 0..<width {
        // (x + v)(x + v)^T of the sums over x.
        let (a, b) = (max(place, other), min(place, other))
        let sum =
          products[a * width + b] + moments[place] * shift.vector[other]
          + shift.vector[place] * moments[other]
          + slopes * shift.vector[place] * shift.vector[other]
        result.curvature[place, other] += share * sum
      }
    }
  }

  /// The loss, penalty included.
  ///
  /// - Parameters:
  ///   - theta: The weights, the bias last.
  ///   - rows: The rows.
  ///   - shifts: How all rows are moved; not at all by default.
  /// - Returns: The mean over the rows and the mixture.
  public func loss(_ theta: [Double], on rows: LabeledRows, shifts: [Shift]? = nil) -> Double {
    local(theta, on: rows, shifts ?? [.none(rows)], curvature: false).value
  }

  /// The gradient of the loss.
  public func gradient(
    _ theta: [Double], on rows: LabeledRows, shifts: [Shift]? = nil
  ) -> [Double] { local(theta, on: rows, shifts ?? [.none(rows)], curvature: false).gradient }

  /// An upper bound of the curvature: a quarter of the mean squared length of a row, and lambda.
  public func smoothness(on rows: LabeledRows, shift: Shift? = nil) -> Double {
    let width = rows.width
    let vector = shift?.vector ?? [Double](repeating: 0, count: width)
    var sum = 0.0
    for row in 0..<rows.count {
      for place in 0..<width {
        let value = rows.features[row, place] + vector[place]
        sum += value * value
      }
    }
    return sum / (4 * Double(rows.count)) + penalty
  }

  /// The exact minimum by Newton's method with halved steps.
  ///
  /// - Parameters:
  ///   - rows: The rows.
  ///   - shifts: How all rows are moved; not at all by default.
  ///   - start: Where to begin; at zero by default.
  /// - Returns: The weights, at which the gradient is below 1e-12 of its scale, or as small as rounding lets it be.
  /// - Throws: `GameError` where there is no minimum, as for classes that a line parts without a penalty.
  /// - Complexity: About ten passes over the rows, each as costly as the squared number of weights for each row.
  public func minimum(
    on rows: LabeledRows, shifts: [Shift]? = nil, from start: [Double]? = nil
  ) throws(GameError) -> [Double] {
    let (shifts, none) = (shifts ?? [.none(rows)], [Double](repeating: 0, count: rows.width))
    // About the mean shift numbers stay small however far everyone has moved: such a shift is one of the bias.
    var mean = none
    for shift in shifts { mean.add(shift.vector, times: shift.weight) }
    mean[rows.width - 1] = 0
    var centered = self
    centered.anchor = mean
    let parts = shifts.map { Shift(weight: $0.weight, $0.vector.plus(mean, times: -1)) }
    var begin = none
    if var old = start {
      old[rows.width - 1] += mean.dot(old)
      // Weights that put everyone on one side lead nowhere.
      if centered.local(old, on: rows, parts, curvature: false).value
        <= centered.local(none, on: rows, parts, curvature: false).value
      {
        begin = old
      }
    }
    var theta = try centered.newton(on: rows, parts, from: begin)
    theta[rows.width - 1] -= mean.dot(theta)
    return theta
  }

  private func newton(
    on rows: LabeledRows, _ shifts: [Shift], from start: [Double]
  ) throws(GameError) -> [Double] {
    var theta = start
    var here = local(theta, on: rows, shifts, curvature: true)
    var length = Double.infinity
    for _ in 0..<200 {
      guard let step = here.curvature.solvePositive(here.gradient), step.allSatisfy(\.isFinite)
      else { break }
      length = step.norm
      // Where a line parts the classes gradients vanish, but steps do not.
      let isNear = length < 1e-3 * max(1, theta.norm)
      if isNear, here.gradient.norm < 1e-14 { return theta }
      let descent = step.dot(here.gradient)
      var share = 1.0
      var next = here
      while true {
        next = local(theta.plus(step, times: -share), on: rows, shifts, curvature: true)
        if next.value <= here.value - 1e-4 * share * descent { break }
        // Where the loss no longer tells, the gradient does.
        if next.gradient.norm < 0.9 * here.gradient.norm, descent < 1e-10 * max(1, here.value) {
          break
        }
        share /= 2
        if share < 1e-6 { break }
      }
      guard share >= 1e-6 else {
        if isNear, descent < 1e-9 * max(1, here.value) { return theta }
        break
      }
      // Newton's steps more than halve the gradient until rounding is all that is left of it.
      if isNear, next.gradient.norm > here.gradient.norm / 2, descent < 1e-14 * max(1, here.value) {
        return next.gradient.norm < here.gradient.norm ? theta.plus(step, times: -share) : theta
      }
      theta.add(step, times: -share)
      here = next
    }
    guard here.gradient.norm < 1e-6, length < 1e-3 * max(1, theta.norm) else {
      throw GameError(
        "no minimum of a logistic regression was found; expected a larger penalty, or people who react less"
      )
    }
    return theta
  }
}

extension LogisticRegression.Shift {
  /// No shift.
  static func none(_ rows: LabeledRows) -> Self {
    LogisticRegression.Shift([Double](repeating: 0, count: rows.width))
  }
}
