import Files
import Insight
package import Reports
import Robustness
package import Studies

extension LinearResult {
  /// What is printed.
  package var text: String {
    let heads = [
      "the linear explanation on \(dataName) and \(validationName), \(classNames.joined(separator: " against ")),"
        + " eps \(Format.shortest(radius)), seed \(specification.seed)"
    ]
    let parts = [
      heads.safeLines, dimensionTable.text(), slopeTable.text(), defenceTable.text(),
      remarks.safeLines,
    ]
    return parts.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
      .joined(separator: "\n\n")
  }

  private var remarks: [String] {
    var lines = [
      "linear models move as eps |w|_1 says, to within \(Format.significant(largestShiftError, digits: 2)) of it"
    ]
    if let trainingDifference {
      lines.append(
        "closed form and adversarial training leave the same weights, to within"
          + " \(Format.significant(trainingDifference, digits: 2))")
    }
    if let linearity {
      lines.append(
        "\(modelName): local linearity \(Format.fixed(linearity.median, decimals: 3)) in the median"
          + " (\(Format.fixed(linearity.lower, decimals: 3)) – \(Format.fixed(linearity.upper, decimals: 3))),"
          + " \(pieces) straight pieces, \(Format.count(self.lines.count)) examples")
    }
    return lines + ["time \(Format.duration(seconds: seconds))"]
  }

  /// The median number of straight pieces of the lead.
  var pieces: String {
    let counts = Spread(lines.map { Double($0.knots.count - 1) })
    return Format.shortest(counts?.median ?? 0)
  }

  /// The ratio of the shift along the signs to that by noise, for each model and number of dimensions.
  package var dimensionTable: Table {
    var table = Table(
      caption: "Shift along the signs, as a multiple of what random signs do",
      columns: [.words("model")] + dimensions.map { .numbers(Format.count($0)) })
    for model in models {
      table.append(
        texts: [name(model)]
          + dimensions.map { count in
            let ratios = rows(model, count).map(\.ratio)
            return Format.significant(ratios.reduce(0, +) / Double(ratios.count), digits: 3)
          })
    }
    return table
  }

  /// The exponents of the growth.
  package var slopeTable: Table {
    var table = Table(
      caption: "Power of the number of values by which that ratio grows (95 % interval)",
      columns: [.words("model"), .numbers("by the gradient"), .numbers("measured")])
    for model in models {
      table.append(texts: [
        name(model), Self.text(fit(model, \.predictedRatio)), Self.text(fit(model, \.ratio)),
      ])
    }
    return table
  }

  static func text(_ fit: LogLogFit) -> String {
    let slope = Format.fixed(fit.slope, decimals: 3)
    guard let lower = fit.lower, let upper = fit.upper else { return slope }
    return
      "\(slope) (\(Format.fixed(lower, decimals: 3)) – \(Format.fixed(upper, decimals: 3)))"
  }

  /// Linear models trained in several ways.
  package var defenceTable: Table {
    let size = Format.shortest(radius)
    var table = Table(
      caption:
        "Linear models, \(classNames.joined(separator: " against ")), \(Format.count(defences.first?.count ?? 0)) test examples",
      columns: [
        .words("training"), .numbers("error"), .numbers("at \(size)"),
        .numbers("in the range"), .numbers("robust loss"), .numbers("|w|1"), .numbers("|w|2"),
      ])
    for defence in defences {
      func share(_ errors: Int) -> String {
        Format.percent(Proportion(errors, of: defence.count).share, decimals: 1)
      }
      table.append(texts: [
        Self.name(defence.training), share(defence.errors), share(defence.attackedErrors),
        share(defence.boundedErrors), Format.significant(defence.robustLoss, digits: 3),
        Format.significant(defence.model.norm1, digits: 3),
        Format.significant(defence.model.norm2, digits: 3),
      ])
    }
    return table
  }

  /// How a linear model was trained, in words.
  static func name(_ training: LogisticRegression) -> String {
    if training.robust > 0 {
      return training.adversary == .closedForm
        ? "robust loss, closed form" : "adversarial training"
    }
    if training.l1 > 0 { return "weight decay L1, \(Format.shortest(training.l1))" }
    if training.l2 > 0 { return "weight decay L2, \(Format.shortest(training.l2))" }
    return "plain"
  }

  /// What a model is called.
  func name(_ model: String) -> String {
    switch model {
    case Self.gaussian: "normal weights"
    case Self.logistic: "logistic regression"
    case "perceptron": "network of two hidden layers"
    case "convolutional": "convolutional network"
    default: model
    }
  }
}
