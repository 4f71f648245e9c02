/// What settings are called in other programs of the field, so that who comes from those is told the name here.
public enum OtherNames {
  /// A setting or an option of an attack that a name elsewhere means.
  public struct Meaning: Hashable, Sendable {
    /// Its name here, as it was listed.
    public let name: String
    /// How its value is written, where the number alone would not do; else `nil`.
    public let form: String?

    /// The name, and how its value is written if that has to be said.
    ///
    /// - Parameter separator: What stands between them: a space on the command line, `: ` in a file.
    /// - Returns: One line.
    public func words(separatedBy separator: String) -> String {
      name + (form.map { separator + $0 } ?? "")
    }
  }

  /// What a name elsewhere means here.
  ///
  /// Capitals, hyphens, underscores and spaces do not count.
  ///
  /// - Parameters:
  ///   - other: The name elsewhere, such as `learning_rate`.
  ///   - names: The names there are.
  /// - Returns: The first of them that the name stands for; `nil` if it stands for none.
  public static func meaning(
    of other: String, among names: some Sequence<String>
  ) -> Meaning? {
    guard let meant = meanings[plain(other)] else { return nil }
    let known = Dictionary(names.map { (plain($0), $0) }, uniquingKeysWith: { first, _ in first })
    return meant.lazy.compactMap { name in
      known[plain(name)].map { Meaning(name: $0, form: forms[name]) }
    }.first
  }

  /// What each name elsewhere may mean, the likeliest first, by the names without capitals and hyphens.
  private static let meanings: [String: [String]] = others.reduce(into: [:]) { meanings, row in
    for other in row.others.split(separator: " ") {
      meanings[plain(String(other)), default: []].append(row.name)
    }
  }

  /// How values are written that are more than a number.
  private static let forms = ["threat": "linf:AMOUNT"]

  private static func plain(_ name: String) -> String {
    name.lowercased().filter { !"-_ ".contains($0) }
  }

  /// The names here with those elsewhere, with spaces between: of PyTorch, timm, Lightning, Keras, torchattacks, Foolbox and ART.
  package static let others: [(name: String, others: String)] = [
    ("rate", "lr learning-rate initial-lr init-lr base-lr max-lr lr-max"),
    ("threat", "eps epsilon epsilons radius norm budget max-norm threat-model"),
    ("batch", "batch-size bs mini-batch train-batch-size eval-batch-size"),
    ("weight-decay", "wd l2-reg l2-regularization"),
    ("optimizer", "optim opt optimiser"),
    ("schedule", "scheduler sched lr-schedule lr-scheduler lr-policy"),
    ("drops", "milestones lr-steps lr-milestones decay-epochs"),
    ("drop-factor", "gamma lr-gamma lr-decay decay-rate"),
    ("floor", "min-lr lr-min eta-min"),
    ("epochs", "num-epochs n-epochs nb-epochs max-epochs total-epochs"),
    ("gradient-norm", "grad-clip clip-grad clip-grad-norm max-grad-norm gradient-clipping clip"),
    ("average", "ema swa ema-decay model-ema weight-averaging"),
    ("weight-perturbation", "awp awp-gamma"),
    ("label-smoothing", "smoothing"),
    ("augment", "aug augmentation augmentations transform transforms data-augmentation"),
    ("validation", "val valid val-data validation-data eval-data"),
    ("held-out", "val-split validation-split val-fraction validation-fraction"),
    ("patience", "early-stop early-stopping"),
    ("class-weights", "class-weight"),
    ("from", "pretrained checkpoint ckpt weights init-from finetune"),
    ("freeze", "frozen"),
    ("seed", "random-seed manual-seed random-state rng-seed"),
    ("time", "max-time time-limit time-budget"),
    ("data", "dataset data-path data-dir train-data dataset-name"),
    ("architecture", "arch model net network backbone model-name"),
    ("method", "loss training-method defense defence trainer"),
    ("objective", "loss criterion loss-function"),
    ("count", "num-samples n-samples num-examples n-examples max-examples max-samples limit n-ex"),
    ("offset", "skip"),
    ("threads", "workers num-workers num-threads jobs n-jobs"),
    ("output", "out save save-path output-path out-file"),
    ("steps", "num-steps n-steps nb-iter num-iter n-iter max-iter iterations iters iter"),
    ("step-size", "alpha step eps-step eps-iter step-length"),
    ("restarts", "n-restarts num-restarts nb-restarts num-random-init random-restarts"),
    ("random-start", "random-init rand-init"),
    ("queries", "max-queries n-queries num-queries"),
    ("query-limit", "max-queries n-queries num-queries query-budget"),
    ("target", "target-class target-label targeted"),
    ("report", "html html-report"),
    ("json", "results output-json json-output"),
    ("resume", "resume-from continue"),
    ("mean", "means"),
    ("std", "stds sd standard-deviation"),
    ("labels", "class-names classes-file label-names"),
    ("surrogate", "substitute source-model"),
    ("top", "topk top-k"),
  ]
}
