#!/usr/bin/env python3
"""Writes what all contestants are given: a network's parameters, images, labels, the threat and the cost.

    inputs.py NETWORK ROWS PATH

The parameters, as `parameter/NAME`, are drawn from a seed, after Kaiming, so that the logits have the size of a
trained network's; batch normalisation has the statistics of the images, each moved by chance, so that an error in any
of them shows. The images `x` are uniform in [0, 1]. A label is the class that the network gives the image, so that
there is something to attack. The metadata say the radius and the step of the attack, and the multiplications and
additions of one image's forward pass: `macs` of all layers and `first_macs` of the first.
"""

import sys

import torch
from torch import nn

import networks
import tensorfile

SEED = 20250101
SETTINGS = {"mnist": ((1, 28, 28), 0.3, 0.01), "cifar": ((3, 32, 32), 8 / 255, 2 / 255)}


def setting(name):
    """Shape, radius and step of a network's data."""
    return SETTINGS["mnist" if name.startswith("mnist") else "cifar"]


def initialise(model, images, generator):
    """Draws all parameters and statistics."""
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
            if layer.bias is not None:
                nn.init.uniform_(layer.bias, -0.1, 0.1, generator=generator)
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1.5, generator=generator)
            nn.init.uniform_(layer.bias, -0.2, 0.2, generator=generator)
            layer.momentum = 1.0
    with torch.no_grad():
        model.train()(images)
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm2d):
                deviation = layer.running_var.sqrt()
                layer.running_mean += 0.1 * deviation * torch.randn(deviation.shape, generator=generator)
                layer.running_var *= 0.8 + 0.4 * torch.rand(deviation.shape, generator=generator)


def multiplications(model, image):
    """Multiplications of each convolution and linear layer for one image, in running order."""
    counts = []

    def count(layer, _, output):
        counts.append(output[0].numel() // layer.weight.shape[0] * layer.weight.numel())

    hooks = [layer.register_forward_hook(count) for layer in model.modules()
             if isinstance(layer, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        model(image)
    for hook in hooks:
        hook.remove()
    return counts


def write(name, rows, path):
    """Writes the file of a network."""
    shape, radius, step = setting(name)
    generator = torch.Generator().manual_seed(SEED)
    model = networks.NETWORKS[name]()
    images = torch.rand((rows, *shape), generator=generator)
    initialise(model, images[:16], generator)
    model.eval()
    with torch.no_grad():
        labels = torch.cat([model(part).argmax(1) for part in images.split(16)])
    tensors = {"x": images, "labels": labels}
    for parameter, tensor in model.state_dict().items():
        if not parameter.endswith("num_batches_tracked"):
            tensors["parameter/" + parameter] = tensor
    counts = multiplications(model, images[:1])
    tensorfile.write(path, tensors, {
        "radius": repr(radius), "step_size": repr(step),
        "macs": str(sum(counts)), "first_macs": str(counts[0])})


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in networks.NETWORKS or not sys.argv[2].isdigit():
        sys.exit(f"usage: inputs.py {'|'.join(networks.NETWORKS)} ROWS PATH")
    write(sys.argv[1], int(sys.argv[2]), sys.argv[3])


if __name__ == "__main__":
    main()
