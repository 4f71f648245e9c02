"""Saves networks in every form of checkpoint_forms.py and compares what `gibbon predict` makes of them with PyTorch.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-checkpoints.txt
    .venv/bin/python Scripts/check-checkpoints.py [--gibbon .build/release/gibbon] [--only FORM]

Outputs of 8 inputs must agree within 1e-4 of the largest one, `gibbon` must say what the form says is to be said and
nothing else, and `gibbon info` without an architecture must name the right one.
"""

import argparse
import copy
import pathlib
import shlex
import subprocess
import sys
import tempfile

import numpy
import torch

import architectures
import checkpoint_forms

NAMES = ["mnist-small", "lenet5", "resnet20", "vit-small-cifar", "mobilenetv2"]
COUNT = 8
BOUND = 1e-4


def network(name, seed):
    """A network with drawn weights and statistics."""
    torch.manual_seed(seed)
    net = architectures.ALL[name][0]()
    for key, value in net.state_dict().items():
        if key.endswith("running_mean"):
            value.normal_(0, 0.1)
        elif key.endswith("running_var"):
            value.uniform_(0.5, 1.5)
    return net.eval()


def rounded(net, kind):
    net = copy.deepcopy(net)
    for value in net.state_dict().values():
        if value.is_floating_point():
            value.copy_(value.to(kind).float())
    return net


def run(tool, line, folder):
    return subprocess.run([tool, *shlex.split(line)], capture_output=True, text=True, cwd=folder)


class Judge:
    """Knows the right outputs of one network."""

    def __init__(self, tool, name, folder):
        self.tool, self.name, self.folder = tool, name, folder
        self.net, self.other = network(name, 1), network(name, 2)
        shape = architectures.ALL[name][1]
        self.channels = shape[0]
        generator = numpy.random.default_rng(1)
        self.x = generator.random((COUNT, *shape), dtype=numpy.float32)
        numpy.savez(folder / "data.npz", x=self.x, y=numpy.arange(COUNT) % 10)
        # Networks for ImageNet normalise their input here, which their module does not.
        zeros, ones = ",".join("0" * self.channels), ",".join("1" * self.channels)
        self.plain = f"--mean {zeros} --std {ones}" if shape[-1] == 224 else ""

    def right(self, kind):
        x = torch.from_numpy(self.x)
        net = {"net": self.net, "other": self.other, "normalised": self.net,
               "half": rounded(self.net, torch.half), "bfloat": rounded(self.net, torch.bfloat16)}[kind]
        if kind == "normalised":
            mean, deviation = (torch.tensor(v[: self.channels]).reshape(-1, 1, 1)
                               for v in (checkpoint_forms.MEANS, checkpoint_forms.DEVIATIONS))
            x = (x - mean) / deviation
        with torch.no_grad():
            return net(x).numpy()

    def error(self, file, options, kind):
        """The largest difference from PyTorch, relative to the largest output, and what was said."""
        line = f"predict {file} --architecture {self.name} --data npz:data.npz --output out.npz {options}"
        result = run(self.tool, line, self.folder)
        if result.returncode != 0:
            return float("inf"), result.stderr
        expected = self.right(kind)
        found = numpy.load(self.folder / "out.npz")["logits"]
        return float(numpy.abs(found - expected).max() / numpy.abs(expected).max()), result.stderr

    def judge(self, form):
        file = f"net{form.ending}"
        form.write(self.folder / file)
        options = form.options
        if form.right != "normalised" and "--mean" not in options:
            options += " " + self.plain
        error, said = self.error(file, options, form.right)
        lines = [line for line in said.splitlines() if not line.startswith("gibbon: warning: the ")]
        notes = [note.replace("FILE", file) for note in form.notes]
        is_said = len(lines) == len(notes) and all(note in line for note, line in zip(notes, lines))
        entry = " ".join(word for word in shlex.split(form.options) if not word.startswith("--mean")) \
            if "--entry" in form.options else ""
        named = run(self.tool, f"info {file} {entry}", self.folder).stderr
        is_named = f"which could be {self.name}" in named or f" or {self.name}" in named
        passed = error <= BOUND and is_said and is_named
        reason = "" if passed else f"\n       said: {said.strip()}\n       info: {named.strip()}"
        print(f"{'ok    ' if passed else 'FAILED'} {self.name:16} {form.name:28} {error:.1e}{reason}", flush=True)
        return passed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gibbon", default=".build/release/gibbon")
    parser.add_argument("--only")
    arguments = parser.parse_args()
    tool = str(pathlib.Path(arguments.gibbon).resolve())
    passed = []
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            judge = Judge(tool, name, pathlib.Path(folder))
            for form in checkpoint_forms.forms(judge.net, judge.other, judge.channels):
                if arguments.only in (None, form.name):
                    passed.append(judge.judge(form))
    print(f"{sum(passed)} of {len(passed)} files are read as PyTorch reads them")
    sys.exit(0 if all(passed) and passed else 1)


if __name__ == "__main__":
    main()
