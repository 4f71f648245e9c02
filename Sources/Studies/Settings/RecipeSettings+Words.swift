import Files
import Optimizers
import Settings
import Training

// What the words of a recipe mean. Each of these is checked by itself, so that what is wrong is known with its place.

extension RecipeSettings {
  /// The optimisers by name.
  package static let optimizers = ["adam", "adamw", "sgd"]
  /// The schedules by name.
  package static let schedules = ["constant", "steps", "cyclic", "cosine", "linear"]
  /// What can be done about a collapse.
  package static let reactions = CollapseReaction.allCases.map(\.rawValue)

  /// Makes sure that a setting has a value that it can have.
  func require(
    _ isRight: Bool, _ setting: Setting, _ found: String, _ expected: String
  ) throws(StudyError) {
    guard isRight else { throw StudyError("\(setting) is \(found); expected \(expected)") }
  }

  /// Makes sure that a word is one of those that there are.
  func choose(
    _ word: String, _ setting: Setting, among words: [String]
  ) throws(StudyError) {
    let list = words.dropLast().joined(separator: ", ") + " or \(words.last ?? "")"
    try require(
      words.contains(word), setting, "'\(word)'\(word.suggestion(among: words))", list)
  }

  /// The parts of a list that is joined by commas.
  static func list(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  /// Numbers joined by commas; `nil` if one is none.
  private static func numbers(_ text: String) -> [Double]? {
    let parts = list(text)
    let numbers = parts.compactMap { Double($0) }.filter(\.isFinite)
    return numbers.count == parts.count ? numbers : nil
  }

  var augmentations: Augmentations {
    get throws { try Augmentations(augment) }
  }

  var reaction: CollapseReaction {
    get throws {
      try choose(onCollapse, .onCollapse, among: RecipeSettings.reactions)
      return CollapseReaction(rawValue: onCollapse) ?? .stop
    }
  }

  /// The shares of the training after which a rate drops.
  var dropShares: [Double]? {
    get throws {
      guard let drops else { return nil }
      guard let shares = RecipeSettings.numbers(drops), shares.allSatisfy({ 0..<1 ~= $0 }),
        zip(shares, shares.dropFirst()).allSatisfy({ $0 < $1 })
      else {
        throw StudyError(
          "\(Setting.drops) is '\(drops)'; expected ascending shares from 0 to below 1, such as 0.5,0.75"
        )
      }
      return shares
    }
  }

  /// The points of a linear rate: shares of the training with shares of the rate.
  var linearPoints: [(share: Double, factor: Double)]? {
    get throws {
      guard let points else { return nil }
      let pairs = RecipeSettings.list(points).map { pair in
        pair.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) ?? -1 }
      }
      guard pairs.allSatisfy({ $0.count == 2 && 0...1 ~= $0[0] && 0...1 ~= $0[1] }),
        zip(pairs, pairs.dropFirst()).allSatisfy({ $0[0] <= $1[0] })
      else {
        throw StudyError(
          "\(Setting.points) is '\(points)'; expected ascending shares of the training, each with a share of the"
            + " \(Setting.rate), such as 0:0,0.4:1,1:0")
      }
      return pairs.map { ($0[0], $0[1]) }
    }
  }

  /// The part of the training over which the rate rises.
  var span: Schedule.Span? {
    get throws {
      guard let warmUp else { return nil }
      if let steps = Int(warmUp), steps >= 0 { return steps == 0 ? nil : .steps(steps) }
      if let share = Double(warmUp), 0..<1 ~= share { return share == 0 ? nil : .share(share) }
      throw StudyError(
        "\(Setting.warmUp) is '\(warmUp)'; expected a share of the training below 1, such as 0.05, or a number of"
          + " steps")
    }
  }

  /// How parameters are averaged.
  var averageRule: WeightAverage.Rule? {
    get throws {
      guard let average, average != "none" else { return nil }
      let parts = average.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      let number = parts.count > 1 ? Double(parts[1]) : nil
      if let number, 0..<1 ~= number {
        switch (parts[0], parts.count) {
        case ("ema", 2): return .exponential(decay: number)
        case ("ema", 3) where parts[2] == "warm-up":
          return .exponential(decay: number, warmUp: true)
        case ("swa", 2): return .equal(from: Int(number * Double(epochs)))
        default: break
        }
      }
      throw StudyError(
        "\(Setting.average) is '\(average)'; expected ema:DECAY such as ema:0.999, ema:0.999:warm-up, swa:SHARE such as"
          + " swa:0.75, or none")
    }
  }

  /// The weights of classes that are given; `nil` for equal ones, and for balanced ones.
  var classWeightNumbers: [Double]? {
    get throws {
      guard let classWeights, classWeights != "balanced" else { return nil }
      guard let weights = RecipeSettings.numbers(classWeights), weights.allSatisfy({ $0 > 0 }),
        weights.count > 1
      else {
        throw StudyError(
          "\(Setting.classWeights) is '\(classWeights)'; expected balanced, or a positive number for each class,"
            + " joined by commas")
      }
      return weights
    }
  }

  /// The weights of classes; balanced ones are in inverse proportion to the number of examples, one in the mean over
  /// these.
  ///
  /// - Throws: `StudyError` where there are not as many as classes.
  func weights(of labels: [Int]?, classCount: Int?) throws -> [Double]? {
    if let weights = try classWeightNumbers {
      if let classCount {
        try require(
          weights.count == classCount, .classWeights, "\(weights.count) numbers",
          "one for each of the \(classCount) classes")
      }
      return weights
    }
    guard classWeights != nil, let labels, let classCount else { return nil }
    var counts = [Int](repeating: 0, count: classCount)
    for label in labels where counts.indices.contains(label) { counts[label] += 1 }
    let present = counts.count { $0 > 0 }
    // A class without examples has no term that its weight would be a factor of.
    return counts.map {
      $0 == 0 ? 1 : Double(labels.count) / (Double(present) * Double($0))
    }
  }

  /// How much is held out.
  enum HeldOutShare: Equatable {
    case share(Double)
    case count(Int)

    /// How many examples that is of some.
    func count(of examples: Int) -> Int {
      switch self {
      case .share(let share): Int((share * Double(examples)).rounded())
      case .count(let count): count
      }
    }
  }

  /// What is held out, if that is said.
  var share: HeldOutShare? {
    get throws {
      guard let heldOut else { return nil }
      if heldOut == "none" { return .count(0) }
      if let count = Int(heldOut), count >= 0 { return .count(count) }
      if let share = Double(heldOut), 0..<1 ~= share { return .share(share) }
      throw StudyError(
        "\(Setting.heldOut) is '\(heldOut)'; expected a share below 1, such as 0.1, a number of examples, or none"
      )
    }
  }

  /// How many of some examples are held out.
  ///
  /// - Parameters:
  ///   - examples: How many there are.
  ///   - isAttacked: Whether there is an adversary or a bound.
  /// - Returns: The number, which leaves some.
  /// - Throws: `StudyError` where nothing would be left to train on, or nothing to select by.
  package func heldOutCount(of examples: Int, isAttacked: Bool) throws -> Int {
    guard let share = try share else {
      let standard = min(examples / 20, 2000)
      return isAttacked && standard >= 100 ? standard : 0
    }
    let count = share.count(of: examples)
    guard count < examples, count > 0 || share == .count(0) || share == .share(0) else {
      throw StudyError(
        "\(Setting.heldOut) is '\(heldOut ?? "")', \(count) of the \(examples) examples; expected some to be left, and"
          + " some to be held out")
    }
    return count
  }

  /// The time after which training ends.
  var duration: Duration? {
    get throws {
      guard let time else { return nil }
      let units = ["s": 1.0, "m": 60, "h": 3600, "d": 86_400]
      var (seconds, digits) = (0.0, "")
      var isRight = !time.isEmpty
      for character in time {
        if let unit = units[String(character)], let number = Double(digits) {
          seconds += number * unit
          digits = ""
        } else {
          digits.append(character)
          isRight = isRight && (character.isASCII && character.isNumber || character == ".")
        }
      }
      guard isRight, digits.isEmpty, seconds > 0, seconds < 1e9 else {
        throw StudyError(
          "\(Setting.time) is '\(time)'; expected a time such as 90s, 30m, 2h or 1h30m")
      }
      return .milliseconds(Int(seconds * 1000))
    }
  }

  /// The extents of an input that the recipe is for.
  var inputExtents: [Int]? {
    get throws {
      guard let input else { return nil }
      let extents = input.split(separator: "x", omittingEmptySubsequences: false).map {
        Int($0) ?? 0
      }
      guard extents.allSatisfy({ $0 > 0 }) else {
        throw StudyError("\(Setting.input) is '\(input)'; expected a shape such as 1x28x28")
      }
      return extents
    }
  }
}
