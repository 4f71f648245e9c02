import Graphs
import Tensors

extension VerifiedBounds {
  /// Upper bounds of z_k - z_label by linear functions of the input, 0 at the label itself and NaN where none is known:
  /// CROWN with the intervals as bounds of what is between (CROWN-IBP).
  ///
  /// From the scores backward each margin stays below a linear function of one layer after the other. The coefficients
  /// are enclosures: what rounding did to them counts with the largest magnitude of what they are multiplied with. An
  /// unstable ReLU stays below the line through its ends, whose offset is rounded upward, and above a line through
  /// zero. What else there is, such as max pooling, counts with its interval.
  ///
  /// Zhang et al., 2020, https://arxiv.org/abs/1906.06316.
  ///
  /// - Parameters:
  ///   - boxes: The boxes, and balls in them if they have such.
  ///   - labels: A class for each box.
  ///   - lowerSlope: The lower line of unstable ReLUs.
  /// - Returns: A row of K for each box.
  /// - Precondition: The boxes have `inputCount` values, there are as many labels, and each is a class.
  ///
  /// Cost: two products in double precision for each layer, box and class, on all processors.
  public func linearMargins(
    of boxes: [EnclosingBox], labels: [Int], lowerSlope: LowerSlope = .adaptive
  ) -> [[Double]] {
    precondition(boxes.count == labels.count, "\(boxes.count) boxes and \(labels.count) labels")
    precondition(
      labels.allSatisfy { 0..<classCount ~= $0 }, "a label is none of \(classCount) classes")
    return inChunks(of: boxes, linearChunk) { range in
      linearMargins(
        of: Array(boxes[range]), by: Array(labels[range]),
        pairs: (0..<range.count).flatMap { place in
          (0..<classCount).map { (box: place, class: $0) }
        }, [lowerSlope])
    }
  }

  /// How many boxes are computed at once: rows of coefficients take about 64 MB at most.
  var linearChunk: Int {
    let widest = graph.nodes.map(\.extents.countPerExample).max() ?? 1
    return max(1, min(VerifiedBounds.chunk, 4_000_000 / max(1, widest * classCount)))
  }

  /// The least of the bounds by several lower lines, for some classes of some boxes; the others are NaN.
  func linearMargins(
    of boxes: [EnclosingBox], by labels: [Int], pairs: [(box: Int, class: Int)],
    _ slopes: [LowerSlope]
  ) -> [[Double]] {
    let values =
      adjoints.isAvailable ? known(until: output, of: boxes, keeping: adjoints.kept) : []
    return linearMargins(in: values, boxes, by: labels, pairs: pairs, slopes)
  }

  /// The same, given the intervals in between.
  private func linearMargins(
    in values: [Enclosure], _ boxes: [EnclosingBox], by labels: [Int],
    pairs: [(box: Int, class: Int)], _ slopes: [LowerSlope]
  ) -> [[Double]] {
    var margins = labels.map { label in
      (0..<classCount).map { $0 == label ? 0 : Double.nan }
    }
    let pairs = pairs.filter { labels[$0.box] != $0.class }
    guard adjoints.isAvailable, !pairs.isEmpty else { return margins }
    var rows = Tensor<Double>.zeros([pairs.count, classCount])
    for (row, pair) in pairs.enumerated() {
      rows[row * classCount + pair.class] = 1
      rows[row * classCount + labels[pair.box]] = -1
    }
    for slope in slopes {
      var backward = LinearBound(
        adjoints, values, boxes: pairs.map(\.box), input: input.index, in: boxes, slope)
      let bounds = backward.upperBounds(of: rows, at: output.index)
      for (pair, bound) in zip(pairs, bounds) {
        let best = margins[pair.box][pair.class]
        margins[pair.box][pair.class] = best < bound ? best : bound
      }
    }
    return margins
  }
}

extension VerifiedBounds {
  /// The most values of a layer that is refined.
  private static let widestRefined = 2048

  /// The ReLUs' operands that linear functions may bound better than intervals, in their order: behind the first layer,
  /// which intervals bound exactly, and not too wide.
  var refinable: [Int] {
    guard adjoints.isAvailable else { return [] }
    return Set(
      adjoints.steps.compactMap { if case .relu(let operand) = $0 { operand } else { nil } }
    ).filter {
      !reach.places.contains($0) && $0 != input.index
        && graph.nodes[$0].extents.countPerExample <= VerifiedBounds.widestRefined
    }.sorted()
  }

