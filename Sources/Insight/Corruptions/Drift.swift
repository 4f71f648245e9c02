import Robustness
import Tensors

/// How a model's accuracy changes where the data do: in what classes they are, or how corrupted they are.
public struct Drift: Sendable, Hashable, Codable {
  /// The accuracy where classes are as frequent as they are drawn, the mildest shift first.
  public let classes: [ClassShift]
  /// The accuracy as corruptions grow, from pictures as they are on.
  public let steps: [Step]

  /// The accuracy over many draws of how frequent classes are, from a symmetric Dirichlet distribution.
  ///
  /// For each draw it is the mean of the accuracies of classes under these frequencies: what examples of such data
  /// would have in the mean if classes are read as well as here.
  public struct ClassShift: Sendable, Hashable, Codable {
    /// The distribution's concentration: the smaller it is, the fewer classes there are in most draws.
    public let concentration: Double
    /// The mean over the draws.
    public let mean: Double
    /// Where 5 % of the draws lie below.
    public let low: Double
    /// Where 5 % of the draws lie above.
    public let high: Double
    /// The least of the draws.
    public let least: Double
  }

  /// The accuracy at one severity.
  public struct Step: Sendable, Hashable, Codable {
    /// The severity; 0 for pictures as they are.
    public let severity: Int
    /// The mean over the corruptions that have severities.
    public let mean: Double
    /// The least of them.
    public let least: Double
    /// The corruption of the least; empty for pictures as they are.
    public let worst: String
  }

  /// The concentrations of class shifts.
  public static let concentrations = [10, 1, 0.1]
  /// How many times frequencies are drawn for each.
  public static let draws = 1000

  /// Computes both.
  ///
  /// - Parameters:
  ///   - accuracies: Under corruptions.
  ///   - right: Whether each example as it is was read rightly.
  ///   - labels: The class of each.
  ///   - seed: What draws depend on.
  public init(
    _ accuracies: CorruptionAccuracies, right: [Bool], labels: [Int], seed: UInt64
  ) {
    var counts: [Int: (right: Int, total: Int)] = [:]
    for (label, isRight) in zip(labels, right) {
      counts[label, default: (0, 0)].total += 1
      if isRight { counts[label, default: (0, 0)].right += 1 }
    }
    let shares = counts.sorted { $0.key < $1.key }.map {
      Double($0.value.right) / Double($0.value.total)
    }
    let key = RandomKey(seed: seed).child("class-shift")
    classes = Drift.concentrations.enumerated().map { place, concentration in
      ClassShift(shares, concentration, key.child(place).generator)
    }
    let changing = accuracies.cells.filter { cell in
      accuracies.cells(of: cell.name).count > 1
    }
    let severities = Set(changing.map(\.severity)).sorted()
    steps =
      [Step(severity: 0, mean: accuracies.clean.share, least: accuracies.clean.share, worst: "")]
      + severities.map { severity in
        let cells = changing.filter { $0.severity == severity }
        let least = cells.min { $0.right.share < $1.right.share }
        return Step(
          severity: severity,
          mean: cells.reduce(0) { $0 + $1.right.share } / Double(cells.count),
          least: least?.right.share ?? 0, worst: least?.name ?? "")
      }
  }
}

extension Drift.ClassShift {
  /// Draws frequencies of classes whose accuracies are known.
  init(_ shares: [Double], _ concentration: Double, _ generator: Philox) {
    var generator = generator
    var accuracies: [Double] = []
    for _ in 0..<Drift.draws {
      // A stick is broken class by class.
      var (rest, accuracy) = (1.0, 0.0)
      for (place, share) in shares.enumerated() {
        let left = shares.count - place - 1
        let part =
          left == 0 ? 1 : generator.beta(concentration, concentration * Double(left))
        accuracy += rest * part * share
        rest *= 1 - part
      }
      // Products of shares add up to a little more than 1 at times.
      accuracies.append(min(accuracy, 1))
    }
    accuracies.sort()
    self.init(
      concentration: concentration,
      mean: accuracies.reduce(0, +) / Double(accuracies.count),
      low: accuracies[accuracies.count / 20],
      high: accuracies[accuracies.count - 1 - accuracies.count / 20], least: accuracies[0])
  }
}
