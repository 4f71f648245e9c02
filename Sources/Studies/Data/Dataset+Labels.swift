import Settings
package import Datasets

/// Labels that are no classes of a model's, and what helps.
extension Dataset {
  /// Makes sure that labels are classes of the model's; of a single output, `Aim` and `labelWarning` judge.
  func checkClasses(for model: Subject) throws {
    let classes = model.outputCount
    if hasSignedLabels {
      guard classes == 1 else {
        throw StudyError(
          "\(name): the labels are -1 and 1, but \(model.name) has \(classes) classes, which are counted from 0;"
            + " write them as its classes, such as (y + 1) // 2, which makes -1 the class 0 and 1 the class 1"
            + targetsRemedy("numbers of a regression are \(Setting.targets) numbers"))
      }
      remarks.add(.signedLabels, "\(name): the labels -1 and 1 are taken as the classes 0 and 1")
    }
    guard classes > 1, let label = labels.max(), label >= classes else { return }
    let countsFromOne = label == classes && labels.min() ?? 0 >= 1
    let place = labels.firstIndex(of: label) ?? 0
    throw StudyError(
      "\(name): example \(indices.lowerBound + place) has the label \(label), but \(model.name) has \(classes) classes"
        + (countsFromOne
          ? "; the labels seem to count from 1, expected them from 0" + countingRemedy : "")
        + targetsRemedy("numbers of a regression are \(Setting.targets) numbers"))
  }

  /// What makes labels count from 0.
  private var countingRemedy: String {
    switch try? DataReference(name) {
    case .npz, .npy: ": y - 1"
    case .images:
      ": rename the folders, or name the classes in order, as folders are called, by \(Setting.labels) FILE"
    default: ""
    }
  }

  /// A remedy that names `--targets`, for data that take it.
  func targetsRemedy(_ words: String) -> String {
    switch try? DataReference(name) {
    case .npz, .npy, .csv: "; \(words)"
    default: ""
    }
  }

  /// What is wrong with labels that a single output cannot tell apart, where the run goes on without them.
  package func labelWarning(for model: Subject) -> String? {
    guard isLabelled, targetKind == .classes, model.outputCount == 1,
      let least = labels.min(), let most = labels.max(), most > 1
    else { return nil }
    return
      "\(name): no accuracy is told, for the labels \(least) to \(most) are no classes of a single output, which"
      + " are 0 and 1"
      + (least == 1 && most == 2 ? "; the labels seem to count from 1\(countingRemedy)" : "")
      + targetsRemedy("numbers of a regression are \(Setting.targets) numbers")
  }
}
