import Datasets
import Foundation
import JSON
import Networks
import Tensors
import TestSupport
import Testing

extension RemoteTests {
  // MARK: - Ends

  /// Runs a command against a server that dies half way, then against one that does not.
  private func interrupted(
    _ verb: String, _ words: [String], message: (Server) -> String
  ) throws -> (first: Command.Result, whole: JSONValue, resumed: JSONValue, asked: [Int]) {
    let folder = try RemoteTests.folder()
    let healthy = try Server(weights: RemoteTests.weights)
    defer { healthy.stop() }
    let plain = try run(verb, healthy, words + ["--json", "out.json"], in: folder)
    try #require(plain.status == 0, "\(plain.errors)")
    let whole = try json(folder)
    try FileManager.default.removeItem(atPath: folder / "out.json")
    let half = healthy.requests / 2
    let words = words + ["--json", "out.json", "--cache", "answers.bin", "--attempts", "1"]
    let port: UInt16
    let first: Command.Result
    let before: Int
    do {
      let dying = try Server(weights: RemoteTests.weights) { $0 < half ? .answer : .hangUp }
      defer { dying.stop() }
      first = try run(verb, dying, words, in: folder)
      #expect(first.status == 2 && first.output.isEmpty)
      #expect(first.message.hasPrefix("gibbon: \(dying.address): no answer after 1 attempt: "))
      #expect(first.message.contains(message(dying)), "\(first.message)")
      #expect(folder.text("out.json") == nil)
      (port, before) = (dying.port, dying.inputs)
    }
    let server = try Server(weights: RemoteTests.weights, port: port)
    defer { server.stop() }
    let second = try run(verb, server, words, in: folder)
    try #require(second.status == 0, "\(second.errors)")
    #expect(folder.names == ["answers.bin", "data.npz", "out.json"])
    return (first, whole, try json(folder), [healthy.inputs, before, server.inputs])
  }

  @Test func anAttackGoesOnFromItsCache() throws {
    let (_, whole, resumed, asked) = try interrupted("attack", Self.square + ["--batch", "3"]) {
      _ in "; answers.bin holds the answers: run the same command again to continue"
    }
    #expect(resumed["examples"] == whole["examples"])
    #expect(asked[1] > 0 && asked[1] + asked[2] == asked[0])
  }

  @Test func anEvaluationGoesOnFromItsState() throws {
    let words = ["--threat", "linf:0.3", "--attacks", "noise", "--no-checks", "--batch", "1"]
    let (first, whole, resumed, asked) = try interrupted("evaluate", words) { _ in
      " of 12 examples and answers.bin all answers; run the same command again to continue"
    }
    #expect(first.message.contains(#/; out\.json\.state holds [0-9]+ of 12 examples/#))
    #expect(resumed["examples"] == whole["examples"])
    #expect(asked[1] > 0 && asked[1] + asked[2] <= asked[0])
  }

