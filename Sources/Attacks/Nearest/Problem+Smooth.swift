import Robustness
import Tensors

extension Problem {
  /// The cross-entropy, or the margin for goals that have none.
  func smoothObjective(outputCount: Int) throws -> any Objective {
    do {
      return try objective(.crossEntropy, outputCount: outputCount)
    } catch ObjectiveError.undefined {
      return try objective(.margin, outputCount: outputCount)
    }
  }
}

extension Box {
  /// The largest width of the box: the unit in which lengths are given that are written for data from 0 to 1.
  ///
  /// 1 where nothing may change or there are no bounds.
  var unit: Double {
    let width = lower.zip(upper) { $1 - $0 }.normInfinity
    return width > 0 && width < 1e30 ? width : 1
  }
}
