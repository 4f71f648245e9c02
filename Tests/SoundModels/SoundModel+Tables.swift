import Graphs
import Networks
import Robustness
import Tensors

extension SoundModel {
  /// Closed-form models of tables, in units of many kinds.
  static func tables(_ seed: UInt64) throws -> [SoundModel] {
    func clouds(
      _ features: Int, _ classes: Int, _ spread: Float, _ place: UInt64, shares: [Float]? = nil
    ) -> SoundExamples {
      .clouds(
        150, features: features, classes: classes, spread: spread, seed: 1000 * seed + place,
        shares: shares)
    }
    func fitted(
      _ name: String, _ examples: SoundExamples, radius: Double
    ) throws -> SoundModel {
      try SoundModel(name, SoundFits.discriminant(examples), examples, radius: radius)
    }
    let six = clouds(6, 4, 0.5, 1)
    let two = clouds(10, 2, 0.7, 2)
    var random = Philox(key: 17 &+ seed)
    let binary = clouds(12, 3, 0.8, 3).mapped(to: 0...1) { $0 > 0 ? 1 : 0 }
    let guesses = random.normals([4, 6]).map { $0 / 6 }
    return [
      try fitted("two features", clouds(2, 2, 0.5, 4), radius: 0.3),
      try fitted("one feature", clouds(1, 2, 0.5, 5), radius: 0.3),
      try fitted("six features", six, radius: 0.2),
      try fitted("six features, a small radius", six, radius: 0.001),
      try fitted("six features, a large radius", six, radius: 3),
      try fitted(
        "four features in centimetres", clouds(4, 3, 0.4, 6).mapped(to: 0...12) { $0 + 6 },
        radius: 0.3),
      try fitted(
        "13 features up to 1000", clouds(13, 3, 0.8, 7).mapped(to: 0...1200) { 100 * $0 + 600 },
        radius: 30),
      try fitted(
        "8 features of bytes",
        clouds(8, 4, 0.6, 8).mapped(to: 0...255) { (20 * $0 + 128).rounded() }, radius: 5),
      try fitted(
        "20 features in -1 to 1", clouds(20, 5, 0.9, 9).mapped(to: -1...1) { $0 / 6 }, radius: 0.03),
      try fitted("features of 0 and 1", binary, radius: 0.3),
      try fitted("classes that overlap", clouds(5, 3, 1.5, 10), radius: 0.1),
      try fitted("30 classes", clouds(16, 30, 0.5, 11), radius: 0.1),
      try fitted(
        "one class in twenty", clouds(6, 2, 0.6, 12, shares: [0.95, 0.05]), radius: 0.2),
      try fitted("100 features", clouds(100, 4, 2, 13), radius: 0.05),
      try fitted("25 examples", clouds(6, 3, 0.4, 14).at(Array(0..<25)), radius: 0.2),
      try SoundModel("a single logit", SoundFits.singleLogit(two), two, radius: 0.1),
      try SoundModel(
        "a single logit, one class in ten",
        SoundFits.singleLogit(clouds(8, 2, 0.7, 15, shares: [0.9, 0.1])),
        clouds(8, 2, 0.7, 15, shares: [0.9, 0.1]), radius: 0.1),
      try SoundModel(
        "guesses about six features", SoundFits.affine([6], guesses, [0, 0, 0, 0]), six,
        radius: 0.2),
      try SoundModel(
        "guesses by a single logit",
        SoundFits.affine([10], random.normals([1, 10]).map { $0 / 10 }, [0.2]), two, radius: 0.1),
      try SoundModel(
        "the commonest class, always", SoundFits.affine([6], .zeros([4, 6]), [0, 1, 0, -1]), six,
        radius: 0.2),
      try SoundModel(
        "hardly anything but the commonest class",
        SoundFits.affine([10], random.normals([2, 10]).map { 0.001 * $0 }, [2, 0]), two,
        radius: 0.1),
    ]
  }

