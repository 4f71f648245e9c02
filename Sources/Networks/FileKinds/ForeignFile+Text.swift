import Archives

extension ForeignFile {
  /// Looks at the beginning of a text; `nil` if it is a text of no such kind.
  init?(text: String) {
    let start = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    let lower = start.prefix(2000).lowercased()
    if let standIn = StandIn(start: text.utf8) {
      self.init(standIn.words, standIn.remedy)
    } else if lower.hasPrefix("<?xml") || lower.hasPrefix("<net") {
      self = lower.contains("<net ") ? .openVINO : .xml
    } else if start.hasPrefix("{") || start.hasPrefix("[") {
      self = ForeignFile.json(start)
    } else if start.hasPrefix("ir_version:") || start.hasPrefix("producer_name:")
      || (start.hasPrefix("graph {") || start.hasPrefix("opset_import {"))
    {
      self = .onnxTextProto
    } else if start.hasPrefix("<") && lower.contains("ir_version") && lower.contains("opset_import")
    {
      self = .onnxText
    } else if start.hasPrefix("model_checkpoint_path:") {
      self = .tensorFlowCheckpoint
    } else if start.hasPrefix("7767517") {
      self = .ncnn
    } else if start.hasPrefix("[net]") {
      self = .darknet
    } else if start.hasPrefix("tree\nversion=") {
      self = .trees
    } else if (start.hasPrefix("name:") || start.hasPrefix("layer")) && start.contains("layer {") {
      self = .caffe
    } else {
      return nil
    }
  }

  private static func json(_ start: Substring) -> ForeignFile {
    if start.hasPrefix("[net]") { return darknet }
    if start.contains("\"irVersion\"") || start.contains("\"ir_version\"") { return onnxJSON }
    if start.contains("\"weightsManifest\"") || start.contains("\"modelTopology\"") {
      return tensorFlowJS
    }
    if start.contains("\"learner\"") && start.contains("\"gradient_booster\"") { return trees }
    if start.contains("\"nodes\"") && start.contains("\"arg_nodes\"") {
      return ForeignFile("the graph of a network of MXNet", mxNet.remedy)
    }
    return json
  }
}
