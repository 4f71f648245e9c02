"""Compares attacks on tables with columns of their own ranges (--data-range columns) with the closed form.

A table whose columns range from thousandths to millions, one of them constant, and a linear ONNX network with two scores are
made from a seed. For each norm and attack, every saved input is checked in float64, without tolerance, to be inside each
column's range and the radius, and by onnxruntime to be misclassified; and the robust accuracy is compared with that of the
closed form, which attacks that are exact on linear networks must reach.

    .venv/bin/pip install -r Scripts/requirements-onnx.txt
    swift build -c release --product gibbon
    .venv/bin/python Scripts/check-columns.py [GIBBON]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

GIBBON = Path(sys.argv[1] if len(sys.argv) > 1 else ".build/release/gibbon").resolve()
WIDTHS = np.array([1, 1e-3, 950, 1, 2e6, 0, 17])
LOWER = np.array([0, 0.5, 20, 0, -1e6, 3, -9])
ROWS = 80
CASES = [
    (norm, radius, attack)
    for norm, radius, attacks in [
        ("linf", 0.1, ["fgsm", "pgd", "apgd", "fab", "square", "rays"]),
        ("l2", 0.15, ["pgd", "apgd", "deepfool", "cw", "hop-skip-jump"]),
        ("l1", 0.2, ["pgd", "apgd", "ead"]),
        ("l0", 2, ["pgd"]),
    ]
    for attack in attacks
]
# Those that must reach the closed form; other steps may end a little short of it.
EXACT = {"fgsm", "apgd", "deepfool"}


def make(folder):
    """Writes the table and the network; returns inputs, labels, weights and biases."""
    draw = np.random.default_rng(11)
    x = (LOWER + WIDTHS * draw.random((ROWS, len(WIDTHS)))).astype(np.float32)
    x[:, 3] = draw.integers(0, 2, ROWS)
    scale = np.where(WIDTHS > 0, WIDTHS, 1)
    weights = (draw.normal(size=(len(WIDTHS), 2)) / scale[:, None]).astype(np.float32)
    biases = -np.median(x.astype(float) @ weights, axis=0).astype(np.float32)
    labels = (x.astype(float) @ weights + biases).argmax(1)
    names = [f"column {number}" for number in range(len(WIDTHS))]
    lines = [",".join(names + ["target"])]
    lines += [",".join([repr(float(v)) for v in row] + [str(label)]) for row, label in zip(x, labels)]
    (folder / "data.csv").write_text("\n".join(lines) + "\n")
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w", "b"], ["scores"])],
        "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", len(WIDTHS)])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(biases, "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "net.onnx")
    return x, labels, weights.astype(float), biases.astype(float)


def largest_gain(slopes, room, norm, radius):
    """The most that a linear function gains by moves of at most `room` each and of at most the radius in the norm."""
    sizes = np.abs(slopes)
    if norm == "linf":
        return (sizes * np.minimum(room, radius)).sum()
    if norm == "l0":
        return np.sort(sizes * room)[::-1][: int(radius)].sum()
    if norm == "l1":
        gain, rest = 0.0, radius
        for place in np.argsort(-sizes):
            move = min(room[place], rest)
            gain, rest = gain + move * sizes[place], rest - move
        return gain
    if np.sqrt((room**2).sum()) <= radius:
        return (sizes * room).sum()
    low, high = 0.0, 1e9
    for _ in range(200):
        middle = (low + high) / 2
        if np.sqrt((np.minimum(middle * sizes, room) ** 2).sum()) <= radius:
            low = middle
        else:
            high = middle
    return (sizes * np.minimum(low * sizes, room)).sum()


def closed_form(x, labels, weights, biases, norm, radius):
    """How many examples no change breaks."""
    lower, upper = x.min(0).astype(float), x.max(0).astype(float)
    widths = upper - lower
    robust = 0
    for row, label in zip(x.astype(float), labels):
        slopes = weights[:, 1 - label] - weights[:, label]
        margin = slopes @ row + biases[1 - label] - biases[label]
        shares = np.where(widths > 0, (row - lower) / np.where(widths > 0, widths, 1), 0)
        room = np.where(widths > 0, np.where(slopes < 0, shares, 1 - shares), 0)
        robust += margin + largest_gain(slopes * widths, room, norm, radius) <= 0
    return int(robust)


def check(saved, x, session, norm, radius):
    """Says what is wrong with saved inputs; nothing if all is right."""
    lower, upper = x.min(0).astype(float), x.max(0).astype(float)
    start, end = saved["x"].astype(float), saved["witness"].astype(float)
    if not (np.all(end >= lower) and np.all(end <= upper)):
        return "outside a column's range"
    moves = np.abs(end - start) / np.where(upper > lower, upper - lower, 1)
    size = {
        "linf": moves.max(1), "l2": np.sqrt((moves**2).sum(1)), "l1": moves.sum(1), "l0": (moves > 0).sum(1),
    }[norm]
    if np.any(size > radius):
        return f"beyond the radius: {size.max()!r}"
    if np.any(session.run(None, {"x": saved["witness"]})[0].argmax(1) == saved["label"]):
        return "classified correctly by onnxruntime"
    return None


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        x, labels, weights, biases = make(folder)
        session = onnxruntime.InferenceSession(folder / "net.onnx")
        for norm, radius, attack in CASES:
            subprocess.run(
                [
                    GIBBON, "attack", "net.onnx", "--data", "csv:data.csv", "--threat", f"{norm}:{radius}",
                    "--data-range", "columns", "--attack", attack, "--save", "out.npz", "--json", "out.json",
                ],
                cwd=folder, check=True, stdout=subprocess.DEVNULL,
            )
            result = json.loads((folder / "out.json").read_text())
            saved = np.load(folder / "out.npz")
            robust = round(result["robust_accuracy"] * ROWS)
            expected = closed_form(x, labels, weights, biases, norm, radius)
            problem = check(saved, x, session, norm, radius)
            if problem is None and (robust < expected or attack in EXACT and robust != expected):
                problem = "not the closed form"
            failures += problem is not None
            print(
                f"{norm}:{radius} {attack}: {robust} of {ROWS} held, {expected} by the closed form,"
                f" {len(saved['x'])} inputs checked{': ' + problem if problem else ''}"
            )
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
