import Networks
import ONNXMessages
import SwiftProtobuf
import Testing

/// Names that stand for two things, which ONNX's own checker refuses too.
@Suite struct ONNXNameTests {
  /// A change of a good file.
  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What the error's line says.
    let part: String
    let apply: @Sendable (inout Onnx_ModelProto) -> Void

    init(
      _ what: String, _ part: String, _ apply: @escaping @Sendable (inout Onnx_ModelProto) -> Void
    ) {
      testDescription = what
      self.part = part
      self.apply = apply
    }
  }

  static let changes: [Change] = [
    Change("an initializer twice", "two initializers are named 'scale'") {
      var other = $0.graph.initializer.first { $0.name == "scale" } ?? Onnx_TensorProto()
      other.floatData = other.floatData.map { -$0 }
      $0.graph.initializer.append(other)
    },
    Change("a sparse initializer as well", "two initializers are named 'scale'") {
      $0.graph.sparseInitializer = [.with { $0.values.name = "scale" }]
    },
    Change("an initializer without a name", "an initializer has no name") {
      $0.graph.initializer.append(ONNXModels.tensor("", [1], floats: [1]))
    },
    Change("an input twice", "two inputs are named 'in'") {
      $0.graph.input.append($0.graph.input[0])
    },
    Change("a node that gives the input", "'in' is an input or an initializer") {
      $0.graph.node.append(ONNXModels.node("Relu", ["r"], ["in"]))
    },
    Change("a node that gives an initializer", "'scale' is an input or an initializer") {
      $0.graph.node.append(ONNXModels.node("Relu", ["r"], ["scale"]))
    },
    Change("a node that gives a sparse initializer", "'s' is an input or an initializer") {
      $0.graph.sparseInitializer = [.with { $0.values.name = "s" }]
      $0.graph.node.append(ONNXModels.node("Relu", ["r"], ["s"]))
    },
    Change("two nodes that give one value", "another node defines 'r'") {
      $0.graph.node.append(ONNXModels.node("Neg", ["in"], ["r"]))
    },
    Change("a node that gives one value twice", "another node defines 'u'") {
      $0.graph.node.append(ONNXModels.node("Split", ["r"], ["u", "u"]))
    },
    Change("an attribute twice", "two of its attributes are named 'group'") {
      let place = $0.graph.node.firstIndex { $0.opType == "Conv" } ?? 0
      $0.graph.node[place].attribute += [
        ONNXModels.integer("group", 1), ONNXModels.integer("group", 1),
      ]
    },
    Change("metadata twice", "two entries of its metadata are named 'k'") {
      $0.metadataProps += ["a", "b"].map { value in
        .with {
          $0.key = "k"
          $0.value = value
        }
      }
    },
    Change("a function twice", "two functions are named 'f.F.'") {
      $0.functions = [function(), function()]
    },
    Change("a function's input twice", "'F': two of its inputs are named 'a'") {
      $0.functions = [function(inputs: ["a", "a"])]
    },
    Change("a function's output twice", "'F': two of its outputs are named 'b'") {
      $0.functions = [function(outputs: ["b", "b"])]
    },
    Change("a function's node that gives its input", "'F': two of its values are named 'a'") {
      $0.functions = [function(nodes: [ONNXModels.node("Neg", ["a"], ["a"])])]
    },
    Change("two of its nodes that give one value", "'F': two of its values are named 'b'") {
      $0.functions = [function(nodes: [ONNXModels.node("Neg", ["a"], ["b"])])]
    },
  ]

  private static func function(
    inputs: [String] = ["a"], outputs: [String] = ["b"], nodes: [Onnx_NodeProto] = []
  ) -> Onnx_FunctionProto {
    .with {
      ($0.name, $0.domain, $0.input, $0.output) = ("F", "f", inputs, outputs)
      $0.node = nodes + [ONNXModels.node("Relu", ["a"], ["b"])]
      $0.opsetImport = [.with { $0.version = 17 }]
    }
  }

  @Test(arguments: changes)
  func aNameOfTwoThingsIsRefused(change: Change) throws {
    var model = ONNXModels.classifier()
    _ = try ONNXModels.file(model)
    change.apply(&model)
    let error = #expect(throws: ONNXError.self) { _ = try ONNXModels.file(model) }
    #expect(error?.description.contains(change.part) == true, "\(error?.description ?? "")")
  }

  @Test func anInitializerMayBeTheDefaultOfAnInput() throws {
    var model = ONNXModels.classifier()
    let plain = try ONNXModels.file(model)
    for tensor in model.graph.initializer where tensor.dataType == 1 {
      model.graph.input.append(ONNXModels.value(tensor.name, tensor.dims))
    }
    #expect(try ONNXModels.file(model).network.parameters == plain.network.parameters)
  }

  @Test func functionsOfOneNameMayDifferInTheirDomains() throws {
    var model = ONNXModels.classifier()
    var other = ONNXNameTests.function()
    other.domain = "g"
    model.functions = [ONNXNameTests.function(), other]
    _ = try ONNXModels.file(model)
  }
}
