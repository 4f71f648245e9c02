#!/usr/bin/env python3
"""PyTorch's side: speaks the protocol of protocol.py, on every processor."""

import os
import platform

import torch

import attacks
import protocol
import tensorfile
import variants
import workloads


def load(name, path):
    """The workload of a name."""
    kind, network, rows, *variant = name.split("/")
    variant = variant[0] if variant else "contiguous"
    inputs = variants.Inputs(path, network, int(rows))
    if kind.startswith("pgd-") and kind != "pgd-step":
        return attacks.Call(inputs, int(kind.removeprefix("pgd-")), variant)
    return workloads.KINDS[kind](inputs, variant)


def main():
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    torch.set_num_threads(threads)
    protocol.serve(
        {"name": "PyTorch", "threads": torch.get_num_threads(),
         "versions": {"torch": torch.__version__, "python": platform.python_version()}},
        load, tensorfile.write)


if __name__ == "__main__":
    main()
