import Robustness
import Tensors

extension Box {
  /// The largest width of the box: the unit in which lengths are given that are written for data from 0 to 1.
  ///
  /// 1 where nothing may change or there are no bounds.
  var unit: Double {
    let width = lower.zip(upper) { $1 - $0 }.normInfinity
    return width > 0 && width < 1e30 ? width : 1
  }
}
