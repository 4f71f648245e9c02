import Datasets
import Tensors
import TestSupport
import Testing

/// Targets that are no single class: several labels, real numbers; and what is refused as either.
@Suite struct TargetTests {
  private func load(
    _ y: NPYContents, _ kind: TargetKind? = nil, names: [String] = [], outputs: Int? = nil
  ) throws -> Dataset {
    let x = NPYContents(Tensor<Float>([0, 1, 2, 3, 4, 5], shape: [3, 2]))
    let bytes = try NPYContents.npz(["x": x, "y": y])
    var options = DataOptions(targets: kind, classNames: names)
    options.outputCount = outputs
    return try Dataset(name: "a", npz: NPZ(bytes: bytes, name: "a.npz"), options: options)
  }

  private func load(csv text: String, _ options: DataOptions) throws -> Dataset {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(Array(text.utf8), to: "a.csv")
    return try Dataset(name: "a", csv: path, options: options)
  }

  private func message(_ work: () throws -> Dataset) -> String {
    let error = #expect(throws: DatasetError.self) { try work() }
    return error?.description ?? ""
  }

  private static let hot: [Float] = [1, 1, 0, 0, 0, 0, 0, 1, 1]

  @Test("several columns of 0 and 1 are labels, whatever their type")
  func labels() throws {
    let arrays = [
      NPYContents(Tensor(TargetTests.hot, shape: [3, 3])),
      NPYContents(integers: TargetTests.hot.map { Int($0) }, shape: [3, 3]),
      NPYContents(TargetTests.hot.map { UInt8($0) }, shape: [3, 3]),
    ]
    for array in arrays {
      let data = try load(array)
      #expect(data.targetKind == .multiLabel && data.targetWidth == 3)
      #expect(data.target(at: 0) == .labels([true, true, false]))
      #expect(try data.subset(1..<3).example(at: 1).target == .labels([false, true, true]))
      #expect(
        data.subset(1..<3).targets
          == .multiLabel([false, false, false, false, true, true], width: 3))
      #expect(data.classNames == ["0", "1", "2"])
      #expect(try load(array, .numbers).targetKind == .numbers)
      #expect(try load(array, names: ["a", "b", "c"]).classNames == ["a", "b", "c"])
      #expect(try load(array, names: ["a"]).classNames == ["0", "1", "2"])
    }
  }

  @Test("a single 1 in every row has to be explained")
  func oneHot() throws {
    let y = NPYContents(integers: [1, 0, 0, 1, 0, 1], shape: [3, 2])
    #expect(message { try load(y) }.contains("targets classes or targets multi-label"))
    #expect(try load(y, .classes).labels == [0, 1, 1])
    #expect(
      message { try load(y, .classes, names: ["a"]) }.contains("has the label 1, expected 0 to 0"))
    #expect(try load(y, .multiLabel).target(at: 1) == .labels([false, true]))
    let none = NPYContents(integers: [1, 0, 0, 0, 0, 1], shape: [3, 2])
    #expect(message { try load(none, .classes) }.contains("example 1 has 0 ones"))
    let two = NPYContents(integers: [1, 0, 0, 2, 0, 1], shape: [3, 2])
    #expect(
      message { try load(two, .multiLabel) }.contains("example 1 has the target 2.0 in column 2"))
  }

  @Test("floating-point numbers are those of a regression, with or without a second axis")
  func numbers() throws {
    for shape: Shape in [[3], [3, 1]] {
      let data = try load(NPYContents(Tensor<Float>([1.5, 0, -2], shape: shape)))
      #expect(data.targetKind == .numbers && data.targetWidth == 1 && data.classNames == ["0"])
      #expect(data.target(at: 2) == .numbers([-2]))
    }
    let data = try load(NPYContents(Tensor<Float>([1.5, 0, -2, 7, 8, 9], shape: [3, 2])))
    #expect(data.target(at: 1) == .numbers([-2, 7]))
    let whole = NPYContents(Tensor<Float>([2, 0, 1], shape: [3]))
    #expect(try load(whole).labels == [2, 0, 1])
    #expect(try load(whole, .numbers).target(at: 0) == .numbers([2]))
    #expect(try load(whole, .classes).labels == [2, 0, 1])
    #expect(try load(NPYContents([-4, 9, 2]), .numbers).target(at: 0) == .numbers([-4]))
    #expect(message { try load(NPYContents([-4, 9, 2])) }.contains("needs targets numbers"))
    let fraction = NPYContents(Tensor<Float>([2, 0.5, 1], shape: [3]))
    #expect(message { try load(fraction, .classes) }.contains("example 1 has the target 0.5"))
    for bad: Float in [.nan, .infinity] {
      let y = NPYContents(Tensor([1, bad, 0], shape: [3]))
      #expect(message { try load(y) }.contains("y.npy: example 1 has the target"))
    }
  }

  @Test(
    "classes are whole numbers of any type, in one axis or a column",
    arguments: [
      "|b1", "|i1", "|u1", "<i2", ">i2", "<u2", "<i4", ">u4", "<i8", ">i8", "<u8", "<f2", ">f2",
      "<f4", "<f8",
    ])
  func types(type: String) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let x = try folder.write(numPyFile("|u1", [3, 2], integers: [0, 1, 2, 3, 4, 5]), to: "x.npy")
    // The bits of the floating-point numbers 0 and 1.
    let one =
      ["2": 0x3C00, "4": 0x3F80_0000, "8": 0x3FF0_0000_0000_0000][String(type.suffix(1))] ?? 1
    let bits = type.contains("f") ? one : 1
    for shape in [[3], [3, 1]] {
      let y = try folder.write(numPyFile(type, shape, integers: [bits, 0, bits]), to: "y.npy")
      let data = try DataReference("npy:\(x),\(y)").load()
      #expect(data.targetKind == .classes && data.labels == [1, 0, 1])
      #expect(!data.hasSignedLabels)
    }
    for shape in [[1, 3], [3, 1, 1]] {
      let y = try folder.write(numPyFile(type, shape, integers: [bits, 0, bits]), to: "y.npy")
      #expect(
        message { try DataReference("npy:\(x),\(y)").load() }.hasSuffix(
          "y.reshape(-1) has one axis"))
    }
  }

  @Test("-1 and 1 are two classes; other numbers below zero are those of a regression")
  func signs() throws {
    for y in [
      NPYContents([-1, 1, -1]), NPYContents(Tensor<Float>([-1, 1, -1], shape: [3])),
      NPYContents(integers: [-1, 1, -1], shape: [3, 1]),
    ] {
      let data = try load(y)
      #expect(data.hasSignedLabels && data.labels == [0, 1, 0] && data.classNames == ["-1", "1"])
      #expect(try load(y, names: ["no", "yes"]).classNames == ["no", "yes"])
      #expect(try load(y, .numbers).target(at: 0) == .numbers([-1]))
    }
    #expect(try load(NPYContents([-1, -1, -1])).labels == [0, 0, 0])
    #expect(try !load(NPYContents([1, 1, 1])).hasSignedLabels)
    for values: [Float] in [[-1, 0, 1], [-3, 2, 0], [2e6, 0, 1]] {
      #expect(try load(NPYContents(Tensor(values, shape: [3]))).targetKind == .numbers)
    }
    // A single output tells no more than two classes apart.
    for (values, kind) in [([151, 75, 2], .numbers), ([1, 2, 1], TargetKind.classes)] {
      let y = NPYContents(Tensor(values.map { Float($0) }, shape: [3]))
      #expect(try load(y, outputs: 1).targetKind == kind)
      #expect(try load(y, outputs: 500).targetKind == .classes)
      #expect(try load(y, .classes, outputs: 1).targetKind == .classes)
    }
    for values in [[-1, 0, 1], [Int.min, -1, 1]] {
      #expect(message { try load(NPYContents(values)) }.contains("targets numbers"))
    }
  }

  @Test("columns of tables are targets by name or number")
  func tables() throws {
    let text = "cat,x,dog,z\n1,0.5,0,7\n1,0.25,1,8\n"
    for columns in ["cat,dog", "1,3", "cat, 3"] {
      let data = try load(csv: text, DataOptions(target: columns))
      #expect(data.targets == .multiLabel([true, false, true, true], width: 2))
      #expect(data.classNames == (columns == "1,3" ? ["cat", "dog"] : ["cat", "dog"]))
      #expect(try data.inputs(at: 0..<2).scalars == [0.5, 7, 0.25, 8])
    }
    let order = try load(csv: text, DataOptions(target: "z,x"))
    #expect(order.targets == .numbers([7, 0.5, 8, 0.25], width: 2))
    #expect(order.classNames == ["z", "x"])
    let single = try load(csv: text, DataOptions(target: "x"))
    #expect(single.targets == .numbers([0.5, 0.25], width: 1))
    #expect(try load(csv: text, DataOptions(target: "z")).labels == [7, 8])
    #expect(
      try load(csv: text, DataOptions(target: "z", targets: .numbers)).target(at: 1)
        == .numbers([8]))
    #expect(
      message { try load(csv: text, DataOptions(target: "cat,cow")) }.contains("no column 'cow'"))
    #expect(
      message { try load(csv: text, DataOptions(target: "cat,1")) }.contains("asked for twice"))
    #expect(
      message { try load(csv: text, DataOptions(target: "1,2,3,4")) }.contains("no column is left"))
    let words = "x,y,label\n1,no,0\n"
    #expect(
      message { try load(csv: words, DataOptions(target: "y,label")) }.contains(
        "line 2, column 2 ('y'): found 'no', expected a finite number"))
  }

  @Test("numbers of another range are spread over the bounds, or named with what mends them")
  func dataRange() throws {
    let pixels = Tensor<Float>([0, 255, 51, 127.5], shape: [1, 1, 2, 2])
    let bytes = try NPYContents.npz(["x": NPYContents(pixels), "y": NPYContents([0])])
    func open(_ options: DataOptions) throws -> Dataset {
      try Dataset(name: "a", npz: NPZ(bytes: bytes, name: "a.npz"), options: options)
    }
    let error = #expect(throws: DatasetError.self) { try open(DataOptions()).image(at: 0) }
    #expect(error?.message.hasSuffix("data-range 0:255 spreads them over the bounds") == true)
    #expect(try open(DataOptions(valueRange: 0...255)).image(at: 0).scalars == [0, 1, 0.2, 0.5])
    #expect(
      try open(DataOptions(bounds: -1...1, valueRange: 0...255)).image(at: 0).scalars
        == [-1, 1, -0.6, 0])
    #expect(throws: DatasetError.self) {
      try open(DataOptions(valueRange: 0...100)).image(at: 0)
    }
  }
}
