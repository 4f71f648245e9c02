extension Parameter {
  static let draws = Parameter(
    name: "samples", kind: .integer(1...1_000_000), standard: "10", summary: "number of draws")

  static let gridValues = Parameter(
    name: "values", kind: .integer(1...10_000), standard: "11",
    summary: "values of each of the threat's numbers")

  static let gridLimit = Parameter(
    name: "limit", kind: .integer(1...100_000_000), standard: "100000",
    summary: "most points of the grid")

  static let scannedSteps = Parameter(
    name: "steps", kind: .integer(1...1_000_000), standard: "100",
    summary: "amounts that are scanned in each direction")

  static let halvings = Parameter(
    name: "halvings", kind: .integer(0...200), standard: "20",
    summary: "how often the first interval that reaches the goal is halved")

  static let smoothness = Parameter(
    name: "smoothness", kind: .number(0...1e6), standard: "0.05",
    summary: "weight of the flow's total variation")

  static let sharedStarts = Parameter(
    name: "restarts", kind: .integer(1...1_000_000), standard: "3",
    summary:
      "starts, the first at the middle of the threat and the others at random; the best counts")

  static let epochs = Parameter(
    name: "epochs", kind: .integer(1...1_000_000), standard: "10",
    summary: "how often every example is seen")

  static let lossClip = Parameter(
    name: "clip", kind: .number(0...1e30), standard: "9.0",
    summary: "loss from which on an example no longer counts")

  static let heldOut = Parameter(
    name: "held-out", kind: .number(0...0.99), standard: "0.5",
    summary: "share of the examples, the last ones, on which the change is only judged")

  static let patchDegrees = Parameter(
    name: "degrees", kind: .number(0...180), standard: "0.0",
    summary: "largest angle of a patch without a place")

  static let patchScale = Parameter(
    name: "scale", kind: .number(1...10), standard: "1.0",
    summary: "largest factor of the size of a patch without a place")
}
