extension BadInputTests {
  /// What `gibbon show` is told.
  static let showWords = [
    Case(
      "show frobnicate",
      "there is no command 'show frobnicate'; there are morph, attribution, imperceptible, linear, "
        + "spatial, hans"),
    Case(
      "show linaer",
      "there is no command 'show linaer' (did you mean linear?); there are morph, attribution, imperceptible, linear, "
        + "spatial, hans"
    ),
    Case(
      "show imperceptible in/net.safetensors",
      "Missing expected argument '--threat <threat>'; see gibbon show imperceptible --help"),
    Case(
      "show imperceptible in/net.safetensors --threat linf:0.1 --indx 3",
      "there is no option --indx (did you mean --index?); see gibbon show imperceptible --help"),
    Case(
      "show imperceptible in/net.safetensors --threat linf:0.1 --index -1",
      "--index is -1; expected 0 or more"),
    Case(
      "show imperceptible in/net.safetensors --threat linf:0.1 --index 10000",
      "--index is 10000, but mnist:test has 10000 examples"),
    Case(
      "show imperceptible in/net.safetensors --threat linf:0.1 --index 1 --count 2",
      "--index names one example; expected it without --count and --offset"),
    Case(
      "show imperceptible in/net.safetensors --threat linf:0.1 --index 1 --image in/none.png",
      "--index and --image exclude each other; expected one of them"),
    Case(
      "show imperceptible in/net.safetensors --threat linf:0.1 --image in/none.png --data mnist:test",
      "expected either --image or --data, --count and --offset"),
    Case(
      "show imperceptible in/net.safetensors --threat linf:0.1 --save out.txt",
      "--save is 'out.txt'; expected a name that ends in .npz or .safetensors"),
    Case(
      "show imperceptible in/net.safetensors --threat linf:0.1 --attack pdg",
      "there is no attack 'pdg' (did you mean pgd?); there are \(attacks)"),
    Case(
      "show linear --sizes 7,14",
      "--sizes is '7,14'; expected 3 to 8 different sides of 4 to 256 pixels, such as 7,14,28,56,112"
    ),
    Case(
      "show linear --sizes 7,14,14",
      "--sizes is '7,14,14'; expected 3 to 8 different sides of 4 to 256 pixels, such as 7,14,28,56,112"
    ),
    Case(
      "show linear --sizes 1,14,28",
      "--sizes is '1,14,28'; expected 3 to 8 different sides of 4 to 256 pixels, such as 7,14,28,56,112"
    ),
    Case(
      "show linear --threat l2:1",
      "--threat is 'l2:1'; expected linf and a radius, such as linf:0.25"),
    Case("show linear --classes 3", "--classes is '3'; expected two classes, such as 3,7"),
    Case("show linear --classes 3,3", "--classes is '3,3'; expected two classes, such as 3,7"),
    Case(
      "show linear --classes 3,33",
      "--classes: there is no class 33; expected 0 to 9"),
    Case(
      "show linear --classes 3,seven",
      "--classes is 'seven'; expected 0 to 9 or the name of a class (given by --labels FILE)"),
    Case(
      "show linear --count 1",
      "mnist:train: no example is of class 3; expected some of both classes"),
    Case("show linear --draws 0", "--draws is 0; expected 1 to 20"),
    Case("show linear --epochs 0", "--epochs is 0; expected 1 to 100"),
    Case(
      "show linear --validation mnist:tset",
      "'mnist:tset': MNIST has no split 'tset' (did you mean test?); expected mnist:test, mnist:train, "
        + "mnist:test@DIR, cifar10:test@DIR, cifar100:train@DIR, npz:FILE, npy:X,Y, idx:IMAGES,LABELS, images:DIR or "
        + "csv:FILE"),
    Case(
      "show spatial in/net.safetensors --threat linf:0.1",
      "--threat is 'linf:0.1'; expected rotations and shifts, such as rotation:30+shift:3"),
    Case(
      "show spatial in/net.safetensors --grid 31,5",
      "--grid is '31,5'; expected 3 numbers of values joined by commas, at most 100000 points in all"
    ),
    Case(
      "show spatial in/net.safetensors --grid 31,0,5",
      "--grid is '31,0,5'; expected 3 numbers of values joined by commas, at most 100000 points in all"
    ),
    Case(
      "show spatial in/net.safetensors --grid 1000,100,100",
      "--grid is '1000,100,100'; expected 3 numbers of values joined by commas, at most 100000 points in all"
    ),
    Case("show spatial in/net.safetensors --draws 0", "--draws is 0; expected 1 to 10000"),
    Case(
      "show spatial in/net.safetensors in/net.safetensors",
      "the model 'in/net.safetensors' is named twice; expected different ones"),
    Case(
      "show spatial http://127.0.0.1:1/",
      "http://127.0.0.1:1/ is a remote model; expected networks that run here"),
  ]
}
