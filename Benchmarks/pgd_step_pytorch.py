#!/usr/bin/env python3
"""The PyTorch side of the benchmark "one PGD step of the Madry CNN, batch 128".

A step: forward, gradient of the summed cross-entropy with respect to the input (weights frozen), and
x' = clamp(clamp(x + a sign(gradient), x0 - eps, x0 + eps), 0, 1). Eager mode, every processor, in both memory layouts;
the faster one of a run counts.

It is driven by lines on its standard input, and answers each by one line of JSON (every contestant does):

    (at the start)  {"name": ..., "versions": {...}, "threads": ...}
    check PATH      writes `logits` [128, 10] and `dx` [128, 1, 28, 28] on the formula's weights and images to a
                    safetensors file; {"check": PATH}
    run K           makes K steps; {"seconds_per_step": MEDIAN, "steps": K, ...}
    quit            ends

Weights and images are those of Scripts/formula.py, network `madry`; image j of the batch is the (j mod 8)-th of
`IMAGES`, with its label.
"""

import json
import os
import pathlib
import platform
import statistics
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Scripts"))
import formula  # noqa: E402

BATCH, EPS, STEP_SIZE, WARM_UP = 128, 0.3, 0.01, 5
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


class Contestant:
    """The network and the batch in one memory layout."""

    def __init__(self, layout):
        self.model = formula.model("madry").eval().requires_grad_(False).to(memory_format=layout)
        x, labels = formula.images("madry")
        copies = BATCH // len(labels)
        self.clean = x.repeat(copies, 1, 1, 1).contiguous(memory_format=layout)
        self.labels = labels.repeat(copies)

    def gradient(self, x):
        """Logits and input gradient."""
        x = x.detach().requires_grad_()
        logits = self.model(x)
        return logits, torch.autograd.grad(F.cross_entropy(logits, self.labels, reduction="sum"), x)[0]

    def step(self, x):
        _, gradient = self.gradient(x)
        moved = x + STEP_SIZE * gradient.sign()
        return torch.clamp(torch.clamp(moved, self.clean - EPS, self.clean + EPS), 0, 1)

    def seconds_per_step(self, steps):
        """The median over steps from the clean images."""
        x, seconds = self.clean, []
        for _ in range(steps):
            start = time.perf_counter()
            x = self.step(x)
            seconds.append(time.perf_counter() - start)
        return statistics.median(seconds)


def write(path, tensors):
    """Writes float32 tensors as a safetensors file."""
    header, data = {}, b""
    for name, tensor in sorted(tensors.items()):
        values = tensor.detach().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)
    with open(path, "wb") as file:
        file.write(len(encoded).to_bytes(8, "little") + encoded + data)


def answer(message):
    print(json.dumps(message), flush=True)


def main():
    torch.set_num_threads(os.cpu_count())
    contestants = {name: Contestant(layout) for name, layout in LAYOUTS.items()}
    for contestant in contestants.values():
        contestant.seconds_per_step(WARM_UP)
    answer({"name": "PyTorch",
            "versions": {"torch": torch.__version__, "python": platform.python_version()},
            "threads": torch.get_num_threads()})
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        if command == "run" and argument.isdigit() and int(argument) > 0:
            medians = {name: c.seconds_per_step(int(argument)) for name, c in contestants.items()}
            answer({"seconds_per_step": min(medians.values()), "steps": int(argument), "layouts": medians})
        elif command == "check" and argument:
            contestant = contestants["contiguous"]
            logits, dx = contestant.gradient(contestant.clean)
            write(argument, {"logits": logits, "dx": dx})
            answer({"check": argument})
        elif command == "quit":
            return
        else:
            answer({"error": f"expected `run K`, `check PATH` or `quit`, found {line.strip()!r}"})


if __name__ == "__main__":
    main()
