"""Losses of training methods as their authors wrote them, with all gradients, in PyTorch and double precision.

Each file holds a small network's parameters, a batch, what the method prepared, the loss and its gradients. Doubles are
kept as two floats each, `NAME` and `NAME.rest`, whose sum they are.
"""

import pathlib

import torch
import torch.nn.functional as F
from torch import nn

from fixture_file import write

ROOT = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "training"
ROWS, CLASSES = 6, 5


def network(normalizes):
    layers = [nn.Conv2d(1, 4, 3, stride=2, padding=1)]
    if normalizes:
        layers.append(nn.BatchNorm2d(4))
    return nn.Sequential(*layers, nn.ReLU(), nn.Flatten(), nn.Linear(64, CLASSES)).double()


def divergence(natural, moved):
    """The mean over the batch of KL(softmax(natural) || softmax(moved)), as TRADES computes it."""
    return nn.KLDivLoss(reduction="sum")(F.log_softmax(moved, dim=1), F.softmax(natural, dim=1)) / len(natural)


def plain(model, batch):
    return F.cross_entropy(model(batch["x"]), batch["labels"])


def smoothed(model, batch):
    return F.cross_entropy(model(batch["x"]), batch["labels"], label_smoothing=0.125)


def weighted(model, batch):
    return F.cross_entropy(model(batch["x"]), batch["labels"], weight=torch.tensor([1.0, 2, 0.5, 1, 3]).double())


def trades(model, batch):
    natural = model(batch["x"])
    return F.cross_entropy(natural, batch["labels"]) + 6 * divergence(natural, model(batch["adversarial"]))


def mart(model, batch):
    """The loss of https://github.com/YisenWang/MART."""
    labels = batch["labels"]
    logits, logits_adv = model(batch["x"]), model(batch["adversarial"])
    adv_probs = F.softmax(logits_adv, dim=1)
    top = torch.argsort(adv_probs, dim=1)[:, -2:]
    rival = torch.where(top[:, -1] == labels, top[:, -2], top[:, -1])
    loss_adv = F.cross_entropy(logits_adv, labels) + F.nll_loss(torch.log(1.0001 - adv_probs + 1e-12), rival)
    nat_probs = F.softmax(logits, dim=1)
    true_probs = torch.gather(nat_probs, 1, labels.unsqueeze(1)).squeeze()
    kl = nn.KLDivLoss(reduction="none")(torch.log(adv_probs + 1e-12), nat_probs).sum(dim=1)
    return loss_adv + 6 * (1.0 / len(labels)) * torch.sum(kl * (1.0000001 - true_probs))


def quarter_natural(model, batch):
    """Goodfellow et al. 2015, with a quarter of the natural loss."""
    return 0.75 * F.cross_entropy(model(batch["adversarial"]), batch["labels"]) + 0.25 * plain(model, batch)


def pairing(model, batch):
    natural, moved = model(batch["x"]), model(batch["adversarial"])
    entropies = F.cross_entropy(natural, batch["labels"]) + F.cross_entropy(moved, batch["labels"])
    return entropies / 2 + 0.5 * F.mse_loss(natural, moved)


def helper(model, batch):
    """The loss of https://github.com/imrahulr/hat."""
    natural, moved, further = model(batch["x"]), model(batch["adversarial"]), model(batch["further"])
    return (F.cross_entropy(natural, batch["labels"]) + 2.5 * divergence(natural, moved)
            + 0.5 * F.cross_entropy(further, batch["helper's classes"]))


def input_gradient(model, x, labels):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(model(x), labels), x, create_graph=True)[0]


def gradalign(model, batch):
    """The penalty of https://github.com/tml-epfl/understanding-fast-adv-training, both gradients differentiated."""
    entropy = F.cross_entropy(model(batch["adversarial"]), batch["labels"])
    first = input_gradient(model, batch["x"], batch["labels"])
    second = input_gradient(model, batch["drawn"], batch["labels"])
    norms = [g.pow(2).sum([1, 2, 3]).sqrt() for g in (first, second)]
    some = (norms[0] != 0) & (norms[1] != 0)
    units = [g[some] / n[some][:, None, None, None] for g, n in zip((first, second), norms)]
    return entropy + 0.25 * (1 - (units[0] * units[1]).sum([1, 2, 3]).mean())


