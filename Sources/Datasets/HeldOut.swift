import Tensors

extension Dataset {
  /// Divides the examples into those to train on and a part held out, by which one training is preferred to another.
  ///
  /// Each class gives as many as its share, at random but always the same ones: the part depends on the labels and the count
  /// alone, so that trainings with other seeds are judged by the same examples. The first of them are spread over the classes
  /// as well. Examples without classes are drawn alike.
  ///
  /// - Parameter count: How many examples to hold out.
  /// - Returns: The others in their order, and the part.
  /// - Precondition: `0...self.count` contains the count.
  public func holdingOut(_ count: Int) -> (others: Dataset, heldOut: Dataset) {
    precondition(0...self.count ~= count, "\(count) held out of \(self.count) examples")
    let labels = targetKind == .classes ? labels : Array(repeating: 0, count: self.count)
    var ranks: [(rank: Double, position: Int)] = []
    ranks.reserveCapacity(labels.count)
    for (label, members) in Dictionary(grouping: labels.indices, by: { labels[$0] }) {
      var generator = RandomKey(seed: 0).child("held out").child(label).generator
      let order = generator.permutation(of: members.count)
      for (rank, place) in order.enumerated() {
        ranks.append(((Double(rank) + 0.5) / Double(members.count), members[place]))
      }
    }
    ranks.sort { ($0.rank, $0.position) < ($1.rank, $1.position) }
    let chosen = ranks.prefix(count).map(\.position)
    let isChosen = Set(chosen)
    return (
      selection((0..<self.count).filter { !isChosen.contains($0) }), selection(Array(chosen))
    )
  }
}
