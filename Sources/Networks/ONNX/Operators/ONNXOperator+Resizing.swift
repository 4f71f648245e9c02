import Graphs
import Tensors

extension ONNXOperator {
  /// Images at other sizes.
  static let resizing: [String: ONNXOperator] = [
    "Resize": .one(
      [
        "antialias", "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside",
        "extrapolation_value", "keep_aspect_ratio_policy", "mode", "nearest_mode",
      ], resize),
    "Upsample": .one(["mode", "scales"]) { scope, call in
      let x = try call.operand(0)
      let scales =
        try call.opset < 9
        ? call.node.numbers("scales") : call.known(1, "scales", in: scope)?.floats
      guard let scales, scales.count == x.rank else { throw ONNXProblem("its scales are missing") }
      let way = Resampling(
        try interpolation(try call.node.text("mode") ?? "nearest", .floor, call.node), .asymmetric)
      let targets = try scales.enumerated().map { axis, scale in
        try Target(axis: axis, extent: x.shape[axis], scale: scale)
      }
      return try resampled(x, targets, way, opset: call.opset, &scope)
    },
  ]

  /// What becomes of one axis.
  private struct Target {
    let axis: Int
    let count: Int
    /// New positions for an old one, if it is not the quotient of the sizes.
    let scale: Float?

    init(axis: Int, count: Int) {
      self.axis = axis
      self.count = count
      scale = nil
    }

    /// As many positions as a scale gives, in single precision as exporters and other readers count them.
    init(
      axis: Int, extent: Int, scale: Float, rounding: FloatingPointRoundingRule = .down
    ) throws {
      let count = (Float(extent) * scale).rounded(rounding)
      guard scale > 0, 1...Float(ONNXNode.sizeLimit) ~= count else {
        throw ONNXProblem("its scale is \(scale) for an axis of \(extent)")
      }
      self.axis = axis
      self.count = Int(count)
      self.scale = scale
    }
  }

  private static func resampled(
    _ x: ONNXOperand, _ targets: [Target], _ way: Resampling, opset: Int,
    _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    var shape = x.shape
    let changed = targets.filter { target in
      if case .crop = way.coordinates { return true }
      return target.count != x.shape[target.axis] || (target.scale ?? 1) != 1
    }
    for target in changed { shape[target.axis] = target.count }
    try ONNXShape.checked(shape)
    var (value, offset, isBatched) = try scope.withAxes(of: x, using: changed.map(\.axis))
    for target in changed {
      var way = way
      // Before opset 11 the nearest position is rounded up where positions become fewer.
      if case .nearest = way.interpolation, opset < 11, target.scale ?? 1 < 1 {
        way.interpolation = .nearest(.ceiling)
      }
      if way.coordinates == .symmetricHalfPixel, let scale = target.scale,
        Float(x.shape[target.axis]) * scale != Float(target.count),
        way.hasTies(from: x.shape[target.axis], to: target.count, scale: scale)
      {
        throw ONNXProblem(
          "rounding of its scale \(scale) decides which positions are nearest",
          hint: "export it with sizes")
      }
      value = try scope.graph.resample(
        value, axis: target.axis + offset, to: target.count, scale: target.scale, way)
    }
    return try scope.result(value, isBatched: isBatched, shape: shape)
  }

