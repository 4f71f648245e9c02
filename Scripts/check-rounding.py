"""Replays adversarial examples in onnxruntime (single precision) and by onnx.reference in double precision.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-onnx.txt
    .venv/bin/python Scripts/check-rounding.py [--data ../shared/data] [--gibbon .build/release/gibbon]
        [--before GIBBON] [--count 40] [--only NAME] [--replay FILE.npz:NETWORK.onnx]

Searches along the boundary and attacks inside a threat are run on networks of the data folder and on built-in ones,
and no changed input that `gibbon` counts may be read rightly in either. Printed are how far single and double precision
are from one another, relative to the largest output: `NetworkDefinition.leastRounding` must exceed ten times that. With
the program of another version, the median distance may not be larger by more than 0.1 %, attack by attack.
`--replay` only counts what is read rightly among the inputs of a file that `--save` wrote.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, numpy_helper
from onnx.reference import ReferenceEvaluator

LEAST_ROUNDING = 2.0**-15
GROWTH = 1e-3

# Network, data, and how many of the examples are taken of it: the large one is slow in double precision.
NETWORKS = [
    ("mnist_fgsm_wong2020", "mnist:test", 1),
    ("mnist_kw2018_eps0.1", "mnist:test", 1),
    ("cifar_cnn_a_mix_sdp", "cifar10:test@{data}/cifar10", 1),
    ("cifar_oval_base_kw", "cifar10:test@{data}/cifar10", 1),
    ("cifar_resnet20_akamaster", "cifar10:test@{data}/cifar10", 0.2),
    ("mnist-standard", "mnist:test", 1),
    ("mnist-robust", "mnist:test", 1),
]

# Threat and attack. The threats are so large that the nearest change is nearly always inside.
BOUNDARY = [
    ("rotation:180", "boundary-search"),
    ("fog:1", "boundary-search"),
    ("blur:8", "boundary-search"),
    ("contrast:1", "boundary-search"),
    ("l2:30", "deepfool"),
    ("l2:30", "ddn"),
    ("l2:30", "fmn"),
    ("l2:30", "fab --steps 30"),
    ("l2:30", "brendel-bethge --steps 100"),
    ("l2:30", "hop-skip-jump --queries 1000"),
    ("l2:30", "sign-opt --queries 1000"),
    ("l2:30", "geoda --queries 1000"),
    ("l2:30", "boundary --queries 1000"),
    ("linf:1", "fmn"),
    ("linf:1", "fab --steps 30"),
    ("linf:1", "hop-skip-jump --queries 1000"),
    ("linf:1", "sign-opt --queries 1000"),
    ("linf:1", "geoda --queries 1000"),
    ("linf:1", "rays --queries 1000"),
]
OTHERS = [
    ("linf:0.05", "pgd"),
    ("linf:0.1 --eight-bit", "apgd"),
    ("l2:1", "pgd"),
    ("linf:0.1", "square --queries 500"),
    ("rotation:40", "grid"),
]


def doubled(path):
    """The network of a file in double precision, by the definitions of ONNX's operators."""
    model = onnx.load(path)

    def widen(tensor):
        if tensor.data_type == TensorProto.FLOAT:
            values = numpy_helper.to_array(tensor).astype(numpy.float64)
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))

    for tensor in model.graph.initializer:
        widen(tensor)
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                widen(attribute.t)
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == TensorProto.FLOAT:
                attribute.i = TensorProto.DOUBLE
    for value in [*model.graph.input, *model.graph.output, *model.graph.value_info]:
        if value.type.tensor_type.elem_type == TensorProto.FLOAT:
            value.type.tensor_type.elem_type = TensorProto.DOUBLE
    return ReferenceEvaluator(model)


class Judge:
    """A network in onnxruntime and in double precision."""

    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.precise = doubled(path)
        self.name = self.session.get_inputs()[0].name

    def outputs(self, inputs):
        """The outputs in single and in double precision, row by row."""
        single = self.session.run(None, {self.name: inputs})[0]
        parts = [inputs[first : first + 50].astype(numpy.float64) for first in range(0, len(inputs), 50)]
        double = numpy.concatenate([self.precise.run(None, {self.name: part})[0] for part in parts])
        assert single.dtype == numpy.float32 and double.dtype == numpy.float64
        return single, double


def margins(outputs, labels):
    """How far the best other class is above the right one."""
    rows = numpy.arange(len(labels))
    others = outputs.astype(numpy.float64).copy()
    own = others[rows, labels]
    others[rows, labels] = -numpy.inf
    return others.max(1) - own


