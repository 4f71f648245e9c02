"""Compares every ONNX operator that is read with onnxruntime, over its attributes, and prints equal, refused and differing.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-onnx.txt
    .venv/bin/python Scripts/check-onnx-attributes.py [--tool .build/release/onnx-check] [--only NAME] [--list]

The cases are in `onnx_attribute_cases.py`: one small graph each, the attribute's value, the opset, the operands' ranks and
those left out. onnxruntime runs without its optimisations. Results must be within 1e-5 of the largest value of the case.
What onnxruntime does not implement is compared with `onnx.reference` and counted apart; where both differ that is listed,
and onnxruntime counts unless the case says that the specification is with the other.

Each case is run as it is, all operands known, and once more with its first operand as one example of a batch of any
size. Then onnxruntime also runs three examples at once: where a row of these is not what it is alone, the operator
mixes examples, and must be refused.
"""

import argparse
import collections
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy
import onnxruntime
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

import onnx_attribute_indexing  # noqa: F401  adds its cases
import onnx_attribute_moving  # noqa: F401  adds its cases
from onnx_attribute_cases import collect

BOUND = 1e-5
onnxruntime.set_default_logger_severity(4)


def by_onnxruntime(model, feeds):
    """The outputs without optimisations; None where onnxruntime refuses the graph or its operands."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return session.run(None, feeds)
    except Exception:  # onnxruntime raises many types; all mean that there is no answer.
        return None


def by_reference(model, feeds):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results = ReferenceEvaluator(model).run(None, feeds)
        return [numpy.asarray(result) for result in results]
    except Exception:
        return None


def is_close(left, right):
    if left.shape != right.shape:
        return False
    a, b = left.astype(numpy.float64), right.astype(numpy.float64)
    with numpy.errstate(all="ignore"):
        near = numpy.abs(a - b) <= tolerance(b)
    return bool(numpy.all(near | (a == b) | (numpy.isnan(a) & numpy.isnan(b))))


def tolerance(values):
    sizes = numpy.abs(values.astype(numpy.float64))
    sizes = sizes[numpy.isfinite(sizes)]
    return BOUND * (sizes.max() if sizes.size else 1) + 1e-30


def mixes(model, feeds, single):
    """Whether examples in a batch are not what each is alone; None where several cannot be run."""
    if not feeds:
        return None
    name, x = next(iter(feeds.items()))
    if x.dtype != numpy.float32 or x.ndim < 2 or x.shape[0] != 1:
        return None
    # As many as no extent says, lest the axis of the examples be broadcast against another.
    extents = set(x.shape) | {extent for tensor in model.graph.initializer for extent in tensor.dims}
    count = next(number for number in (3, 5, 7, 11, 13, 17) if number not in extents)
    examples = [x] + [(x * numpy.float32(0.5) + numpy.float32(0.125 * index)) for index in range(1, count)]
    many = by_onnxruntime(model, {**feeds, name: numpy.concatenate(examples)})
    alone = [single] + [by_onnxruntime(model, {**feeds, name: example}) for example in examples[1:]]
    if many is None or any(results is None for results in alone):
        return None
    return not all(holds(many[index], [results[index] for results in alone]) for index in range(len(many)))


def holds(joint, parts):
    """Whether a result consists of those of its examples, which follow one another in each of equal parts."""
    first = parts[0]
    if joint.size != len(parts) * first.size or any(part.size != first.size for part in parts):
        return False
    for outer in range(1, first.size + 1):
        if first.size % outer == 0:
            split = joint.reshape(outer, len(parts), first.size // outer)
            if all(is_close(split[:, index].ravel(), part.ravel()) for index, part in enumerate(parts)):
                return True
    return first.size == 0


def is_smooth(source):
    """Whether no operand is infinite or where functions have a kink or a jump."""
    x = next(iter(source.feeds.values()))
    return bool(numpy.isfinite(x).all() and (2 * x != numpy.round(2 * x)).all())


class Case:
    def __init__(self, source, folder):
        self.source, self.folder = source, folder
        model, feeds = source.model, source.feeds
        runtime, reference = by_onnxruntime(model, feeds), by_reference(model, feeds)
        self.truth, self.judge = runtime, "onnxruntime"
        self.disagree = (
            runtime is not None and reference is not None
            and not all(is_close(a, b) for a, b in zip(reference, runtime)))
        if runtime is None or self.disagree and source.trusts_reference:
            self.truth, self.judge = reference, "onnx.reference"
        if runtime is None and "align_corners" in source.name:
            # The reference aligns by lengths that are not whole, which the specification does not say.
            self.truth = None
        self.mixes = None if runtime is None else mixes(model, feeds, runtime)

    def write(self):
        data = self.folder / "test_data_set_0"
        data.mkdir(parents=True)
        (self.folder / "model.onnx").write_bytes(self.source.model.SerializeToString())
        for kind, values in (("input", self.source.feeds.values()), ("output", self.truth)):
            for index, value in enumerate(values):
                tensor = numpy_helper.from_array(numpy.asarray(value, order="C"))
                (data / f"{kind}_{index}.pb").write_bytes(tensor.SerializeToString())
        largest = max((tolerance(value) for value in self.truth if value.size), default=BOUND)
        return f"{self.folder}\t0\t{largest}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tool", default=".build/release/onnx-check")
    parser.add_argument("--only", help="operators, separated by commas")
    parser.add_argument("--list", action="store_true", help="name every refusal, and where the judges differ")
    parser.add_argument("--keep", help="a new folder for the cases, which is kept")
    arguments = parser.parse_args()
    if arguments.keep:
        sys.exit(run(arguments, pathlib.Path(arguments.keep)))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(run(arguments, pathlib.Path(folder)))


def run(arguments, root):
    only = set(arguments.only.split(",")) if arguments.only else None
    cases, nameless = {}, []
    for index, source in enumerate(collect(only)):
        case = Case(source, root / f"{index:05}")
        if case.truth is None:
            nameless.append(source.name)
        else:
            cases[str(case.folder)] = case
    text = "".join(case.write() for case in cases.values())
    lines = subprocess.run([arguments.tool, "cases"], input=text, capture_output=True, text=True).stdout

    names = subprocess.run([arguments.tool, "operators"], capture_output=True, text=True).stdout.split()

    verdicts = collections.defaultdict(dict)
    for line in lines.splitlines():
        folder, form, verdict, remark = line.split("\t", 3)
        verdicts[folder][form] = (verdict, remark)

    table = collections.defaultdict(collections.Counter)
    differing, refusals, batches, slopes, judges = [], [], [], [], []
    for folder, case in cases.items():
        row, name = table[case.source.operator], case.source.name
        plain = verdicts[folder].get("plain", ("failed", "the tool ended before it"))
        batched = verdicts[folder].get("vectorised", ("failed", "the tool ended before it"))
        row["cases"] += 1
        row["by reference"] += case.judge == "onnx.reference"
        if case.disagree:
            judges.append(f"{name}: {case.judge} counts")
        if batched[0] == "passed" and case.mixes:
            batched = ("failed", "it mixes examples, and was not refused")
        wrong = [f"{form}: {v[1]}" for form, v in (("plain", plain), ("batched", batched)) if v[0] == "failed"]
        if wrong:
            row["differing"] += 1
            differing.append(f"{name}: {'; '.join(wrong)}")
        elif plain[0] == "refused":
            row["refused"] += 1
            refusals.append(f"{name}: {plain[1]}")
        else:
            row["equal"] += 1
        if batched[0] == "refused":
            row["batched refused"] += 1
            if plain[0] != "refused" and not case.mixes:
                batches.append(f"{name}: {batched[1]}")
        elif batched[0] == "passed":
            row["batched equal"] += 1
            if batched[1] and is_smooth(case.source):
                slopes.append(f"{name}: {batched[1]}")

    columns = ["cases", "equal", "refused", "differing", "by reference", "batched equal", "batched refused"]
    print(f"{'operator':26}" + "".join(f"{column:>17}" for column in columns))
    total = collections.Counter()
    for operator in sorted(table):
        total += table[operator]
        print(f"{operator:26}" + "".join(f"{table[operator][column]:17}" for column in columns))
    print(f"{'all':26}" + "".join(f"{total[column]:17}" for column in columns))
    missing = [] if only else sorted(set(names) - set(table))
    for title, texts, always in [
        ("differing", differing, True), ("operators without a case", missing, True),
        ("gradients that are not central differences", slopes, True),
        ("refused", refusals, arguments.list),
        ("one example read, several refused though onnxruntime keeps them apart", batches, arguments.list),
        ("onnxruntime and onnx.reference differ", judges, arguments.list),
        ("neither computes it, so it is no case", nameless, arguments.list),
    ]:
        print(f"\n{title}: {len(texts)}")
        for text in texts if always else []:
            print("  " + text)
    return 1 if differing or missing or slopes else 0


if __name__ == "__main__":
    main()
