public import Graphs
import Tensors

extension Architecture {
  /// A small vision transformer with timm's names: 65 tokens of width 192, six blocks of three heads.
  ///
  /// Dosovitskiy et al., "An image is worth 16x16 words", 2021, https://arxiv.org/abs/2010.11929.
  static let visionTransformer = Architecture(
    "vit-small-cifar", "six transformer blocks on patches of 4x4, for 32x32 (Dosovitskiy 2021)",
    input: .cifar10
  ) {
    // Its parameters have no common name, unlike those of the layers behind it.
    TokenEmbedding(patch: 4, width: 192).named("")
    Sequential { for _ in 0..<6 { TransformerBlock(heads: 3) } }.named("blocks")
    ClassToken()
    LayerNorm(epsilon: 1e-6).named("norm")
    Linear(10, bias: .zeros, start: .normal(0.02)).named("head")
  }
}

// Tokens are N x D x 1 x T: D channels of T tokens, as an image of one row. So a linear layer on every token
// is a 1x1 convolution, and the heads of attention are groups of channels; nothing has to be transposed.

/// Patches of an image as tokens, behind a class token, with a learned position added to each.
///
/// Its parameters are `patch_embed.proj`, `cls_token` and `pos_embed`, as timm's. Dosovitskiy et al., "An image
/// is worth 16x16 words", 2021, https://arxiv.org/abs/2010.11929.
public struct TokenEmbedding: Layer {
  private let patch: Int
  private let width: Int

  /// Creates an embedding of square patches with `width` channels: N x C x H x W -> N x width x 1 x T.
  public init(patch: Int, width: Int) {
    self.patch = patch
    self.width = width
  }

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let prefix = name.isEmpty ? "" : name + "."
    let start = WeightInitialization.normal(0.02)
    let token = context.parameter(
      prefix + "cls_token", [1, 1, width], .normal(deviation: 1e-6))
    let patches = try Convolve(
      width, kernel: patch, stride: patch, bias: .zeros, start: start
    ).apply(to: x, named: prefix + "patch_embed.proj", in: &context)
    let extents = context.graph.extents(of: patches)
    let count = extents[2] * extents[3]
    let positions = context.parameter(
      prefix + "pos_embed", [1, count + 1, width], .normal(deviation: 0.02))
    return try context.graph.tokens(
      of: patches, behind: token, at: positions, count: count, width: width)
  }
}

extension GraphBuilder {
  fileprivate mutating func tokens(
    of patches: Value, behind token: Value, at positions: Value, count: Int, width: Int
  ) throws(GraphError) -> Value {
    let row = try apply(Reshape(to: [Extents.batch, width, 1, count]), patches)
    let first = try apply(
      Broadcast(to: [Extents.batch, width, 1, 1], axes: [0, 2, 3]),
      try apply(Reshape(to: [width]), token))
    let tokens = try apply(Concatenate(axis: 3), first, row)
    let columns = try apply(
      Transpose([1, 0]), try apply(Reshape(to: [count + 1, width]), positions))
    let image = try apply(Reshape(to: [width, 1, count + 1]), columns)
    return try add(
      tokens, try apply(Broadcast(to: extents(of: tokens), axes: [0]), image))
  }
}

/// A linear layer on every token: N x I x 1 x T -> N x O x 1 x T.
public struct TokenLinear: Layer {
  private let count: Int
  private let start: WeightInitialization

  /// Creates a layer with `count` outputs.
  public init(_ count: Int, start: WeightInitialization = .normal(0.02)) {
    self.count = count
    self.start = start
  }

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let extents = context.graph.extents(of: x)
    guard extents.rank == 4 else {
      throw .operands(operator: "linear", expected: "N x I x 1 x T", found: [extents])
    }
    let shape: Shape = [count, extents[1]]
    let weight = context.parameter(name + ".weight", shape, start.start(of: shape))
    let bias = context.parameter(name + ".bias", [count], .constant(0))
    let kernel = try context.graph.apply(Reshape(to: [count, extents[1], 1, 1]), weight)
    return try context.graph.convolution(x, weight: kernel, bias: bias, Window(1))
  }
}

/// Every token becomes a mean of all, weighted by how its query meets their keys, in several heads.
///
/// Its parameters are `qkv` and `proj`. Vaswani et al., "Attention is all you need", 2017,
/// https://arxiv.org/abs/1706.03762.
public struct SelfAttention: Layer {
  private let heads: Int

  /// Creates an attention; the number of heads divides the width.
  public init(heads: Int) { self.heads = heads }

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let extents = context.graph.extents(of: x)
    guard extents.rank == 4, extents[1] % heads == 0 else {
      throw .operands(
        operator: "attention", expected: "N x D x 1 x T with D a multiple of \(heads)",
        found: [extents])
    }
    let (width, count) = (extents[1], extents[2] * extents[3])
    let joined = try TokenLinear(3 * width).apply(to: x, named: name + ".qkv", in: &context)
    var parts: [Value] = []
    for part in 0..<3 {
      let slice = try context.graph.apply(
        Slice(axis: 1, range: part * width..<(part + 1) * width), joined)
      parts.append(
        try context.graph.apply(
          Reshape(to: [Extents.batch, heads, width / heads, count]), slice))
    }
    let query = try context.graph.scale(parts[0], by: 1 / Float(width / heads).squareRoot())
    let scores = try context.graph.apply(MatrixMultiply(transposesLeft: true), query, parts[1])
    let weights = try context.graph.apply(Softmax(), scores)
    let mixed = try context.graph.apply(MatrixMultiply(transposesRight: true), parts[2], weights)
    let row = try context.graph.apply(Reshape(to: extents), mixed)
    return try TokenLinear(width).apply(to: row, named: name + ".proj", in: &context)
  }
}

/// Attention and two linear layers, each behind a normalisation, around which the tokens are added.
///
/// Its parameters are `norm1`, `attn`, `norm2`, `mlp.fc1` and `mlp.fc2`, as timm's.
public struct TransformerBlock: Layer {
  private let heads: Int
  private let expansion: Int

  /// Creates a block; its hidden layer has `expansion` times the width.
  public init(heads: Int, expansion: Int = 4) {
    self.heads = heads
    self.expansion = expansion
  }

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let width = context.graph.extents(of: x)[1]
    let attention = Sequential {
      LayerNorm(epsilon: 1e-6).named("norm1")
      SelfAttention(heads: heads).named("attn")
    }
    let perceptron = Sequential {
      LayerNorm(epsilon: 1e-6).named("norm2")
      TokenLinear(expansion * width).named("mlp.fc1")
      Activation(.gelu)
      TokenLinear(width).named("mlp.fc2")
    }
    var x = x
    for part in [attention, perceptron] {
      x = try context.graph.add(x, try part.apply(to: x, named: name, in: &context))
    }
    return x
  }
}

/// The first token alone: N x D x 1 x T -> N x D.
public struct ClassToken: Layer {
  /// Creates the layer.
  public init() {}

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    try context.graph.flatten(try context.graph.apply(Slice(axis: 3, range: 0..<1), x))
  }
}
