import Corruptions
import Tensors
import Testing

/// What is said of what cannot be done.
@Suite struct CorruptionErrorTests {
  private func line(_ work: () throws -> Void) -> String {
    do { try work() } catch { return "\(error)" }
    return "no error"
  }

  @Test func names() throws {
    #expect(
      line { _ = try CorruptionGrid(["gausian_noise"], in: .cifar10C) }
        == "cifar10-c has no corruption 'gausian_noise' (did you mean gaussian_noise?); expected one of its 19, such as"
        + " gaussian_noise, shot_noise, impulse_noise, defocus_blur")
    #expect(
      line { _ = try CorruptionGrid(["snow"], in: .mnistC) }
        == "mnist-c has no corruption 'snow'; it is in cifar10-c and imagenet-c")
    #expect(
      line { _ = try CorruptionGrid(["fog", "all"], in: .mnistC) }
        == "fog is named twice; expected it once")
    #expect(try CorruptionGrid(["gaussian-noise"], in: .cifar10C).cells.count == 5)
    #expect(try CorruptionGrid(["all"], in: .cifar10C).cells.count == 95)
    #expect(try CorruptionGrid(["common"], in: .imagenetC).cells.count == 75)
  }

  @Test func severities() throws {
    for words in ["6", "0", "", "1,", "a", "-1"] {
      let word = words.split(separator: ",", omittingEmptySubsequences: false).last ?? ""
      #expect(
        line { _ = try CorruptionGrid(["fog"], severities: words, in: .cifar10C) }
          == "there is no severity '\(word)'; expected numbers from 1 to 5 joined by commas, all, or published"
      )
    }
    #expect(
      line { _ = try CorruptionGrid(["fog"], severities: "published", in: .cifar10C) }
        == "cifar10-c was published at all severities; expected numbers from 1 to 5, or all")
    let published = try CorruptionGrid(["all"], in: .mnistC)
    #expect(
      published.cells.map(\.description) == [
        "shot_noise 5", "impulse_noise 4", "glass_blur 1", "motion_blur 1", "fog 5", "brightness 5",
        "spatter 4", "shear 2", "scale 3", "rotate 2", "translate 3", "stripe", "dotted_line",
        "zigzag", "canny_edges",
      ])
    #expect(try CorruptionGrid(["all"], severities: "2,1", in: .mnistC).cells.count == 26)
    let row = try CorruptionRow.row(named: "stripe", in: .mnistC)
    #expect(
      line {
        _ = try row.corrupted(
          .zeros([1, 4, 4]), severity: 2, in: .mnistC, key: RandomKey(seed: 0))
      } == "stripe has one severity, and 2 was asked; expected 1")
  }

  @Test func pictures() throws {
    let row = try CorruptionRow.row(named: "fog", in: .cifar10C)
    func corrupt(_ picture: Tensor<Float>) -> String {
      line { _ = try row.corrupted(picture, severity: 1, in: .cifar10C, key: RandomKey(seed: 0)) }
    }
    for shape in [[4, 3, 3], [9], [3, 0, 2], [28, 28]] as [Shape] {
      #expect(
        corrupt(.zeros(shape))
          == "examples of \(shape) are no pictures; expected 1 or 3 channels x height x width")
    }
    for value in [-0.1, 1.1, .nan, .infinity] as [Float] {
      var picture = Tensor<Float>.zeros([1, 2, 2])
      picture[3] = value
      #expect(
        corrupt(picture)
          == "the value \(value) at place 3 of a picture; expected values from 0 to 1")
    }
  }

  @Test func suites() {
    #expect(CorruptionSuite(fitting: [1, 28, 28]) == .mnistC)
    #expect(CorruptionSuite(fitting: [3, 32, 32]) == .cifar10C)
    #expect(CorruptionSuite(fitting: [1, 64, 20]) == .cifar10C)
    #expect(CorruptionSuite(fitting: [3, 224, 224]) == .imagenetC)
    #expect(CorruptionRow.rows(of: .mnistC).count == 15)
    #expect(CorruptionRow.rows(of: .cifar10C).count == 19)
    #expect(
      CorruptionRow.rows(of: .imagenetC).map(\.name)
        == CorruptionRow.rows(of: .cifar10C).map(\.name))
  }
}
