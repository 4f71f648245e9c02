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
