"""Compares networks that resize, as PyTorch exports them, with PyTorch itself.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-fixtures.txt -r Scripts/requirements-onnx.txt
    .venv/bin/python Scripts/check-onnx-resize.py [.build/release/onnx-check]

Each form of `torch.nn.functional.interpolate` is exported by tracing at several opsets and by the exporter of today, and
run on three examples. The largest difference must be within 1e-5 of the largest value, or the file be refused. Each form
is told as soon as it is done, for the exporter of today takes seconds for each; all take some minutes.
"""

import contextlib
import itertools
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy
import onnxruntime
import torch

BOUND = 1e-5


class Resized(torch.nn.Module):
    def __init__(self, options):
        super().__init__()
        self.options = options

    def forward(self, x):
        return torch.nn.functional.interpolate(x, **self.options).flatten(1)


def forms():
    scales = [0.5, 0.6, 1.5, 1.7, 2.0, 0.35, (1.3, 0.7)]
    for scale, mode in itertools.product(scales, ("nearest", "bilinear", "bicubic")):
        for align in (False, True) if mode != "nearest" else (None,):
            for recompute in (None, True):
                options = {"scale_factor": scale, "mode": mode}
                if align is not None:
                    options["align_corners"] = align
                if recompute:
                    options["recompute_scale_factor"] = True
                yield options
    for size, mode in itertools.product([(3, 4), (10, 14), (7, 7), (1, 9), (5, 1)], ("nearest", "bilinear", "bicubic")):
        for align in (False, True) if mode != "nearest" else (None,):
            yield {"size": size, "mode": mode, **({} if align is None else {"align_corners": align})}
    for scale, mode in itertools.product((0.6, 0.35, 1.7), ("bilinear", "bicubic")):
        yield {"scale_factor": scale, "mode": mode, "antialias": True}
        yield {"size": (3, 4), "mode": mode, "antialias": True}
    for scale in scales[:6]:
        yield {"scale_factor": scale, "mode": "nearest-exact"}


def exports(model, x, folder):
    for opset in (11, 13, 17, 18):
        path = folder / f"traced-{opset}.onnx"
        yield f"traced, opset {opset}", path, lambda: torch.onnx.export(
            model, (x[:1],), str(path), opset_version=opset, dynamo=False, input_names=["x"], output_names=["y"],
            dynamic_axes={"x": {0: "N"}, "y": {0: "N"}})
    path = folder / "dynamo.onnx"
    yield "dynamo", path, lambda: torch.onnx.export(
        model, (x[:2],), str(path), dynamo=True, input_names=["x"], output_names=["y"], verbose=False,
        dynamic_shapes=({0: torch.export.Dim("N")},))


def by_onnxruntime(path, x):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), options).run(None, {"x": x.numpy()})[0]


@contextlib.contextmanager
def silence():
    """Drops what is printed, by PyTorch's own code too, which prints graphs that it cannot export."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(descriptor) for descriptor in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for descriptor, copy in zip((1, 2), kept):
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(nowhere)


class Comparison:
    """Runs the tool on files of three examples."""

    def __init__(self, tool, folder):
        self.tool, self.folder = tool, folder
        self.x = torch.rand(3, 2, 5, 7)
        self.x.numpy().tofile(folder / "x")

    def outcome(self, model, path, export):
        """What became of one file, and what there is to say of it."""
        try:
            with warnings.catch_warnings(), silence():
                warnings.simplefilter("ignore")
                export()
        except Exception as error:
            return "not exported", str(error).splitlines()[-1][:100]
        expected = model(self.x).numpy()
        (self.folder / "y").unlink(missing_ok=True)
        words = [self.tool, "logits", str(path), str(self.folder / "x"), str(self.folder / "y")]
        said = subprocess.run(words, capture_output=True, text=True).stdout.strip()
        if not (self.folder / "y").exists():
            return "refused", said
        found = numpy.fromfile(self.folder / "y", numpy.float32)
        bound = BOUND * numpy.abs(expected).max()
        if found.size == expected.size and numpy.abs(found.reshape(expected.shape) - expected).max() <= bound:
            return "equal", ""
        other = by_onnxruntime(path, self.x)
        if other.size == found.size and numpy.abs(found.reshape(other.shape) - other).max() <= bound:
            return "onnxruntime differs", "from PyTorch likewise"
        return "differing", said


def main():
    tool = sys.argv[1] if len(sys.argv) > 1 else ".build/release/onnx-check"
    torch.manual_seed(0)
    counts = {"equal": 0, "refused": 0, "differing": 0, "not exported": 0, "onnxruntime differs": 0}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        comparison = Comparison(tool, folder)
        every = list(forms())
        for number, options in enumerate(every, 1):
            model = Resized(options).eval()
            equal = []
            for kind, path, export in exports(model, comparison.x, folder):
                outcome, said = comparison.outcome(model, path, export)
                counts[outcome] += 1
                if outcome == "equal":
                    equal.append(kind)
                else:
                    print(f"{outcome}: {kind}, {options}: {said}", flush=True)
            print(f"{number} of {len(every)}: {options}: equal by {len(equal)} exports", flush=True)
    print(", ".join(f"{count} {key}" for key, count in counts.items()))
    sys.exit(1 if counts["differing"] or not counts["equal"] else 0)


if __name__ == "__main__":
    main()