def union(model, batch):
    return sum(F.cross_entropy(model(batch[f"adversarial {i}"]), batch["labels"]) for i in range(2)) / 2


def bounds(model, batch):
    """The intervals before the ReLU and the worst margins by interval bound propagation (Gowal et al. 2018), the last
    layer merged with the difference of classes; a normalisation has the statistics of the clean examples."""
    convolution, linear = model[0], model[-1]
    center, radius = (batch["lower"] + batch["upper"]) / 2, (batch["upper"] - batch["lower"]) / 2
    middle = F.conv2d(center, convolution.weight, convolution.bias, 2, 1)
    width = F.conv2d(radius, convolution.weight.abs(), None, 2, 1)
    scale = torch.ones(4).double()
    if isinstance(model[1], nn.BatchNorm2d):
        clean = convolution(batch["x"])
        scale = model[1].weight / torch.sqrt(clean.var([0, 2, 3], unbiased=False) + model[1].eps)
        shift = model[1].bias - clean.mean([0, 2, 3]) * scale
        middle = middle * scale[:, None, None] + shift[:, None, None]
        width = width * scale.abs()[:, None, None]
    low, high = middle - width, middle + width
    ends = F.relu(low).flatten(1), F.relu(high).flatten(1)
    scores = linear((ends[0] + ends[1]) / 2)
    own = batch["labels"][:, None]
    rows = linear.weight[None] - linear.weight[own]
    gain = (rows.abs() * ((ends[1] - ends[0]) / 2)[:, None]).sum(2)
    return {"low": low, "high": high, "scale": scale, "radius": radius, "rows": rows,
            "margins": scores - scores.gather(1, own) + gain}


def linear_margins(model, batch, known):
    """CROWN's upper bounds of the margins from the given intervals, with the slope 0 below unstable ReLUs
    (Zhang et al. 2020)."""
    low, high = known["low"].flatten(1), known["high"].flatten(1)
    above, below = high.clamp(min=0), low.clamp(max=0)
    slope = (above / (above - below))[:, None]
    rows = known["rows"]
    carried = torch.where(rows > 0, rows * slope, rows * (low > 0)[:, None])
    offset = -(rows.clamp(min=0) * slope * below[:, None]).sum(2)
    basis = F.conv2d(torch.eye(64).double().reshape(64, 1, 8, 8), model[0].weight, None, 2, 1)
    matrix = (basis * known["scale"][:, None, None]).flatten(1)
    middle = ((low + high) / 2)[:, None]
    gain = ((carried @ matrix.T).abs() * known["radius"].flatten(1)[:, None]).sum(2)
    bias = model[-1].bias
    return (carried * middle).sum(2) + offset + gain + bias - bias[batch["labels"]][:, None]


def penalties(batch, known, tolerance=0.5):
    """The regularisers of https://github.com/shizhouxing/Fast-Certified-Robust-Training with one ReLU."""
    center, radius = (known["low"] + known["high"]) / 2, (known["high"] - known["low"]) / 2
    tightness = F.relu(tolerance - known["radius"].mean() / radius.mean().clamp(min=1e-12)) / tolerance
    active, inactive = (known["low"] > 0).double(), (known["high"] < 0).double()
    square = (center - center.mean()) ** 2
    means = (center * active).mean() / -(center * inactive).mean()
    variances = (square * active).sum() / (square * inactive).sum()
    ratios = [torch.min(ratio, 1 / ratio.clamp(min=1e-12)) for ratio in (means, variances)]
    return tightness + sum(F.relu(tolerance - ratio) for ratio in ratios) / tolerance


def certified(model, batch, margins, natural, known):
    robust = F.cross_entropy(margins, batch["labels"])
    mixed = batch["kappa"] * natural + (1 - batch["kappa"]) * robust
    return mixed + batch["penalty"] * penalties(batch, known)


