extension BadInputTests {
  /// Verbs, threats and names of options.
  static let words = [
    Case(
      "frobnicate",
      "there is no command 'frobnicate'; there are demo, classify, attack, evaluate, matrix, certify, corrupt, "
        + "explain, show, attacks, train, predict, play, convert, info"
    ),
    Case(
      "--frobnicate",
      "Unknown option '--frobnicate'; see gibbon --help"),
    Case(
      "attack",
      "Missing expected argument '<model>'; see gibbon attack --help"),
    Case(
      "attack in/net.safetensors",
      "Missing expected argument '--threat <threat>'; see gibbon attack --help"),
    Case(
      "attack --threat linf:0.3",
      "Missing expected argument '<model>'; see gibbon attack --help"),
    Case(
      "attack in/net.safetensors --threat",
      "Missing value for '--threat <threat>'; see gibbon attack --help"),
    Case(
      "attack in/net.safetensors --threat linf:-1",
      "threat 'linf:-1': the radius '-1' must be a finite number or fraction that is "
        + "not negative"),
    Case(
      "attack in/net.safetensors --threat linf:abc",
      "threat 'linf:abc': the radius 'abc' must be a finite number or fraction that "
        + "is not negative"),
    Case(
      "attack in/net.safetensors --threat linf:",
      "threat 'linf:': the radius '' must be a finite number or fraction that is not "
        + "negative"),
    Case(
      "attack in/net.safetensors --threat linf:1/0",
      "threat 'linf:1/0': the radius '1/0' must be a finite number or fraction that "
        + "is not negative"),
    Case(
      "attack in/net.safetensors --threat linf:nan",
      "threat 'linf:nan': the radius 'nan' must be a finite number or fraction that "
        + "is not negative"),
    Case(
      "attack in/net.safetensors --threat 0.3",
      "threat '0.3': expected NAME:AMOUNT, such as linf:0.3, linf:8/255, l2:0.5 or rotation:30, "
        + "several joined with + (one after the other) or | (either)"),
    Case(
      "attack in/net.safetensors --threat l7:0.3",
      "threat 'l7:0.3': there is no threat 'l7'; there are linf, l2, l1, l0, rotation, shift, flow, "
        + "patch, hue, saturation, brightness, contrast, fog, blur"),
    Case(
      "attack in/net.safetensors --threat linf:0.1+",
      "threat 'linf:0.1+': expected NAME:AMOUNT, such as linf:0.3, linf:8/255, l2:0.5 or rotation:30, "
        + "several joined with + (one after the other) or | (either)"),
    Case(
      "attack in/net.safetensors --threat rotation:400",
      "threat 'rotation:400': the amount of 'rotation' must be a number from 0 to 180, not 400"
    ),
    Case(
      "attack in/net.safetensors --threat linf",
      "threat 'linf': 'linf' needs an amount, such as linf:8/255 or linf:0.3"),
    Case(
      "evaluate in/net.safetensors --threat linf",
      "threat 'linf': 'linf' needs an amount, such as linf:8/255 or linf:0.3"),
    Case(
      "train mnist-small --output net.safetensors --threat linf",
      "threat 'linf': 'linf' needs an amount, such as linf:8/255 or linf:0.3"),
    Case(
      "attack mnist-robust --threat hue:30 --count 2",
      "the threat 'hue:30' changes pictures of 3 channels, but the examples have the shape 1x28x28"),
    Case(
      "attack mnist-robust --threat linf:0.1 --count 2 --labels in/none",
      "--labels in/none: cannot be read: No such file or directory"),
    Case(
      "attack in/net.safetensors --threat fog:1 --attack boundary-search --surrogate in/net.safetensors",
      "--surrogate needs an attack that maximises the loss, not 'boundary-search'"),
    Case(
      "attack in/net.safetensors --threat linf:0.1|shift:1 --attack universal --count 5",
      "--attack universal finds one perturbation within one threat; expected no |, --radii or --eight-bit"
    ),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --frobnicate 3",
      "the attack 'pgd' has no option --frobnicate; it has --steps, --step-size, "
        + "--restarts, --momentum, --objective, --random-start"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --frobnicate",
      "the attack 'pgd' has no option --frobnicate; it has --steps, --step-size, "
        + "--restarts, --momentum, --objective, --random-start"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 -x",
      "unexpected argument '-x'; expected options of the attack 'pgd', such as "
        + "--steps"),
    Case(
      "attack in/net.safetensors more --threat linf:0.3",
      "more: cannot be read: No such file or directory"),
    Case(
      "attack in/net.safetensors more again --threat linf:0.3",
      "unexpected argument 'again'; expected options of the attack 'pgd', such as "
        + "--steps"),
    Case(
      "attack mnist-robust --threat patch:5px@30,4 --count 5",
      "patch:5px@30,4 is not inside a picture of shape 1x28x28; expected a row from 0 to 23 and a column from 0 to 23"
    ),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --random-start maybe",
      "--random-start is 'maybe'; expected true or false, or nothing for true"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --attack frobnicate",
      "there is no attack 'frobnicate'; there are \(attacks)"),
    Case(
      "info in/net.safetensors more",
      "Unexpected argument 'more'; see gibbon info --help"),
    Case(
      "info --frobnicate",
      "Unknown option '--frobnicate'; see gibbon info --help"),
  ]
}
