#!/usr/bin/env python3
"""Writes Tests/Fixtures/architectures: PyTorch's values of every known architecture on weights from a formula.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-fixtures.txt
    .venv/bin/python Scripts/make-architectures.py [NAME ...]

The same weights are made in Swift by Tests/NetworksTests/NamedFormula.swift. With u(seed, i) of formula.py and
seed = FNV-1a, 64 bits, of the parameter's name in UTF-8, value i (row-major) is, in double precision and rounded once,

    0.4 * (u - 0.5)             a bias or running mean
    0.5 + u                     the weight of a normalisation, or a running variance
    u - 0.5                     a class token or position embedding
    sqrt(6 / fan_in) * (2 u - 1)  any other weight; fan_in is the product of its extents but the first

and value i of image k is u(FNV-1a of "image k", i), in [0, 1). Image j of two has the label (3 j + 1) mod 10.

NAME.safetensors: `logits`, the first ten of each image; `norms`, per image the Euclidean norm of all logits and of the
gradient of its cross-entropy; `dx`, 16 values of that gradient, every (count / 16)-th from the first on. The metadata
has `images`, two numbers, chosen so that no ReLU's input is too near its kink for gradients in float32; `margin`, the
least distance of one from its kink, in units of the size of its layer's values; and `parameters`, a line per parameter with its name and shape.

training-resnet20.safetensors: one step in training form on images 0...3, mean cross-entropy: `logits`; per parameter
`d/NAME`, up to 8 values of its gradient, every (count / 8)-th, and the norm of all; per statistic `NAME` after the step.
"""

import copy
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import architectures
import formula
from fixture_file import write

ROOT = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "architectures"
TRAINING = "training-resnet20"
MEAN = torch.tensor([0.485, 0.456, 0.406]).reshape(3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).reshape(3, 1, 1)


def fnv(name):
    """FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def values(name, shape):
    """A parameter as float32."""
    u = formula.uniforms(fnv(name), 0, int(np.prod(shape)))
    if name.endswith(("cls_token", "pos_embed")):
        u = u - 0.5
    elif name.endswith("running_var") or (len(shape) == 1 and name.endswith("weight")):
        u = 0.5 + u
    elif len(shape) == 1:
        u = 0.4 * (u - 0.5)
    else:
        u = np.sqrt(6.0 / np.prod(shape[1:], dtype=np.float64)) * (2.0 * u - 1.0)
    return torch.from_numpy(u.astype(np.float32).reshape(shape))


def image(number, shape):
    u = formula.uniforms(fnv(f"image {number}"), 0, int(np.prod(shape)))
    return torch.from_numpy(u.astype(np.float32).reshape(shape))


def build(name):
    make, shape = architectures.ALL[name]
    network = make()
    state = {
        key: t if key.endswith("num_batches_tracked") else values(key, tuple(t.shape))
        for key, t in network.state_dict().items()
    }
    network.load_state_dict(state)
    return network.eval(), shape


def normalized(x):
    return (x - MEAN.to(x)) / DEVIATION.to(x) if x.shape[-1] == 224 else x


@torch.no_grad()
def margins(network, x):
    """Per image the least distance of a kink's input from the kink, in units of the layer's size."""
    least = torch.full((len(x),), 1e9)

    def look(module, inputs):
        nonlocal least
        values = inputs[0].flatten(1)
        size = values.square().mean().sqrt()
        for kink in [0, 6] if isinstance(module, nn.ReLU6) else [0]:
            least = torch.minimum(least, (values - kink).abs().amin(1) / size)

    hooks = [m.register_forward_pre_hook(look) for m in network.modules() if isinstance(m, (nn.ReLU, nn.ReLU6))]
    network(normalized(x))
    for hook in hooks:
        hook.remove()
    return least


def gradient(network, x, label):
    """The gradient of the cross-entropy of one image, in the precision of the network."""
    x = x[None].requires_grad_()
    return torch.autograd.grad(F.cross_entropy(network(normalized(x)), torch.tensor([label])), x)[0]


def chosen_images(network, shape):
    """Of some images the two with the widest margins, if possible such that float32 gives the gradients of float64.

    Of ten million ReLUs a few are always so near their kinks that rounding switches them.
    """
    count, step = {28: (24, 24), 32: (16, 4), 224: (12, 2)}[shape[-1]]
    found = []
    for start in range(0, count, step):
        x = torch.stack([image(k, shape) for k in range(start, start + step)])
        found += [(float(m), start + j) for j, m in enumerate(margins(network, x))]
    found.sort(reverse=True)
    exact = copy.deepcopy(network).double()
    chosen = []
    for margin, k in found:
        x = image(k, shape)
        precise = gradient(exact, x.double(), 1)
        error = (gradient(network, x, 1) - precise).abs().max() / precise.abs().max()
        print(f"  image {k}: margin {margin:.1e}, float32 is off by {error.item():.1e}", flush=True)
        if error < 1e-5:
            chosen.append((margin, k))
        if len(chosen) == 2:
            return sorted(chosen, key=lambda pair: pair[1])
    return sorted(found[:2], key=lambda pair: pair[1])


def sample(tensor, count):
    return tensor.flatten()[::max(tensor.numel() // count, 1)][:count]


def evaluation(name):
    network, shape = build(name)
    images = chosen_images(network, shape)
    network.double()
    x = torch.stack([image(k, shape) for _, k in images]).double().requires_grad_()
    logits = network(normalized(x))
    labels = torch.tensor([1, 4])
    dx, = torch.autograd.grad(F.cross_entropy(logits, labels, reduction="sum"), x)
    lines = [
        f"{key} {'x'.join(map(str, t.shape))}" for key, t in network.state_dict().items()
        if not key.endswith("num_batches_tracked")
    ]
    write(ROOT / f"{name}.safetensors",
          {"logits": logits[:, :10], "norms": torch.stack([logits.norm(dim=1), dx.flatten(1).norm(dim=1)], 1),
           "dx": torch.stack([sample(d, 16) for d in dx])},
          {"images": [k for _, k in images], "margin": f"{min(m for m, _ in images):.1e}",
           "parameters": "\n".join(lines)})
    print(f"{name}: images {images}, |logits| {logits.detach().norm().item():.3g}, "
          f"|dx| {dx.norm().item():.3g}", flush=True)


def training():
    network, shape = build("resnet20")
    network.double().train()
    x = torch.stack([image(k, shape) for k in range(4)]).double()
    logits = network(x)
    loss = F.cross_entropy(logits, torch.tensor([1, 4, 7, 0]))
    loss.backward()
    tensors = {"logits": logits, "loss": loss}
    for key, parameter in network.named_parameters():
        tensors["d/" + key] = torch.cat([sample(parameter.grad, 8), parameter.grad.norm()[None]])
    for key, buffer in network.named_buffers():
        if not key.endswith("num_batches_tracked"):
            tensors[key] = sample(buffer, 8)
    write(ROOT / f"{TRAINING}.safetensors", tensors, {"images": [0, 1, 2, 3]})


def main():
    for name in sys.argv[1:] or [*architectures.ALL, TRAINING]:
        training() if name == TRAINING else evaluation(name)
    files = list(ROOT.iterdir())
    print(f"{len(files)} files, {sum(f.stat().st_size for f in files)} bytes")


if __name__ == "__main__":
    main()
