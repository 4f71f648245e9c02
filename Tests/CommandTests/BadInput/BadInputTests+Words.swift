extension BadInputTests {
  /// Verbs, threats and names of options.
  static let words = [
    Case(
      "frobnicate",
      "there is no verb 'frobnicate'; there are demo, classify, attack, train, predict, convert, info"
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
      "threat '0.3': expected NORM:RADIUS, such as linf:0.3, linf:8/255 or l2:0.5"),
    Case(
      "attack in/net.safetensors --threat l7:0.3",
      "threat 'l7:0.3': expected NORM:RADIUS, such as linf:0.3, linf:8/255 or l2:0.5"),
    Case(
      "attack in/net.safetensors --threat l1:12",
      "threat 'l1:12': the threat 'l1' is not supported yet"),
    Case(
      "attack in/net.safetensors --threat linf:0.1+l2:1",
      "threat 'linf:0.1+l2:1': threats joined with + or | is not supported yet"),
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
      "attack in/net.safetensors --threat linf:0.3 --attack frobnicate",
      "there is no attack 'frobnicate'; there are noise, fgsm, pgd"),
    Case(
      "info in/net.safetensors more",
      "Unexpected argument 'more'; see gibbon info --help"),
    Case(
      "info --frobnicate",
      "Unknown option '--frobnicate'; see gibbon info --help"),
  ]
}
