"""Twenty steps of training in PyTorch and double precision: the loss of each.

Each file holds a small network's parameters, a batch of all examples, and `losses`, before each step of SGD with momentum
0.9 and a rate of 0.1: of the examples as they are, or of what five steps of PGD from the examples make of them, within 0.1.
"""

import pathlib

import torch
import torch.nn.functional as F

from fixture_file import write
from training_fixtures import CLASSES, network

ROOT = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "curves"
EXAMPLES, STEPS = 40, 20


def attacked(model, x, labels):
    """PGD of five steps of 0.05 from the examples, within 0.1 and [0, 1]."""
    z = x.clone()
    for _ in range(5):
        z.requires_grad_(True)
        gradient = torch.autograd.grad(F.cross_entropy(model(z), labels), z)[0]
        z = (z.detach() + 0.05 * gradient.sign()).clamp(x - 0.1, x + 0.1).clamp(0, 1)
    return z.detach()


def curve(name):
    torch.manual_seed(7)
    model = network(False)
    # What single precision holds.
    for parameter in model.parameters():
        parameter.data = parameter.data.float().double()
    x = torch.rand(EXAMPLES, 1, 8, 8).double()
    labels = torch.randint(0, CLASSES, (EXAMPLES,))
    # Bright corners, so that there is something to learn.
    for row, label in enumerate(labels):
        x[row, 0, label : label + 3, label : label + 3] = 0.875
    x = x.float().double()
    arrays = {f"parameter/{key}": value.detach().clone() for key, value in model.named_parameters()}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(STEPS):
        points = attacked(model, x, labels) if name == "pgd" else x
        optimizer.zero_grad()
        loss = F.cross_entropy(model(points), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    arrays |= {"x": x, "labels": labels, "losses": torch.tensor(losses)}
    write(ROOT / f"{name}.safetensors", arrays, {})


def curves():
    for name in ("plain", "pgd"):
        curve(name)


MAKERS = {"curves": curves}
