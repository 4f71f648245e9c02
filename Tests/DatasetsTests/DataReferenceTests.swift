import Datasets
import Tensors
import TestSupport
import Testing

@Suite struct DataReferenceTests {
  @Test(
    arguments: [
      ("mnist:test", .mnist(.test)),
      ("mnist:train", .mnist(.train)),
      ("mnist:test@/data/mnist", .mnist(.test, directory: "/data/mnist")),
      ("mnist:train@a@b:c", .mnist(.train, directory: "a@b:c")),
      ("idx:a.gz,b:c", .idx(images: "a.gz", labels: "b:c")),
      ("npy:x,y.gz", .npy(inputs: "x", labels: "y.gz")),
      ("npz:a,b@c", .npz("a,b@c")),
      ("cifar10:test@/data", .cifar(.ten, part: "test", directory: "/data")),
      ("cifar10:data_batch_5@d", .cifar(.ten, part: "data_batch_5", directory: "d")),
      ("cifar100:train@d@e", .cifar(.hundred, part: "train", directory: "d@e")),
      ("images:/a/b", .images("/a/b")),
      ("csv:a.csv.gz", .csv("a.csv.gz")),
    ] as [(String, DataReference)])
  func readsWhatItWrites(text: String, reference: DataReference) throws {
    #expect(try DataReference(text) == reference)
    #expect(reference.description == text)
  }

  @Test(arguments: [
    ("", "there is no such data set"),
    ("mnist", "there is no such data set (did you mean mnist:test?)"),
    ("mnist-tset", "there is no such data set (did you mean mnist:test?)"),
    ("cifar100", "there is no such data set (did you mean cifar100:train@DIR?)"),
    ("nothing", "there is no such data set"),
    ("a/b.NPZ", "there is no such data set (did you mean npz:a/b.NPZ?)"),
    ("rows.csv", "there is no such data set (did you mean csv:rows.csv?)"),
    ("x.npy", "there is no such data set (did you mean npy:x.npy,LABELS?)"),
    ("photos/", "there is no such data set (did you mean images:photos/?)"),
    ("mnsit:test", "no data set is named 'mnsit:' (did you mean mnist:?)"),
    ("mnist:", "MNIST has no split ''"),
    ("mnist:Test", "MNIST has no split 'Test' (did you mean test?)"),
    ("mnist:@dir", "MNIST has no split ''"),
    ("mnist:test@", "no folder follows '@'"),
    ("idx:images", "'idx:' takes two files, joined by one comma"),
    ("idx:a,b,c", "'idx:' takes two files, joined by one comma"),
    ("idx:images,", "'idx:' takes two files, but one is missing"),
    ("idx:,labels", "'idx:' takes two files, but one is missing"),
    ("npy:x", "'npy:' takes two files, joined by one comma"),
    ("cifar10:test", "no folder follows '@'"),
    ("cifar10:test@", "no folder follows '@'"),
    ("cifar10:data_batch_6@d", "cifar10 has no part 'data_batch_6'"),
    ("cifar100:data_batch_1@d", "cifar100 has no part 'data_batch_1'"),
    ("npz:", "nothing follows 'npz:'"),
    ("images:", "nothing follows 'images:'"),
    ("csv:", "nothing follows 'csv:'"),
  ])
  func listsWhatIsUnderstood(text: String, reason: String) {
    let error = #expect(throws: DatasetError.self) { try DataReference(text) }
    #expect(error?.kind == .reference)
    #expect(
      error?.description
        == "'\(text)': \(reason); expected mnist:test, mnist:train, mnist:test@DIR,"
        + " cifar10:test@DIR, cifar100:train@DIR, npz:FILE, npy:X,Y, idx:IMAGES,LABELS, images:DIR"
        + " or csv:FILE")
  }

  @Test func loadsMNIST() throws {
    let data = try DataReference("mnist:test").load()
    #expect(data.name == "mnist:test")
    #expect(data.label(at: 0) == 7)
  }

  @Test func loadsFromTheFolder() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let reference = try DataReference("mnist:test@\(folder.path)")
    let error = #expect(throws: DatasetError.self) { try reference.load() }
    #expect(error?.kind == .unreadable)
    #expect(error?.source == folder.path)
  }

  @Test func loadsIDX() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let images = try folder.write(storedGzip(idxBytes([3, 1, 2], Array(1...6))), to: "images.gz")
    let labels = try folder.write(idxBytes([3], [0, 4, 1]), to: "labels")
    let data = try DataReference("idx:\(images),\(labels)").load()
    #expect(data.name == "idx:\(images),\(labels)")
    #expect(data.exampleShape == [1, 1, 2])
    #expect(data.labels == [0, 4, 1])
    #expect(data.numberOfClasses == 5)
    #expect(try data.image(at: 2).scalars == [Float(5) / 255, Float(6) / 255])
  }
}
