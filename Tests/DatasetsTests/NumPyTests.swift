import Archives
import Datasets
import Synchronization
import Tensors
import TestSupport
import Testing

/// Files that NumPy wrote; see Scripts/data_fixtures.py.
@Suite struct NumPyTests {
  static let types = [
    "b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8",
  ]

  private func array(_ name: String) throws -> NPYArray {
    try NPYArray(path: "\(Fixtures.folder)/numpy/\(name).npy")
  }

  private func expected(_ type: String) -> [Float] {
    (0..<12).map { index in
      switch type.first {
      case "b": Float(index % 2)
      case "u": Float(index)
      case "i": Float(index - 3)
      default: Float(index - 3) / 4
      }
    }
  }

  @Test(arguments: types, ["little", "big"])
  func readsEveryTypeAndOrder(type: String, order: String) throws {
    for layout in ["C", "F"] {
      for version in type == "f4" && layout == "C" ? [1, 2, 3] : [1] {
        let array = try array("\(type)-\(order)-\(layout)-\(version)")
        #expect(array.isFortranOrder == (layout == "F"))
        #expect(try array.tensor() == Tensor(expected(type), shape: [2, 3, 2]))
        if type.first == "f" {
          #expect(throws: DatasetError.self) { try array.integers() }
        } else {
          #expect(try array.integers() == expected(type).map(Int.init))
        }
      }
    }
  }

  @Test(arguments: ["records", "complex", "objects"])
  func refusesWhatIsNoNumber(name: String) throws {
    let error = #expect(throws: DatasetError.self) { try array(name) }
    #expect(error?.kind == .format)
  }

  @Test func readsAndWritesArchives() throws {
    for name in ["stored", "compressed"] {
      let file = try NPZ(path: "\(Fixtures.folder)/numpy/\(name).npz")
      #expect(file.names == ["x", "y"])
      #expect(try file.array("y").integers() == [0, 2, 1])
      let x = try file.array("x").tensor()
      #expect(x == Tensor((0..<24).map { Float(Double($0) / 23) }, shape: [3, 2, 2, 2]))
      let bytes = try NPYContents.npz(["x": NPYContents(x), "y": NPYContents([0, 2, 1])])
      let again = try NPZ(bytes: bytes, name: "again")
      #expect(try again.array("x").tensor() == x)
      #expect(try again.array("y").integers() == [0, 2, 1])
      let error = #expect(throws: DatasetError.self) { try again.array("z") }
      #expect(error?.description == "again: holds no array 'z'; there are x, y")
    }
  }

  @Test func refusesBombs() throws {
    let file = try NPZ(path: "\(Fixtures.folder)/numpy/bomb.npz")
    let error = #expect(throws: DatasetError.self) { try file.array("x") }
    #expect(error?.kind == .tooLarge)
    #expect(try file.array("y").integers() == [0])
  }

  @Test func becomesADataSet() throws {
    for name in ["stored", "compressed"] {
      let path = "\(Fixtures.folder)/numpy/\(name).npz"
      let data = try DataReference("npz:\(path)").load()
      #expect(data.exampleShape == [2, 2, 2])
      #expect(data.labels == [0, 2, 1])
      #expect(data.classNames == ["0", "1", "2"])
      #expect(try data.image(at: 2).scalars == (16..<24).map { Float(Double($0) / 23) })
      #expect(try data.inputs(at: [2, 0]).scalars.count == 16)
    }
  }

  @Test func writesWhatNumPyWrites() throws {
    let path = "\(Fixtures.folder)/numpy/stored.npz"
    let x = try NPZ(path: path).array("x").tensor()
    let archive = try ZipArchive(path: path)
    let entry = try #require(archive.entry(named: "x.npy"))
    #expect(try NPYContents(x).bytes == archive.contents(of: entry, limit: 1 << 20))
  }

