import Attacks
import Datasets
import Robustness
import Training

/// What is measured after each epoch: on examples held out, by which the best is selected, and on those of the validation.
struct MeasuringPlans {
  /// What is measured to select; `nil` if nothing is held out.
  let selection: MeasurementPlan?
  /// What is measured for people to see.
  let validation: MeasurementPlan?

  /// The steps of the attack.
  private static let steps = "20"

  /// Makes the plans.
  ///
  /// Against an adversary, PGD of twenty steps attacks, and one step tells collapses, whatever attack is trained against; where
  /// a threat is for neither, the training's own attack does. A method that bounds the loss is measured by its bounds as well.
  init(
    _ asked: TrainingSpecification, adversary: Recipe.Adversary?, heldOut: Dataset,
    validation: Dataset?
  ) {
    let attacks = adversary.map { MeasuringPlans.attacks(of: $0) }
    let words = asked.recipe.method ?? ""
    let isBounded = (try? MethodCatalogue.read(words))?.row.isCertified ?? false
    let selects = heldOut.count > 0
    selection =
      selects
      ? MeasurementPlan(
        heldOut, attackedCount: asked.recipe.attacked, adversary: attacks?.several,
        oneStep: isBounded ? nil : attacks?.one, verified: isBounded ? adversary?.threat : nil)
      : nil
    // What is held out is attacked already.
    self.validation = validation.map {
      MeasurementPlan(
        $0, attackedCount: selects ? 0 : asked.recipe.attacked,
        adversary: selects ? nil : attacks?.several)
    }
  }

  private static func attacks(
    of adversary: Recipe.Adversary
  ) -> (several: Recipe.Adversary, one: Recipe.Adversary?) {
    func made(_ name: String, _ options: [String: String]) -> Recipe.Adversary? {
      guard let row = try? Catalogue.row(named: name), (try? row.check(adversary.threat)) != nil,
        let attack = try? row.attack(options)
      else { return nil }
      return Recipe.Adversary(
        attack, threat: adversary.threat, description: AttackSettings.describe(row, options))
    }
    return (made("pgd", ["steps": steps]) ?? adversary, made("fgsm", [:]))
  }
}
