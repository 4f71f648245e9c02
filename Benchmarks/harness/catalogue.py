"""What is compared, with whom, and what is asked of it."""

from dataclasses import dataclass, field

ROWS = {"mnist-madry": 512, "resnet18-cifar": 64, "wideresnet-28-10": 16}
TITLES = {"mnist-madry": "Madry CNN", "resnet18-cifar": "ResNet-18", "wideresnet-28-10": "WideResNet-28-10"}


@dataclass(frozen=True)
class Contender:
    """One that takes part in a comparison."""
    label: str
    variant: str
    is_ours: bool = False
    # Only the fastest of those that count is compared with ours; the others are told beside.
    counts: bool = True


EAGER = [Contender("PyTorch, contiguous", "contiguous"), Contender("PyTorch, channels-last", "channels-last")]
BESIDE = [Contender("folded by hand, channels-last", "folded", counts=False),
          Contender("torch.compile, channels-last", "compiled", counts=False)]
# As users call it, an example is done where it is broken and verified; beside it, with every step as the others do.
CALLED = Contender("Gibbon", "early-exit", is_ours=True)
LIBRARIES = [Contender("torchattacks", "torchattacks"), Contender("Foolbox", "foolbox"),
             Contender("Gibbon, every step", "", is_ours=True, counts=False)]
# All begin at the example, where they can be compared.
FROM_EXAMPLE = Contender("Gibbon", "from-example", is_ours=True)
FROZEN = [Contender("Foolbox, weights frozen", "foolbox-frozen", counts=False)]


@dataclass(frozen=True)
class Comparison:
    """A workload of ours and of others."""
    name: str
    work: str
    kind: str
    network: str
    rows: int
    asked: float
    contenders: list = field(default_factory=lambda: EAGER + BESIDE)
    ours: Contender = Contender("Gibbon", "", is_ours=True)

    @property
    def title(self):
        return f"{self.work}, {TITLES[self.network]}, N={self.rows}"

    @property
    def workload(self):
        return f"{self.kind}/{self.network}/{self.rows}"

    def flops(self, macs, first_macs):
        """Floating-point operations of one step, by the multiplications of one image."""
        if self.kind == "train-step":
            # Nobody needs the gradient with respect to the images.
            return 2 * self.rows * (3 * macs - first_macs)
        if self.kind == "train-pgd7":
            return 2 * self.rows * (7 * 2 * macs + 3 * macs - first_macs)
        if self.kind == "train-trades":
            return 2 * self.rows * (macs + 10 * 2 * macs + 2 * (3 * macs - first_macs))
        if self.kind == "train-ibp":
            # Scores, and the middle and the radius of boxes.
            return 2 * self.rows * 3 * (3 * macs - first_macs)
        if self.ours.variant:
            # Examples that leave early make fewer than were counted.
            return None
        passes = 1 if self.kind == "forward" else 2
        return 2 * self.rows * macs * passes


COMPARISONS = [
    Comparison("step-madry", "PGD step", "pgd-step", "mnist-madry", 128, 2.5),
    Comparison("step-resnet18", "PGD step", "pgd-step", "resnet18-cifar", 64, 1.7),
    Comparison("step-wrn", "PGD step", "pgd-step", "wideresnet-28-10", 16, 1.5),
    Comparison("pgd20-madry", "PGD-20, whole call", "pgd-20", "mnist-madry", 128, 3, LIBRARIES + FROZEN, CALLED),
    Comparison("pgd20-resnet18", "PGD-20, whole call", "pgd-20", "resnet18-cifar", 64, 3, LIBRARIES, CALLED),
    Comparison("pgd40-madry", "PGD-40, whole call", "pgd-40", "mnist-madry", 128, 4, LIBRARIES, CALLED),
    Comparison("latency", "forward", "forward", "resnet18-cifar", 1, 2),
    Comparison("forward", "forward", "forward", "resnet18-cifar", 64, 1.5),
    Comparison("train-madry", "training step", "train-step", "mnist-madry", 128, 1.6, EAGER),
    Comparison("train-resnet18", "training step", "train-step", "resnet18-cifar", 64, 1.3, EAGER),
    Comparison("pgd7-madry", "training step against PGD-7", "train-pgd7", "mnist-madry", 128, 2.4, EAGER, FROM_EXAMPLE),
    Comparison("pgd7-resnet18", "training step against PGD-7", "train-pgd7", "resnet18-cifar", 64, 2, EAGER,
               FROM_EXAMPLE),
    Comparison("trades-madry", "training step of TRADES", "train-trades", "mnist-madry", 128, 1.8, EAGER),
    Comparison("trades-resnet18", "training step of TRADES", "train-trades", "resnet18-cifar", 64, 1.8, EAGER),
    Comparison("ibp-madry", "training step under interval bounds", "train-ibp", "mnist-madry", 128, 1.8, EAGER),
]

# Names of what is measured otherwise, and what it is.
OTHERS = {
    "verdict": "time to the verdict of the standard evaluation, a quarter of AutoAttack's or less",
    "flat": "seconds per image and step over batch sizes and numbers of steps, ours alone, flat within 15 %",
    "train-pgd7-madry": "seconds of a training step against PGD-7, ours alone, and those outside the engine",
    "train-fgsm-madry": "seconds of a training step against FGSM, ours alone, and those outside the engine",
    "memory": "peak memory of PGD on ResNet-18, N=64, half of PyTorch's or less",
    "memory-training": "memory of training against PGD-7 on ResNet-18, N=64, above that before any network, 0.7 of PyTorch's",
    "info": "`gibbon info mnist-standard` from start to exit, under 60 ms",
}
