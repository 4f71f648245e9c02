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


METHODS = {
    "plain": (plain, []), "smoothed": (smoothed, []), "weighted": (weighted, []),
    "trades": (trades, ["adversarial"]), "mart": (mart, ["adversarial"]), "pairing": (pairing, ["adversarial"]),
    "helper": (helper, ["adversarial", "further"]), "gradalign": (gradalign, ["adversarial", "drawn"]),
    "union": (union, ["adversarial 0", "adversarial 1"]),
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
            model.zero_grad()
            value = loss(model, batch)
            value.backward()
            tensors = {f"parameter {key}": start[key] for key in start if "num_batches" not in key}
            tensors |= {f"input {key}": value for key, value in batch.items()}
            tensors |= {f"gradient {key}": p.grad for key, p in model.named_parameters()}
            tensors["loss"] = value.reshape(1)
            form = "normalized" if normalizes else "simple"
            write(ROOT / f"{name}-{form}.safetensors", split(tensors), {})


MAKERS = {"training": training}
