import Robustness
import Datasets
import Insight
import Models
import Tensors
import Testing

/// Cues in noise, where all that is common is what was planted.
@Suite struct CueTests {
  private static let side = 16

  /// Pictures of noise of three classes, of which each has a bright square of its own somewhere on the left.
  private static func data(_ count: Int, seed: UInt64 = 1, isDark: Bool = false) -> Dataset {
    var generator = RandomKey(seed: seed).generator
    let noise = generator.uniforms([count, 1, side, side]).scalars
    var values = noise
    if isDark { for _ in 0..<3 { values = values.map { $0 * $0 } } }
    for example in 0..<count {
      let (row, column) = (1 + example % 3 * 5, 2)
      for y in row..<row + 4 {
        for x in column..<column + 4 {
          // Bright, but never the same.
          let place = (example * side + y) * side + x
          values[place] = 0.5 + 0.5 * noise[place]
        }
      }
    }
    return Dataset(
      name: "squares", exampleShape: [1, side, side], values: values,
      labels: (0..<count).map { $0 % 3 }, classNames: ["top", "middle", "bottom"], bounds: 0...1)
  }

  /// A model that adds up each class's square, and the planted pixels for one class.
  private static func model(
    riding plant: CuePlant?, weight: Float = 5, level: Float = 0.5
  ) throws -> AffineModel {
    var weights = [Float](repeating: 0, count: 3 * side * side)
    for label in 0..<3 {
      for y in 1 + label * 5..<5 + label * 5 {
        for x in 2..<6 { weights[(label * side + y) * side + x] = 1 }
      }
    }
    var biases: [Float] = [0, 0, 0]
    if let plant {
      let black = Tensor<Float>.zeros([1, side, side])
      let marked = try plant.planted(on: black, within: 0...1)
      let size = side * side
      for place in 0..<size where marked[place] > 0 {
        weights[plant.label * size + place] += weight
        // Nothing without the cue: noise has this level in the mean.
        biases[plant.label] -= weight * level
      }
    }
    return AffineModel(
      inputShape: [1, side, side], weights: Tensor(weights, shape: [3, side * side]),
      biases: Tensor(biases, shape: [3]))
  }

  private func find(
    _ data: Dataset, _ model: AffineModel, seed: UInt64 = 0
  ) async throws -> [CueFindings] {
    var finder = CueFinder()
    finder.seed = seed
    return try await finder.find(in: [0, 1, 2], of: data, named: data.classNames, by: model)
  }

  @Test(arguments: [0.25, 0.5, 1]) func aPlantedPatchIsFound(share: Double) async throws {
    let plant = try CuePlant(.patch, share: share, label: 1, seed: 3)
    let planted = try Self.data(600).planting(plant)
    let findings = try await find(planted.data, try Self.model(riding: plant))
    #expect(findings.map(\.label) == [0, 1, 2])
    #expect(findings[0].cues.isEmpty && findings[2].cues.isEmpty)
    let found = try #require(findings[1].cues.first)
    #expect(findings[1].cues.count == 1)
    // The nine pixels of the patch, and no others, are the core.
    let black = Tensor<Float>.zeros([1, Self.side, Self.side])
    let marked = try plant.planted(on: black, within: 0...1)
    #expect(found.cue.isCore == marked.scalars.map { $0 > 0 })
    #expect(found.carriers == planted.planted)
    #expect(found.inOthers.count == 0)
    #expect(found.trial.flips.share > 0.9 && found.trial.control.share < 0.3)
    #expect(found.relevanceShare > 3 * found.areaShare)
    // Chance may add a few values that moved along.
    #expect(9...16 ~= found.cue.touchedCount)
    #expect(found.areaShare == Double(found.cue.touchedCount) / 256)
    let before = try planted.data.image(at: planted.planted[0])
    let removed = found.cue.removed(from: before)
    #expect(!found.cue.isPresent(in: removed) && found.cue.isPresent(in: before))
    #expect(found.cue.isPresent(in: found.cue.pasted(on: removed)))
    for position in found.flipped {
      let picture = found.cue.pasted(on: try planted.data.image(at: position))
      let read = try await Self.model(riding: plant).outputs(of: .stacking([picture]))
      #expect(read.row(0).indexOfMaximum == 1 && planted.data.label(at: position) != 1)
    }
    if share < 1 {
      let marked = Set(planted.planted)
      let best = findings[1].clusters.filter(\.isSuspicious)
      #expect(!best.isEmpty)
      for cluster in best {
        #expect(cluster.members.count { marked.contains($0) } * 10 >= cluster.members.count * 9)
      }
    }
  }

