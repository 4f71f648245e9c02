"""Flows of the pixels (stAdv) against advertorch's, whose sources `--advertorch` names.

advertorch looks for a smooth flow by L-BFGS and puts no limit on it. At several limits on the largest displacement, along
either axis and in pixels, the share of examples that ours breaks must not be lower than the share for which
advertorch's flow is within the limit.
"""

import argparse
import pathlib
import sys
import types

import torch

from common import CIFAR, MNIST, Table, gibbon, network, timed


def largest_displacements(net):
    """The largest displacement of each example's flow, infinite where the flow does not break it."""
    from advertorch.attacks import spatial

    functional = torch.nn.functional
    seen = {}

    def sampled(images, grid):
        seen["grid"] = grid.detach()
        return functional.grid_sample(images, grid, align_corners=False)

    def identity(theta, shape):
        seen["start"] = functional.affine_grid(theta, shape, align_corners=False)
        return seen["start"]

    spatial.F = types.SimpleNamespace(grid_sample=sampled, affine_grid=identity)
    attack = spatial.SpatialTransformAttack(net.model, 10, initial_const=0.05, max_iterations=200)
    largest = []
    for x, y in zip(net.inputs, net.labels):
        point = attack.perturb(x[None], y[None])
        with torch.no_grad():
            is_broken = net.model(point).argmax(1).item() != y.item()
        moved = (seen["grid"] - seen["start"]).abs().max().item() * x.shape[-1] / 2
        largest.append(moved if is_broken else float("inf"))
    return torch.tensor(largest).double()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=220)
    parser.add_argument("--networks", nargs="*", default=MNIST + CIFAR)
    parser.add_argument("--advertorch", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.advertorch))
    table = Table()
    for name in arguments.networks:
        net = network(name, arguments.count)
        largest, seconds = timed(lambda: largest_displacements(net))
        broken = largest[torch.isfinite(largest)]
        for share in (0.25, 0.5, 0.75):
            limit = broken.quantile(share).item()
            ours, result = gibbon(net, f"flow:{limit:.4f}", "stadv", "--smoothness", 0)
            theirs = torch.where(largest <= limit + 1e-4, largest, torch.inf)
            table.success(f"stadv flow:{limit:.3f}", net, ours, theirs, (result["seconds"], seconds), "advertorch")
    table.finish()


main()