  // Rows that are broken come to their end while others still search, so that there is something to keep.
  @Test func whatIsFinishedIsKeptWithoutACache() throws {
    let folder = try RemoteTests.folder()
    let healthy = try Server(weights: RemoteTests.weights)
    defer { healthy.stop() }
    let words = Self.square + ["--json", "out.json", "--save", "out.npz", "--attempts", "1"]
    let plain = try run("attack", healthy, words, in: folder)
    try #require(plain.status == 0, "\(plain.errors)")
    #expect(folder.names == ["data.npz", "out.json", "out.npz"])
    let whole = try json(folder)
    #expect(whole["unfinished"]?.intValue == 0)
    let late = healthy.requests * 4 / 5
    let port: UInt16
    do {
      let dying = try Server(weights: RemoteTests.weights) { $0 < late ? .answer : .hangUp }
      defer { dying.stop() }
      port = dying.port
      let first = try run("attack", dying, words, in: folder)
      #expect(first.status == 2)
      let part = try json(folder)
      let count = try #require(part["count"]?.intValue)
      #expect(count > 0 && count + (part["unfinished"]?.intValue ?? 0) == 12)
      #expect(part["robust_accuracy"] == .null && part["clean_accuracy"] == .null)
      #expect(
        first.message.hasSuffix(
          "; out.json and out.npz hold the \(count) of 12 examples that were finished, out.json.answers all answers; "
            + "run the same command again to continue"), "\(first.message)")
      let examples = try #require(whole["examples"]?.arrayValue)
      for example in try #require(part["examples"]?.arrayValue) {
        #expect(examples.contains(example))
      }
    }
    let server = try Server(weights: RemoteTests.weights, port: port)
    defer { server.stop() }
    let second = try run("attack", server, words, in: folder)
    try #require(second.status == 0, "\(second.errors)")
    #expect(try json(folder)["examples"] == whole["examples"])
    #expect(folder.names == ["data.npz", "out.json", "out.npz"])
    #expect(server.inputs < healthy.inputs)
  }

  // A comparison of a network here with a model that reveals less is one of models, not of attacks.
  @Test func bothModelsOfAComparisonGetTheSameAttacks() throws {
    let folder = try RemoteTests.folder()
    let server = try Server(weights: RemoteTests.weights)
    defer { server.stop() }
    let network = try Network(
      "affine", input: InputDescription(shape: [1, 3, 4], classNames: ["a", "b", "c", "d"]), seed: 1
    ) {
      Flatten()
      Linear(4)
    }
    try network.writeONNX(to: folder / "net.onnx")
    let result = try Command(
      ["evaluate", "net.onnx", "--model2", server.address] + RemoteTests.data + [
        "--threat", "linf:0.1", "--no-checks", "--json", "out.json",
      ], in: folder.path
    ).result()
    try #require(result.status == 0, "\(result.errors)")
    let found = try json(folder)
    func names(_ run: JSONValue?) -> [String?]? {
      run?["attacks"]?.arrayValue?.map { $0["name"]?.stringValue }
    }
    #expect(names(found) == ["square"] && names(found["second"]) == ["square"])
    #expect(result.errors.contains("net.onnx gets the same attacks"))
    #expect(
      found["remarks"]?.arrayValue?.contains {
        $0.stringValue?.contains("the comparison is paired") == true
      } == true)
  }

  @Test func theBudgetEnds() throws {
    let folder = try Self.folder()
    let server = try Server(weights: Self.weights)
    defer { server.stop() }
    let words = Self.square + ["--query-limit", "100"]
    let lost = try run("attack", server, words, in: folder)
    #expect(lost.status == 2)
    #expect(
      lost.message
        == "gibbon: \(server.address): all 100 queries (--query-limit) are used up; 100 queries were answered, and "
        + "--cache FILE would keep them")
    #expect(server.inputs == 100)
    var runs = 0
    var status: Int32 = 2
    // A hundred at a time it comes to an end, too.
    while status == 2, runs < 10 {
      let result = try run("attack", server, words + ["--cache", "a.bin"], in: folder)
      (status, runs) = (result.status, runs + 1)
      if status == 2 { #expect(result.message.contains("a.bin holds the answers")) }
    }
    #expect(status == 0 && runs > 2)
  }

  @Test func anotherNumberOfOutputs() throws {
    let folder = try Self.folder()
    let server = try Server(weights: Self.weights) {
      $0 < 3 ? .answer : .text("{\"outputs\": [[1, 2, 3]]}")
    }
    defer { server.stop() }
    let result = try run(
      "attack", server, Self.square + ["--batch", "1", "--json", "out.json"], in: folder)
    #expect(result.status == 2 && result.output.isEmpty && folder.names == ["data.npz"])
    #expect(
      result.message
        == "gibbon: \(server.address): answers with 3 outputs, but with 4 outputs before")
    let few = try Server(weights: .zeros([2, 12]))
    defer { few.stop() }
    let wrong = try run("evaluate", few, ["--threat", "linf:0.1"], in: folder)
    #expect(wrong.status == 2)
    #expect(wrong.message.contains("has the label 3, but \(few.address) has 2 classes"))
  }

  @Test func ctrlCEndsTheWait() throws {
    let folder = try Self.folder()
    let server = try Server(weights: Self.weights) { $0 < 40 ? .answer : .busy(3000) }
    defer { server.stop() }
    let command = try Command(
      ["evaluate", server.address] + Self.data + [
        "--threat", "linf:0.3", "--attacks", "noise", "--batch", "1", "--max-wait", "3600",
        "--json", "out.json",
      ], in: folder.path)
    // Now it waits for longer than its end is waited for here.
    try command.wait { server.requests > 40 }
    command.interrupt()
    let result = try command.result()
    #expect(result.status == 130)
    #expect(result.errors.contains("\ngibbon: interrupted"), "\(result.errors)")
  }

  // MARK: - Bad input

  @Test(arguments: [
    (
      "attack ADDRESS --threat linf:0.1",
      "the attack 'pgd' needs gradients, but ADDRESS reveals scores or labels; expected an attack such as square"
        + " (scores) or hop-skip-jump (labels), or --surrogate NETWORK"
    ),
    (
      "evaluate ADDRESS --threat linf:0.1 --attacks square,apgd-ce",
      "the attack 'apgd-ce' needs gradients, but ADDRESS reveals scores or labels; expected an attack such as square"
        + " (scores) or hop-skip-jump (labels)"
    ),
    (
      "evaluate ADDRESS --threat linf:0.1 --curve 0:0.1:0.05",
      "--curve needs gradients, which ADDRESS does not reveal"
    ),
    (
      "attack ADDRESS --threat linf:0.1 --attack square --mean 0.1 --std 0.2",
      "--mean does not apply to ADDRESS, a remote model, which gets its inputs as the data hold them; expected only"
        + " --input-range and --labels"
    ),
    (
      "attack ADDRESS --threat linf:0.1 --attack square --exact",
      "--exact applies only to networks that run here; ADDRESS is a remote model"
    ),
    (
      "attack mnist-standard --threat linf:0.1 --cache a.bin",
      "--cache applies only to a remote model (http://..., https://... or program:COMMAND), but mnist-standard runs"
        + " here"
    ),
    (
      "evaluate mnist-standard --threat linf:0.1 --per-second 3",
      "--per-second applies only to a remote model (http://..., https://... or program:COMMAND), but mnist-standard"
        + " runs here"
    ),
    (
      "attack program:cat --threat linf:0.1 --attack square --header A:b",
      "--header applies only to endpoints (http://... or https://...), not to programs"
    ),
    (
      "attack ADDRESS --threat linf:0.1 --attack square --header nonsense",
      "--header is 'nonsense'; expected 'NAME: VALUE'"
    ),
    (
      "attack ADDRESS --threat linf:0.1 --attack square --cache no/where",
      "no/where: cannot find its folder: No such file or directory"
    ),
    (
      "predict ADDRESS --gradient --output out.npz",
      "--gradient: ADDRESS reveals no gradients; expected a network that runs here"
    ),
    (
      "info ADDRESS",
      "ADDRESS is a remote model, which only `gibbon attack`, `gibbon evaluate` and `gibbon predict` can use;"
        + " expected a network file or built-in network"
    ),
  ])
  func isRefusedBeforeAnythingIsAsked(line: String, message: String) throws {
    let folder = try Folder()
    let server = try Server(weights: Self.weights)
    defer { server.stop() }
    let result = try Command.run(line: line.replacing("ADDRESS", with: server.address), in: folder)
    #expect(result.status == 2 && result.output.isEmpty && folder.names.isEmpty)
    #expect(result.errors == "gibbon: \(message.replacing("ADDRESS", with: server.address))\n")
    #expect(server.requests == 0)
  }

  @Test func labelsRevealLess() throws {
    let folder = try Self.folder()
    let server = try Server(weights: Self.weights, labels: true)
    defer { server.stop() }
    let unknown = try run("attack", server, Self.square, in: folder)
    #expect(
      unknown.message
        == "gibbon: \(server.address): answers with labels; the number of classes must be given (--classes)"
    )
    let result = try run("attack", server, Self.square + ["--classes", "4"], in: folder)
    #expect(
      result.message
        == "gibbon: the attack 'square' needs scores, but \(server.address) reveals labels only; expected an attack"
        + " such as hop-skip-jump")
    #expect(unknown.status == 2 && result.status == 2 && server.inputs == 2)
  }

  @Test("nothing is written of what may be about other inputs", arguments: ["attack", "evaluate"])
  func surplusLines(verb: String) throws {
    let folder = try Folder()
    let answer = #"echo '{"outputs": [[0, 0, 0, 0, 0, 0, 0, 1, 0, 0]]}'"#
    let program =
      "i=0; while read line; do i=$((i + 1)); \(answer); if [ $i = 22 ]; then \(answer); fi; done"
    let attack = verb == "attack" ? ["--attack", "square", "--queries", "9"] : ["--no-checks"]
    let words = [
      verb, "program:\(program)", "--count", "20", "--threat", "linf:0.1", "--batch", "1",
      "--json", "out.json",
    ]
    let result = try Command(words + attack, in: folder.path).result()
    #expect(result.status == 2 && result.output.isEmpty, "\(result.output)")
    #expect(result.errors.contains("may belong to other inputs"), "\(result.errors)")
    #expect(folder.names.isEmpty, "\(folder.names)")
  }
}