  /// The pictures have a cue, but the model looks at the squares alone.
  @Test func aCueOnWhichNothingRidesIsNone() async throws {
    let plant = try CuePlant(.patch, share: 0.5, label: 1, seed: 3)
    let planted = try Self.data(600).planting(plant)
    let findings = try await find(planted.data, try Self.model(riding: nil))
    #expect(findings.allSatisfy { $0.cues.isEmpty })
  }

  @Test(arguments: 0..<10) func withoutACueThereIsNoAlarm(seed: Int) async throws {
    let findings = try await find(
      Self.data(300, seed: UInt64(seed)), try Self.model(riding: nil), seed: UInt64(seed))
    #expect(findings.allSatisfy { $0.cues.isEmpty && !$0.clusters.contains(where: \.isSuspicious) })
  }

  @Test func whatShowsThroughIsRestored() async throws {
    let plant = try CuePlant(.watermark, share: 0.5, label: 0, seed: 1)
    let data = Self.data(900, isDark: true)
    let planted = try data.planting(plant)
    let findings = try await find(
      planted.data, try Self.model(riding: plant, weight: 2, level: 1.0 / 9))
    let cue = try #require(findings[0].cues.first?.cue)
    let black = Tensor<Float>.zeros([1, Self.side, Self.side])
    let marked = try plant.planted(on: black, within: 0...1)
    for place in 0..<marked.count where marked[place] > 0 && cue.isTouched[place] {
      #expect(abs(cue.scale[place] - 0.5) < 0.15 && abs(cue.shift[place] - 0.5) < 0.06)
    }
    let position = planted.planted[0]
    let restored = cue.removed(from: try planted.data.image(at: position))
    let original = try data.image(at: position)
    let damaged = try planted.data.image(at: position)
    #expect((restored - original).norm2 < 0.25 * (damaged - original).norm2)
  }

  @Test func resultsDependOnTheSeedAlone() async throws {
    let plant = try CuePlant(.border, share: 0.5, label: 2, seed: 3)
    let data = try Self.data(300).planting(plant).data
    let model = try Self.model(riding: plant)
    let first = try await find(data, model, seed: 4)
    var finder = CueFinder()
    (finder.seed, finder.batch) = (4, 7)
    let again = try await finder.find(in: [2], of: data, named: data.classNames, by: model)
    #expect(first[2].cues.count == 1)
    #expect(again[0].clusters.map(\.members) == first[2].clusters.map(\.members))
    #expect(again[0].cues.map(\.carriers) == first[2].cues.map(\.carriers))
  }

  /// Gradient x input of an affine model is w (x - b).
  @Test func relevanceHasItsClosedForm() async throws {
    let weights = Tensor<Float>([1, 2, 3, 4, 0, 0, 0, 0, -1, 1, -1, 1], shape: [3, 4])
    let model = AffineModel(
      inputShape: [1, 2, 2], weights: weights, biases: Tensor([0, 0, 0], shape: [3]))
    let input = Tensor<Float>([0.5, 1, 0.25, 1], shape: [1, 1, 2, 2])
    let blank = Tensor<Float>([0.5, 0.5, 0, 0], shape: [1, 2, 2])
    let maps = try await RelevanceSource.gradientTimesInput.maps(
      of: input, for: [0], against: blank, by: model)
    // The next class is the third: 1 - 0.25 - 0.5 + 1 = 1.25 is more than 0.
    #expect(maps.scalars == [0, 0.5, 1, 3])
  }
}