def run(gibbon, model, data, count, threat, attack, folder):
    """The saved arrays and the result of one attack; `None` where nothing was broken."""
    arrays, result = folder / "changes.npz", folder / "result.json"
    for path in (arrays, result):
        path.unlink(missing_ok=True)
    command = [gibbon, "attack", str(model), "--data", data, "--count", str(count), "--seed", "1", "--threat",
               *threat.split(), "--attack", *attack.split(), "--save", str(arrays), "--json", str(result)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    found = json.loads(result.read_text())
    if not arrays.exists():
        return None, found
    with numpy.load(arrays) as file:
        changes = {name: file[name] for name in file.files if name != "metadata"}
        return changes if len(changes["label"]) else None, found


def distances(result):
    return {example["index"]: example["nearest"] or example["distance"] for example in result["examples"]
            if (example["nearest"] or example["distance"]) is not None}


class Tally:
    """What came of all replays."""

    def __init__(self):
        self.count = self.boundary = self.single = self.double = self.grown = 0
        self.verified = self.clear = 0
        self.farthest = self.engine = 0.0
        self.ratios = []

    def add(self, judge, arrays, result, is_boundary):
        labels = arrays["label"].astype(int)
        single, double = judge.outputs(arrays["witness"])
        one, two = margins(single, labels), margins(double, labels)
        wrong = int((one <= 0).sum()), int((two <= 0).sum())
        size = numpy.abs(double).max(1)
        difference = (numpy.abs(single - double).max(1) / size).max()
        engine = (numpy.abs(arrays["margin"].astype(float) - two) / size).max() if "margin" in arrays else 0
        self.count += len(labels)
        self.boundary += len(labels) if is_boundary else 0
        self.single += wrong[0]
        self.double += wrong[1]
        self.farthest = max(self.farthest, difference)
        self.engine = max(self.engine, engine)
        checks = [example.get("rounding") for example in result["examples"]]
        self.verified += sum(1 for check in checks if check and check["check"] == "verified")
        self.clear += sum(1 for check in checks if check and check["check"] == "clear")
        return wrong, difference, engine, (two / size).min()


def replay(text):
    """Counts what is read rightly of a file's changed inputs."""
    path, network = text.rsplit(":", 1)
    judge = Judge(network)
    with numpy.load(path) as file:
        inputs, labels = file["witness"], file["label"].astype(int)
    single, double = judge.outputs(inputs)
    one, two = margins(single, labels), margins(double, labels)
    print(f"{len(labels)} changed inputs: {(one <= 0).sum()} read rightly by onnxruntime, {(two <= 0).sum()} in double "
          f"precision; margins in double precision {', '.join(f'{value:.2g}' for value in sorted(two))}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--gibbon", default=".build/release/gibbon")
    parser.add_argument("--before")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--only", default="")
    parser.add_argument("--replay")
    arguments = parser.parse_args()
    if arguments.replay:
        return replay(arguments.replay)
    root = pathlib.Path(arguments.data)
    tally, passed = Tally(), True
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for network, data, share in NETWORKS:
            if arguments.only not in network:
                continue
            path = root / "models" / f"{network}.onnx"
            if "-" in network and not path.exists():
                path = folder / f"{network}.onnx"
                subprocess.run([arguments.gibbon, "convert", network, str(path)], check=True, capture_output=True)
            if not path.exists():
                print(f"       {network} is absent: not replayed")
                continue
            judge, count = Judge(path), max(1, int(arguments.count * share))
            for threat, attack in BOUNDARY + OTHERS:
                words = (path, data.format(data=root), count, threat, attack, folder)
                arrays, result = run(arguments.gibbon, *words)
                if arrays is None:
                    print(f"       {network:26} {threat:20} {attack:30} broke nothing", flush=True)
                    continue
                is_boundary = (threat, attack) in BOUNDARY
                wrong, difference, engine, least = tally.add(judge, arrays, result, is_boundary)
                is_sound, growth = wrong == (0, 0), ""
                if arguments.before:
                    _, earlier = run(arguments.before, *words)
                    old, new = distances(earlier), distances(result)
                    growth = f"{len(old)} broken before"
                    common = sorted(set(old) & set(new))
                    if is_boundary and common:
                        before, after = (numpy.median([each[index] for index in common]) for each in (old, new))
                        tally.ratios.append(after / before)
                        growth += f", median distance {100 * (after / before - 1):+.4f} %"
                        is_sound &= after <= before * (1 + GROWTH)
                passed &= is_sound
                print(f"{'ok    ' if is_sound else 'FAILED'} {network:26} {threat:20} {attack:30} "
                      f"{len(arrays['label']):4} broken, {wrong[0]} and {wrong[1]} read rightly, least margin {least:.1e}, "
                      f"onnxruntime {difference:.1e} and engine {engine:.1e} from double precision  {growth}", flush=True)
    print(f"{tally.count} changed inputs, {tally.boundary} of searches along the boundary: {tally.single} read rightly by "
          f"onnxruntime, {tally.double} in double precision; {tally.verified} were verified in double precision, "
          f"{tally.clear} were clear")
    largest = max(tally.farthest, tally.engine)
    print(f"the largest difference from double precision is {tally.farthest:.1e} of the largest output in onnxruntime, "
          f"{tally.engine:.1e} of margins in the engine; searches end at {LEAST_ROUNDING:.1e}")
    if tally.ratios:
        print(f"median distances by network and attack: {100 * (max(tally.ratios) - 1):+.4f} % at most, "
              f"{100 * (numpy.median(tally.ratios) - 1):+.4f} % in the median")
    sys.exit(0 if passed and 10 * largest <= LEAST_ROUNDING else 1)


if __name__ == "__main__":
    main()