  private static func resize(_ scope: inout ONNXScope, _ call: ONNXCall) throws -> ONNXOperand {
    let x = try call.operand(0)
    let node = call.node
    let axes = try ONNXShape.axes(try node.integers("axes") ?? Array(0..<x.rank), rank: x.rank)
    func nonEmpty(_ index: Int, _ role: String) throws -> ONNXTensor? {
      try call.known(index, role, in: scope).flatMap { $0.count == 0 ? nil : $0 }
    }
    let scales = try nonEmpty(call.opset < 11 ? 1 : 2, "scales")?.floats
    let sizes = call.opset < 11 ? nil : try nonEmpty(3, "sizes")?.integers
    let roi = call.opset < 11 ? nil : try nonEmpty(1, "region")?.floats
    var targets: [Target]
    if let sizes, sizes.count == axes.count,
      sizes.allSatisfy({ 1...ONNXNode.sizeLimit ~= $0 })
    {
      targets = zip(axes, sizes).map { Target(axis: $0, count: $1) }
      let ratios = zip(axes, sizes).map { Float($1) / Float(x.shape[$0]) }
      switch try node.text("keep_aspect_ratio_policy") ?? "stretch" {
      case "stretch": break
      case "not_larger": targets = try uniform(x, axes, scale: ratios.min() ?? 1)
      case "not_smaller": targets = try uniform(x, axes, scale: ratios.max() ?? 1)
      case let other:
        throw ONNXProblem("its attribute 'keep_aspect_ratio_policy' is \(other.quoted)")
      }
    } else if let scales, scales.count == axes.count {
      targets = try zip(axes, scales).map {
        try Target(axis: $0, extent: x.shape[$0], scale: $1)
      }
    } else {
      throw ONNXProblem("it has neither scales nor sizes, or not one per axis")
    }
    let rounding = try rounding(node, call.opset)
    let mode = try interpolation(try node.text("mode") ?? "nearest", rounding, node)
    let standard = call.opset < 11 ? "asymmetric" : "half_pixel"
    let name = try node.text("coordinate_transformation_mode") ?? standard
    let antialiases = try node.flag("antialias")
    let excludes = try node.flag("exclude_outside")
    guard name == "tf_crop_and_resize" else {
      return try resampled(
        x, targets,
        Resampling(
          mode, try coordinates(name), antialiases: antialiases, excludesOutside: excludes),
        opset: call.opset, &scope)
    }
    guard sizes != nil else {
      throw ONNXProblem(
        "it resizes a region by scales, which programs count differently",
        hint: "export it with sizes")
    }
    guard let roi, roi.count == 2 * axes.count,
      roi.allSatisfy({ $0.isFinite && abs($0) <= 1024 })
    else { throw ONNXProblem("its region is missing") }
    var y = x
    // How much of each position lies inside, along all axes.
    var inside = ONNXOperand(ONNXTensor([1], shape: .init(repeating: 1, count: x.rank)))
    let outside = try node.number("extrapolation_value", 0)
    for (index, target) in targets.enumerated() {
      let crop = Resampling.Coordinates.crop(
        start: roi[index], end: roi[index + axes.count])
      if roi[index] == 0, roi[index + axes.count] == 1, target.count == x.shape[target.axis] {
        continue
      }
      y = try resampled(
        y, [target], Resampling(mode, crop, antialiases: antialiases, excludesOutside: excludes),
        opset: call.opset, &scope)
      guard outside != 0 else { continue }
      let starts = Resampling(.linear, crop)
        .matrix(from: x.shape[target.axis], to: target.count).starts
      var shape = [Int](repeating: 1, count: x.rank)
      shape[target.axis] = target.count
      let line = (0..<target.count).map { starts[$0] == starts[$0 + 1] ? Float(0) : 1 }
      inside = try binary(
        .multiply, inside, ONNXOperand(ONNXTensor(line, shape: shape)), &scope)
    }
    guard outside != 0 else { return y }
    let rest = try unary(.affine(factor: -outside, offset: outside), of: inside, &scope)
    return try binary(.add, y, rest, &scope)
  }

  /// One scale for all axes, by which sizes that keep the ratio of the sides were found.
  private static func uniform(
    _ x: ONNXOperand, _ axes: [Int], scale: Float
  ) throws -> [Target] {
    try axes.map {
      try Target(
        axis: $0, extent: x.shape[$0], scale: scale, rounding: .toNearestOrAwayFromZero)
    }
  }

  private static func rounding(
    _ node: ONNXNode, _ opset: Int
  ) throws -> Resampling.Rounding {
    switch try node.text("nearest_mode") ?? (opset < 11 ? "floor" : "round_prefer_floor") {
    case "floor": return .floor
    case "ceil": return .ceiling
    case "round_prefer_floor": return .preferringFloor
    case "round_prefer_ceil": return .preferringCeiling
    case let other: throw ONNXProblem("its attribute 'nearest_mode' is \(other.quoted)")
    }
  }

  private static func interpolation(
    _ mode: String, _ rounding: Resampling.Rounding, _ node: ONNXNode
  ) throws -> Resampling.Interpolation {
    switch mode {
    case "nearest": return .nearest(rounding)
    case "linear", "bilinear": return .linear
    case "cubic": return .cubic(coefficient: try node.number("cubic_coeff_a", -0.75))
    default: throw ONNXProblem("its attribute 'mode' is \(mode.quoted)")
    }
  }

  private static func coordinates(_ name: String) throws -> Resampling.Coordinates {
    switch name {
    case "half_pixel": return .halfPixel
    case "half_pixel_symmetric": return .symmetricHalfPixel
    case "pytorch_half_pixel": return .halfPixelUnlessSingle
    case "tf_half_pixel_for_nn": return .halfPixelWithoutShift
    case "align_corners": return .alignedCorners
    case "asymmetric": return .asymmetric
    default:
      throw ONNXProblem("its attribute 'coordinate_transformation_mode' is \(name.quoted)")
    }
  }
}
