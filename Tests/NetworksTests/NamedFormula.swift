import Graphs
import Tensors

/// Parameters and images from a formula, the twin of Scripts/make-architectures.py, which states it exactly.
enum NamedFormula {
  /// A parameter by its name and shape.
  static func parameter(_ name: String, _ shape: Shape) -> Tensor<Float> {
    let seed = hash(name)
    func values(_ transform: (Double) -> Double) -> Tensor<Float> {
      Tensor(shape: shape) { target in
        for index in 0..<target.count {
          target[index] = Float(transform(FormulaWeights.uniform(seed, index)))
        }
      }
    }
    if name.hasSuffix("cls_token") || name.hasSuffix("pos_embed") { return values { $0 - 0.5 } }
    if name.hasSuffix("running_var") || (shape.rank == 1 && name.hasSuffix("weight")) {
      return values { 0.5 + $0 }
    }
    if shape.rank == 1 { return values { 0.4 * ($0 - 0.5) } }
    let scale = (6 / Double(shape.droppingFirst.count)).squareRoot()
    return values { scale * (2 * $0 - 1) }
  }

  /// All parameters of a graph.
  static func parameters(of graph: Graph) -> [String: Tensor<Float>] {
    Dictionary(
      uniqueKeysWithValues: graph.parameters.map { name, value in
        (name, parameter(name, graph[value].extents.shape(batch: 1)))
      })
  }

  /// The image of a number.
  static func image(_ number: Int, _ shape: Shape) -> Tensor<Float> {
    let seed = hash("image \(number)")
    return Tensor(
      (0..<shape.count).map { Float(FormulaWeights.uniform(seed, $0)) }, shape: shape)
  }

  /// FNV-1a, 64 bits.
  static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
