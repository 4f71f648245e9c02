import Networks

extension BadInputTests {
  private static let expected =
    "expected a network: safetensors, PyTorch's checkpoints (.pt, .pth), .onnx, or arrays in .npz"

  /// Files that are no network, or another.
  static let networks = [
    Case(
      "attack clever --threat linf:0.3",
      "there is no built-in network 'clever'; there are mnist-standard, "
        + "mnist-robust, mnist-certified; otherwise MODEL is a file: .safetensors, PyTorch's, .onnx or .npz"
    ),
    Case(
      "attack in/none.safetensors --threat linf:0.3",
      "in/none.safetensors: cannot read it: No such file or directory"),
    Case(
      "attack in/none/net.safetensors --threat linf:0.3",
      "in/none/net.safetensors: cannot read it: No such file or directory"),
    Case(
      "attack in/folder.safetensors --threat linf:0.3",
      "in/folder.safetensors: cannot read it: Is a directory"),
    Case(
      "attack in/garbage.safetensors --threat linf:0.3",
      "in/garbage.safetensors: is a text; " + expected),
    Case(
      "attack in/empty.safetensors --threat linf:0.3",
      "in/empty.safetensors: is empty; " + expected),
    Case(
      "attack in/truncated.safetensors --threat linf:0.3",
      "in/truncated.safetensors: not a whole safetensors file: tensor \"5.weight\": "
        + "expected data_offsets of a begin and an end within 796740 bytes"),
    Case(
      "attack in/header.safetensors --threat linf:0.3",
      "in/header.safetensors: not a whole safetensors file: byte 0: expected a "
        + "header of at most 32 bytes, found 1080"),
    Case(
      "attack in/bare.safetensors --threat linf:0.3",
      "in/bare.safetensors: holds 6 tensors but not the network's architecture; give it by --architecture, "
        + "which could be mnist-mlp"),
    Case(
      "attack in/newer.safetensors --threat linf:0.3",
      "in/newer.safetensors: expected the format gibbon-network-2 in its metadata, "
        + "found \"gibbon-network-99\""),
    Case(
      "attack in/unknown.safetensors --threat linf:0.3",
      "in/unknown.safetensors: no architecture is named \"mnist-large\"; known: "
        + Architecture.all.map(\.name).joined(separator: ", ")),
    Case(
      "attack in/other.safetensors --threat linf:0.3",
      "in/other.safetensors: the parameters do not fit the architecture mnist-small: "
        + "0.weight (16x1x4x4) is missing, 0.bias (16) is missing, 2.weight (32x16x4x4) "
        + "is missing, 2.bias (32) is missing, 1.bias (200) is surplus, 1.weight (200x784) is surplus, "
        + "and 6 more"),
    Case(
      "attack in/net.onnx --threat linf:0.3",
      "in/net.onnx: is a text; " + expected),
    Case(
      "attack /dev/zero --threat linf:0.3",
      "/dev/zero: cannot read a device or a pipe: Operation not supported"),
    Case(
      "info in/truncated.safetensors",
      "in/truncated.safetensors: not a whole safetensors file: tensor \"5.weight\": "
        + "expected data_offsets of a begin and an end within 796740 bytes"),
    Case(
      "train mnist-mlp --output net.safetensors --resume",
      "net.safetensors: there is nothing to resume; expected the file of an "
        + "unfinished training"),
    Case(
      "train mnist-small --output in/of-small.safetensors --resume",
      "in/of-small.safetensors: cannot be resumed: expected the architecture mnist-small, "
        + "found mnist-mlp"),
    Case(
      "train mnist-mlp --output in/garbage.safetensors --resume",
      "in/garbage.safetensors: not a whole safetensors file: byte 0: expected a "
        + "header of at most 34 bytes, found 2338328219631577204"),
    Case(
      "train mnist-mlp --output in/of-recipe.safetensors --resume",
      "in/of-recipe.safetensors: cannot be resumed: made by another recipe; expected \"10 "
        + "epochs of batches of 100, adam(0.9, 0.999, epsilon 1e-08, weight decay 0.0), "
        + "rate cyclic, 0.005 at 0.4, seed 0, plain\", found \"2 epochs of batches of 50, "
        + "adam(0.9, 0.999, epsilon 1e-08, weight decay 0.0), rate cyclic, 0.003 at 0.4, "
        + "seed 1, plain\""),
    Case(
      "train \(Trained.recipe) --output in/of-finished.safetensors --resume",
      "in/of-finished.safetensors: cannot be resumed: the training it holds is finished"),
  ]
}
