import Graphs
import Tensors

extension CrossEntropy {
  /// The losses of the rows are added in double precision, and the sum is kept beside its rounded mean.
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let rows = try LogitRows(operands, on: planner)
    let loss = try planner.define(value, as: .plain(planner.shape(of: value)))
    let total = planner.makeTotal(of: value)
    planner.emitHost(name, [rows.logits, rows.labels, loss]) { pointers in
      let (sum, count) = rows.entropies(pointers[0], pointers[1])
      total.pointer.storeBytes(of: sum, as: Double.self)
      pointers[2].storeBytes(of: Float(sum / Double(max(count, 1))), as: Float.self)
    }
  }
}

extension CrossEntropyGradient {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let rows = try LogitRows(operands, on: planner)
    let dy = try planner.placePlain(operands[2])
    let dz = try planner.define(value, as: .plain(planner.shape(of: value)))
    planner.emitHost(name, [rows.logits, rows.labels, dy, dz]) { pointers in
      rows.gradient(
        pointers[0], pointers[1], scale: Double(pointers[2].load(as: Float.self)),
        to: pointers[3].assumingMemoryBound(to: Float.self))
    }
  }
}

/// Rows of logits with labels, of which everything is computed in double precision, one row after the other.
private struct LogitRows {
  let logits: Placement
  let labels: Placement
  private let count: Int
  private let width: Int

  init(_ operands: [Value], on planner: Planner) throws(EngineError) {
    let shape = planner.shape(of: operands[0])
    (count, width) = (shape[0], shape[1])
    logits = try planner.placePlain(operands[0])
    labels = try planner.placePlain(operands[1])
  }

  /// Calls `body` with each row that has a label, and the label.
  private func forEach(
    _ logits: UnsafeMutableRawPointer, _ labels: UnsafeMutableRawPointer,
    _ body: (_ row: Int, _ logits: UnsafePointer<Float>, _ label: Int) -> Void
  ) {
    let values = UnsafePointer(logits.assumingMemoryBound(to: Float.self))
    let labels = labels.assumingMemoryBound(to: Float.self)
    for row in 0..<count where labels[row] >= 0 && labels[row] < Float(width) {
      body(row, values + row * width, Int(labels[row]))
    }
  }

  /// The exponentials of a row's logits over the largest one's, and their sum.
  private func exponentials(
    _ logits: UnsafePointer<Float>, to result: UnsafeMutablePointer<Double>
  ) -> (sum: Double, largest: Double) {
    var largest = logits[0]
    for index in 1..<max(width, 1) where largest < logits[index] { largest = logits[index] }
    var sum = 0.0
    for index in 0..<width {
      result[index] = Double.exp(Double(logits[index]) - Double(largest))
      sum += result[index]
    }
    return (sum, Double(largest))
  }

  /// The sum of the cross-entropies, and the number of rows that have one.
  func entropies(
    _ logits: UnsafeMutableRawPointer, _ labels: UnsafeMutableRawPointer
  ) -> (sum: Double, count: Int) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { scratch in
      var (total, labelled) = (0.0, 0)
      guard let scratch = scratch.baseAddress else { return (0, 0) }
      forEach(logits, labels) { _, logits, label in
        let (sum, largest) = exponentials(logits, to: scratch)
        total += Double.log(sum) - (Double(logits[label]) - largest)
        labelled += 1
      }
      return (total, labelled)
    }
  }

  /// The gradient of the mean cross-entropy times a factor; zeros for rows without a label.
  func gradient(
    _ logits: UnsafeMutableRawPointer, _ labels: UnsafeMutableRawPointer, scale: Double,
    to result: UnsafeMutablePointer<Float>
  ) {
    result.update(repeating: 0, count: count * width)
    var labelled = 0
    forEach(logits, labels) { _, _, _ in labelled += 1 }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { scratch in
      guard let scratch = scratch.baseAddress else { return }
      forEach(logits, labels) { row, logits, label in
        let (sum, _) = exponentials(logits, to: scratch)
        for index in 0..<width {
          let target = index == label ? 1.0 : 0.0
          result[row * width + index] = Float(
            scale * ((scratch[index] / sum - target) / Double(labelled)))
        }
      }
    }
  }
}
