import CHost

/// What an `IncrementalPlan` remembers of one search: the values of all layers at the last input, and how to go back to
/// the input before.
///
/// Used by one thread at a time.
public final class IncrementalMemory: @unchecked Sendable {
  private let plan: IncrementalPlan
  /// The last input, and the one before that was kept.
  private var current: [Float] = []
  private var previous: [Float] = []
  /// The values of all maps, those that the last step replaced, and sums of the first linear layer.
  private var values: AlignedBlock?
  private var replaced: AlignedBlock?
  private var sums: [Float] = []
  private var replacedSums: [Float] = []
  private var hidden: [Float] = []
  /// What the last step changed in each map.
  private var parts: [gibbon_rectangle] = []
  /// Whether the values are those of the last input.
  private var isUpToDate = false
  /// The steps since the sums were taken anew.
  private var drift = 0
  /// The steps since all values were computed.
  private var steps = 0
  /// The small changes in a row so far, and those to wait for before all values are computed.
  private var smallChanges = 0
  private var patience = 1

  /// The steps after which the sums of the first linear layer are taken anew.
  private static let longestDrift = 128

  /// Creates an empty memory.
  public init(_ plan: IncrementalPlan) { self.plan = plan }

  /// Computes the outputs at an input by what has changed, if that is worthwhile.
  ///
  /// - Parameters:
  ///   - input: The input.
  ///   - outputs: Room for the outputs.
  ///   - width: The number of outputs.
  ///   - thread: Which thread of the engine's team this is.
  /// - Returns: False if the outputs must be computed in the ordinary way.
  func evaluate(
    _ input: UnsafePointer<Float>, outputs: UnsafeMutablePointer<Float>, count width: Int,
    thread: Int
  ) -> Bool {
    let count = plan.inputCount
    let all = UnsafeBufferPointer(start: input, count: count)
    if current.isEmpty {
      current = Array(all)
      return false
    }
    var change = difference(input, current)
    var isReturn = false
    if !previous.isEmpty {
      let other = difference(input, previous)
      if other.area < change.area { (change, isReturn) = (other, true) }
    }
    let isSmall = plan.isWorthwhile(change)
    smallChanges = isSmall ? smallChanges + 1 : 0
    guard isSmall, isUpToDate || smallChanges >= patience else {
      if isUpToDate { giveUp() }
      if !isReturn { previous = current }
      current.withUnsafeMutableBufferPointer { _ = $0.update(from: all) }
      return false
    }
    if isUpToDate, isReturn { undo() }
    if !isReturn { previous = current }
    if !isUpToDate { begin(at: previous, thread) }
    current.withUnsafeMutableBufferPointer { _ = $0.update(from: all) }
    step(to: input, change, thread)
    hidden.withUnsafeMutableBufferPointer { hidden in
      if let room = hidden.baseAddress { plan.finish(sums, hidden: room, outputs: outputs) }
    }
    // What is not a number would stay in the sums.
    isUpToDate = (0..<width).allSatisfy { outputs[$0].isFinite }
    return isUpToDate
  }

  /// Forgets the values; where they served few steps, waits longer before the next ones.
  private func giveUp() {
    isUpToDate = false
    patience = steps < 8 ? min(2 * patience, 256) : max(patience / 2, 1)
  }

  private func difference(_ input: UnsafePointer<Float>, _ other: [Float]) -> gibbon_rectangle {
    let map = plan.layers.input
    return gibbon_patch_difference(input, other, map.channels, map.height, map.width)
  }

  /// Computes the values of all layers.
  private func begin(at input: [Float], _ thread: Int) {
    steps = 0
    if values == nil {
      values = AlignedBlock(byteCount: 4 * plan.floatCount)
      replaced = AlignedBlock(byteCount: 4 * plan.floatCount)
      hidden = Array(repeating: 0, count: plan.hiddenCount)
      parts = Array(repeating: gibbon_rectangle(), count: plan.maps.count)
    }
    guard let values = values?.floats, let maps = plan.maps.baseAddress else { return }
    gibbon_patch_enter(
      maps, input, plan.layers.factors, plan.layers.offsets, values, maps.pointee.whole)
    for layer in plan.layers.spatial.indices {
      plan.compute(layer, maps[layer + 1].whole, in: values, thread: thread)
    }
    addAll()
    isUpToDate = true
  }

  /// The sums of the first linear layer, from its inputs.
  private func addAll() {
    guard let values = values?.floats, let maps = plan.maps.baseAddress else { return }
    let last = plan.maps.count - 1
    let first = plan.layers.linear[0]
    sums = first.bias
    sums.withUnsafeMutableBufferPointer {
      gibbon_patch_accumulate(
        maps + last, values + plan.places[last], nil, first.weight, $0.baseAddress, $0.count,
        maps[last].whole)
    }
    drift = 0
  }

  /// Brings the values up to date.
  private func step(to input: UnsafePointer<Float>, _ change: gibbon_rectangle, _ thread: Int) {
    guard let values = values?.floats, let replaced = replaced?.floats,
      let maps = plan.maps.baseAddress
    else { return }
    steps += 1
    drift += 1
    if drift > IncrementalMemory.longestDrift { addAll() }
    parts[0] = change
    gibbon_patch_save(maps, values, replaced, change)
    gibbon_patch_enter(maps, input, plan.layers.factors, plan.layers.offsets, values, change)
    for layer in plan.layers.spatial.indices {
      let part = parts[layer].reach(through: plan.sizes[layer])
      parts[layer + 1] = part
      gibbon_patch_save(
        maps + layer + 1, values + plan.places[layer + 1], replaced + plan.places[layer + 1], part)
      plan.compute(layer, part, in: values, thread: thread)
    }
    let last = plan.maps.count - 1
    replacedSums = sums
    sums.withUnsafeMutableBufferPointer {
      gibbon_patch_accumulate(
        maps + last, values + plan.places[last], replaced + plan.places[last],
        plan.layers.linear[0].weight, $0.baseAddress, $0.count, parts[last])
    }
  }

  /// Goes back to the values before the last step.
  private func undo() {
    guard let values = values?.floats, let replaced = replaced?.floats,
      let maps = plan.maps.baseAddress
    else { return }
    for (index, part) in parts.enumerated() {
      gibbon_patch_restore(
        maps + index, replaced + plan.places[index], values + plan.places[index], part)
    }
    swap(&sums, &replacedSums)
  }
}
