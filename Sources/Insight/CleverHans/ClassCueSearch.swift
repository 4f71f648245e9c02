import Datasets
import Models
import Robustness
import Tensors

/// The search for cues in the pictures of one class.
struct ClassCueSearch: Sendable {
  private let finder: CueFinder
  private let model: any BatchedModel
  private let label: Int
  private let shape: Shape
  private let bounds: ClosedRange<Float>
  /// The positions of the class's pictures.
  private let positions: [Int]
  private let pictures: [Tensor<Float>]
  /// Pictures of other classes, and those that are read rightly.
  private let others: [Tensor<Float>]
  private let tried: [(place: Int, position: Int, picture: Tensor<Float>)]
  private let sortedOthers: SortedValues
  /// The relevance of each of the class's pictures, divided by the sum of its magnitudes.
  private let maps: [Tensor<Float>]
  private let features: [[Double]]

  /// Reads the pictures and computes their relevance.
  init(
    _ finder: CueFinder, label: Int, named name: String, in data: Dataset,
    by model: any BatchedModel
  ) async throws {
    guard let extents = PictureExtents(data.exampleShape) else {
      throw CueError.shape(data.exampleShape, data: data.name)
    }
    self.finder = finder
    self.model = model
    self.label = label
    shape = data.exampleShape
    bounds = data.bounds
    let key = RandomKey(seed: finder.seed).child("cues").child(label)
    let own = (0..<data.count).filter { data.label(at: $0) == label }
    let rest = (0..<data.count).filter { data.label(at: $0) != label }
    positions = own.drawn(finder.examplesPerClass, key.child("members"))
    let otherPositions = rest.drawn(CueFinder.mostOthers, key.child("others"))
    pictures = try positions.map { try data.image(at: $0) }
    let others = try otherPositions.map { try data.image(at: $0) }
    self.others = others
    let read = try await model.classes(of: others, batch: finder.batch)
    tried = others.indices.filter { read[$0] == data.label(at: otherPositions[$0]) }
      .map { ($0, otherPositions[$0], others[$0]) }
    guard tried.count >= CueFinder.fewestOthers else {
      throw CueError.misread(tried.count, besides: name, least: CueFinder.fewestOthers)
    }
    sortedOthers = SortedValues(others)
    let sorted = sortedOthers
    let mean = Tensor((0..<shape.count).map { sorted.mean(at: $0) }, shape: shape)
    let maps = try await finder.relevance.maps(
      of: .stacking(pictures), for: positions.map { _ in label }, against: mean, by: model,
      batch: finder.batch)
    features = RelevanceGrid(maps, extents).features
    self.maps = positions.indices.map { row in
      let map = maps.row(row)
      let sum = Float(map.norm1)
      return sum > 0 && sum.isFinite ? (1 / sum) * map : .zeros(map.shape)
    }
  }

  /// Clusters, tries what each has in common, and takes together what are the same cues.
  func findings(among tests: Int) async throws -> CueFindings {
    let clustering = SpectralClustering(
      features, neighbours: finder.neighbours,
      key: RandomKey(seed: finder.seed).child("clusters").child(label))
    let whole = try await candidate(Array(pictures.indices))
    var candidates: [[Int]: Candidate] = [:]
    var order: [Candidate] = []
    for group in clustering.groupings.joined() where candidates[group] == nil {
      let one = try await candidate(group)
      candidates[group] = one
      order.append(one)
    }
    let alarming = (order + [whole]).filter { $0.trial?.isAlarming(among: tests) == true }
      .sorted { ($1.trial?.flips.share ?? 0) < ($0.trial?.flips.share ?? 0) }
    var cues: [FoundCue] = []
    for candidate in alarming {
      let isKnown = cues.contains { found in
        let carriers = candidate.members.count { found.cue.isPresent(in: pictures[$0]) }
        return 5 * carriers >= 4 * candidate.members.count
      }
      guard !isKnown, let cue = candidate.cue else { continue }
      let one = try await found(cue)
      // Other groups lead to the same cue, or to one that is none once all that have it are asked.
      let isSame = cues.contains { earlier in
        let both = Set(earlier.carriers).intersection(one.carriers).count
        return 5 * both >= 4 * min(earlier.carriers.count, one.carriers.count)
      }
      if !isSame, one.trial.isAlarming(among: tests) { cues.append(one) }
    }
    let clusters = shown(clustering, cues).compactMap { candidates[$0] }.map { candidate in
      let carriers = cues.map { found in
        candidate.members.count { found.cue.isPresent(in: pictures[$0]) }
      }
      return CueCluster(
        members: candidate.members.map { positions[$0] },
        examples: nearest(candidate.members).map { positions[$0] },
        meanRelevance: mean(candidate.members), coreCount: candidate.cue?.coreCount ?? 0,
        trial: candidate.trial,
        isSuspicious: candidate.trial?.isAlarming(among: tests) == true
          || carriers.contains { 2 * $0 > candidate.members.count },
        carriers: carriers)
    }
    return CueFindings(
      label: label, count: pictures.count, eigenvalues: clustering.eigenvalues, whole: whole.trial,
      clusters: clusters,
      cues: cues.sorted { $1.trial.flips.share < $0.trial.flips.share })
  }

  /// The groups that part the pictures with the first cue best from the rest, the fewest of equals; by the gap without
  /// one.
  private func shown(_ clustering: SpectralClustering, _ cues: [FoundCue]) -> [[Int]] {
    guard let first = cues.first else { return clustering.groups }
    let has = pictures.map { first.cue.isPresent(in: $0) }
    func agreement(_ groups: [[Int]]) -> Int {
      groups.reduce(0) { sum, group in
        let carriers = group.count { has[$0] }
        return sum + max(carriers, group.count - carriers)
      }
    }
    return clustering.groupings.max { agreement($0) < agreement($1) } ?? clustering.groups
  }

