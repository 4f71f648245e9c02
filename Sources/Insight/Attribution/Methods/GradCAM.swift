import Files
import Graphs
public import Models
import Robustness
import Tensors

/// The features of a layer, weighed by the mean slope of the score with respect to each channel.
///
///     map = max(0, sum over channels k of a_k A_k),  a_k = mean over places of the slope with respect to A_k,
///
/// made as large as the input by bilinear interpolation, the same for all channels of the input. On a network of global
/// average pooling and one linear layer it is the class activation map divided by the number of places. Selvaraju,
/// Cogswell, Das, Vedantam, Parikh and Batra, "Grad-CAM", 2017, https://arxiv.org/abs/1610.02391.
///
/// Cost: one forward pass of the network, and one forward and backward pass of what is behind the layer.
public struct GradCAM: AttributionMethod {
  /// The name on the command line.
  public static let name = "grad-cam"
  /// It looks into the graph.
  public static let knowledge = Knowledge.graph
  /// All.
  public static let scores = ClassScore.allCases

  /// The layer, by its name or by its number among the convolutions from 1; `last` for the last convolutional features.
  public var layer = FeatureLayer.last
  /// Whether what speaks against the class is drawn as well, which the paper leaves out.
  public var signed = Sign.positive

  /// Which part of the sum is kept.
  public enum Sign: String, CaseIterable, Sendable {
    /// What speaks for the class.
    case positive
    /// All of it.
    case both
  }

  /// The options.
  public static let options: [AttributionOption<Self>] = [
    .text(
      "layer", \.layer, "layer whose features are taken",
      expecting: "the name of a convolution, its number from 1, or last"),
    .choice("sign", \.signed, "whether what speaks against the class is kept"),
  ]

  /// Products of features and slopes.
  public var unit: Attribution.Unit { .relative }

  /// Creates the method.
  public init() {}

  /// The maps.
  public func findings(
    for request: AttributionRequest, of score: ClassScore
  ) async throws -> [AttributionFinding] {
    guard let network = request.network else {
      throw AttributionError.knowledge(.graph, method: Self.name, revealed: request.model.knowledge)
    }
    guard let picture = PicturePlanes(request.shape) else {
      throw AttributionError.needsPictures(Self.name, request.shape)
    }
    let form = try NetworkForm(network)
    let features = try FeatureLayer.features(named: layer, in: form)
    let runner = try form.runner(gradientsOf: score, withRespectTo: features.value)
    var findings: [AttributionFinding] = []
    for part in request.parts {
      let found = try await runner.run(
        form.inputs(request.inputs.rows(part), classes: Array(request.classes[part])),
        rows: part.count)
      guard let values = found[NetworkForm.features], let slopes = found[NetworkForm.slopes] else {
        preconditionFailure("features and their slopes are outputs")
      }
      for row in 0..<part.count {
        let grid = weighed(values.row(row), by: slopes.row(row))
        let (height, width) = (values.shape[2], values.shape[3])
        let plane = Interpolation.resized(
          grid, from: (height, width), to: (picture.height, picture.width))
        findings.append(
          AttributionFinding(
            Tensor((0..<picture.channels).flatMap { _ in plane }, shape: request.shape),
            passes: Passes(forward: 1, backward: 1),
            remarks: ["features of \(features.name), \(values.shape.droppingFirst)"]))
      }
      request.progress(part.upperBound)
    }
    return findings
  }

  /// The sum over channels of features times their mean slopes.
  private func weighed(_ features: Tensor<Float>, by slopes: Tensor<Float>) -> [Float] {
    let area = features.shape[1] * features.shape[2]
    var sums = [Double](repeating: 0, count: area)
    for channel in 0..<features.shape[0] {
      let start = channel * area
      let mean =
        slopes.scalars[start..<start + area].reduce(0) { $0 + Double($1) } / Double(max(area, 1))
      for place in 0..<area { sums[place] += mean * Double(features[start + place]) }
    }
    return sums.map { Float(signed == .positive ? max($0, 0) : $0) }
  }
}

/// The layers whose features can be looked at.
enum FeatureLayer {
  /// The word for the last convolutional features.
  static let last = "last"

  /// The features of a layer: what comes out of a convolution and of the elementwise steps behind it, as the next layer
  /// takes it.
  ///
  /// - Throws: `AttributionError.layer` that lists the layers there are.
  static func features(
    named name: String, in form: NetworkForm
  ) throws(AttributionError) -> (value: Int, name: String) {
    let layers = form.convolutions
    guard !layers.isEmpty else {
      throw .layer("grad-cam needs convolutional features, and the network has no convolution")
    }
    let place: Int
    if name == last {
      // A classifier may be a convolution of features that lie in one place alone.
      place =
        layers.lastIndex { form.graph.nodes[form.end(of: $0.value)].extents.hasPlaces }
        ?? layers.count - 1
    } else if let number = Int(name) {
      guard 1...layers.count ~= number else {
        throw .layer("grad-cam: layer is \(number); expected 1 to \(layers.count)")
      }
      place = number - 1
    } else if let found = layers.firstIndex(where: { $0.name == name }) {
      place = found
    } else {
      let names = layers.map(\.name)
      let shown = names.count > 6 ? Array(names.prefix(3)) + ["..."] + names.suffix(2) : names
      throw .layer(
        "grad-cam: there is no layer '\(name.prefix(40))'\(name.suggestion(among: names)); there are "
          + "\(shown.joined(separator: ", ")), or a number up to \(layers.count)")
    }
    return (form.end(of: layers[place].value), layers[place].name)
  }
}

extension Extents {
  /// Whether features lie in more places than one.
  fileprivate var hasPlaces: Bool { rank == 4 && self[2] * self[3] > 1 }
}
