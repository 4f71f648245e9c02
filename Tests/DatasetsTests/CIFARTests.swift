import Datasets
import Tensors
import TestSupport
import Testing

@Suite struct CIFARTests {
  private func pixels(_ index: Int) -> [UInt8] {
    (0..<3072).map { UInt8(truncatingIfNeeded: (index * 3072 + $0) * 7) }
  }

  private func expected(_ index: Int) -> Tensor<Float> {
    Tensor(pixels(index).map { Float($0) / 255 }, shape: [3, 32, 32])
  }

  @Test func readsBinaryFiles() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for batch in 1...5 {
      let records = [UInt8(batch)] + pixels(batch) + [UInt8(0)] + pixels(batch + 10)
      _ = try folder.write(
        batch == 3 ? storedGzip(records) : records,
        to: "data_batch_\(batch).bin" + (batch == 3 ? ".gz" : ""))
    }
    let data = try DataReference("cifar10:train@\(folder.path)").load()
    #expect(data.count == 10)
    #expect(data.labels == [1, 0, 2, 0, 3, 0, 4, 0, 5, 0])
    #expect(data.classNames[9] == "truck")
    for batch in 1...5 {
      #expect(try data.image(at: 2 * batch - 2) == expected(batch))
      #expect(try data.image(at: 2 * batch - 1) == expected(batch + 10))
    }
    let one = try DataReference("cifar10:data_batch_2@\(folder.path)").load()
    #expect(one.labels == [2, 0])
    let error = #expect(throws: DatasetError.self) {
      try DataReference("cifar10:test@\(folder.path)").load()
    }
    #expect(
      error?.description
        == "\(folder.path): holds neither test_batch.bin nor test_batch; expected the folder that holds "
        + "test_batch.bin or test_batch, or cifar-10-batches-bin, of the original archive")
  }

  @Test func readsHundredClasses() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    _ = try folder.write([4, 99] + pixels(1), to: "test.bin")
    let data = try DataReference("cifar100:test@\(folder.path)").load()
    #expect(data.labels == [99])
    #expect(data.classNames[99] == "worm")
    #expect(try data.image(at: 0) == expected(1))
    _ = try folder.write([4, 100] + pixels(1), to: "train.bin")
    let error = #expect(throws: DatasetError.self) {
      try DataReference("cifar100:train@\(folder.path)").load()
    }
    #expect(error?.offset == 1)
  }

  @Test(arguments: [2, 5])
  func readsPythonBatches(version: Int) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let bytes = try Fixtures.bytes("cifar/batch-\(version)")
    _ = try folder.write(bytes, to: "test_batch")
    let data = try DataReference("cifar10:test@\(folder.path)").load()
    #expect(data.labels == [3, 9])
    #expect(try data.image(at: 0) == expected(0))
    #expect(try data.image(at: 1) == expected(1))
    for place in stride(from: 0, to: bytes.count, by: 97) {
      var broken = bytes
      broken[place] ^= 0xFF
      _ = try folder.write(broken, to: "test_batch")
      do {
        _ = try DataReference("cifar10:test@\(folder.path)").load()
      } catch {
        #expect(!error.message.isEmpty, "byte \(place)")
      }
    }
  }

  @Test func refusesOtherSizes() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for count in [0, 1, 3072, 3074] {
      _ = try folder.write([UInt8](repeating: 0, count: count), to: "test_batch.bin")
      #expect(throws: DatasetError.self, "\(count)") {
        try DataReference("cifar10:test@\(folder.path)").load()
      }
    }
  }
}
