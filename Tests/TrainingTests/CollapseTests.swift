import Testing
import Training

/// Catastrophic overfitting is told from the ups and downs of training.
@Suite struct CollapseTests {
  /// The epochs that are reported, of shares that hold against one step and several.
  private func reported(
    _ course: [(oneStep: Double, several: Double)], attacked: Int = 1000
  ) -> [Collapse] {
    var detector = CollapseDetector()
    return course.enumerated().compactMap { index, shares in
      detector.look(
        at: Measurement(
          natural: 0.9, robust: shares.several, oneStep: shares.oneStep, verified: nil),
        attacked: attacked, epoch: index + 1)
    }
  }

  @Test func oneStepUpAndSeveralDown() {
    let found = reported([(0.4, 0.35), (0.5, 0.44), (0.86, 0.03), (0.95, 0.0), (0.96, 0)])
    #expect(found.map(\.epoch) == [3])
    #expect(found.first?.before == 0.44)
    #expect(found.first?.severalSteps == 0.03)
    #expect(
      found.first?.description
        == "catastrophic overfitting in epoch 3: 86.0 % hold against one step, but 3.0 % against several (44.0 % before)"
        + "; use gradalign or n-fgsm, more steps, or a smaller radius")
  }

  @Test func oneStepMayStayWhereItIs() {
    #expect(reported([(0.5, 0.44), (0.5, 0.1)]).map(\.epoch) == [2])
  }

  @Test func whatHasNeverHeldMayCollapse() {
    #expect(
      reported([(0.08, 0.003), (0.2, 0.05), (0.4, 0.02), (0.95, 0), (0.99, 0)]).map(\.epoch) == [4])
    #expect(reported([(0.9, 0.1)]).isEmpty)
    #expect(reported([(0.9, 0.1), (0.95, 0.1)]).map(\.epoch) == [2])
  }

  /// Wong's recipe on digits: in its first epoch 72.8 % hold against one step, and 22.4 % against several.
  @Test func aSoundTrainingByOneStepMayBeginWithALargeGap() {
    #expect(
      reported([(0.728, 0.224), (0.86, 0.338), (0.9, 0.542), (0.92, 0.692), (0.94, 0.806)]).isEmpty)
  }

  @Test func againAfterItHadRecovered() {
    #expect(
      reported([(0.5, 0.44), (0.9, 0.0), (0.5, 0.42), (0.9, 0.1)]).map(\.epoch) == [2, 4])
  }

  @Test("what falls against one step as well is no collapse, nor is noise or robust overfitting")
  func soundCourses() {
    // A bad epoch.
    #expect(reported([(0.5, 0.44), (0.2, 0.12), (0.5, 0.45)]).isEmpty)
    // Robust overfitting is slow, and both fall.
    #expect(
      reported([(0.6, 0.52), (0.59, 0.5), (0.57, 0.47), (0.56, 0.46), (0.55, 0.45)]).isEmpty)
    // Chance among few.
    #expect(reported([(0.6, 0.5), (0.62, 0.38)], attacked: 60).isEmpty)
    // Nothing learnt yet.
    #expect(reported([(0.1, 0.1), (0.12, 0.09), (0.4, 0.3)]).isEmpty)
  }

  @Test func whereOneOfThemIsNotMeasuredNothingIsReported() {
    var detector = CollapseDetector()
    for oneStep in [nil, 0.9] as [Double?] {
      let measurement = Measurement(natural: 1, robust: nil, oneStep: oneStep, verified: nil)
      #expect(detector.look(at: measurement, attacked: 100, epoch: 1) == nil)
    }
  }
}
