import Testing

/// What is misspelt is answered with the name that was probably meant.
@Suite struct SuggestionTests {
  private func message(_ line: String) throws -> String {
    let folder = try Folder()
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == 2 && result.output.isEmpty && folder.names.isEmpty)
    #expect(result.errorLines.count == 2)
    return result.message
  }

  @Test(arguments: [
    ("attack mnist-robust --threat linf:0.1 --cout 5", "--cout", "--count"),
    ("attack mnist-robust --thraet linf:0.1", "--thraet", "--threat"),
    ("attack mnist-robust --threat linf:0.1 --step-sise 0.1", "--step-sise", "--step-size"),
    ("attack mnist-robust --threat linf:0.1 --attcak=pgd", "--attcak", "--attack"),
    ("evaluate mnist-robust --threat linf:0.1 --atacks square", "--atacks", "--attacks"),
    ("train mnist-small --ouput a.safetensors", "--ouput", "--output"),
    ("train mnist-small --output a.safetensors --epoch 3", "--epoch", "--epochs"),
    ("info mnist-robust --dat mnist:test", "--dat", "--data"),
    ("predict mnist-robust --gradeint --output out.npz", "--gradeint", "--gradient"),
    ("demo --quik", "--quik", "--quick"),
    ("convert mnist-robust a.onnx --arch mnist-small", "--arch", "--architecture"),
    ("attack mnist-robust --threat linf:0.1 --thread 2", "--thread", "--threads"),
    ("attack mnist-robust --threat linf:0.1 -count 5", "-count", "--count"),
    ("evaluate mnist-robust --threat linf:0.1 -cuont 5", "-cuont", "--count"),
    ("train mnist-small -output a.safetensors", "-output", "--output"),
    ("train mnist-small --output a.safetensors --lr 0.1", "--lr", "--rate"),
    ("train mnist-small --output a.safetensors --learning_rate=1", "--learning_rate", "--rate"),
    ("train mnist-small --output a.safetensors --batch-size 10", "--batch-size", "--batch"),
    ("train mnist-small --output a.safetensors --wd 0.1", "--wd", "--weight-decay"),
    ("train mnist-small --output a.safetensors --optim sgd", "--optim", "--optimizer"),
    ("train mnist-small --output a.safetensors --eps 0.3", "--eps", "--threat linf:AMOUNT"),
    ("train mnist-small --output a.safetensors --loss trades", "--loss", "--method"),
    (
      "train mnist-small --output a.safetensors --threat linf:0.1 --alpha 0.1", "--alpha",
      "--step-size"
    ),
    ("attack mnist-robust --epsilon 0.3", "--epsilon", "--threat linf:AMOUNT"),
    ("attack mnist-robust --threat linf:0.1 --nb-iter 5", "--nb-iter", "--steps"),
    ("attack mnist-robust --threat linf:0.1 --loss dlr", "--loss", "--objective"),
    ("evaluate mnist-robust --eps 0.3", "--eps", "--threat linf:AMOUNT"),
    ("evaluate mnist-robust --threat linf:0.1 --batch_size 5", "--batch_size", "--batch"),
    ("evaluate mnist-robust --threat linf:0.1 --num-workers 5", "--num-workers", "--threads"),
  ])
  func anOption(line: String, written: String, meant: String) throws {
    let verb = line.prefix { $0 != " " }
    #expect(
      try message(line)
        == "gibbon: there is no option \(written) (did you mean \(meant)?); see gibbon \(verb) --help"
    )
  }

  @Test(arguments: [
    ("attck mnist-robust", "there is no command 'attck' (did you mean attack?); there are"),
    ("eval mnist-robust", "there is no command 'eval' (did you mean evaluate?); there are"),
    ("help attck", "there is no command 'attck' (did you mean attack?); there are"),
    (
      "attack mnist-robust --threat linf:0.1 --goal decison",
      "--goal is 'decison' (did you mean decision?); expected miss"
    ),
    (
      "attack mnist-robust --threat linf:0.1 --attack pdg",
      "there is no attack 'pdg' (did you mean pgd?); there are"
    ),
    ("attacks hop-skip-jmup", "there is no attack 'hop-skip-jmup' (did you mean hop-skip-jump?)"),
    (
      "evaluate mnist-robust --threat linf:0.1 --attacks apgd-ec,square",
      "there is no attack 'apgd-ec' (did you mean apgd-ce?)"
    ),
    (
      "attack mnist-robust --threat rotaton:3",
      "threat 'rotaton:3': there is no threat 'rotaton' (did you mean rotation?); there are"
    ),
    (
      "attack mnist-robust --threat LINF:3",
      "threat 'LINF:3': there is no threat 'LINF' (did you mean linf?); there are"
    ),
    (
      "attack mnist-robust --threat linf:0.1 --data mnsit:test",
      "'mnsit:test': no data set is named 'mnsit:' (did you mean mnist:?); expected mnist:test,"
    ),
    (
      "attack mnist-robust --threat linf:0.1 --data mnist-test",
      "'mnist-test': there is no such data set (did you mean mnist:test?); expected mnist:test,"
    ),
    (
      "train mnist-small --output a.safetensors --validation mnist:tset",
      "'mnist:tset': MNIST has no split 'tset' (did you mean test?)"
    ),
    (
      "train mnist-small --output a.safetensors --optimizer sdg",
      "--optimizer is 'sdg' (did you mean sgd?); expected adam, adamw or sgd"
    ),
    (
      "train mnist-small --output a.safetensors --schedule cosin",
      "--schedule is 'cosin' (did you mean cosine?); expected constant"
    ),
    (
      "info mnist-robust --architecture mnist-smal",
      "no architecture is named \"mnist-smal\" (did you mean mnist-small?); known:"
    ),
    (
      "attack mnist-robust --threat linf:0.1 --data mnist:tset",
      "'mnist:tset': MNIST has no split 'tset' (did you mean test?)"
    ),
    (
      "attack mnist-robsut --threat linf:0.1",
      "there is no built-in network 'mnist-robsut' (did you mean mnist-robust?); there are"
    ),
    (
      "train mnist-smal --output a.safetensors",
      "no architecture is named \"mnist-smal\" (did you mean mnist-small?); known:"
    ),
    (
      "attack mnist-small --threat linf:0.1",
      "there is no built-in network 'mnist-small' (an architecture: `gibbon train` makes"
    ),
    (
      "info resnet-20",
      "there is no built-in network 'resnet-20' (did you mean resnet20?); there are"
    ),
  ])
  func aName(line: String, part: String) throws {
    let text = try message(line)
    #expect(text.hasPrefix("gibbon: \(part)"), "\(text)")
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionsKnowTheNames(shell: String) throws {
    let script = try Command.run(
      line: "--generate-completion-script \(shell)", in: try Folder())
    #expect(script.status == 0 && script.errors.isEmpty)
    for name in ["hop-skip-jump", "apgd-ce", "preactresnet18-cifar", "mnist:test", "rotation"] {
      #expect(script.output.contains(name), "\(name)")
    }
  }

  @Test func completionsKnowBuiltInNetworksAndFiles() throws {
    let folder = try Folder()
    try folder.write([1], to: "mnist-own.onnx")
    let result = try Command(
      ["---completion", "info", "--", "positional@0", "1", "5", "gibbon", "mnist"],
      in: folder.path
    ).result()
    #expect(result.status == 0)
    let names = Set(result.output.split(separator: "\n").map(String.init))
    #expect(
      names.isSuperset(of: ["mnist-robust", "mnist-standard", "mnist-madry", "mnist-own.onnx"]))
    #expect(!names.contains("resnet20"))
  }
}
