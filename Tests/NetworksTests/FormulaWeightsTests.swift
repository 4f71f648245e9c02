import Networks
import Tensors
import TestSupport
import Testing

@Suite("FormulaWeights is the twin of the Python formula")
struct FormulaWeightsTests {
  @Test("the generator is SplitMix64")
  func generator() {
    // Published outputs of the reference implementation for the seed 1234567.
    let published: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    #expect((0..<5).map { FormulaWeights.bits(1_234_567, $0) } == published)
  }

  @Test("a few parameters are those of the Python side, bit for bit")
  func knownVectors() {
    func head(_ tensor: Tensor<Float>) -> [UInt32] {
      (tensor.scalars.prefix(3) + tensor.scalars.suffix(1)).map(\.bitPattern)
    }
    let madry = FormulaWeights.madry.parameters
    #expect(head(madry[0]) == [0x3CDA_1BDA, 0x3DC9_582A, 0x3E40_EC36, 0x3E28_478E])
    #expect(head(madry[1]) == [0xBD8F_399A, 0xBDDD_887A, 0xBDDE_8AAD, 0xBD79_6FF3])
    #expect(head(madry[2]) == [0xBD0E_A59B, 0x3D05_A0D7, 0x3C53_22A0, 0x3C06_8118])
    let wong = FormulaWeights.wong.parameters
    #expect(head(wong[0]) == [0x3D3A_C1A8, 0x3DFF_2118, 0x3D43_DDE0, 0x3E47_700C])
    #expect(head(wong[3]) == [0xBCEE_D9A4, 0x3D35_9308, 0x3CB4_2FE4, 0xBB9A_3BE0])
  }

  @Test("parameters and images are those of the fixtures", arguments: ["madry", "wong"])
  func fixtures(name: String) throws {
    let formula: FormulaWeights = name == "madry" ? .madry : .wong
    let file = try SafeTensorsFile(path: Fixtures.path("networks/\(name).safetensors"))
    #expect(try file.tensor("x") == formula.images)
    #expect(file.integers["labels"]?.values == FormulaWeights.labels.map(Int64.init))
    #expect(
      file.metadata["images"] == formula.imageNumbers.map(String.init).joined(separator: ","))
    for (number, parameter) in formula.parameters.enumerated() {
      let sums = try file.tensor("sums.\(number)", shape: [2]).scalars.map(Double.init)
      let sum = parameter.scalars.reduce(0.0) { $0 + Double($1) }
      let squares = parameter.scalars.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(sum - sums[0]) <= 1e-6 * abs(sums[0]))
      #expect(abs(squares - sums[1]) <= 1e-6 * sums[1])
      let gradient = try file.tensor("d\(number)")
      let stride = try #require(file.metadata["stride.\(number)"].flatMap { Int($0) })
      #expect(gradient.count == (parameter.count + stride - 1) / stride)
    }
  }
}