  /// Models of other targets, of series, and with curved boundaries.
  static func others(_ seed: UInt64) throws -> [SoundModel] {
    var random = Philox(key: 23 &+ seed)
    let clouds = SoundExamples.clouds(
      120, features: 8, classes: 3, spread: 1, seed: 2000 &+ seed)
    let unit = clouds.mapped(to: 0...1) { ($0 + 6) / 12 }
    let waves = SoundExamples.waves(150, seed: seed)
    let (pictures, templates) = SoundExamples.templates(200, seed: seed)
    let halves = (0..<10).map { -Float(templates.row($0).norm2 * templates.row($0).norm2 / 2) }
    // The cosines of positive values lie in 0 to 1 and are no probabilities.
    let lengths = pictures.inputs.reshaped(to: [200, 192])
    let norm = Float((0..<200).map { lengths.row($0).norm2 }.max() ?? 1)
    let cosines = Tensor(
      (0..<10).flatMap { label in
        templates.row(label).map { $0 / norm / Float(templates.row(label).norm2) }.scalars
      }, shape: [10, 192])
    let board = SoundExamples.curved(150, isRing: false, seed: seed)
    var chequers = try SoundFits.perceptron([2], 4, 2)
    // |x + y| - |x - y| has the sign of x y.
    try chequers.load([
      "1.weight": Tensor([1, 1, -1, -1, 1, -1, -1, 1], shape: [4, 2]), "1.bias": .zeros([4]),
      "3.weight": Tensor([0, 0, 0, 0, 3, 3, -3, -3], shape: [2, 4]), "3.bias": .zeros([2]),
    ])
    let ring = SoundExamples.curved(150, isRing: true, seed: seed)
    var squares = try Network("squares", input: InputDescription(shape: [2]), seed: 0) {
      Activation(.square)
      Linear(1)
    }
    try squares.load([
      "1.weight": Tensor([2, 2], shape: [1, 2]), "1.bias": Tensor([-3.92], shape: [1]),
    ])
    var deep = try Network("deep", input: InputDescription(shape: [3, 8, 8]), seed: seed) {
      Flatten()
      Linear(192, bias: .absent)
      Linear(10)
    }
    try deep.load([
      "1.weight": Tensor((0..<192 * 192).map { $0 % 193 == 0 ? 0.5 : 0 }, shape: [192, 192]),
      "2.weight": templates.map { 2 * $0 }, "2.bias": Tensor(halves, shape: [10]),
    ])
    return [
      try SoundModel(
        "templates of colours", SoundFits.affine([3, 8, 8], templates, halves), pictures,
        radius: 0.05),
      try SoundModel(
        "cosines with templates",
        SoundFits.affine([3, 8, 8], cosines, [Float](repeating: 0, count: 10)), pictures,
        radius: 0.02),
      try SoundModel("two linear layers", deep, pictures, radius: 0.05),
      try SoundModel("series", SoundFits.discriminant(waves), waves, radius: 0.1),
      try SoundModel("a chequerboard", chequers, board, radius: 0.2),
      try SoundModel("a chequerboard, a large radius", chequers, board, radius: 1.5),
      try SoundModel("a ring", squares, ring, radius: 0.2),
      try SoundModel("a ring, a large radius", squares, ring, radius: 1.5),
      try SoundModel(
        "a number", SoundFits.affine([8], random.normals([1, 8]).map { $0 / 20 }, [0.5]), clouds,
        radius: 0.1, targets: .numbers),
      try SoundModel(
        "a share", SoundFits.affine([8], Tensor(repeating: 0.1, shape: [1, 8]), [0]), unit,
        radius: 0.1, targets: .numbers),
      try SoundModel(
        "three numbers", SoundFits.affine([8], random.normals([3, 8]), [0, 1, 2]), clouds,
        radius: 0.1, targets: .numbers),
      try SoundModel(
        "several labels", SoundFits.affine([8], random.normals([5, 8]), [0, 0, 0, 0, 0]), clouds,
        radius: 0.1, targets: .several),
    ]
  }
}
