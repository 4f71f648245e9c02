import Attacks
import Datasets
import Robustness
import Networks
import Evaluation
import Files
import ArgumentParser

/// What shells complete names to, by the scripts of `--generate-completion-script`.
enum Completions {
  /// The attacks.
  static let attacks = CompletionKind.list(Catalogue.all.map(\.name))

  /// The attacks of an evaluation.
  static let suites = CompletionKind.list(Suite.standardNames + Catalogue.rows.map(\.name))

  /// The architectures.
  static let architectures = CompletionKind.list(Architecture.all.map(\.name))

  /// The threats, whose amounts follow.
  static let threats = CompletionKind.list(ThreatTerm.Kind.names.map { $0 + ":" })

  /// The data sets, and what files follow.
  static let data = CompletionKind.list(
    ["mnist:test", "mnist:train", "cifar10:test@", "cifar10:train@", "cifar100:test@"]
      + DataReference.schemes.filter { !$0.hasPrefix("mnist") && !$0.hasPrefix("cifar") }
      .map { $0 + ":" })

  /// The goals.
  static let goals = CompletionKind.list(["miss", "miss:", "class:", "decision", "leave:"])

  /// The networks that are built in, and files.
  static let models = CompletionKind.custom { _, _, prefix in
    names(BuiltInNetwork.allCases.map(\.rawValue), prefix)
  }

  /// The same, and architectures.
  static let modelsAndArchitectures = CompletionKind.custom { _, _, prefix in
    names(BuiltInNetwork.allCases.map(\.rawValue) + Architecture.all.map(\.name), prefix)
  }

  /// Some names, and the files and folders that begin like a word.
  private static func names(_ names: [String], _ prefix: String) -> [String] {
    let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
    let files = (try? Folder.names(in: folder.isEmpty ? "." : folder)) ?? []
    let found = files.filter { !$0.hasPrefix(".") }.map { name in
      folder + name + (Folder.exists(folder + name) ? "/" : "")
    }
    return (names + found).filter { $0.hasPrefix(prefix) }
  }
}