  /// Margins by linear functions, once the values before each ReLU that may be of either sign were bounded by linear
  /// functions as well, one layer after the other (CROWN); classes that are not asked for are NaN.
  ///
  /// Zhang et al., "Efficient neural network robustness certification with general activation functions", 2018,
  /// https://arxiv.org/abs/1811.00866.
  func refinedMargins(of box: EnclosingBox, label: Int, classes: [Int]) -> [Double] {
    var values = known(until: output, of: [box], keeping: adjoints.kept)
    for place in refinable {
      var (lower, upper) = values[place].ends
      let open = (0..<lower.count).filter { lower[$0] < 0 && upper[$0] > 0 }
      for start in stride(from: 0, to: open.count, by: VerifiedBounds.rows) {
        let part = open[start..<min(start + VerifiedBounds.rows, open.count)]
        var rows = Tensor<Double>.zeros(
          graph.nodes[place].extents.shape(batch: 2 * part.count))
        for (row, element) in part.enumerated() {
          rows[2 * row * lower.count + element] = 1
          rows[(2 * row + 1) * lower.count + element] = -1
        }
        var backward = LinearBound(
          adjoints, values, boxes: [Int](repeating: 0, count: 2 * part.count),
          input: input.index, in: [box], .adaptive)
        let bounds = backward.upperBounds(of: rows, at: place)
        for (row, element) in part.enumerated() {
          if bounds[2 * row] < upper[element] { upper[element] = bounds[2 * row] }
          if -bounds[2 * row + 1] > lower[element] { lower[element] = -bounds[2 * row + 1] }
        }
      }
      values[place] = Enclosure(.ends(lower: lower, upper: upper))
    }
    return linearMargins(
      in: values, [box], by: [label],
      pairs: classes.filter { $0 != label }.map { (box: 0, class: $0) }, LowerSlope.allCases)[0]
  }

  /// How many values are refined at once.
  private static let rows = 64
}

/// Rows of linear functions on their way from the scores to the input, each over a box of its own.
private struct LinearBound {
  private let adjoints: Adjoints
  /// The intervals of what the functions meet, a row for each box.
  private let values: [Enclosure]
  /// The box of each row.
  private let boxes: [Int]
  private let input: Int
  private let regions: [EnclosingBox]
  private let lowerSlope: LowerSlope
  private var sums: [Sum]
  /// The number of products that are added to each sum, or a little more.
  private var count = 0

  /// A sum of products, and what bounds its error.
  private struct Sum {
    var value = 0.0
    /// The sum of the products' magnitudes.
    var magnitude = 0.0
    /// What is added besides; nowhere negative.
    var slack = 0.0
  }

  init(
    _ adjoints: Adjoints, _ values: [Enclosure], boxes: [Int], input: Int,
    in regions: [EnclosingBox], _ lowerSlope: LowerSlope
  ) {
    self.adjoints = adjoints
    self.values = values
    self.boxes = boxes
    self.input = input
    self.regions = regions
    self.lowerSlope = lowerSlope
    sums = [Sum](repeating: Sum(), count: boxes.count)
  }

  /// Upper bounds of linear functions of a value.
  mutating func upperBounds(of rows: Tensor<Double>, at target: Int) -> [Double] {
    var pending = [target: Enclosure(.exact(rows))]
    for index in stride(from: target, through: 0, by: -1) {
      guard let coefficients = pending.removeValue(forKey: index) else { continue }
      switch adjoints.steps[index] {
      case .interval: add(coefficients, within: index)
      case .relu(let operand):
        Adjoints.add(relax(coefficients, operand), to: operand, in: &pending)
      case .affine(let part):
        if let offset = part.offset { add(coefficients, at: offset) }
        for (operand, carried) in adjoints.operands(of: part, coefficients) {
          Adjoints.add(carried, to: operand, in: &pending)
        }
      }
    }
    let (gamma, outward) = (Rounding.gamma(count + 2), Rounding.outward(count + 8))
    let floor = Double(count + 8) * Rounding.underflow
    return sums.map { sum in
      let slack = (sum.slack + gamma * sum.magnitude) * outward * Rounding.outward
      return (sum.value + (slack + floor)).nextUp
    }
  }

