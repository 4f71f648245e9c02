public import Tensors

extension Problem {
  /// The objective of a standard form for the goal, or the goal's margin where that form is not defined.
  ///
  /// DLR is defined for three classes or more, four to reach a target; cross-entropy and DLR for goals about one class.
  public func objective(preferring loss: Loss, outputCount: Int) -> any Objective {
    do {
      return try loss.objective(for: goal, outputCount: outputCount)
    } catch {
      return MarginObjective(goal)
    }
  }

  /// One objective for each way to reach the goal, the nearest first: for goals that miss a class `loss` towards each
  /// other class, for others the margin of each alternative.
  ///
  /// - Parameters:
  ///   - loss: The form of the objectives; see `Loss.objective(raising:over:outputCount:)`.
  ///   - outputs: The outputs at the point that nearness is judged at.
  ///   - limit: The most objectives wanted.
  /// - Returns: At least one objective if the limit allows.
  public func objectives(
    _ loss: Loss, at outputs: Tensor<Float>, limit: Int
  ) -> [any Objective] {
    goal.alternatives(at: outputs, limit: limit).map { way in
      guard let target = way.target else { return way.objective }
      guard let label = goal.avoidedClass else {
        return objective(preferring: loss, outputCount: outputs.count)
      }
      return loss.objective(raising: target, over: label, outputCount: outputs.count)
    }
  }
}
