import Foundation
import Networks
import Testing

/// Bad input of every kind: one clear line, exit status 2, and nothing left behind.
@Suite struct BadInputTests {
  /// A command line and the line it deserves.
  ///
  /// In both, words that begin with `in/` are files of `BadFiles`.
  struct Case: Sendable, CustomTestStringConvertible {
    let line: String
    let message: String

    init(_ line: String, _ message: String) {
      self.line = line
      self.message = message
    }

    var testDescription: String { line }
  }

  private func check(_ bad: Case) throws {
    let folder = try Folder()
    try FileManager.default.createSymbolicLink(
      atPath: folder / "in", withDestinationPath: BadFiles.folder.path)
    let result = try Command.run(line: bad.line, in: folder)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors == "gibbon: \(bad.message)\n")
    #expect(folder.names == ["in"])
  }

  @Test("the command line", arguments: words)
  func aCommandLine(bad: Case) throws { try check(bad) }

  static let words = [
    Case(
      "frobnicate",
      "there is no verb 'frobnicate'; there are demo, classify, attack, train, predict, convert, info"
    ),
    Case(
      "--frobnicate",
      "Unknown option '--frobnicate'; see gibbon --help"),
    Case(
      "attack",
      "Missing expected argument '<model>'; see gibbon attack --help"),
    Case(
      "attack in/net.safetensors",
      "Missing expected argument '--threat <threat>'; see gibbon attack --help"),
    Case(
      "attack --threat linf:0.3",
      "Missing expected argument '<model>'; see gibbon attack --help"),
    Case(
      "attack in/net.safetensors --threat",
      "Missing value for '--threat <threat>'; see gibbon attack --help"),
    Case(
      "attack in/net.safetensors --threat linf:-1",
      "threat 'linf:-1': the radius '-1' must be a finite number or fraction that is "
        + "not negative"),
    Case(
      "attack in/net.safetensors --threat linf:abc",
      "threat 'linf:abc': the radius 'abc' must be a finite number or fraction that "
        + "is not negative"),
    Case(
      "attack in/net.safetensors --threat linf:",
      "threat 'linf:': the radius '' must be a finite number or fraction that is not "
        + "negative"),
    Case(
      "attack in/net.safetensors --threat linf:1/0",
      "threat 'linf:1/0': the radius '1/0' must be a finite number or fraction that "
        + "is not negative"),
    Case(
      "attack in/net.safetensors --threat linf:nan",
      "threat 'linf:nan': the radius 'nan' must be a finite number or fraction that "
        + "is not negative"),
    Case(
      "attack in/net.safetensors --threat 0.3",
      "threat '0.3': expected NORM:RADIUS, such as linf:0.3, linf:8/255 or l2:0.5"),
    Case(
      "attack in/net.safetensors --threat l7:0.3",
      "threat 'l7:0.3': expected NORM:RADIUS, such as linf:0.3, linf:8/255 or l2:0.5"),
    Case(
      "attack in/net.safetensors --threat l1:12",
      "threat 'l1:12': the threat 'l1' is not supported yet"),
    Case(
      "attack in/net.safetensors --threat linf:0.1+l2:1",
      "threat 'linf:0.1+l2:1': threats joined with + or | is not supported yet"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --frobnicate 3",
      "the attack 'pgd' has no option --frobnicate; it has --steps, --step-size, "
        + "--restarts, --momentum, --objective, --random-start"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --frobnicate",
      "the attack 'pgd' has no option --frobnicate; it has --steps, --step-size, "
        + "--restarts, --momentum, --objective, --random-start"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 -x",
      "unexpected argument '-x'; expected options of the attack 'pgd', such as "
        + "--steps"),
    Case(
      "attack in/net.safetensors more --threat linf:0.3",
      "more: cannot be read: No such file or directory"),
    Case(
      "attack in/net.safetensors more again --threat linf:0.3",
      "unexpected argument 'again'; expected options of the attack 'pgd', such as "
        + "--steps"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --attack frobnicate",
      "there is no attack 'frobnicate'; there are noise, fgsm, pgd"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --steps 0",
      "--steps is '0'; expected an integer from 1 to 1000000"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --steps many",
      "--steps is 'many'; expected an integer from 1 to 1000000"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --steps",
      "--steps needs a value"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --steps 3 --steps 4",
      "--steps is given twice"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --attack fgsm --steps 3",
      "the attack 'fgsm' has no option --steps; it has --objective, --random-start, "
        + "--step-size, --restarts"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --step-size -1",
      "--step-size is '-1'; expected a number from 0.0 to 1e+30"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --objective hinge",
      "--objective is 'hinge'; expected one of cross-entropy, margin, dlr"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --seed abc",
      "The value 'abc' is invalid for '--seed <seed>': expected a whole number from "
        + "0 to 18446744073709551615"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --seed -1",
      "The value '-1' is invalid for '--seed <seed>': expected a whole number from 0 "
        + "to 18446744073709551615"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --batch 0",
      "--batch is 0; expected 1 to 1000000"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --batch 1000001",
      "--batch is 1000001; expected 1 to 1000000"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 0",
      "--count is 0; expected 1 or more"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count -3",
      "--count is -3; expected 1 or more"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count ten",
      "The value 'ten' is invalid for '--count <count>': expected a whole number"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 10001",
      "--count is 10001 from --offset 0 on, but mnist:test has 10000 examples"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --offset -1",
      "--offset is -1; expected 0 or more"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --offset 10000",
      "--offset is 10000, but mnist:test has 10000 examples"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --offset 9999 --count 2",
      "--count is 2 from --offset 9999 on, but mnist:test has 10000 examples"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --offset 1 --count 9223372036854775807",
      "--count is 9223372036854775807 from --offset 1 on, but mnist:test has 10000 "
        + "examples"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --target 10",
      "--target is 10; expected 0 to 9"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --target -1",
      "--target is -1; expected 0 to 9"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --target seven",
      "--target is 'seven'; expected 0 to 9 or the name of a class, which --labels FILE gives"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --data idx:in/images,in/labels --target 1",
      "idx:in/images,in/labels: all examples are of class 1 already; expected some "
        + "that are not, with --target 1"),
    Case(
      "train",
      "Missing expected argument '<architecture>'; see gibbon train --help"),
    Case(
      "train mnist-mlp",
      "Missing expected argument '--output <output>'; see gibbon train --help"),
    Case(
      "train mnist-huge --output net.safetensors",
      "no architecture is named \"mnist-huge\"; known: "
        + Architecture.all.map(\.name).joined(separator: ", ")),
    Case(
      "train mnist-mlp --output net.safetensors --count 0",
      "--count is 0; expected 1 or more"),
    Case(
      "train mnist-mlp --output net.safetensors --count 60001",
      "--count is 60001, but mnist:train has 60000 examples"),
    Case(
      "train mnist-mlp --output net.safetensors --epochs 0",
      "--epochs is 0; expected 1 to 1000000"),
    Case(
      "train mnist-mlp --output net.safetensors --epochs 9223372036854775807",
      "--epochs is 9223372036854775807; expected 1 to 1000000"),
    Case(
      "train mnist-mlp --output net.safetensors --batch 0",
      "--batch is 0; expected 1 to 4096"),
    Case(
      "train mnist-mlp --output net.safetensors --seed abc",
      "The value 'abc' is invalid for '--seed <seed>': expected a whole number from "
        + "0 to 18446744073709551615"),
    Case(
      "train mnist-mlp --output net.safetensors --rate 0",
      "--rate is 0.0; expected a positive number"),
    Case(
      "train mnist-mlp --output net.safetensors --rate -1",
      "--rate is -1.0; expected a positive number"),
    Case(
      "train mnist-mlp --output net.safetensors --rate nan",
      "--rate is nan; expected a positive number"),
    Case(
      "train mnist-mlp --output net.safetensors --optimizer lion",
      "--optimizer is 'lion'; expected adam or sgd"),
    Case(
      "train mnist-mlp --output net.safetensors --schedule square",
      "--schedule is 'square'; expected constant, steps, cyclic or cosine"),
    Case(
      "train mnist-mlp --output net.safetensors --schedule steps --drops 0.5,2",
      "--drops is '0.5,2'; expected shares from 0 to below 1, such as 0.5,0.75"),
    Case(
      "train mnist-mlp --output net.safetensors --peak 1",
      "--peak is 1.0; expected 0 to below 1"),
    Case(
      "train mnist-mlp --output net.safetensors --momentum 1",
      "--momentum is 1.0; expected 0 to below 1"),
    Case(
      "train mnist-mlp --output net.safetensors --weight-decay -1",
      "--weight-decay is -1.0; expected 0 or more"),
    Case(
      "train mnist-mlp --output net.safetensors --threat linf:-1",
      "threat 'linf:-1': the radius '-1' must be a finite number or fraction that is "
        + "not negative"),
    Case(
      "train mnist-mlp --output net.safetensors --threat linf:0.1 --attack frobnicate",
      "there is no attack 'frobnicate'; there are noise, fgsm, pgd"),
    Case(
      "train mnist-mlp --output net.safetensors --threat linf:0.1 --stepsize 3",
      "the attack 'pgd' has no option --stepsize; it has --steps, --step-size, "
        + "--restarts, --momentum, --objective, --random-start"),
    Case(
      "train mnist-mlp --output net.safetensors --steps 3",
      "--steps describes an adversary, which also needs --threat"),
    Case(
      "train mnist-mlp --output net.safetensors --attack fgsm",
      "--attack describes an adversary, which also needs --threat"),
    Case(
      "train mnist-mlp --output net.safetensors --frobnicate 3",
      "the attack 'pgd' has no option --frobnicate; it has --steps, --step-size, "
        + "--restarts, --momentum, --objective, --random-start"),
    Case(
      "info in/net.safetensors more",
      "Unexpected argument 'more'; see gibbon info --help"),
    Case(
      "info --frobnicate",
      "Unknown option '--frobnicate'; see gibbon info --help"),
  ]

  @Test("networks", arguments: networks)
  func aNetwork(bad: Case) throws { try check(bad) }

  static let networks = [
    Case(
      "attack mnist-clever --threat linf:0.3",
      "there is no built-in network 'mnist-clever'; there are mnist-standard, "
        + "mnist-robust; otherwise MODEL is a file: .safetensors, PyTorch's or .onnx"),
    Case(
      "attack in/none.safetensors --threat linf:0.3",
      "in/none.safetensors: cannot read it: No such file or directory"),
    Case(
      "attack in/none/net.safetensors --threat linf:0.3",
      "in/none/net.safetensors: cannot read it: No such file or directory"),
    Case(
      "attack in/folder.safetensors --threat linf:0.3",
      "in/folder.safetensors: cannot read it: Is a directory"),
    Case(
      "attack in/garbage.safetensors --threat linf:0.3",
      "in/garbage.safetensors: not a whole safetensors file: byte 0: expected a "
        + "header of at most 34 bytes, found 2338328219631577204"),
    Case(
      "attack in/empty.safetensors --threat linf:0.3",
      "in/empty.safetensors: not a whole safetensors file: byte 0: expected 8 bytes "
        + "of header length, found 0"),
    Case(
      "attack in/truncated.safetensors --threat linf:0.3",
      "in/truncated.safetensors: not a whole safetensors file: tensor \"5.weight\": "
        + "expected data_offsets of a begin and an end within 796740 bytes"),
    Case(
      "attack in/header.safetensors --threat linf:0.3",
      "in/header.safetensors: not a whole safetensors file: byte 0: expected a "
        + "header of at most 32 bytes, found 896"),
    Case(
      "attack in/bare.safetensors --threat linf:0.3",
      "in/bare.safetensors: expected a network written by Gibbon, found safetensors "
        + "without \"format\" in its metadata; say its form with --architecture"),
    Case(
      "attack in/newer.safetensors --threat linf:0.3",
      "in/newer.safetensors: expected the format gibbon-network-1 in its metadata, "
        + "found \"gibbon-network-99\""),
    Case(
      "attack in/unknown.safetensors --threat linf:0.3",
      "in/unknown.safetensors: no architecture is named \"mnist-large\"; known: "
        + Architecture.all.map(\.name).joined(separator: ", ")),
    Case(
      "attack in/other.safetensors --threat linf:0.3",
      "in/other.safetensors: the parameters do not fit the architecture mnist-small: "
        + "0.weight (16x1x4x4) is missing, 0.bias (16) is missing, 2.weight (32x16x4x4) "
        + "is missing, 2.bias (32) is missing, 5.weight is 10x200 instead of 100x1568, "
        + "5.bias is 10 instead of 100, and 6 more"),
    Case(
      "attack in/net.onnx --threat linf:0.3",
      "in/net.onnx: not a whole ONNX file: its protocol buffers are damaged"),
    Case(
      "attack /dev/zero --threat linf:0.3",
      "/dev/zero: cannot read a device or a pipe: Operation not supported"),
    Case(
      "info in/truncated.safetensors",
      "in/truncated.safetensors: not a whole safetensors file: tensor \"5.weight\": "
        + "expected data_offsets of a begin and an end within 796740 bytes"),
    Case(
      "train mnist-mlp --output net.safetensors --resume",
      "net.safetensors: there is nothing to resume; expected the file of an "
        + "unfinished training"),
    Case(
      "train mnist-small --output in/net.safetensors --resume",
      "in/net.safetensors: cannot be resumed: expected the architecture mnist-small, "
        + "found mnist-mlp"),
    Case(
      "train mnist-mlp --output in/garbage.safetensors --resume",
      "in/garbage.safetensors: not a whole safetensors file: byte 0: expected a "
        + "header of at most 34 bytes, found 2338328219631577204"),
    Case(
      "train mnist-mlp --output in/net.safetensors --resume",
      "in/net.safetensors: cannot be resumed: made by another recipe; expected \"10 "
        + "epochs of batches of 100, adam(0.9, 0.999, epsilon 1e-08, weight decay 0.0), "
        + "rate cyclic, 0.005 at 0.4, seed 0, plain\", found \"2 epochs of batches of 50, "
        + "adam(0.9, 0.999, epsilon 1e-08, weight decay 0.0), rate cyclic, 0.003 at 0.4, "
        + "seed 1, plain\""),
    Case(
      "train \(Trained.recipe) --output in/net.safetensors --resume",
      "in/net.safetensors: cannot be resumed: the training it holds is finished"),
  ]

  @Test("data", arguments: data)
  func aDataSet(bad: Case) throws { try check(bad) }

  private static let understood =
    "; understood are mnist:test, mnist:train, mnist:test@DIR, cifar10:test@DIR, "
    + "cifar100:train@DIR, npz:FILE, npy:X,Y, idx:IMAGES,LABELS, images:DIR and csv:FILE"

  static let data =
    [
      Case("mnist", "'mnist': no data set is named so" + understood),
      Case(
        "mnist:validation",
        "'mnist:validation': MNIST has no split 'validation'" + understood),
      Case("cifar10:test", "'cifar10:test': no folder follows '@'" + understood),
      Case(
        "idx:in/images",
        "'idx:in/images': 'idx:' takes two files, joined by one comma" + understood),
      Case(
        "mnist:test@in/none",
        "in/none: holds neither t10k-images-idx3-ubyte nor t10k-images-idx3-ubyte.gz, "
          + "expected one of them"),
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
        "in/none: cannot be read: No such file or directory"),
      Case(
        "idx:in/folder.safetensors,in/labels",
        "in/folder.safetensors: cannot be read: Is a directory"),
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
        "train mnist-mlp --output net.safetensors --data idx:in/small-images,in/labels",
        "idx:in/small-images,in/labels: examples are 1x5x5, but mnist-mlp takes 1x28x28"),
      Case(
        "train mnist-mlp --output net.safetensors --data idx:in/images,in/twelve-labels",
        "in/twelve-labels: found the label 12, expected labels below 10"),
      Case(
        "train mnist-mlp --output net.safetensors --data idx:in/images,in/labels --validation idx:in/small-images,in/labels",
        "idx:in/small-images,in/labels: examples are 1x5x5, but mnist-mlp takes 1x28x28"),
    ]

  @Test("places to write to", arguments: places)
  func aPlace(bad: Case) throws { try check(bad) }

  static let places = [
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 2 --json none/out.json",
      "none/out.json: cannot find its folder: No such file or directory"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 2 --json in",
      "in: cannot write a file: Is a directory"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 2 --json in/images/out.json",
      "in/images/out.json: cannot find its folder: Not a directory"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 2 --save none/out.safetensors",
      "none/out.safetensors: cannot find its folder: No such file or directory"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 2 --report none/out.html",
      "none/out.html: cannot find its folder: No such file or directory"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 2 --json same --save same",
      "--json and --save both write same; expected two files"),
    Case(
      "info in/net.safetensors --json none/out.json",
      "none/out.json: cannot find its folder: No such file or directory"),
    Case(
      "train mnist-mlp --output none/net.safetensors",
      "none/net.safetensors: cannot find its folder: No such file or directory"),
    Case(
      "train mnist-mlp --output in",
      "in: cannot write a file: Is a directory"),
    Case(
      "train mnist-mlp --output net.safetensors --json none/out.json",
      "none/out.json: cannot find its folder: No such file or directory"),
    Case(
      "train mnist-mlp --output same --json same",
      "--output and --json both write same; expected two files"),
  ]

  #if os(Linux)
    @Test("a full disk", arguments: full)
    func aFullDisk(bad: Case) throws { try check(bad) }

    static let full = [
      Case(
        "attack in/net.safetensors --threat linf:0.3 --count 2 --json /dev/full",
        "/dev/full: cannot write the data: No space left on device"),
      Case(
        "attack in/net.safetensors --threat linf:0.3 --count 2 --save /dev/full",
        "--save is '/dev/full'; expected a name that ends in .npz or .safetensors, or in .png for a "
          + "photograph"),
      Case(
        "info in/net.safetensors --json /dev/full",
        "/dev/full: cannot write the data: No space left on device"),
      Case(
        "train mnist-mlp --output /dev/full --epochs 1 --data idx:in/images,in/labels",
        "/dev/full: cannot write the data: No space left on device"),
    ]

    @Test func aFullStandardOutput() throws {
      let folder = try Folder()
      let result = try Command(["info"], in: folder.path, output: "/dev/full").result()
      #expect(result.status == 2)
      #expect(
        result.errors
          == "gibbon: standard output: cannot write the result: No space left on device\n")
    }
  #endif

  @Test(.enabled(if: getuid() != 0, "the superuser may write everywhere"))
  func whatIsProtectedStaysAsItIs() throws {
    let folder = try Folder()
    let network = try Trained.network.path
    try folder.write("mine".utf8, to: "kept")
    try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: folder / "kept")
    let file = try Command.run("info", network, "--json", "kept", in: folder)
    #expect(file.status == 2 && file.errors == "gibbon: kept: cannot write it: Permission denied\n")
    #expect(folder.text("kept") == "mine")
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
    let other = try Command.run("info", network, "--json", "new", in: folder)
    #expect(
      other.status == 2 && other.errors == "gibbon: new: cannot write it: Permission denied\n")
    #expect(folder.names == ["kept"])
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path)
  }

  /// A file that was there before is replaced by a whole one or not at all.
  @Test func whatWasThereStaysThere() throws {
    let folder = try Folder()
    try folder.write("mine".utf8, to: "net.safetensors")
    try folder.write("mine too".utf8, to: "out.json")
    for line in [
      "attack net.safetensors --threat linf:0.3 --json out.json",
      "train mnist-mlp --output net.safetensors --json out.json --resume",
      "train mnist-mlp --output net.safetensors --json out.json --rate 1e30 --schedule constant "
        + "--count 100 --batch 10 --optimizer sgd",
    ] {
      let result = try Command.run(line: line, in: folder)
      #expect(result.status == 2 && result.output.isEmpty && result.errorLines.count == 2)
      #expect(folder.names == ["net.safetensors", "out.json"])
      #expect(folder.text("net.safetensors") == "mine" && folder.text("out.json") == "mine too")
    }
  }
}