  /// Adds the largest values of the functions over the interval of a value; over the input's ball, if that is less.
  private mutating func add(_ coefficients: Enclosure, within index: Int) {
    let (centers, radii) = values[index].centered
    let before = sums
    add(coefficients, centers, radii) { $0 }
    guard index == input else { return }
    let (factors, errors) = coefficients.centered
    let width = factors.count / max(1, boxes.count)
    count += 2 * width
    for (row, box) in boxes.enumerated() {
      guard let ball = regions[box].ball else { continue }
      var sum = before[row]
      var magnitudes = [Double](repeating: 0, count: width)
      for i in 0..<width {
        let (factor, error) = (factors[row * width + i], errors[row * width + i])
        let product = factor * ball.center[i]
        sum.value += product
        sum.magnitude += abs(product)
        sum.slack += error * abs(ball.center[i])
        magnitudes[i] = (abs(factor) + error) * Rounding.outward
      }
      sum.slack += ball.radius * ball.size(of: magnitudes, count: width)
      let (own, other) = (sum, sums[row])
      if own.value + own.slack < other.value + other.slack { sums[row] = sum }
    }
  }

  /// Adds the value of the functions at one point, the same for all rows.
  private mutating func add(_ coefficients: Enclosure, at offset: Enclosure) {
    let (centers, radii) = offset.centered
    add(coefficients, centers, radii) { _ in 0 }
  }

  private mutating func add(
    _ coefficients: Enclosure, _ centers: Tensor<Double>, _ radii: Tensor<Double>,
    _ place: (_ box: Int) -> Int
  ) {
    let (factors, errors) = coefficients.centered
    let width = factors.count / max(1, boxes.count)
    count += 2 * width
    factors.withUnsafeScalars { factors in
      errors.withUnsafeScalars { errors in
        centers.withUnsafeScalars { centers in
          radii.withUnsafeScalars { radii in
            for (row, box) in boxes.enumerated() {
              let (own, start) = (row * width, place(box) * width)
              var sum = sums[row]
              for i in 0..<width {
                let product = factors[own + i] * centers[start + i]
                sum.value += product
                sum.magnitude += abs(product)
                sum.slack +=
                  abs(factors[own + i]) * radii[start + i]
                  + errors[own + i] * (abs(centers[start + i]) + radii[start + i])
              }
              sums[row] = sum
            }
          }
        }
      }
    }
  }

  /// The functions of a ReLU's operand that those of its result stay below.
  private mutating func relax(_ coefficients: Enclosure, _ operand: Int) -> Enclosure {
    let (factors, errors) = coefficients.centered
    let (lowers, uppers) = values[operand].ends
    let width = factors.count / max(1, boxes.count)
    count += 2 * width
    var (centers, radii) = (factors, errors)
    factors.withUnsafeScalars { factors in
      errors.withUnsafeScalars { errors in
        lowers.withUnsafeScalars { lowers in
          uppers.withUnsafeScalars { uppers in
            centers.withUnsafeMutableScalars { centers in
              radii.withUnsafeMutableScalars { radii in
                for (row, box) in boxes.enumerated() {
                  var sum = sums[row]
                  for i in 0..<width {
                    let (lower, upper) = (lowers[box * width + i], uppers[box * width + i])
                    let factor = factors[row * width + i]
                    let place = row * width + i
                    // What is not exact of a coefficient counts with the largest value of the ReLU.
                    sum.slack += errors[place] * max(upper, 0)
                    guard lower <= upper, factor.isFinite else {
                      sum.slack = .nan
                      continue
                    }
                    if lower >= 0 {
                      (centers[place], radii[place]) = (factor, 0)
                    } else if upper <= 0 {
                      (centers[place], radii[place]) = (0, 0)
                    } else if factor <= 0 {
                      let rises = lowerSlope == .adaptive && upper > -lower
                      (centers[place], radii[place]) = (rises ? factor : 0, 0)
                    } else {
                      let slope = min(max(upper / (upper - lower), 0), 1)
                      // The line is above the ReLU, which is convex, where it is at both ends.
                      let offset = max(
                        (-(slope * lower)).nextUp, (upper - (slope * upper).nextDown).nextUp)
                      let product = factor * offset
                      sum.value += product
                      sum.magnitude += abs(product)
                      let carried = factor * slope
                      centers[place] = carried
                      radii[place] = carried * 0x1p-52 + Rounding.underflow
                    }
                  }
                  sums[row] = sum
                }
              }
            }
          }
        }
      }
    }
    return Enclosure(.centered(center: centers, radius: radii))
  }
}
