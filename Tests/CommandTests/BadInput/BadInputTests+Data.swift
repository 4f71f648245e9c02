extension BadInputTests {
  private static let understood =
    "; expected mnist:test, mnist:train, mnist:test@DIR, cifar10:test@DIR, "
    + "cifar100:train@DIR, npz:FILE, npy:X,Y, idx:IMAGES,LABELS, images:DIR or csv:FILE"

  /// Data sets that cannot be read or do not fit.
  static let data =
    [
      Case("mnist", "'mnist': there is no such data set (did you mean mnist:test?)" + understood),
      Case(
        "mnist:validation",
        "'mnist:validation': MNIST has no split 'validation'" + understood),
      Case("cifar10:test", "'cifar10:test': no folder follows '@'" + understood),
      Case(
        "idx:in/images",
        "'idx:in/images': 'idx:' takes two files, joined by one comma" + understood),
      Case(
        "mnist:test@in/none",
        "--data mnist:test@in/none: in/none: there is no such folder, expected one that holds t10k-images-idx3-ubyte or "
          + "t10k-images-idx3-ubyte.gz"),
      Case(
        "cifar10:test@in/none",
        "--data cifar10:test@in/none: in/none: there is no such folder, expected the folder that holds test_batch.bin or test_batch, or "
          + "cifar-10-batches-bin, of the original archive"),
      Case(
        "cifar10:test@in/images",
        "--data cifar10:test@in/images: in/images: is no folder, expected the folder that holds test_batch.bin or test_batch, or "
          + "cifar-10-batches-bin, of the original archive"),
      Case(
        "mnist:test@in/altered",
        "in/altered/t10k-labels-idx1-ubyte: the SHA-256 is "
          + "60b6d414fe20bf2507b025e095526f7c5dd9e13628786697b9e62526e111aee6, expected "
          + "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2 of the "
          + "original t10k-labels-idx1-ubyte"),
      Case(
        "mnist:test@in/cut",
        "in/cut/t10k-images-idx3-ubyte.gz: byte 1601050: the gzip data end before they "
          + "are complete"),
      Case(
        "idx:in/none,in/labels",
        "--data idx:in/none,in/labels: in/none: cannot be read: No such file or directory"),
      Case(
        "idx:in/folder.safetensors,in/labels",
        "--data idx:in/folder.safetensors,in/labels: in/folder.safetensors: cannot be read: Is a directory"
      ),
      Case(
        "idx:in/garbage.safetensors,in/labels",
        "in/garbage.safetensors: byte 0: found 74 68, expected 00 00, the start of an "
          + "IDX file"),
      Case(
        "idx:in/short-images,in/labels",
        "in/short-images: byte 4: the extents 3x28x28 need more bytes than the 2347 "
          + "that follow them"),
      Case(
        "idx:in/images,in/two-labels",
        "in/two-labels: byte 4: found 2 labels, expected 3, one for each image of "
          + "in/images"),
      Case(
        "idx:in/cut-images.gz,in/labels",
        "in/cut-images.gz: byte 3000: the gzip data end before they are complete"),
      Case(
        "idx:in/small-images,in/labels",
        "idx:in/small-images,in/labels: examples are 1x5x5, but in/net.safetensors "
          + "takes 1x28x28"),
      Case(
        "idx:in/images,in/twelve-labels",
        "in/twelve-labels: found the label 12, expected labels below 10"),
    ].map { Case("attack in/net.safetensors --threat linf:0.3 --data \($0.line)", $0.message) }
    + [
      Case(
        "train mnist-mlp --output net.safetensors --data mnist:test@in/altered",
        "in/altered/t10k-labels-idx1-ubyte: the SHA-256 is "
          + "60b6d414fe20bf2507b025e095526f7c5dd9e13628786697b9e62526e111aee6, expected "
          + "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2 of the "
          + "original t10k-labels-idx1-ubyte"),
      Case(
        "train mnist-mlp@1x28x28:10 --output net.safetensors --data idx:in/small-images,in/labels",
        "idx:in/small-images,in/labels: examples are 1x5x5, but mnist-mlp@1x28x28:10 takes 1x28x28"),
      Case(
        "train mnist-mlp@1x28x28:10 --output net.safetensors --data idx:in/images,in/twelve-labels",
        "idx:in/images,in/twelve-labels: example 2 has the label 12, but mnist-mlp@1x28x28:10 has 10 classes"
      ),
      Case(
        "train mnist-mlp --output net.safetensors --data idx:in/images,in/labels --validation idx:in/small-images,in/labels",
        "idx:in/small-images,in/labels: examples are 1x5x5, but mnist-mlp takes 1x28x28"),
    ]
}
