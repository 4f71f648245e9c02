/// What came of a rule once everyone has answered it.
public struct StrategicOutcome: Sendable, Hashable, Codable {
  /// What everyone does.
  public let answers: [Responder.Answer]
  /// The share of right decisions about people as they are.
  public let accuracy: Double
  /// The share of right decisions once everyone has answered.
  public let gamedAccuracy: Double
  /// The share of all who change.
  public let movers: Double
  /// The share of those rejected as they are who change.
  public let moversAmongRejected: Double
  /// What the truly qualified pay in the mean to be accepted, of those who can be (social burden).
  public let burden: Double
  /// The share of the truly qualified who cannot be accepted by any change.
  public let excluded: Double
  /// The share of the truly qualified, rejected as they are, whom a worthwhile change gets accepted (recourse); 1 where
  /// none was rejected.
  public let recourse: Double
  /// The share of those accepted in the end who are not qualified; 0 where nobody was.
  public let gamedShare: Double

  init(_ answers: [Responder.Answer], wasAccepted: [Bool], isQualified: [Bool]) {
    func share(_ part: Int, of whole: Int, else other: Double = 0) -> Double {
      whole == 0 ? other : Double(part) / Double(whole)
    }
    let all = answers.indices
    let qualified = all.filter { isQualified[$0] }
    let costs = qualified.compactMap { answers[$0].cost }
    let rejected = all.filter { !wasAccepted[$0] }
    let rejectedQualified = qualified.filter { !wasAccepted[$0] }
    let accepted = all.filter { answers[$0].isAccepted }
    self.answers = answers
    accuracy = share(all.count { wasAccepted[$0] == isQualified[$0] }, of: all.count)
    gamedAccuracy = share(all.count { answers[$0].isAccepted == isQualified[$0] }, of: all.count)
    movers = share(all.count { answers[$0].moves }, of: all.count)
    moversAmongRejected = share(rejected.count { answers[$0].moves }, of: rejected.count)
    burden = costs.isEmpty ? 0 : costs.reduce(0, +) / Double(costs.count)
    excluded = share(qualified.count - costs.count, of: qualified.count)
    recourse = share(
      rejectedQualified.count { answers[$0].moves }, of: rejectedQualified.count, else: 1)
    gamedShare = share(accepted.count { !isQualified[$0] }, of: accepted.count)
  }
}
