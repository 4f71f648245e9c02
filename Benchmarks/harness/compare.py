"""Whether two contestants computed the same."""

import array
import json
import math
import pathlib
import sys

from harness.process import Failure

TOLERANCE = 1e-3
# Some of a deep network's many ReLUs are so near their kinks that rounding decides their gradients. What that comes to
# is what PyTorch's own memory layouts make of it; ours may differ by this many times as much, but never by more than
# the limit.
FACTOR, LIMIT = 3, 0.05
# For the same reason attacks go apart step by step, but not in what they reach.
LOSS_TOLERANCE = 2e-2


def header(path):
    """The header of a safetensors file, and where its data begin."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        return json.loads(file.read(length)), 8 + length


def read(path, names=None):
    """The float32 and int64 tensors of a safetensors file: name to shape and values."""
    entries, start = header(path)
    file = pathlib.Path(path).read_bytes()
    tensors = {}
    for name, entry in entries.items():
        if name != "__metadata__" and (names is None or name in names):
            begin, end = entry["data_offsets"]
            values = array.array({"F32": "f", "I64": "q"}[entry["dtype"]], file[start + begin:start + end])
            if sys.byteorder == "big":
                values.byteswap()
            tensors[name] = (entry["shape"], values)
    return tensors


def difference(ours, theirs):
    """max |a - b| / max |b|, and the same of Euclidean norms; infinite where anything is not a number."""
    if ours[0] != theirs[0]:
        raise Failure(f"shapes differ: {ours[0]} and {theirs[0]}")
    if not all(map(math.isfinite, ours[1])) or not all(map(math.isfinite, theirs[1])):
        return math.inf, math.inf
    largest = max(abs(a - b) for a, b in zip(ours[1], theirs[1])) / max(max(map(abs, theirs[1])), 1e-30)
    return largest, math.dist(ours[1], theirs[1]) / max(math.hypot(*theirs[1]), 1e-30)


def differences(ours, theirs):
    """The differences of two contestants' files by tensor."""
    first, second = read(ours), read(theirs)
    if first.keys() != second.keys() or not first:
        raise Failure(f"expected the same tensors, found {sorted(first)} and {sorted(second)}")
    return {name: difference(first[name], second[name]) for name in sorted(first)}


def loss(logits, labels):
    """The mean cross-entropy."""
    (rows, width), values = logits
    total = 0.0
    for row in range(rows):
        scores = values[row * width:(row + 1) * width]
        largest = max(scores)
        total += math.log(sum(math.exp(score - largest) for score in scores)) + largest - scores[labels[row]]
    return total / rows


def attacks(ours, theirs, inputs):
    """Compares two attacks' results: losses reached, and the share of equal values; checks the threat."""
    entries, _ = header(inputs)
    radius = float(entries["__metadata__"]["radius"])
    given = read(inputs, {"x", "labels"})
    labels = given["labels"][1]
    for side, tensors in (("ours", ours), ("theirs", theirs)):
        values = tensors["adversarial"][1]
        farthest = max(abs(a - b) for a, b in zip(values, given["x"][1]))
        if not farthest <= radius + 1e-6 or min(values) < 0 or max(values) > 1:
            raise Failure(f"{side}: the attack left its threat of {radius:.4g}: {farthest:.4g}")
    losses = [loss(tensors["logits"], labels) for tensors in (ours, theirs)]
    pairs = zip(ours["adversarial"][1], theirs["adversarial"][1])
    equal = sum(abs(a - b) < 1e-5 for a, b in pairs) / len(ours["adversarial"][1])
    distance = abs(losses[0] - losses[1]) / max(abs(losses[1]), 1e-30)
    if not distance <= LOSS_TOLERANCE:
        raise Failure(f"expected the same attack, found the losses {losses[0]:.5g} and {losses[1]:.5g} "
                      f"and {100 * equal:.1f} % equal values")
    return f"loss reached {losses[0]:.5g} and {losses[1]:.5g}, {100 * equal:.2f} % of the values equal"


def results(ours, theirs, inputs, among_them):
    """Compares the files of two contestants; says how far they differ in words.

    `among_them` are the differences among those of theirs that are the same by definition. Raises `Failure` where
    ours and theirs differ by more than the tolerance.
    """
    if "adversarial" in header(ours)[0]:
        return attacks(read(ours), read(theirs), inputs)
    words = []
    for name, (largest, mean) in differences(ours, theirs).items():
        text = f"{name} {largest:.1e}"
        if name == "loss-reached":
            if not largest <= LOSS_TOLERANCE:
                raise Failure(f"expected the same loss within {LOSS_TOLERANCE}, found a relative difference of {text}")
        elif not largest <= TOLERANCE:
            kinks = among_them.get(name, (0, 0))[1]
            text += f" (Euclidean {mean:.1e}, PyTorch's layouts among themselves {kinks:.1e})"
            if not mean <= min(LIMIT, FACTOR * kinks):
                raise Failure(f"expected a relative difference of at most {TOLERANCE}, found {text}")
        words.append(text)
    return ", ".join(words)
