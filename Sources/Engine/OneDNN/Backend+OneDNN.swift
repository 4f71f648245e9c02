import Graphs

extension Backend {
  /// oneDNN's primitives and our own loops, on the processor.
  package static let oneDNN = Backend(
    passes: [
      Pass("folding of constants") { graph, parameters in
        parameters.isFrozen ? graph.foldingConstants(parameters) : graph
      },
      Pass("fusion of ReLU gradients") { graph, _ in graph.fusingReLUGradients() },
      Pass("fusion of layers") { graph, _ in graph.fusingLayers() },
      Pass("fusion of input gradients") { graph, _ in graph.fusingInputGradients() },
    ],
    kernels: [
      // Layers, and what the passes make of them.
      Kernel(Convolution.lower(_:_:on:)),
      Kernel(ConvolutionInputGradient.lower(_:_:on:)),
      Kernel(ConvolutionWeightGradient.lower(_:_:on:)),
      Kernel(MatrixMultiply.lower(_:_:on:)),
      Kernel(SparseProduct.lower(_:_:on:)),
      Kernel(FusedLayer.lower(_:_:on:)),
      Kernel(FusedInputGradient.lower(_:_:on:)),
      // Functions of each value.
      Kernel(Elementwise.lower(_:_:on:)),
      Kernel(ReLUGradient.lower(_:_:on:), deferring: ReLUGradient.isDeferred(_:on:)),
      Kernel(Arithmetic.lower(_:_:on:)),
      Kernel(Comparison.lower(_:_:on:)),
      Kernel(Select.lower(_:_:on:)),
      // Pooling.
      Kernel(MaxPool.lower(_:_:on:)),
      Kernel(MaxPoolScatter.lower(_:_:on:)),
      Kernel(MaxPoolGather.lower(_:_:on:)),
      Kernel(AveragePool.lower(_:_:on:)),
      Kernel(AveragePoolGradient.lower(_:_:on:)),
      // Normalisation, reductions and losses.
      Kernel(BatchNormalization.lower(_:_:on:)),
      Kernel(Standardize.lower(_:_:on:)),
      Kernel(StandardizeGradient.lower(_:_:on:)),
      Kernel(Reduce.lower(_:_:on:), deferring: Reduce.isDeferred(_:on:)),
      Kernel(Extremum.lower(_:_:on:)),
      Kernel(Softmax.lower(_:_:on:)),
      Kernel(CrossEntropy.lower(_:_:on:)),
      Kernel(CrossEntropyGradient.lower(_:_:on:)),
      // Shapes.
      Kernel(Reshape.lower(_:_:on:)),
      Kernel(Transpose.lower(_:_:on:)),
      Kernel(Concatenate.lower(_:_:on:)),
      Kernel(Slice.lower(_:_:on:)),
      Kernel(Pad.lower(_:_:on:)),
      Kernel(Gather.lower(_:_:on:)),
      Kernel(Broadcast.lower(_:_:on:), deferring: Broadcast.isDeferred(_:on:)),
      Kernel(Expand.lower(_:_:on:), deferring: Expand.isDeferred(_:on:)),
    ])
}
