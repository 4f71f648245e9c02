import COneDNN
import Graphs
import Tensors

extension Arithmetic {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    switch operation {
    case .add: try lower(dnnl_binary_add, value, operands, on: planner)
    case .multiply: try lower(dnnl_binary_mul, value, operands, on: planner)
    case .divide: try VectorOperation.divide.lower(value, operands, on: planner)
    case .power: try VectorOperation.power.lower(value, operands, on: planner)
    case .maximum: try VectorOperation.maximum.lower(value, operands, on: planner)
    case .minimum: try VectorOperation.minimum.lower(value, operands, on: planner)
    }
  }

  /// Lowers an operation whose operands may change places.
  private func lower(
    _ algorithm: dnnl_alg_kind_t, _ value: Value, _ operands: [Value], on planner: Planner
  ) throws(EngineError) {
    var (left, right) = (operands[0], operands[1])
    if planner.repetition(left) != nil { swap(&left, &right) }
    let x = try planner.place(left)
    let shape = planner.shape(of: value)
    let isPerChannel =
      shape.rank == 4 && planner.repetition(right)?.extents == [1, shape[1], 1, 1]
    let other =
      if let small = planner.repetition(right) {
        try planner.place(small)
      } else {
        try planner.place(right, as: x.layout)
      }
    let y = try planner.define(value, as: x.layout, inPlaceOf: left)
    if isPerChannel, let image = ChannelImage(x.layout) {
      let multiplies = operation == .multiply
      planner.emitHost(name, [x, other, y]) { pointers in
        image.combine(pointers[0], pointers[1], multiplies: multiplies, into: pointers[2])
      }
      return
    }
    // oneDNN computes padded layouts element by element. Their gaps stay zero.
    let count = x.layout.byteCount / MemoryLayout<Float>.stride
    if other.layout == x.layout, count != shape.count {
      let vectors: VectorOperation = operation == .multiply ? .multiply : .add
      vectors.emit(
        StridedLoop([count], strides: [[1], [1]]), [x, other], y, on: planner)
      return
    }
    try planner.emit(
      .binary(algorithm, x.layout, other.layout, y.layout),
      [(DNNL_ARG_SRC_0, x), (DNNL_ARG_SRC_1, other), (DNNL_ARG_DST, y)])
  }
}

extension Comparison {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    try VectorOperation.comparison(relation).lower(value, operands, on: planner)
  }
}

extension Select {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    try VectorOperation.select.lower(value, operands, on: planner)
  }
}

/// Operations on one to three values of equal extents, of which some may be repeated, eight at a time.
///
/// Every element is computed alike, whatever its neighbours.
enum VectorOperation {
  case scaled(by: Float)
  case add, multiply, divide, power, maximum, minimum
  case comparison(Comparison.Relation)
  case select

  private typealias Vector = SIMD8<Float>

  /// Adds the step that computes a value.
  ///
  /// It runs in the layout of the first operand where all are whole or repeat one number, else row by row.
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let shape = planner.shape(of: value)
    let repetitions = operands.map { planner.repetition($0) }
    let isFlat = repetitions.allSatisfy { $0.map { $0.extents.allSatisfy { $0 == 1 } } ?? true }
    let whole = zip(operands, repetitions).first { $0.1 == nil }?.0
    var layout = MemoryDescriptor.plain(shape)
    if isFlat, let whole {
      let found = try planner.layout(of: whole)
      // The gaps of a padded layout must stay zero.
      if found.byteCount == layout.byteCount { layout = found }
    }
    var sources: [Placement] = []
    var strides: [[Int]] = []
    for (operand, repetition) in zip(operands, repetitions) {
      if let repetition {
        sources.append(try planner.placePlain(repetition.operand))
        strides.append(repetition.strides)
      } else {
        sources.append(try planner.place(operand, as: layout))
        strides.append(shape.strides)
      }
    }
    let target = try planner.define(value, as: layout)
    let loop =
      isFlat
      ? StridedLoop(
        [shape.count], strides: repetitions.map { [$0 == nil || shape.count == 1 ? 1 : 0] })
      : StridedLoop(shape, strides: strides)
    emit(loop, sources, target, on: planner)
  }

  /// Adds the step that computes row-major values from operands in a loop.
  func emit(
    _ loop: StridedLoop, _ sources: [Placement], _ target: Placement, on planner: Planner
  ) {
    planner.emitHost("\(self)", sources + [target]) { pointers in
      let floats = pointers.map { $0.assumingMemoryBound(to: Float.self) }
      let result = floats[floats.count - 1]
      let steps = loop.strides
      loop.forEachPart { start, places, count in
        let a = Source(floats[0] + places[0], stride: steps[0])
        let b = steps.count > 1 ? Source(floats[1] + places[1], stride: steps[1]) : a
        let c = steps.count > 2 ? Source(floats[2] + places[2], stride: steps[2]) : a
        let target = UnsafeMutableRawPointer(result + start)
        let whole = count / 8
        for index in 0..<whole {
          let y = callAsFunction(a[index], b[index], c[index])
          target.storeBytes(of: y, toByteOffset: index * 32, as: Vector.self)
        }
        guard whole * 8 < count else { return }
        let rest = count - whole * 8
        let y = callAsFunction(
          a.first(rest, of: whole), b.first(rest, of: whole), c.first(rest, of: whole))
        for lane in 0..<rest { (result + start)[whole * 8 + lane] = y[lane] }
      }
    }
  }

  /// A row of an operand, of which vectors are read.
  private struct Source {
    let pointer: UnsafePointer<Float>
    let stride: Int

    @inline(__always)
    init(_ pointer: UnsafeMutablePointer<Float>, stride: Int) {
      self.pointer = UnsafePointer(pointer)
      self.stride = stride
    }

    @inline(__always)
    subscript(index: Int) -> Vector {
      if stride == 1 {
        return UnsafeRawPointer(pointer).loadUnaligned(
          fromByteOffset: index * 32, as: Vector.self)
      }
      if stride == 0 { return Vector(repeating: pointer.pointee) }
      return first(8, of: index)
    }

    @inline(__always)
    func first(_ count: Int, of index: Int) -> Vector {
      var vector = Vector()
      for lane in 0..<count { vector[lane] = pointer[(index * 8 + lane) * stride] }
      return vector
    }
  }

  @inline(__always)
  private func callAsFunction(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector {
    switch self {
    case .scaled(let factor): return factor == 1 ? a : factor * a
    case .add: return a + b
    case .multiply: return a * b
    case .divide: return a / b
    case .power:
      var result = Vector()
      for lane in 0..<8 { result[lane] = Float.pow(a[lane], b[lane]) }
      return result
    case .maximum: return b.replacing(with: a, where: (a .>= b) .| (a .!= a))
    case .minimum: return b.replacing(with: a, where: (a .<= b) .| (a .!= a))
    case .comparison(let relation):
      let holds =
        switch relation {
        case .equal: a .== b
        case .less: a .< b
        case .lessOrEqual: a .<= b
        case .greater: a .> b
        case .greaterOrEqual: a .>= b
        }
      return Vector().replacing(with: 1, where: holds)
    case .select: return c.replacing(with: b, where: a .!= Vector())
    }
  }
}
