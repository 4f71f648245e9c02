import CKernels
public import Models

/// What an `IncrementalPlan` remembers of one search: the values of all layers at the last input, and how to go back to
/// the input before.
///
/// Used by one thread at a time.
public final class IncrementalMemory: SearchMemory, @unchecked Sendable {
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
    if previous.isEmpty { previous = current }
    var change = difference(input, current)
    let other = difference(input, previous)
    let isReturn = other.area < change.area
    if isReturn { change = other }
    let isSmall = plan.isWorthwhile(change)
    smallChanges = isSmall ? smallChanges + 1 : 0
    guard isSmall, isUpToDate || smallChanges >= patience else {
      if isUpToDate { giveUp() }
      if !isReturn { swap(&previous, &current) }
      current.withUnsafeMutableBufferPointer { _ = $0.update(from: all) }
      return false
    }
    if isUpToDate, isReturn { undo() }
    if !isReturn { swap(&previous, &current) }
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
    let map = plan.input.pointee
    return gibbon_patch_difference(input, other, map.channels, map.height, map.width)
  }

  /// Computes the values of all layers.
  private func begin(at input: [Float], _ thread: Int) {
    steps = 0
    if values == nil {
      values = AlignedBlock(byteCount: 4 * plan.floatCount)
      replaced = AlignedBlock(byteCount: 4 * plan.floatCount)
      hidden = Array(repeating: 0, count: plan.hiddenCount)
      sums = Array(repeating: 0, count: plan.linear[0].outputs)
      replacedSums = sums
      parts = Array(repeating: gibbon_rectangle(), count: plan.spatial.count + 1)
    }
    guard let values = values?.floats else { return }
    gibbon_patch_enter(
      plan.input, input, plan.factors, plan.offsets, values, plan.input.pointee.whole)
    var source = values
    forEachLayer { _, layer in
      plan.compute(
        layer, from: source, in: values, layer.pointee.sizes.target.whole, thread: thread)
      source = values + layer.pointee.place
    }
    addAll()
    isUpToDate = true
  }

  private func forEachLayer(
    _ body: (_ index: Int, _ layer: UnsafePointer<IncrementalPlan.Spatial>) -> Void
  ) {
    guard let first = plan.spatial.baseAddress else { return }
    for index in 0..<plan.spatial.count { body(index, UnsafePointer(first + index)) }
  }

  /// The sums of the first linear layer, from its inputs.
  private func addAll() {
    guard let values = values?.floats else { return }
    let first = plan.linear[0]
    var (map, place) = plan.last
    sums.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      sums.update(from: first.bias, count: first.outputs)
      gibbon_patch_accumulate(
        &map, values + place, nil, first.weight, sums, first.outputs, map.whole)
    }
    drift = 0
  }

  /// Brings the values up to date.
  private func step(to input: UnsafePointer<Float>, _ change: gibbon_rectangle, _ thread: Int) {
    guard let values = values?.floats, let replaced = replaced?.floats else { return }
    steps += 1
    drift += 1
    if drift > IncrementalMemory.longestDrift { addAll() }
    parts[0] = change
    gibbon_patch_save(plan.input, values, replaced, change)
    gibbon_patch_enter(plan.input, input, plan.factors, plan.offsets, values, change)
    var source = values
    forEachLayer { index, layer in
      let part = parts[index].reach(through: layer.pointee.sizes)
      parts[index + 1] = part
      let target = values + layer.pointee.place
      withUnsafePointer(to: layer.pointee.sizes.target) {
        gibbon_patch_save($0, target, replaced + layer.pointee.place, part)
      }
      plan.compute(layer, from: source, in: values, part, thread: thread)
      source = target
    }
    let first = plan.linear[0]
    var (map, place) = plan.last
    let part = parts[parts.count - 1]
    sums.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      replacedSums.withUnsafeMutableBufferPointer {
        $0.baseAddress?.update(from: sums, count: $0.count)
      }
      gibbon_patch_accumulate(
        &map, values + place, replaced + place, first.weight, sums, first.outputs, part)
    }
  }

  /// Goes back to the values before the last step.
  private func undo() {
    guard let values = values?.floats, let replaced = replaced?.floats else { return }
    gibbon_patch_restore(plan.input, replaced, values, parts[0])
    forEachLayer { index, layer in
      withUnsafePointer(to: layer.pointee.sizes.target) {
        gibbon_patch_restore(
          $0, replaced + layer.pointee.place, values + layer.pointee.place, parts[index + 1])
      }
    }
    swap(&sums, &replacedSums)
  }
}
