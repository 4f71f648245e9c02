/// A recipe that is built in: one that is published, as its text says.
public struct BuiltInRecipe: Sendable {
  /// The name.
  public let name: String
  /// The recipe in YAML.
  public let text: String

  /// What it is about, in a line.
  public var summary: String {
    text.split(separator: "\n").first { $0.hasPrefix("summary: ") }.map { String($0.dropFirst(9)) }
      ?? ""
  }

  /// All of them.
  public static let all: [BuiltInRecipe] = [
    BuiltInRecipe(
      name: "mnist-wong",
      text: """
        summary: one step from a random start, minutes (Wong, Rice and Kolter 2020)
        # https://arxiv.org/abs/2001.03994, https://github.com/locuslab/fast_adversarial
        input: 1x28x28
        architecture: mnist-small
        data: mnist:train
        threat: linf:0.3
        attack: fgsm
        random-start: true
        step-size: 0.375
        method: adversarial
        epochs: 10
        batch: 100
        optimizer: adam
        rate: 0.005
        schedule: cyclic
        peak: 0.4
        seed: 0
        """),
    BuiltInRecipe(
      name: "mnist-madry",
      text: """
        summary: forty steps of PGD (Madry et al. 2018)
        # https://arxiv.org/abs/1706.06083, https://github.com/MadryLab/mnist_challenge: 100,000 steps
        input: 1x28x28
        architecture: mnist-madry
        data: mnist:train
        threat: linf:0.3
        attack: pgd
        steps: 40
        step-size: 0.01
        method: adversarial
        epochs: 84
        batch: 50
        optimizer: adam
        rate: 0.0001
        schedule: constant
        seed: 0
        """),
    BuiltInRecipe(
      name: "mnist-trades",
      text: """
        summary: TRADES with beta 1 and forty steps (Zhang et al. 2019)
        # https://arxiv.org/abs/1901.08573, https://github.com/yaodongyu/TRADES
        input: 1x28x28
        architecture: trades-smallcnn
        data: mnist:train
        threat: linf:0.3
        method: trades:beta=1,steps=40,step-size=0.01
        epochs: 100
        batch: 128
        optimizer: sgd
        momentum: 0.9
        rate: 0.01
        schedule: steps
        drops: [0.55, 0.75, 0.9]
        seed: 0
        """),
    BuiltInRecipe(
      name: "mnist-ibp",
      text: """
        summary: certified training by intervals, with short warm-up (Gowal et al. 2018, Shi et al. 2021)
        # https://arxiv.org/abs/1810.12715, https://arxiv.org/abs/2103.17268
        # Trained within a little more than the 0.3 that is asked for.
        input: 1x28x28
        architecture: mnist-deep
        data: mnist:train
        threat: linf:0.33
        method: ibp:warm-up=0.0143,ramp=0.3
        epochs: 70
        batch: 256
        optimizer: adam
        rate: 0.0005
        schedule: steps
        drops: [0.714, 0.857]
        drop-factor: 0.2
        gradient-norm: 10
        seed: 0
        """),
    BuiltInRecipe(
      name: "mnist-crown-ibp",
      text: """
        summary: certified training by linear bounds while the box grows (Zhang et al. 2020)
        # https://arxiv.org/abs/1906.06316
        # Trained within a little more than the 0.3 that is asked for.
        input: 1x28x28
        architecture: mnist-deep
        data: mnist:train
        threat: linf:0.33
        method: crown-ibp:warm-up=0.0143,ramp=0.3
        epochs: 70
        batch: 256
        optimizer: adam
        rate: 0.0005
        schedule: steps
        drops: [0.714, 0.857]
        drop-factor: 0.2
        gradient-norm: 10
        seed: 0
        """),
    BuiltInRecipe(
      name: "mnist-sabr",
      text: """
        summary: certified training on small boxes around worst points (Müller et al. 2023)
        # https://arxiv.org/abs/2210.04871, https://github.com/eth-sri/CTBench: the share of the box at 0.3
        input: 1x28x28
        architecture: mnist-deep
        data: mnist:train
        threat: linf:0.3
        method: sabr:lambda=0.9,warm-up=0.0143,ramp=0.2857,l1=1e-6
        epochs: 70
        batch: 256
        optimizer: adam
        rate: 0.0005
        schedule: steps
        drops: [0.714, 0.857]
        drop-factor: 0.2
        gradient-norm: 10
        seed: 0
        """),
    BuiltInRecipe(
      name: "mnist-mtl-ibp",
      text: """
        summary: certified and adversarial training at once (De Palma et al. 2024)
        # https://arxiv.org/abs/2305.13991, https://github.com/eth-sri/CTBench: the weight of the bound at 0.3
        input: 1x28x28
        architecture: mnist-deep
        data: mnist:train
        threat: linf:0.3
        method: mtl-ibp:alpha=0.5,steps=1,warm-up=0.0143,ramp=0.2857,l1=1e-6
        epochs: 70
        batch: 256
        optimizer: adam
        rate: 0.0005
        schedule: steps
        drops: [0.714, 0.857]
        drop-factor: 0.2
        gradient-norm: 10
        seed: 0
        """),
    BuiltInRecipe(
      name: "cifar10-pgd",
      text: """
        summary: ten steps of PGD, as the bag of tricks has it (Pang et al. 2021)
        # https://arxiv.org/abs/2010.00467; the folder cifar10 holds the binary batches
        input: 3x32x32
        architecture: resnet32
        data: cifar10:train@cifar10
        threat: linf:8/255
        attack: pgd
        steps: 10
        step-size: 0.00784
        method: adversarial
        augment: [crop:4, flip]
        epochs: 110
        batch: 128
        optimizer: sgd
        momentum: 0.9
        weight-decay: 0.0005
        rate: 0.1
        schedule: steps
        drops: [0.909, 0.9545]
        seed: 0
        """),
    BuiltInRecipe(
      name: "cifar10-trades",
      text: """
        summary: TRADES with beta 6 and ten steps (Zhang et al. 2019, Pang et al. 2021)
        # https://arxiv.org/abs/1901.08573, https://arxiv.org/abs/2010.00467
        # The folder cifar10 holds the binary batches.
        input: 3x32x32
        architecture: resnet32
        data: cifar10:train@cifar10
        threat: linf:8/255
        method: trades:beta=6,steps=10,step-size=0.00784
        augment: [crop:4, flip]
        epochs: 110
        batch: 128
        optimizer: sgd
        momentum: 0.9
        weight-decay: 0.0005
        rate: 0.1
        schedule: steps
        drops: [0.909, 0.9545]
        seed: 0
        """),
  ]
}
