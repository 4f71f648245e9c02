// Options of attacks on few pixels and along the boundary.
extension Parameter {
  static let theta = Parameter(
    name: "theta", kind: .number(1e-6...1), standard: "1.0",
    summary: "how far a value moves in one step, in units of the widest range")

  static let changedShare = Parameter(
    name: "gamma", kind: .number(0...1), standard: "0.1",
    summary: "largest share of the pixels that may change")

  static func saliencyTargets(_ standard: Int) -> Parameter {
    Parameter(
      name: "target-classes", kind: .integer(1...1_000_000), standard: "\(standard)",
      summary: "how many of the nearest classes are tried")
  }

  static let saliencyDirection = Parameter(
    name: "direction", kind: .choice(["up", "down", "both"]), standard: "both",
    summary: "which way values may move")

  static let reduction = Parameter(
    name: "reduction", kind: .integer(0...1_000_000), standard: "200",
    summary: "forward passes for putting needless pixels back")

  static let firstRate = Parameter(
    name: "rate", kind: .number(1e-9...1e9), standard: "1.0",
    summary: "first rate, in units of the widest range")

  static let smoothing = Parameter(
    name: "sigma", kind: .number(1e-12...1e6), standard: "0.001",
    summary: "how smooth the stand-in for the number of pixels is")

  static let sparseThreshold = Parameter(
    name: "threshold", kind: .number(0...1), standard: "0.3",
    summary: "first size of a change below which it is undone")

  static let thresholdAdaptation = Parameter(
    name: "adaptation", kind: .number(0...1), standard: "0.01",
    summary: "how fast the threshold changes")

  static let trust = Parameter(
    name: "trust", kind: .number(1e-9...1e3), standard: "0.3",
    summary: "first radius of the trust region, as a share of the start's distance")

  static let boundaryMomentum = Parameter(
    name: "momentum", kind: .number(0...0.999), standard: "0.3",
    summary: "share of past gradients kept at each step")

  static let boundaryOvershoot = Parameter(
    name: "overshoot", kind: .number(0...10), standard: "0.02",
    summary: "how far beyond the boundary moves aim, as a share")

  static let innerSteps = Parameter(
    name: "inner", kind: .integer(1...1000), standard: "20",
    summary: "steps of DeepFool within each step")

  static let comparedRivals = Parameter(
    name: "rivals", kind: .integer(1...1000), standard: "3",
    summary: "how many of the nearest classes are compared at each step")

  static let tangentShift = Parameter(
    name: "lambda", kind: .number(1...1000), standard: "3.0",
    summary: "how far beyond the boundary the tangent is moved")

  static let pixelCount = Parameter(
    name: "pixels", kind: .integer(1...1_000_000), standard: nil,
    summary: "number of pixels", rule: .radii(1))

  static let evolutionPopulation = Parameter(
    name: "population", kind: .integer(4...1_000_000), standard: "400",
    summary: "number of candidates")

  static let pointwiseQueries = Parameter(
    name: "queries", kind: .integer(1...100_000_000), standard: "2000",
    summary: "the most forward passes that one attempt on an example costs, checks included")
}
