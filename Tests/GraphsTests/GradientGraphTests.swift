import Graphs
import Tensors
import Testing

/// What a gradient graph contains, apart from its values being right.
struct GradientGraphTests {
  /// A convolution with bias, relu, flatten and a linear layer.
  private func network() throws -> Graph {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 1, 4, 4])
    let kernel = builder.parameter("kernel", [2, 1, 3, 3])
    let bias = builder.parameter("bias", [2])
    let weight = builder.parameter("weight", [3, 8])
    let convolved = try builder.convolution(x, weight: kernel, bias: bias, Window(3))
    let features = try builder.flatten(try builder.relu(convolved))
    builder.output("logits", try builder.linear(features, weight: weight, bias: nil))
    return builder.finish()
  }

  private func gradient(_ names: String...) throws -> Graph {
    try network().gradient(of: "logits", cotangent: "dy", withRespectTo: names)
  }

  @Test func inputGradientNeedsNoWeightGradient() throws {
    let graph = try gradient("x")
    #expect(graph.outputs.map(\.name) == ["logits", "gradient(x)"])
    #expect(graph.inputs.map(\.name) == ["x", "dy"])
    let forward = try network().operatorNames
    #expect(
      graph.operatorNames == forward + [
        "matrix product", "reshape", "step", "multiply", "convolution's input gradient",
      ])
    #expect(graph[try graph.output("gradient(x)")].extents == [Extents.batch, 1, 4, 4])
  }

  @Test func lastWeightGradientStopsThere() throws {
    let graph = try gradient("weight")
    #expect(graph.operatorNames == (try network().operatorNames) + ["matrix product"])
    #expect(graph[try graph.output("gradient(weight)")].extents == [3, 8])
  }

  @Test func firstWeightGradientNeedsNoInputGradient() throws {
    let graph = try gradient("kernel")
    #expect(graph.count(of: ConvolutionWeightGradient.self) == 1)
    #expect(graph.count(of: ConvolutionInputGradient.self) == 0)
    #expect(graph.count(of: MatrixMultiply.self) == 2)
    #expect(graph.count(of: Reduce.self) == 0)
  }

  @Test func aScalarsGradientNeedsNoCotangent() throws {
    var builder = GraphBuilder(continuing: try network())
    let logits = try builder.finish().output("logits")
    builder.output("sum", try builder.apply(Reduce(axes: [0, 1]), logits))
    let graph = try builder.finish().gradient(ofScalar: "sum", withRespectTo: ["weight"])
    #expect(graph.inputs.map(\.name) == ["x"])
    #expect(graph[try graph.output("gradient(weight)")].extents == [3, 8])
    let error = #expect(throws: GraphError.self) {
      try network().gradient(ofScalar: "logits", withRespectTo: ["weight"])
    }
    #expect(error?.description == "gradient expects a scalar, found Nx3")
  }

  @Test func aGraphAppliedTwiceSharesItsParameters() throws {
    let network = try network()
    var builder = GraphBuilder()
    let inputs = ["a", "b"].map { builder.input($0, [Extents.batch, 1, 4, 4]) }
    for input in inputs {
      let logits = try #require(try builder.apply(network, to: ["x": input])["logits"])
      builder.output("logits", logits)
    }
    _ = try builder.apply(network, to: ["x": inputs[0]], prefix: "other.")
    let names = builder.finish().parameters.map(\.name)
    #expect(
      names == ["kernel", "bias", "weight", "other.kernel", "other.bias", "other.weight"])
    let wide = builder.input("wide", [Extents.batch, 1, 5, 4])
    let misfit = #expect(throws: GraphError.self) {
      try builder.apply(network, to: ["x": wide])
    }
    #expect(misfit?.description == "\"x\" has shape Nx1x4x4, found Nx1x5x4")
    let missing = #expect(throws: GraphError.self) {
      try builder.apply(network, to: ["y": inputs[0]])
    }
    #expect(missing?.description == "no input is named \"x\"; known: y")
  }

  @Test func selectingDropsTheForwardPassThatTheGradientDoesNotNeed() throws {
    let graph = try gradient("x").selecting(outputs: ["gradient(x)"])
    #expect(graph.count(of: MatrixMultiply.self) == 1)
    #expect(graph.count(of: Reshape.self) == 1)
  }

  @Test func gradientsComeInTheOrderAskedFor() throws {
    let graph = try gradient("weight", "x", "bias")
    #expect(
      graph.outputs.map(\.name) == [
        "logits", "gradient(weight)", "gradient(x)", "gradient(bias)",
      ])
  }

  @Test func gradientsDoNotDependOnWhatElseIsAskedFor() throws {
    let names = ["x", "kernel", "bias", "weight"]
    var point = Point()
    for (name, value) in try network().inputs + network().parameters {
      let shape = try network()[value].extents.shape(batch: 2)
      let tensor = Domain.awayFromZero.draw(shape, from: RandomKey(seed: 1).child(name))
      if name == "x" { point.inputs[name] = tensor } else { point.parameters[name] = tensor }
    }
    point.inputs["dy"] = Domain.awayFromZero.draw([2, 3], from: RandomKey(seed: 2))
    let together = try point.values(
      of: try network().gradient(of: "logits", cotangent: "dy", withRespectTo: names))
    for name in names {
      let alone = try point.values(of: try gradient(name))[Graph.gradientName(name)]
      #expect(alone != nil && alone == together[Graph.gradientName(name)])
    }
  }

  @Test func valuesUsedTwiceAccumulate() throws {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 2])
    let square = try builder.multiply(x, x)
    let sum = try builder.add(square, x)
    builder.output("y", try builder.add(sum, try builder.scale(x, by: 3)))
    let graph = try builder.finish().gradient(of: "y", cotangent: "dy", withRespectTo: ["x"])
    let values = try Interpreter(graph)([
      "x": Tensor<Double>([1, -2, 0.5, 4], shape: [2, 2]),
      "dy": Tensor<Double>([1, 1, 2, -1], shape: [2, 2]),
    ])
    // dy * (2 x + 4)
    #expect(values["gradient(x)"]?.scalars == [6, 0, 10, -12])
  }

  @Test func independentInputsHaveZeroGradients() throws {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 2])
    let other = builder.input("other", [Extents.batch, 3])
    _ = builder.parameter("unused", [2, 2])
    builder.output("y", try builder.apply(Elementwise(.exp), x))
    builder.output("steps", try builder.apply(Elementwise(.step), other))
    let graph = builder.finish()
    let point = Point(
      inputs: [
        "x": Tensor([1, 2], shape: [1, 2]), "other": Tensor([1, -2, 3], shape: [1, 3]),
        "dy": Tensor([1, 1], shape: [1, 2]), "ds": Tensor([1, 1, 1], shape: [1, 3]),
      ], parameters: ["unused": Tensor([1, 2, 3, 4], shape: [2, 2])])

    let independent = try graph.gradient(
      of: "y", cotangent: "dy", withRespectTo: ["other", "unused", "x"])
    let values = try point.values(of: independent)
    #expect(values["gradient(other)"] == .zeros([1, 3]))
    #expect(values["gradient(unused)"] == .zeros([2, 2]))
    #expect(values["gradient(x)"] == values["y"])

    let flat = try graph.gradient(of: "steps", cotangent: "ds", withRespectTo: ["other"])
    #expect(try point.values(of: flat)["gradient(other)"] == .zeros([1, 3]))
  }

  @Test func anInputThatIsTheOutputHasTheCotangentAsGradient() throws {
    var builder = GraphBuilder()
    builder.output("y", builder.input("x", [Extents.batch, 2]))
    let graph = try builder.finish().gradient(of: "y", cotangent: "dy", withRespectTo: ["x"])
    let dy = Tensor<Double>([3, -4], shape: [1, 2])
    let values = try Interpreter(graph)(["x": .zeros([1, 2]), "dy": dy])
    #expect(values["gradient(x)"] == dy)
  }

  @Test func unknownNamesAreNamed() throws {
    let graph = try network()
    #expect(throws: GraphError.unknownName("y", kind: "output", known: ["logits"])) {
      try graph.gradient(of: "y", cotangent: "dy", withRespectTo: ["x"])
    }
    let expected = GraphError.unknownName(
      "z", kind: "input or parameter", known: ["x", "kernel", "bias", "weight"])
    #expect(throws: expected) {
      try graph.gradient(of: "logits", cotangent: "dy", withRespectTo: ["x", "z"])
    }
    #expect(
      expected.description
        == "no input or parameter is named \"z\"; known: x, kernel, bias, weight")
  }

  @Test func takenNamesAreRefused() throws {
    let graph = try network()
    let cotangent = GraphError.duplicateName("x", kind: "input or parameter")
    #expect(throws: cotangent) {
      try graph.gradient(of: "logits", cotangent: "x", withRespectTo: ["kernel"])
    }
    #expect(cotangent.description == "there is already an input or parameter named \"x\"")
    let output = GraphError.duplicateName("gradient(x)", kind: "output")
    #expect(throws: output) {
      try graph.gradient(of: "logits", cotangent: "dy", withRespectTo: ["x", "x"])
    }
    #expect(throws: output) {
      try gradient("x").gradient(of: "gradient(x)", cotangent: "v", withRespectTo: ["x"])
    }
  }
}
