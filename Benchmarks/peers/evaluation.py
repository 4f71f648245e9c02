#!/usr/bin/env python3
"""The standard evaluation of the small MNIST network by the reference AutoAttack, or by that of torchattacks.

    evaluation.py WEIGHTS IMAGES LABELS COUNT RADIUS [FOLDER]

WEIGHTS is a safetensors file, IMAGES and LABELS are MNIST's own files, COUNT says how many of the first examples. FOLDER
holds the package `autoattack` of https://github.com/fra31/auto-attack; without it torchattacks stands in. Prints one line
of JSON: the program's name, the seconds of the evaluation alone, and the share of the examples that stay robust.
"""

import gzip
import json
import os
import sys
import time

import numpy
import torch
from torch import nn

import tensorfile


def idx(path):
    """The values of one of MNIST's files, behind a header of a magic number and the extents."""
    with gzip.open(path) as file:
        data = file.read()
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * data[3])


def network(path):
    """The network `mnist-small`."""
    model = nn.Sequential(
        nn.Conv2d(1, 16, 4, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 4, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(1568, 100),
        nn.ReLU(), nn.Linear(100, 10))
    model.load_state_dict(tensorfile.read(path)[0])
    return model.eval().requires_grad_(False)


def attack(model, radius, folder):
    """The name of a program, and its evaluation as a function of images and labels."""
    if folder:
        sys.path.insert(0, folder)
        from autoattack import AutoAttack
        reference = AutoAttack(model, norm="Linf", eps=radius, version="standard", device="cpu", verbose=False, seed=0)
        return "AutoAttack", lambda x, y: reference.run_standard_evaluation(x, y, bs=len(x))
    import torchattacks
    return "torchattacks.AutoAttack", torchattacks.AutoAttack(model, norm="Linf", eps=radius, version="standard", seed=0)


def main():
    weights, images, labels, count, radius, *folder = sys.argv[1:]
    torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    count = int(count)
    x = torch.from_numpy(idx(images).reshape(-1, 1, 28, 28)[:count].astype(numpy.float32) / 255)
    y = torch.from_numpy(idx(labels)[:count].astype(numpy.int64))
    model = network(weights)
    # As users of the reference do: what is wrong before any attack is not attacked.
    right = model(x).argmax(1) == y
    name, run = attack(model, float(radius), *(folder or [None]))
    start = time.perf_counter()
    changed = run(x[right], y[right])
    seconds = time.perf_counter() - start
    robust = (model(changed).argmax(1) == y[right]).sum().item() / count
    # Some print warnings of their own.
    print(json.dumps({"name": name, "seconds": seconds, "robust": robust}))


if __name__ == "__main__":
    main()
