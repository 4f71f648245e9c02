import Archives
import CEmbedded
import Datasets
import Tensors
import TestSupport
import Testing

@Suite struct MNISTTests {
  @Test func testSplitIsTheOriginal() throws {
    let data = try MNIST.load(.test)
    #expect(data.name == "mnist:test")
    #expect(data.count == 10_000)
    #expect(data.labels.prefix(10) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    #expect(histogram(data) == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    let row = try data.image(at: 0).scalars[7 * 28 + 6..<7 * 28 + 12]
    #expect(Array(row) == [84, 185, 159, 151, 60, 36].map { Float($0) / 255 })
    #expect(try byteSums(data) == [264_923_200, 58_095_386_156, 0, 255])
  }

  @Test func trainSplitIsTheOriginal() throws {
    let data = try MNIST.load(.train)
    #expect(data.name == "mnist:train")
    #expect(data.count == 60_000)
    #expect(data.labels.prefix(10) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    #expect(data.labels.suffix(5) == [8, 3, 5, 6, 8])
    #expect(histogram(data) == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
    #expect(try byteSums(data) == [1_567_298_545, 342_590_800_147, 0, 255])
  }

  @Test(arguments: MNIST.Split.allCases)
  func examplesAreGreyImagesOfDigits(split: MNIST.Split) throws {
    let data = try MNIST.load(split)
    #expect(data.exampleShape == [1, 28, 28])
    #expect(data.bounds == 0...1)
    #expect(data.classNames == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
    #expect(data.numberOfClasses == 10)
  }

  @Test func aFolderOfTheFilesIsTheSame() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let images = try Gzip.decompress(
      bytes(.mnistTestImages), named: "embedded", limit: 7_840_016)
    _ = try folder.write(images, to: "t10k-images-idx3-ubyte")
    _ = try folder.write(bytes(.mnistTestLabels), to: "t10k-labels-idx1-ubyte.gz")
    let expected = try MNIST.load(.test).examples(0..<500)
    for path in [folder.path, folder.path + "/"] {
      let data = try MNIST.load(.test, directory: path)
      #expect(data.name == "mnist:test@\(path)")
      #expect(try data.examples(0..<500) == expected)
    }
    #expect(
      throws: DatasetError(
        .unreadable, in: folder.path,
        "holds neither train-images-idx3-ubyte nor train-images-idx3-ubyte.gz, expected one of"
          + " them")
    ) { try MNIST.load(.train, directory: folder.path) }
  }

  /// Loads the test split from a folder with the right images and the given file of labels.
  private func load(labels: [UInt8], named name: String) throws -> Dataset {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    _ = try folder.write(bytes(.mnistTestImages), to: "t10k-images-idx3-ubyte.gz")
    _ = try folder.write(labels, to: name)
    return try MNIST.load(.test, directory: folder.path)
  }

  @Test(arguments: [false, true])
  func otherContentsAreRefused(compressed: Bool) {
    let labels = idxBytes([2], [3, 4])
    let name = compressed ? "t10k-labels-idx1-ubyte.gz" : "t10k-labels-idx1-ubyte"
    let error = #expect(throws: DatasetError.self) {
      try load(labels: compressed ? storedGzip(labels) : labels, named: name)
    }
    #expect(error?.kind == .digest)
    #expect(error?.source.hasSuffix(compressed ? "\(name) (uncompressed)" : name) == true)
    #expect(
      error?.message == "the SHA-256 is"
        + " 3b6ad0250cb381d2971786334ca4087c0751f338faf51339d5b61f81f9f2f93d, expected"
        + " ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2 of the original"
        + " t10k-labels-idx1-ubyte")
  }

  @Test func damagedAndTruncatedFilesAreRefused() {
    let whole = bytes(.mnistTestLabels)
    var flipped = whole
    flipped[whole.count / 2] ^= 1
    for broken in [flipped, Array(whole.dropLast()), Array(whole.prefix(whole.count / 2))] {
      let error = #expect(throws: DatasetError.self) {
        try load(labels: broken, named: "t10k-labels-idx1-ubyte.gz")
      }
      #expect(error?.kind == .compression)
    }
  }

  @Test func nothingLargerThanTheOriginalIsDecompressed() {
    let whole = bytes(.mnistTestLabels)
    let error = #expect(throws: DatasetError.self) {
      try load(labels: whole + storedGzip([0]), named: "t10k-labels-idx1-ubyte.gz")
    }
    #expect(error?.kind == .tooLarge)
    #expect(
      error?.message == "decompresses to more than the 10008 bytes that are allowed for it")
  }

  private func bytes(_ file: EmbeddedFile) -> [UInt8] {
    Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
  }

  private func histogram(_ data: Dataset) -> [Int] {
    data.labels.reduce(into: [Int](repeating: 0, count: 10)) { $0[$1] += 1 }
  }

  /// The sum, the sum of squares, the smallest and the largest of all pixels, as bytes.
  private func byteSums(_ data: Dataset) throws -> [Int] {
    var (sum, squares, least, most) = (0, 0, Int.max, Int.min)
    for start in stride(from: 0, to: data.count, by: 1000) {
      for value in try data.inputs(at: start..<start + 1000).scalars {
        let byte = Int((value * 255).rounded())
        sum += byte
        squares += byte * byte
        least = min(least, byte)
        most = max(most, byte)
      }
    }
    return [sum, squares, least, most]
  }
}
