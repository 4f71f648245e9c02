import Networks

extension BadInputTests {
  /// Values of options of a training.
  static let trainWords = [
    Case(
      "train",
      "Missing expected argument '--output <output>'; see gibbon train --help"),
    Case(
      "train mnist-mlp",
      "Missing expected argument '--output <output>'; see gibbon train --help"),
    Case(
      "train hugenet --output net.safetensors",
      "no architecture is named \"hugenet\"; known: "
        + Architecture.all.map(\.name).joined(separator: ", ")),
    Case(
      "train mnist-mlp --output net.safetensors --count 0",
      "--count is 0; expected 1 or more"),
    Case(
      "train mnist-mlp --output net.safetensors --count 60001",
      "--count is 60001, but mnist:train has 60000 examples"),
    Case(
      "train mnist-mlp --output net.safetensors --epochs 0",
      "--epochs is 0; expected 1 to 1000000"),
    Case(
      "train mnist-mlp --output net.safetensors --epochs 9223372036854775807",
      "--epochs is 9223372036854775807; expected 1 to 1000000"),
    Case(
      "train mnist-mlp --output net.safetensors --batch 0",
      "--batch is 0; expected 1 to 4096"),
    Case(
      "train mnist-mlp --output net.safetensors --seed abc",
      "The value 'abc' is invalid for '--seed <seed>': expected a whole number from "
        + "0 to 18446744073709551615"),
    Case(
      "train mnist-mlp --output net.safetensors --rate 0",
      "--rate is 0.0; expected a positive number"),
    Case(
      "train mnist-mlp --output net.safetensors --rate -1",
      "--rate is -1.0; expected a positive number"),
    Case(
      "train mnist-mlp --output net.safetensors --rate nan",
      "--rate is nan; expected a positive number"),
    Case(
      "train mnist-mlp --output net.safetensors --optimizer lion",
      "--optimizer is 'lion'; expected adam, adamw or sgd"),
    Case(
      "train mnist-mlp --output net.safetensors --schedule square",
      "--schedule is 'square'; expected constant, steps, cyclic, cosine or linear"),
    Case(
      "train mnist-mlp --output net.safetensors --schedule steps --drops 0.5,2",
      "--drops is '0.5,2'; expected ascending shares from 0 to below 1, such as 0.5,0.75"),
    Case(
      "train mnist-mlp --output net.safetensors --schedule steps --drops 0.5,0.2",
      "--drops is '0.5,0.2'; expected ascending shares from 0 to below 1, such as 0.5,0.75"),
    Case(
      "train mnist-mlp --output net.safetensors --drops 0.5",
      "--drops applies only to --schedule steps, not to cyclic"),
    Case(
      "train mnist-mlp --output net.safetensors --schedule constant --peak 0.3",
      "--peak applies only to --schedule cyclic, not to constant"),
    Case(
      "train mnist-mlp --output net.foo",
      "--output is 'net.foo'; expected a name that ends in .safetensors, .onnx, .pt, .pth or .npz"),
    Case(
      "train mnist-mlp --output net.safetensors --peak 1",
      "--peak is 1.0; expected 0 to below 1"),
    Case(
      "train mnist-mlp --output net.safetensors --momentum 0.5",
      "--momentum applies only to --optimizer sgd, not to adam"),
    Case(
      "train mnist-mlp --output net.safetensors --momentum 1",
      "--momentum is 1.0; expected 0 to below 1"),
    Case(
      "train mnist-mlp --output net.safetensors --weight-decay -1",
      "--weight-decay is -1.0; expected 0 or more"),
    Case(
      "train mnist-mlp --output net.safetensors --threat linf:-1",
      "threat 'linf:-1': the radius '-1' must be a finite number or fraction that is "
        + "not negative"),
    Case(
      "train mnist-mlp --output net.safetensors --threat linf:0.1 --attack frobnicate",
      "there is no attack 'frobnicate'; there are \(attacks)"),
    Case(
      "train mnist-mlp --output net.safetensors --threat linf:0.1 --stepsize 3",
      "there is no option --stepsize (did you mean --step-size?); see gibbon train --help"),
    Case(
      "train mnist-mlp --output net.safetensors --steps 3",
      "--steps is for adversarial training, which also needs --threat"),
    Case(
      "train mnist-mlp --output net.safetensors --attack fgsm",
      "--attack is for adversarial training, which also needs --threat"),
    Case(
      "train mnist-mlp --output net.safetensors --frobnicate 3",
      "there is no option --frobnicate; see gibbon train --help"),
    Case(
      "train mnist-mlp --output net.safetensors --lr 0.1",
      "there is no option --lr (did you mean --rate?); see gibbon train --help"),
  ]
}
