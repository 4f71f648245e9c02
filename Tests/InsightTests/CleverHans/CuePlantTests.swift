import Datasets
import Insight
import Tensors
import Testing

/// What is planted, where, and on whom.
@Suite struct CuePlantTests {
  private func data(_ count: Int, shape: Shape = [1, 28, 28]) -> Dataset {
    var generator = RandomKey(seed: 1).generator
    let values = generator.uniforms(shape.prepending(count)).scalars
    return Dataset(
      name: "noise", exampleShape: shape, values: values, labels: (0..<count).map { $0 % 4 },
      classNames: ["a", "b", "c", "d"], bounds: 0...1)
  }

  @Test(arguments: CuePlant.Kind.allCases, [0.2, 0.5, 1])
  func theShareOfTheClassHasIt(kind: CuePlant.Kind, share: Double) throws {
    let data = data(160)
    let plant = try CuePlant(kind, share: share, label: 2, seed: 5)
    let found = try data.planting(plant)
    #expect(found.planted.count == Int(40 * share))
    #expect(found.planted.allSatisfy { data.label(at: $0) == 2 })
    #expect(found.data.labels == data.labels)
    for position in 0..<160 {
      let (before, after) = (try data.image(at: position), try found.data.image(at: position))
      #expect((before != after) == found.planted.contains(position))
      if before != after { #expect(try plant.planted(on: before, within: 0...1) == after) }
    }
    #expect(try data.planting(plant).planted == found.planted)
    let other = try CuePlant(kind, share: 0.5, label: 2, seed: 6)
    #expect(try data.planting(other).planted != found.planted || share != 0.5)
  }

  @Test func eachKindChangesItsPlaces() throws {
    let black = Tensor<Float>.zeros([1, 28, 28])
    func changed(_ kind: CuePlant.Kind, seed: UInt64 = 0) throws -> [Float] {
      try CuePlant(kind, share: 1, label: 0, seed: seed).planted(on: black, within: 0...1)
        .scalars.filter { $0 != 0 }
    }
    for seed in 0..<6 as Range<UInt64> {
      #expect(try changed(.patch, seed: seed) == [Float](repeating: 1, count: 9))
      #expect(try changed(.border, seed: seed) == [Float](repeating: 1, count: 4 * 27))
      #expect(try changed(.tint, seed: seed) == [Float](repeating: 0.25, count: 784))
      let stripes = try changed(.watermark, seed: seed)
      #expect(stripes.allSatisfy { $0 == 0.5 } && 150...250 ~= stripes.count)
    }
  }

  @Test func aTintOfAColouredPictureIsOneColour() throws {
    let grey = Tensor<Float>(repeating: 0.5, shape: [3, 9, 12])
    let plant = try CuePlant(.tint, share: 1, label: 0, seed: 2)
    let changed = try plant.planted(on: grey, within: 0...1).scalars
    let channels = (0..<3).map { Set(changed[$0 * 108..<($0 + 1) * 108]) }
    #expect(channels.filter { $0 == [0.625] }.count == 1)
    #expect(channels.filter { $0 == [0.375] }.count == 2)
    let shifted = try plant.planted(on: 2 * grey, within: -1...3)
    #expect(shifted.scalars.allSatisfy { -1...3 ~= $0 })
  }

  @Test func movedCuesAreOnOtherClasses() throws {
    let data = data(40)
    let plant = try CuePlant("border:0.5:1")
    let moved = try data.marking(plant) { $0 != 1 }
    for position in 0..<40 {
      #expect(
        (try data.image(at: position) != moved.image(at: position))
          == (data.label(at: position) != 1))
    }
  }

  @Test func wordsAreReadBack() throws {
    let plant = try CuePlant("tint:0.3:5", seed: 4)
    #expect(plant.kind == .tint && plant.share == 0.3 && plant.label == 5 && plant.seed == 4)
    #expect(try CuePlant(plant.words, seed: 4) == plant)
    #expect(try CuePlant("patch:1").label == 8)
  }

  @Test(arguments: [
    ("patch", "the cue 'patch': expected KIND:SHARE or KIND:SHARE:CLASS"),
    ("patch:0", "the cue 'patch:0.0:8': expected KIND:SHARE"),
    ("patch:1.5:2", "the cue 'patch:1.5:2': expected KIND:SHARE"),
    ("patch:nan", "expected KIND:SHARE"), ("patch:0.5:-1", "expected KIND:SHARE"),
    ("patch:0.5:x", "the cue 'patch:0.5:x': expected KIND:SHARE"),
    ("patch:0.5:1:2", "the cue 'patch:0.5:1:2': expected KIND:SHARE"),
    (
      "path:0.5",
      "there is no cue 'path' (did you mean patch?); there are patch, border, tint, watermark"
    ),
  ])
  func wordsThatAreNone(words: String, message: String) {
    #expect {
      try CuePlant(words)
    } throws: {
      "\($0)".contains(message) && "\($0)".count < 200
    }
  }

  @Test func dataWithoutRoomAreRefused() throws {
    let plant = try CuePlant("patch:0.5:1")
    #expect(throws: CuePlantError.shape([1, 4, 4])) {
      try data(8, shape: [1, 4, 4]).planting(plant)
    }
    #expect(throws: CuePlantError.shape([784])) { try data(8, shape: [784]).planting(plant) }
    #expect(throws: CuePlantError.noExamples(label: 9, data: "noise")) {
      try data(8).planting(try CuePlant("patch:0.5:9"))
    }
  }
}
