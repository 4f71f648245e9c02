"""Gives `gibbon` files that it refuses, takes each message at its word, and looks whether `gibbon` reads what that made.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-checkpoints.txt
    .venv/bin/python Scripts/check-files.py [--gibbon .build/release/gibbon]

Each message must be one line with status 2, and must hold the line of Python that the remedy is. It is run as it stands,
with what it needs of a user (the model, an example) at hand. Then `gibbon predict` must give PyTorch's outputs within 1e-4
of the largest one; what has no such outputs must be read by `gibbon info`.
"""

import argparse
import collections
import contextlib
import io
import os
import pathlib
import pickle
import re
import subprocess
import sys
import tempfile
import zipfile

import joblib
import numpy
import onnx
import skl2onnx
import sklearn.datasets
import sklearn.linear_model
import torch
import torch.distributed.checkpoint
import torch.nn.utils.prune
from torch import nn

import architectures
import checkpoint_forms

BOUND = 1e-4


def lenet5():
    torch.manual_seed(1)
    return architectures.lenet5().eval()


class Case:
    """A file, what is at hand when its remedy is run, the file that this makes, and the right outputs."""

    def __init__(self, name, write, remedy, made, options="--architecture lenet5", names=None, right=None):
        self.name, self.write, self.remedy, self.made = name, write, remedy, made
        self.options, self.names, self.right = options, names or {}, right


def cases(net, x):
    example = x[:1]
    save = r"(torch\.save\(.*, 'weights\.pt'\))"
    yield Case("whole.pt", lambda p: torch.save(net, p), save, "weights.pt")
    yield Case("within.pt", lambda p: torch.save({"model": net, "epoch": 3}, p), save, "weights.pt")
    yield Case("beside.ckpt", lambda p: torch.save({"state_dict": net.state_dict(), "config": pathlib.PurePosixPath()}, p),
               save, "weights.pt")
    yield Case("among.pt", lambda p: torch.save({**net.state_dict(), "config": collections.UserDict()}, p),
               save, "weights.pt")
    yield Case("dictionaries.pt", lambda p: torch.save(checkpoint_forms.parameter_dictionaries(net), p), save, "weights.pt")
    yield Case("older.pt", lambda p: torch.save(net, p, _use_new_zipfile_serialization=False), save, "weights.pt")
    script = torch.jit.trace(net, example)
    yield Case("script.pt", lambda p: torch.jit.save(script, p), r"(torch\.save\(.*?'weights\.pt'\))", "weights.pt")
    yield Case("script-onnx.pt", lambda p: torch.jit.save(script, p), r"(torch\.onnx\.export\(.*\))$", "net.onnx", "",
               {"example": example})
    program = torch.export.export(net, (example,))
    yield Case("program.pt2", lambda p: torch.export.save(program, p), r"(torch\.onnx\.export\(.*\))$", "net.onnx", "")

    def prune(p):
        torch.nn.utils.prune.l1_unstructured(pruned.fc1, "weight", 0.3)
        torch.save(pruned.state_dict(), p)

    pruned = lenet5()
    yield Case("pruned.pt", prune, r"(torch\.nn\.utils\.prune\.remove\(layer, 'weight'\))", "after.pt",
               names={"layer": pruned.fc1}, right=pruned)
    parts = lenet5()
    yield Case("weight-norm.pt", lambda p: torch.save(nn.utils.parametrizations.weight_norm(parts.fc1) and
                                                      parts.state_dict(), p),
               r"(torch\.nn\.utils\.parametrize\.remove_parametrizations\(layer, 'weight'\))", "after.pt",
               names={"layer": parts.fc1}, right=parts)
    for form in ("textproto", "json"):
        def write(p, form=form):
            with contextlib.redirect_stdout(io.StringIO()):
                torch.onnx.export(net, (example,), "plain.onnx", external_data=False, opset_version=17, dynamo=False)
            onnx.save(onnx.load("plain.onnx"), p, format=form)
        yield Case(f"net.{form}", write, r"(onnx\.save\(.*\))$", "net.onnx", "")
    # Weights are cut off where ONNX prints them as text, so that this network has none.
    text = '<ir_version: 8, opset_import: ["" : 17]>\ng (float[N, 10] x) => (float[N, 10] y) { y = Relu(x) }'
    yield Case("net.onnxtxt", lambda p: pathlib.Path(p).write_text(text), r"(onnx\.save\(.*\))$", "net.onnx", None)
    digits = sklearn.datasets.load_digits()
    model = sklearn.linear_model.LogisticRegression(max_iter=50).fit(digits.data / 16, digits.target)
    at_hand = {"model": model, "X": digits.data / 16}
    convert = r"(skl2onnx\.to_onnx\(model, X\[:1\].*?\}\))"
    yield Case("model.pkl", lambda p: pathlib.Path(p).write_bytes(pickle.dumps(model)), convert, "net.onnx", None, at_hand)
    yield Case("model.joblib", lambda p: joblib.dump(model, p), convert, "net.onnx", None, at_hand)
    yield Case("model-compressed.joblib", lambda p: joblib.dump(model, p, compress=3),
               r"(skl2onnx\.to_onnx\(joblib\.load.*?\}\))", "net.onnx", None, at_hand)


