/// Which of several sets of weights in a file an evaluation takes: the lower, the sooner.
///
/// Averages of the weights come first: they are what is evaluated where they are kept, as by timm (`state_dict_ema`,
/// `model_ema`), Ultralytics (`ema`) and RobustBench's recipes (`model_state_dict` beside
/// `unaveraged_model_state_dict`). Then come the keys that most programs use, then others in the file's order. What belongs
/// to an optimiser is never taken unasked.
struct WeightsRank: Comparable, Sendable {
  private let value: Int

  private init(value: Int) { self.value = value }

  /// Keys of state dicts, likeliest first.
  private static let keys = [
    "state_dict", "model_state_dict", "model", "net", "network", "model_state", "module", "weights",
    "params", "parameters",
  ]

  private static let averages: Set<String> = [
    "ema", "swa", "averaged", "average", "avg", "wa", "polyak", "shadow",
  ]
  private static let raw: Set<String> = ["unaveraged", "online", "raw"]
  private static let optimizer: Set<String> = [
    "optimizer", "optimizers", "optim", "opt", "optimiser", "scheduler", "grad", "grads",
    "gradients", "momentum",
  ]

  /// Averages of the weights, which are taken first.
  static let averaged = WeightsRank(value: 0)

  /// What is never taken unasked.
  static let unlikely = WeightsRank(value: 1000)

  /// The rank of what lies under some keys and prefixes.
  init(_ path: [String]) {
    let words = Set(
      path.flatMap { $0.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init) })
    if !words.isDisjoint(with: WeightsRank.optimizer)
      || path.contains(where: { $0.hasPrefix("exp_avg") })
    {
      self = .unlikely
    } else if !words.isDisjoint(with: WeightsRank.raw) {
      self.init(value: 900)
    } else if !words.isDisjoint(with: WeightsRank.averages) {
      self = .averaged
    } else if let first = path.first {
      self.init(value: WeightsRank.keys.firstIndex(of: first).map { 2 + $0 } ?? 800)
    } else {
      self.init(value: 1)
    }
  }

  static func < (left: WeightsRank, right: WeightsRank) -> Bool { left.value < right.value }

  /// The path that would be taken where nothing else tells; of equals that with most tensors, then the first.
  static func best(of paths: [[String]], counts: [Int]) -> [String]? {
    let order = paths.indices.min { left, right in
      let ranks = (WeightsRank(paths[left]), WeightsRank(paths[right]))
      if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
      return (-counts[left], left) < (-counts[right], right)
    }
    return order.map { paths[$0] }
  }
}