def ibp(model, batch):
    known = bounds(model, batch)
    return certified(model, batch, known["margins"], plain(model, batch), known)


def crown_ibp(model, batch):
    known = bounds(model, batch)
    margins = batch["beta"] * linear_margins(model, batch, known) + (1 - batch["beta"]) * known["margins"]
    return certified(model, batch, margins, plain(model, batch), known)


def sabr(model, batch):
    """The bound on a small box, and a weight of the magnitudes of weights."""
    weights = [p for p in model.parameters() if p.dim() > 1]
    return ibp(model, batch) + 2.0 ** -10 * sum(weight.abs().sum() for weight in weights)


def mtl_ibp(model, batch):
    """kappa is 1 - alpha."""
    known = bounds(model, batch)
    attacked = F.cross_entropy(model(batch["adversarial"]), batch["labels"])
    return certified(model, batch, known["margins"], attacked, known)


def box(batch, form, radius=0.05):
    """The ends of a box around the examples, or a smaller one around a point that an attack found."""
    center = batch["adversarial"] if form == "sabr" else batch["x"]
    radius = 0.4 * radius if form == "sabr" else radius
    batch["lower"], batch["upper"] = ((center + sign * radius).clamp(0, 1) for sign in (-1, 1))
    batch["kappa"] = torch.tensor(0.0 if form == "sabr" else 0.25).double()
    batch["penalty"] = torch.tensor(0.5).double()
    if form == "crown-ibp":
        batch["beta"] = torch.tensor(0.5).double()


def noisy_step(model, batch, radius=0.1):
    """The points of https://github.com/pdejorge/N-FGSM: uniform noise of twice the radius, then a step of the radius."""
    x, labels = batch["x"], batch["labels"]
    noise = 2 * radius * (2 * batch["noise"] - 1)
    moved = (x + noise).clamp(0, 1).requires_grad_()
    slope = torch.autograd.grad(F.cross_entropy(model(moved), labels), moved)[0]
    return (moved + radius * slope.sign()).clamp(0, 1).detach()


METHODS = {
    "plain": (plain, []), "smoothed": (smoothed, []), "weighted": (weighted, []),
    "trades": (trades, ["adversarial"]), "mart": (mart, ["adversarial"]), "pairing": (pairing, ["adversarial"]),
    "helper": (helper, ["adversarial", "further"]), "gradalign": (gradalign, ["adversarial", "drawn"]),
    "union": (union, ["adversarial 0", "adversarial 1"]),
    "ibp": (ibp, []), "crown-ibp": (crown_ibp, []), "sabr": (sabr, ["adversarial"]),
    "mtl-ibp": (mtl_ibp, ["adversarial"]), "n-fgsm": (plain, ["noise"]), "free": (plain, []), "gaussian": (plain, []),
    "natural": (quarter_natural, ["adversarial"]),
}


def split(tensors):
    parts = {}
    for name, value in tensors.items():
        value = value.detach().double()
        parts[name] = value.float()
        parts[name + ".rest"] = (value - value.float().double()).float()
    return parts


