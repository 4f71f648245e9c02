extension BadInputTests {
  /// Values of options of an attack.
  static let attackWords = [
    Case(
      "attack in/net.safetensors --threat linf:0.3 --steps 0",
      "--steps is '0'; expected an integer from 1 to 1000000"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --steps many",
      "--steps is 'many'; expected an integer from 1 to 1000000"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --steps",
      "--steps needs a value; expected an integer from 1 to 1000000"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --steps 3 --steps 4",
      "--steps is given twice; expected it once"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --attack fgsm --steps 3",
      "the attack 'fgsm' has no option --steps; it has --objective, --random-start, "
        + "--step-size, --restarts"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --step-size -1",
      "--step-size is '-1'; expected a number or fraction from 0 to 1e+30"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --objective hinge",
      "--objective is 'hinge'; expected one of cross-entropy, margin, dlr"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --seed abc",
      "The value 'abc' is invalid for '--seed <seed>': expected a whole number from "
        + "0 to 18446744073709551615"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --seed -1",
      "The value '-1' is invalid for '--seed <seed>': expected a whole number from 0 "
        + "to 18446744073709551615"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --batch 0",
      "--batch is 0; expected 1 to 1000000"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --batch 1000001",
      "--batch is 1000001; expected 1 to 1000000"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 0",
      "--count is 0; expected 1 or more"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count -3",
      "--count is -3; expected 1 or more"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count ten",
      "The value 'ten' is invalid for '--count <count>': expected a whole number"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 10001",
      "--count is 10001 from --offset 0 on, but mnist:test has 10000 examples"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --offset -1",
      "--offset is -1; expected 0 or more"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --offset 10000",
      "--offset is 10000, but mnist:test has 10000 examples"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --offset 9999 --count 2",
      "--count is 2 from --offset 9999 on, but mnist:test has 10000 examples"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --offset 1 --count 9223372036854775807",
      "--count is 9223372036854775807 from --offset 1 on, but mnist:test has 10000 "
        + "examples"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --target 10",
      "--target is 10; expected 0 to 9"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --target -1",
      "--target is -1; expected 0 to 9"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --target seven",
      "--target is 'seven'; expected 0 to 9 or the name of a class (given by --labels FILE)"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --data idx:in/images,in/labels --target 1",
      "idx:in/images,in/labels: all examples are of class 1 already; expected examples of other classes with --target"
        + " 1"),
  ]
}