  /// Some of the pictures with what they have in common.
  private struct Candidate {
    let members: [Int]
    var cue: Cue?
    var trial: CueTrial?
  }

  private func candidate(_ members: [Int]) async throws -> Candidate {
    var candidate = Candidate(members: members)
    guard members.count >= CueFinder.fewest else { return candidate }
    let reference = CueReference(others: sortedOthers, plain: sortedOthers, isOfClass: false)
    guard let cue = estimate(members, against: reference) else { return candidate }
    candidate.cue = cue
    candidate.trial = try await trial(
      of: cue, flips: read(tried.map { cue.pasted(on: $0.picture, coreOnly: true) }))
    return candidate
  }

  private func estimate(_ members: [Int], against reference: CueReference) -> Cue? {
    Cue(
      common: SortedValues(members.map { pictures[$0] }), against: reference, shape: shape,
      bounds: bounds)
  }

  /// Whether each picture is read as the class.
  private func read(_ pictures: [Tensor<Float>]) async throws -> [Bool] {
    try await model.classes(of: pictures, batch: finder.batch).map { $0 == label }
  }

  /// Compares what a cue does to pictures of other classes with what pixels of pictures without it do.
  private func trial(of cue: Cue, flips: [Bool]) async throws -> CueTrial {
    func control(_ donors: [Tensor<Float>]) async throws -> [Bool] {
      guard !donors.isEmpty else { return tried.map { _ in false } }
      return try await read(
        tried.map { tried in
          // Donors are taken from the other end, so that no picture gives to itself.
          cue.pasted(donors[(tried.place + donors.count / 2) % donors.count], on: tried.picture)
        })
    }
    let rest = try await control(pictures.filter { !cue.isPresent(in: $0) })
    let foreign = try await control(others)
    return CueTrial(
      flips: flips, control: rest.count { $0 } > foreign.count { $0 } ? rest : foreign)
  }

  /// Estimates a cue again from all pictures that have it, against the rest of the class where there is one, and
  /// measures what it does.
  private func found(_ first: Cue) async throws -> FoundCue {
    func carriers(of cue: Cue) -> [Int] {
      pictures.indices.filter { cue.isPresent(in: pictures[$0]) }
    }
    var cue = first
    let with = carriers(of: first)
    let without = pictures.indices.filter { !first.isPresent(in: pictures[$0]) }
    let hasRest = without.count >= 3 * CueFinder.fewest
    let plain = hasRest ? SortedValues(without.map { pictures[$0] }) : sortedOthers
    if with.count >= CueFinder.fewest,
      let better = estimate(
        with, against: CueReference(others: sortedOthers, plain: plain, isOfClass: hasRest))
    {
      cue = better
    }
    let members = carriers(of: cue)
    let rest = pictures.indices.filter { !cue.isPresent(in: pictures[$0]) }
    let asTheyAre = try await model.classes(of: members.map { pictures[$0] }, batch: finder.batch)
    let removed = try await model.classes(
      of: members.map { cue.removed(from: pictures[$0]) }, batch: finder.batch)
    let flips = try await read(tried.map { cue.pasted(on: $0.picture) })
    // The control puts on the core alone, and so does what is compared with it.
    let core = try await read(tried.map { cue.pasted(on: $0.picture, coreOnly: true) })
    return FoundCue(
      cue: cue, carriers: members.map { positions[$0] },
      inClass: Proportion(members.count, of: pictures.count),
      inOthers: Proportion(others.count { cue.isPresent(in: $0) }, of: others.count),
      trial: try await trial(of: cue, flips: core),
      flipped: zip(tried, flips).filter(\.1).prefix(8).map(\.0.position),
      readWith: Proportion(asTheyAre.count { $0 == label }, of: max(members.count, 1)),
      readWithout: Proportion(removed.count { $0 == label }, of: max(members.count, 1)),
      relevanceShare: relevance(of: members, on: cue) ?? 0,
      relevanceShareWithout: relevance(of: rest, on: cue))
  }

  /// The share of the relevance on the places of a cue, in the mean over some pictures.
  private func relevance(of members: [Int], on cue: Cue) -> Double? {
    guard !members.isEmpty else { return nil }
    let shares = members.map { member in
      cue.isTouched.indices.reduce(0.0) { sum, place in
        cue.isTouched[place] ? sum + Double(abs(maps[member][place])) : sum
      }
    }
    return shares.reduce(0, +) / Double(shares.count)
  }

  private func mean(_ members: [Int]) -> Tensor<Float> {
    var sum = Tensor<Float>.zeros(shape)
    for member in members { sum = sum + maps[member] }
    return (1 / Float(max(members.count, 1))) * sum
  }

  /// Up to eight members, those with the most typical relevance first.
  private func nearest(_ members: [Int]) -> [Int] {
    guard let width = features.first?.count else { return [] }
    let middle = (0..<width).map { cell in
      members.reduce(0) { $0 + features[$1][cell] } / Double(max(members.count, 1))
    }
    let distances = members.map { (KMeans.distance(features[$0], middle), $0) }
    return distances.sorted { $0 < $1 }.prefix(8).map(\.1)
  }
}

extension [Int] {
  /// As many of them at most, drawn by a key, in ascending order.
  fileprivate func drawn(_ most: Int, _ key: RandomKey) -> [Int] {
    guard count > most else { return self }
    var generator = key.generator
    return generator.permutation(of: count).prefix(most).map { self[$0] }.sorted()
  }
}