def training():
    """The loss and the gradients of each method, with and without batch normalisation."""
    for normalizes in (False, True):
        generator = torch.Generator().manual_seed(11)
        model = network(normalizes)
        for parameter in model.parameters():
            parameter.data = (0.4 * torch.randn(parameter.shape, generator=generator)).double()
        start = {name: value.clone() for name, value in model.state_dict().items()}
        x = torch.rand(ROWS, 1, 8, 8, generator=generator)
        labels = torch.tensor([0, 3, 1, 4, 2, 3])
        for name, (loss, inputs) in METHODS.items():
            model.load_state_dict(start)
            model.train()
            batch = {"x": x.double(), "labels": labels}
            for one in inputs:
                noise = 0.2 * (2 * torch.rand(x.shape, generator=generator) - 1)
                batch[one] = (x + noise).clamp(0, 1).double()
            if name == "helper":
                batch["helper's classes"] = torch.tensor([0, 1, 1, 4, 3, 3])
            if name in ("ibp", "crown-ibp", "sabr", "mtl-ibp"):
                box(batch, name)
            if name == "n-fgsm":
                batch["x"] = noisy_step(model, batch)
                model.load_state_dict(start)
            if name == "free":
                batch["x"] = (x + 0.1 * torch.randn(x.shape, generator=generator).sign()).clamp(0, 1).double()
                batch["x"].requires_grad_()
            if name == "gaussian":
                batch["x"] = (x + 0.25 * torch.randn(x.shape, generator=generator)).double()
            model.zero_grad()
            value = loss(model, batch)
            value.backward()
            tensors = {f"parameter {key}": start[key] for key in start if "num_batches" not in key}
            tensors |= {f"input {key}": value for key, value in batch.items()}
            tensors |= {f"gradient {key}": p.grad for key, p in model.named_parameters()}
            if name == "free":
                tensors["gradient x"] = batch["x"].grad
            tensors["loss"] = value.reshape(1)
            form = "normalized" if normalizes else "simple"
            write(ROOT / f"{name}-{form}.safetensors", split(tensors), {})


def descend(model, value):
    """A step of gradient descent at the rate 1."""
    for parameter, slope in zip(model.parameters(), torch.autograd.grad(value, list(model.parameters()))):
        parameter.data -= slope


def fast_steps(model, x, labels, radius=0.1):
    """A step on x + eps sign(g), which is N-FGSM without noise."""
    moved = x.clone().requires_grad_()
    slope = torch.autograd.grad(F.cross_entropy(model(moved), labels), moved)[0]
    descend(model, F.cross_entropy(model((x + radius * slope.sign()).clamp(0, 1)), labels))


def free_steps(model, x, labels, radius=0.1):
    """Two replays of a batch as in https://github.com/ashafahi/free_adv_train, from no perturbation."""
    noise = torch.zeros_like(x)
    for _ in range(2):
        noise.requires_grad_()
        value = F.cross_entropy(model((x + noise).clamp(0, 1)), labels)
        slope = torch.autograd.grad(value, noise, retain_graph=True)[0]
        descend(model, value)
        noise = (noise.detach() + radius * slope.sign()).clamp(-radius, radius)


def perturbed_steps(model, x, labels, gamma=0.01):
    """A step of https://github.com/csdongxian/AWP: weights of two axes or more are moved along the gradient by gamma of
    their norms, and back."""
    weights = [p for p in model.parameters() if p.dim() > 1]
    slopes = torch.autograd.grad(F.cross_entropy(model(x), labels), weights)
    moves = [gamma * w.detach().norm() / (g.norm() + 1e-20) * g for w, g in zip(weights, slopes)]
    for weight, move in zip(weights, moves):
        weight.data += move
    descend(model, F.cross_entropy(model(x), labels))
    for weight, move in zip(weights, moves):
        weight.data -= move


STEPS = {"n-fgsm": fast_steps, "free": free_steps, "awp": perturbed_steps}


def steps():
    """Where one batch leads whole methods to, without batch normalisation."""
    generator = torch.Generator().manual_seed(12)
    model = network(False)
    for parameter in model.parameters():
        parameter.data = (0.4 * torch.randn(parameter.shape, generator=generator)).double()
    start = {name: value.clone() for name, value in model.state_dict().items()}
    x = torch.rand(ROWS, 1, 8, 8, generator=generator).double()
    labels = torch.tensor([0, 3, 1, 4, 2, 3])
    for name, run in STEPS.items():
        model.load_state_dict(start)
        run(model, x, labels)
        tensors = {f"parameter {key}": value for key, value in start.items()}
        tensors |= {"input x": x, "input labels": labels}
        tensors |= {f"gradient {key}": start[key] - p for key, p in model.named_parameters()}
        write(ROOT / f"{name}-step.safetensors", split(tensors), {})


def all_training():
    training()
    steps()


MAKERS = {"training": all_training}
