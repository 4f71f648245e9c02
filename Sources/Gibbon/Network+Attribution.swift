import Files
import Insight

extension Network {
  /// Tells where the network looks: how much each value of some inputs has to do with a class's score.
  ///
  ///     let maps = try await network.attributions(of: images, by: IntegratedGradients())
  ///     try maps[0].writePNG(to: "map.png", over: images.row(0))
  ///
  /// - Parameters:
  ///   - inputs: n x `input.shape`, or one example, in the units of `input`.
  ///   - method: How it is told, such as `SmoothGrad { $0.samples = 100 }`.
  ///   - classes: The class of each example whose score is explained; `nil` for what the network sees.
  ///   - score: What of the class is explained; `nil` for what the method explains by itself.
  ///   - seed: Determines all chance.
  ///   - batch: The most inputs that are computed at once.
  /// - Returns: An attribution for each example, in the inputs' order.
  /// - Throws: `StudyError` for inputs of another shape; `AttributionError` for what does not fit; `GraphError`,
  ///   `EngineError`; `CancellationError`.
  public func attributions(
    of inputs: Tensor<Float>, by method: any AttributionMethod, classes: [Int]? = nil,
    score: ClassScore? = nil, seed: UInt64 = 0, batch: Int = 32
  ) async throws -> [Attribution] {
    let seen = try await predictions(of: inputs)
    let labels =
      try classes
      ?? seen.enumerated().map { place, label in
        guard let label else { throw AttributionError.notFinite(example: place) }
        return label
      }
    var request = try AttributionRequest(
      try compiled(), network: self, inputs: inputs, classes: labels)
    (request.score, request.seed, request.batch) = (score, seed, batch)
    return try await method.attributions(for: request)
  }
}

extension Attribution {
  /// Writes the map as a PNG file: colours over the greyed picture, red for the class and blue against it.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - input: The picture that the map is about.
  ///   - bounds: The values of black and white.
  /// - Throws: `StudyError` if the input is no picture; `FileError` if the file cannot be written.
  public func writePNG(
    to path: String, over input: Tensor<Float>, bounds: ClosedRange<Float> = 0...1
  ) throws {
    guard let picture = AttributionPicture(self, over: input, bounds: bounds) else {
      throw StudyError(
        "\(path): a map of shape \(map.shape) is not a picture; expected height x width, or 1 or 3 channels of it"
      )
    }
    try AtomicFile.write(try picture.png(), to: path)
  }
}
