public import Tensors

/// A cue as it was estimated from pictures that have it: which values it sets, and how.
///
/// Each value that the cue touches is mapped by a line, x -> a x + b: a is 0 where the cue covers what was there, and 1
/// where it is added to it.
public struct Cue: Sendable, Hashable, Codable {
  /// The shape of a picture.
  public let shape: Shape
  /// The range of its values.
  public let bounds: ClosedRange<Float>
  /// Whether each value is one of the core: near-constant with the cue, and hardly ever so without it.
  public let isCore: [Bool]
  /// Whether each value is changed by the cue; the core and what moves along with it.
  public let isTouched: [Bool]
  /// Where the values with the cue lie, from their lower end.
  public let lower: [Float]
  /// The upper end.
  public let upper: [Float]
  /// The factor a of each value.
  public let scale: [Float]
  /// The shift b of each value.
  public let shift: [Float]
  /// The mean without the cue.
  public let background: [Float]

  /// The share of the core that must be as it is with the cue where the cue is said to be there.
  public static let presenceShare = 0.7

  /// How many values the core has.
  public var coreCount: Int { isCore.count { $0 } }

  /// How many values the cue changes.
  public var touchedCount: Int { isTouched.count { $0 } }

  /// The share of the core that is in a picture as it is with the cue.
  public func presence(in input: Tensor<Float>) -> Double {
    var count = 0
    for place in isCore.indices where isCore[place] {
      if lower[place]...upper[place] ~= input[place] { count += 1 }
    }
    return Double(count) / Double(max(coreCount, 1))
  }

  /// Whether the cue is in a picture.
  public func isPresent(in input: Tensor<Float>) -> Bool {
    presence(in: input) >= Cue.presenceShare
  }

  /// A picture with the cue put on.
  ///
  /// - Parameters:
  ///   - input: The picture.
  ///   - coreOnly: Whether to leave the values around the core as they are.
  /// - Returns: The picture with the cue; its values stay within the bounds.
  public func pasted(on input: Tensor<Float>, coreOnly: Bool = false) -> Tensor<Float> {
    changed(input, coreOnly ? isCore : isTouched) { value, place in
      scale[place] * value + shift[place]
    }
  }

  /// A picture with the core's values of another one, which has no cue: the control of `pasted`.
  public func pasted(_ other: Tensor<Float>, on input: Tensor<Float>) -> Tensor<Float> {
    changed(input, isCore) { _, place in other[place] }
  }

  /// A picture without the cue: what shows through is restored, what is covered becomes the mean without the cue.
  public func removed(from input: Tensor<Float>) -> Tensor<Float> {
    changed(input, isTouched) { value, place in
      scale[place] > 0.1 ? (value - shift[place]) / scale[place] : background[place]
    }
  }

  private func changed(
    _ input: Tensor<Float>, _ places: [Bool], _ value: (Float, Int) -> Float
  ) -> Tensor<Float> {
    precondition(input.count == places.count, "\(input.shape) is no picture of \(shape)")
    var changed = input
    for place in places.indices where places[place] {
      changed[place] = min(max(value(input[place], place), bounds.lowerBound), bounds.upperBound)
    }
    return changed
  }
}
