/// Something of the standard network and the same of the robust one.
struct Pair<Value: Sendable>: Sendable {
  var standard: Value
  var robust: Value

  init(_ standard: Value, _ robust: Value) {
    self.standard = standard
    self.robust = robust
  }

  /// Both, the standard network's first.
  var all: [Value] { [standard, robust] }

  func map<Other: Sendable>(_ transform: (Value) throws -> Other) rethrows -> Pair<Other> {
    try Pair<Other>(transform(standard), transform(robust))
  }
}
