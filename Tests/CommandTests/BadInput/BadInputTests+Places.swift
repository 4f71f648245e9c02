extension BadInputTests {
  /// Places that cannot be written to.
  static let places = [
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 2 --json none/out.json",
      "none/out.json: cannot find its folder: No such file or directory"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 2 --json in",
      "in: cannot write a file: Is a directory"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 2 --json in/images/out.json",
      "in/images/out.json: cannot find its folder: Not a directory"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 2 --save none/out.safetensors",
      "none/out.safetensors: cannot find its folder: No such file or directory"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 2 --report none/out.html",
      "none/out.html: cannot find its folder: No such file or directory"),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --count 2 --json same --save same",
      "--json and --save both write same; expected two files"),
    Case(
      "info in/net.safetensors --json none/out.json",
      "none/out.json: cannot find its folder: No such file or directory"),
    Case(
      "train mnist-mlp --output none/net.safetensors",
      "none/net.safetensors: cannot find its folder: No such file or directory"),
    Case(
      "train mnist-mlp --output in",
      "in: cannot write a file: Is a directory"),
    Case(
      "train mnist-mlp --output net.safetensors --json none/out.json",
      "none/out.json: cannot find its folder: No such file or directory"),
    Case(
      "train mnist-mlp --output same --json same",
      "--output and --json both write same; expected two files"),
  ]

  #if os(Linux)
    static let full = [
      Case(
        "attack in/net.safetensors --threat linf:0.3 --count 2 --save /dev/full",
        "--save is '/dev/full'; expected a name that ends in .npz or .safetensors, or in .png for a "
          + "photograph"),
      Case(
        "train mnist-mlp --output /dev/full --epochs 1 --data idx:in/images,in/labels",
        "/dev/full: cannot write the data: No space left on device"),
    ]
    static let fullAtTheEnd = [
      Case(
        "attack in/net.safetensors --threat linf:0.3 --count 2 --json /dev/full",
        "/dev/full: cannot write the data: No space left on device"),
      Case(
        "info in/net.safetensors --json /dev/full",
        "/dev/full: cannot write the data: No space left on device"),
      Case(
        "evaluate in/net.safetensors --threat linf:0.3 --count 2 --no-checks --attacks noise "
          + "--json /dev/full",
        "/dev/full: cannot write the data: No space left on device"),
    ]
  #endif
}