def tensors(net):
    """Files whose tensors have to be saved in another way, and how, by the method that the message names."""
    state = net.state_dict()
    weight = state["fc3.weight"]
    yield "sparse.pt", {**state, "fc3.weight": weight.to_sparse()}, "to_dense"
    yield "float8.pt", {**state, "fc3.weight": weight.to(torch.float8_e5m2)}, "float"
    yield "quantised.pt", {**state, "fc3.weight": torch.quantize_per_tensor(weight, 0.01, 0, torch.qint8)}, None


def folders(net):
    """Folders, the command that the message names, and the file that it makes."""
    torch.distributed.checkpoint.save({"model": net.state_dict()}, checkpoint_id="distributed")
    yield "distributed", r"`python (-m .*?)`", [sys.executable], "weights.pt"
    torch.save(net.state_dict(), "archive.pt")
    with zipfile.ZipFile("archive.pt") as archive:
        archive.extractall()
    yield "archive", r"`(zip .*?)`", [], "weights.pt"


class Check:
    def __init__(self, tool):
        self.tool, self.passed = tool, []

    def run(self, *words):
        return subprocess.run([self.tool, *words], capture_output=True, text=True)

    def report(self, name, problem, message=""):
        self.passed.append(not problem)
        print(f"{'FAILED' if problem else 'ok    '} {name:26} {problem or message}", flush=True)

    def outputs(self, file, options, net, x):
        words = ["predict", file, "--data", "npz:data.npz", "--output", "out.npz", *options.split()]
        result = self.run(*words)
        if result.returncode != 0:
            return f"what the remedy makes is not read: {result.stderr}"
        with torch.no_grad():
            expected = net(x).numpy()
        error = numpy.abs(numpy.load("out.npz")["logits"] - expected).max() / numpy.abs(expected).max()
        return "" if error <= BOUND else f"outputs differ by {error}"

    def case(self, case, net, x):
        case.write(case.name)
        result = self.run("info", case.name, *(case.options or "").split())
        message = result.stderr.strip()
        found = re.search(case.remedy, message)
        if result.returncode != 2 or "\n" in message or not found:
            return self.report(case.name, f"status {result.returncode}: {message}")
        names = {"torch": torch, "onnx": onnx, "skl2onnx": skl2onnx, "joblib": joblib, "numpy": numpy, **case.names}
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            made = eval(found.group(1), names)
        if case.made == "after.pt":
            torch.save(case.right.state_dict(), case.made)
        if case.options is None:
            if made is not None:
                pathlib.Path(case.made).write_bytes(made.SerializeToString())
            after = self.run("info", case.made)
            return self.report(case.name, "" if after.returncode == 0 else after.stderr, message)
        self.report(case.name, self.outputs(case.made, case.options, case.right or net, x), message)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gibbon", default=".build/release/gibbon")
    check = Check(str(pathlib.Path(parser.parse_args().gibbon).resolve()))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        net = lenet5()
        x = torch.rand(4, 1, 28, 28)
        numpy.savez("data.npz", x=x.numpy(), y=numpy.arange(4))
        for case in cases(net, x):
            check.case(case, net, x)
        for name, pattern, before, made in folders(net):
            pathlib.Path(made).unlink(missing_ok=True)
            message = check.run("info", name).stderr.strip()
            found = re.search(pattern, message)
            if found:
                subprocess.run([*before, *found.group(1).split()], capture_output=True)
            problem = check.outputs(made, "--architecture lenet5", net, x) if found else "no remedy"
            check.report(name, problem, message)
        for name, state, method in tensors(net):
            torch.save(state, name)
            message = check.run("info", name, "--architecture", "lenet5").stderr.strip()
            if method is None:
                is_said = "save the network before it is quantised" in message
                check.report(name, "" if is_said else message, message)
            elif f"tensor.{method}()" not in message:
                check.report(name, message)
            else:
                torch.save({key: getattr(value, method)() for key, value in state.items()}, "weights.pt")
                right = lenet5()
                right.load_state_dict(torch.load("weights.pt"))
                check.report(name, check.outputs("weights.pt", "--architecture lenet5", right, x), message)
    print(f"{sum(check.passed)} of {len(check.passed)} remedies work")
    sys.exit(0 if all(check.passed) else 1)


if __name__ == "__main__":
    main()
