/// How exactly floats that are kept in single precision are what the file computes.
enum ONNXPrecision: Hashable {
  /// The file has them in single precision.
  case single
  /// The file has them in double precision, and all are numbers of single precision.
  case exact
  /// The file has them in double precision, and some were rounded.
  case rounded

  /// The operators that only move values, and those that convert them.
  private static let movers: Set<String> = [
    "Cast", "Concat", "Expand", "Flatten", "Gather", "Identity", "Reshape", "Slice", "Split",
    "Squeeze", "Tile", "Transpose", "Unsqueeze",
  ]

  /// Why a node of double precision cannot be computed.
  static let problem = ONNXProblem(
    "it computes in double precision, of which only known numbers that single precision has are supported",
    hint: "export the network in single precision: model.float()")

  /// The precision of what a node makes of known operands.
  ///
  /// - Throws: `ONNXProblem` if it computes with numbers that were rounded.
  init(_ call: ONNXCall) throws {
    let precisions = call.operands.compactMap { $0?.known?.precision }
    self =
      precisions.contains(.rounded)
      ? .rounded : precisions.contains(.exact) ? .exact : .single
    guard self == .single || call.node.op != "Range" else { throw Self.problem }
    guard self != .rounded || Self.movers.contains(call.node.op) else {
      throw Self.problem
    }
  }

  /// The precision after values in double precision were rounded to single precision.
  func rounding(_ values: [Double]) -> ONNXPrecision {
    self == .exact && values.contains { !$0.isNaN && Double(Float($0)) != $0 } ? .rounded : self
  }
}

extension ONNXTensor {
  /// The same values with another precision, if they are floats.
  func with(_ precision: ONNXPrecision) -> ONNXTensor {
    var result = self
    if kind == .float { result.precision = precision }
    return result
  }
}