  private func load(
    _ x: NPYContents, _ y: NPYContents = NPYContents([0, 1]), _ options: DataOptions = .init()
  ) throws -> Dataset {
    let bytes = try NPYContents.npz(["x": x, "y": y])
    return try Dataset(name: "a", npz: NPZ(bytes: bytes, name: "a.npz"), options: options)
  }

  @Test func spreadsBytesOverBounds() throws {
    let x = NPYContents([0, 255, 51, 102], shape: [2, 2])
    #expect(try load(x).inputs(at: 0..<2).scalars == [0, 1, 0.2, 0.4])
    let wide = try load(x, NPYContents([0, 1]), DataOptions(bounds: -1...1))
    #expect(try wide.inputs(at: 0..<2).scalars == [-1, 1, -0.6, -0.2])
    #expect(wide.bounds == -1...1)
  }

  @Test func refusesValuesOutside() throws {
    let x = Tensor<Float>([0, 1, 0.5, 1.5], shape: [2, 1, 1, 2])
    let data = try load(NPYContents(x))
    #expect(try data.image(at: 0).scalars == [0, 1])
    let error = #expect(throws: DatasetError.self) { try data.image(at: 1) }
    #expect(
      error?.description
        == "a.npz: x.npy: example 1 has the value 1.5 at 1, expected values within 0.0...1.0; all are within 0:1.5:"
        + " clip them, or add data-range 0:1.5 (and input-range 0:1.5 if the network was trained on such values)"
    )
    #expect(try load(NPYContents(x), NPYContents([0, 1]), DataOptions(bounds: 0...2)).count == 2)
    let features = try load(NPYContents(x.reshaped(to: [2, 2])))
    #expect(features.bounds == 0...1.5)
    let bad = NPYContents(Tensor<Float>([0, .nan], shape: [2, 1]))
    #expect(throws: DatasetError.self) { try load(bad) }
  }

  @Test("what rounding brought outside is clipped and told once; more is refused")
  func clipsRounding() throws {
    for bounds: ClosedRange<Float> in [0...1, -1...1, 0...255] {
      let slack = (bounds.upperBound - bounds.lowerBound) * 9e-7
      let (low, high) = (bounds.lowerBound - slack, bounds.upperBound + slack)
      let x = Tensor<Float>([low, 0.5, high, high], shape: [2, 1, 1, 2])
      let data = try load(NPYContents(x), NPYContents([0, 1]), DataOptions(bounds: bounds))
      let told = Mutex<[String]>([])
      data.remarks.tell { sentence in told.withLock { $0.append(sentence) } }
      #expect(
        try data.inputs(at: 0..<2).scalars == [
          bounds.lowerBound, 0.5, bounds.upperBound, bounds.upperBound,
        ])
      #expect(try data.image(at: 1).scalars.allSatisfy { $0 == bounds.upperBound })
      #expect(told.withLock { $0.count } == 1)
      for far in [bounds.upperBound + 3 * slack, .infinity, .nan] {
        let wide = Tensor<Float>([0.5, far], shape: [1, 1, 1, 2])
        let data = try load(NPYContents(wide), NPYContents([0]), DataOptions(bounds: bounds))
        #expect(throws: DatasetError.self) { try data.image(at: 0) }
      }
    }
  }

  @Test(
    "usual normalisations are told by what black and white became",
    arguments: [
      ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
      ([0.4914, 0.4822, 0.4465], [0.247, 0.2435, 0.2616]),
      ([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.201]),
      ([0.5071, 0.4867, 0.4408], [0.2675, 0.2565, 0.2761]), ([0.1307], [0.3081]),
    ])
  func knowsNormalizations(means: [Double], deviations: [Double]) throws {
    let values = zip(means, deviations).flatMap { mean, deviation in
      [0, 0.3, 1].map { Float(($0 - mean) / deviation) }
    }
    let array = NPYContents(Tensor(values, shape: [1, means.count, 1, 3]))
    let data = try load(array, NPYContents([0]))
    let error = #expect(throws: DatasetError.self) { try data.image(at: 0) }
    let (mean, deviation) = (
      means.map { "\($0)" }.joined(separator: ","),
      deviations.map { "\($0)" }.joined(separator: ",")
    )
    #expect(error?.message.contains("mean \(mean) std \(deviation) if") == true)
    // What the network normalises by itself is likelier than what is usual, where it fits.
    for (shift, isNamed) in [(0.02, true), (0.4, false)] {
      var options = DataOptions()
      options.statistics = DataOptions.Statistics(
        means: means.map { Float($0 + shift) }, deviations: deviations.map { Float($0 - 0.02) })
      let data = try load(array, NPYContents([0]), options)
      let error = #expect(throws: DatasetError.self) { try data.image(at: 0) }
      let own = options.statistics?.means.map { "\($0)" }.joined(separator: ",") ?? ""
      #expect(
        error?.message.contains(
          "as by the network itself: use x * std + mean, with the mean \(own)")
          == isNamed)
    }
  }

  @Test func findsChannelsLast() throws {
    let pixels = Tensor((0..<24).map { Float($0) / 24 }, shape: [2, 2, 2, 3])
    let error = #expect(throws: DatasetError.self) { try load(NPYContents(pixels)) }
    #expect(error?.message.contains("looks like N x H x W x C") == true)
    let data = try load(
      NPYContents(pixels), NPYContents([0, 1]), DataOptions(layout: .channelsLast))
    #expect(data.exampleShape == [3, 2, 2])
    #expect(
      try data.image(at: 1).scalars
        == [12, 15, 18, 21, 13, 16, 19, 22, 14, 17, 20, 23].map { $0 / 24 })
    let first = try load(
      NPYContents(pixels), NPYContents([0, 1]), DataOptions(layout: .channelsFirst))
    #expect(first.exampleShape == [2, 2, 3])
  }

  @Test func refusesArraysThatDoNotBelongTogether() throws {
    let x = NPYContents(Tensor<Float>.zeros([2, 3]))
    #expect(throws: DatasetError.self) { try load(x, NPYContents([0])) }
    #expect(throws: DatasetError.self) { try load(x, NPYContents([0, -1])) }
    #expect(throws: DatasetError.self) { try load(x, NPYContents(Tensor<Float>.zeros([2, 1, 1]))) }
    #expect(throws: DatasetError.self) { try load(NPYContents(Tensor<Float>.zeros([2]))) }
    #expect(throws: DatasetError.self) { try load(NPYContents(Tensor<Float>.zeros([0, 3]))) }
    #expect(throws: DatasetError.self) {
      try load(x, NPYContents([0, 1]), DataOptions(classNames: ["one"]))
    }
  }

  @Test(arguments: [
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, ), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9223372036854775807, 9), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, ), }",
    "{'descr': '<f4', 'fortran_order': Perhaps, 'shape': (1, ), }",
    "{'descr': '<f4', 'shape': (1, ), }", "{'descr': '<f3', 'fortran_order': False, 'shape': ()}",
    "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (), }", "{", "", "{'",
    "__import__('os')", "{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': 1}",
  ])
  func refusesHostileHeaders(text: String) {
    let bytes: [UInt8] =
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
    let error = #expect(throws: DatasetError.self) {
      try NPYArray(FileContents(name: "a.npy", bytes: bytes + [0, 0, 0, 0]))
    }
    #expect(error?.source == "a.npy")
    #expect(error?.kind == .format)
  }

  @Test func refusesEveryTruncation() throws {
    let whole = NPYContents(Tensor<Float>.zeros([2, 3])).bytes
    for count in 0..<whole.count {
      #expect(throws: DatasetError.self, "\(count) bytes") {
        try NPYArray(FileContents(name: "a.npy", bytes: Array(whole[..<count])))
      }
    }
  }
}
