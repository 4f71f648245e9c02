import Engine
import Models
import Networks
import Robustness
import Tensors

extension SoundModel {
  /// Networks that read digits, as they are and changed without harm, on data of many kinds.
  static func digits() throws -> [SoundModel] {
    let digits = try SoundExamples.digits(0..<200)
    let standard = try BuiltInNetwork.mnistStandard.load().network
    let robust = try BuiltInNetwork.mnistRobust.load().network
    var random = Philox(key: 3)
    var noisy = digits
    noisy.inputs = digits.inputs.zip(random.normals(digits.inputs.shape)) {
      min(max($0 + 0.45 * $1, 0), 1)
    }
    let ones = digits.filtered { $0 == 1 }
    let rest = digits.filtered { $0 != 1 }
    var many = digits.at(Array(0..<20))
    many.inputs = .stacking(
      (0..<180).map { ones.inputs.row($0 % ones.count) } + (0..<20).map { rest.inputs.row($0) })
    many.labels = [Int](repeating: 1, count: 180) + rest.labels.prefix(20)
    var dead = standard
    var parameters = standard.parameters
    for name in standard.parameterNames.dropLast(2) where name.hasSuffix("bias") {
      parameters[name] = parameters[name]?.map { _ in -10_000 }
    }
    try dead.load(parameters)
    return [
      try SoundModel("a standard network", standard, digits, radius: 0.05),
      try SoundModel("a robust network", robust, digits, radius: 0.3),
      try SoundModel(
        "weights in 16 levels", SoundFits.quantized(standard, levels: 16), digits, radius: 0.05),
      try SoundModel(
        "weights in 256 levels", SoundFits.quantized(robust, levels: 256), digits, radius: 0.3),
      try SoundModel(
        "weights in 4 levels", SoundFits.quantized(standard, levels: 4), digits, radius: 0.05),
      SoundModel(
        "outputs at temperature 20",
        model: ScaledModel(try CompiledNetwork(standard), factor: 0.05),
        digits, radius: 0.05),
      SoundModel(
        "outputs three times as large",
        model: ScaledModel(try CompiledNetwork(standard), factor: 3), digits, radius: 0.05),
      try SoundModel(
        "one class", standard, try SoundExamples.digits(0..<800).filtered { $0 == 3 },
        radius: 0.05),
      try SoundModel("nine in ten of a class", standard, many, radius: 0.05),
      try SoundModel("six examples", standard, digits.at(Array(0..<6)), radius: 0.05),
      try SoundModel("two classes of ten", robust, digits.filtered { $0 < 2 }, radius: 0.2),
      try SoundModel("noisy digits", standard, noisy, radius: 0.02),
      try SoundModel("dead rectifiers", dead, digits, radius: 0.1),
    ]
  }
}
