"""Runs ONNX's own backend tests on Gibbon and prints passed, failed and skipped cases per operator.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-onnx.txt
    .venv/bin/python Scripts/check-onnx-backend.py [.build/release/onnx-check]

Cases of kind `node` are computed by the package `onnx`, those of `pytorch-converted` and `pytorch-operator` are in it. A case
must pass if all its operators are among those below and all its tensors are floats in single precision, or integers
and booleans of which a network's shapes are made. Each is run as it is, and once more with its first input taken as
one example of a batch ("vectorised"), where a case that mixes its examples is refused.
"""

import collections
import pathlib
import subprocess
import sys
import tempfile

import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases

OPERATORS = set(
    """Conv ConvTranspose Gemm MatMul Add Sub Mul Div BatchNormalization LayerNormalization Relu LeakyRelu PRelu Elu
    Selu Sigmoid Tanh Softplus Erf Gelu HardSigmoid HardSwish Clip Sign Sin Cos Exp Log Sqrt Pow Abs Neg Reciprocal
    Softmax LogSoftmax MaxPool AveragePool GlobalAveragePool GlobalMaxPool ReduceMean ReduceSum ReduceMax ReduceMin
    Flatten Reshape Transpose Squeeze Unsqueeze Expand Concat Split Slice Gather Pad Resize Upsample Where Equal Less
    LessOrEqual Greater GreaterOrEqual Max Min Identity Dropout Cast Constant ConstantOfShape Shape And Or Not Xor Sum
    Mean Range Size Floor Ceil Round Tile InstanceNormalization ReduceL1 ReduceL2 ReduceSumSquare Mish Softsign Swish
    Celu ThresholdedRelu Shrink MeanVarianceNormalization RMSNormalization GroupNormalization GatherND GatherElements
    ScatterND ScatterElements Scatter Compress NonZero Attention SplitToSequence ReduceLogSum ReduceLogSumExp ReduceProd
    DepthToSpace SpaceToDepth CumSum Trilu Einsum LpNormalization LRN Tan Sinh Cosh""".split()
)
FLOAT, SHAPES = TensorProto.FLOAT, {TensorProto.INT64, TensorProto.BOOL}
# What is outside the list although its operator is on it, and why.
OUTSIDE = [
    ("three spatial axes", lambda model, name: any(
        node.op_type in ("Conv", "ConvTranspose", "MaxPool", "AveragePool")
        and ("3d" in name or len(attribute(node, "kernel_shape") or attribute(node, "strides") or [0]) > 2)
        for node in model.graph.node)),
    ("batch normalisation in training form", lambda model, name: any(
        node.op_type == "BatchNormalization" and attribute(node, "training_mode") for node in model.graph.node)),
    ("dropout in training form", lambda model, name: name.startswith("test_training_dropout")),
    ("positions of the largest values", lambda model, name: any(
        node.op_type == "MaxPool" and len(node.output) > 1 for node in model.graph.node)),
    ("assignments other than replacing and adding", lambda model, name: any(
        node.op_type in ("ScatterND", "ScatterElements") and attribute(node, "reduction") in (b"mul", b"max", b"min")
        for node in model.graph.node)),
    ("attention that remembers, looks within a window, or caps its scores", lambda model, name: any(
        node.op_type == "Attention" and (any(node.input[4:]) or len(node.output) > 1 or any(
            attribute(node, name) is not None for name in ("softcap", "left_window_size", "right_window_size")))
        for node in model.graph.node)),
    ("corners aligned by lengths that are not whole, which the specification does not say", lambda model, name: any(
        node.op_type == "Resize" and len(node.input) == 3
        and attribute(node, "coordinate_transformation_mode") == b"align_corners"
        for node in model.graph.node) and "downsample" in name),
    ("diagonals of a sum of products", lambda model, name: name == "test_einsum_batch_diagonal"),
    ("values that are not floats", lambda model, name: element(model.graph.output[0]) != FLOAT and not any(
        node.op_type in ("Shape", "Size", "Cast", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual")
        for node in model.graph.node)
        or not any(element(value) == FLOAT for value in list(model.graph.input) + list(model.graph.output))),
]


def attribute(node, name):
    return next((onnx.helper.get_attribute_value(a) for a in node.attribute if a.name == name), None)


def element(value):
    return value.type.tensor_type.elem_type if value.type.HasField("tensor_type") else None


def reason_to_skip(model, name):
    """Why a case need not pass, or None."""
    for node in model.graph.node:
        if node.op_type not in OPERATORS or node.domain not in ("", "ai.onnx"):
            return f"operator {node.op_type}"
    for value in list(model.graph.input) + list(model.graph.output):
        if element(value) not in SHAPES | {FLOAT, TensorProto.INT32}:
            kind = element(value)
            return "type " + (TensorProto.DataType.Name(kind) if kind else "not a tensor")
    for reason, applies in OUTSIDE:
        if applies(model, name):
            return reason
    return None


def write_node_cases(root):
    """Writes the node cases that must pass as folders like those of the other kinds; the others need no values."""
    folders = []
    for case in collect_testcases():
        folder = root / case.name
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(case.model.SerializeToString())
        folders.append(("node", folder, case.rtol, case.atol))
        if reason_to_skip(case.model, case.name) is not None:
            continue
        data = folder / "test_data_set_0"
        data.mkdir()
        for kind, values in zip(("input", "output"), case.data_sets[0]):
            for index, value in enumerate(values):
                message = value if isinstance(value, TensorProto) else numpy_helper.from_array(value)
                (data / f"{kind}_{index}.pb").write_bytes(message.SerializeToString())
    return folders


def main():
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(1 if run(pathlib.Path(folder)) else 0)


def run(root):
    tool = sys.argv[1] if len(sys.argv) > 1 else ".build/release/onnx-check"
    folders = write_node_cases(root)
    data = pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data"
    for kind in ("pytorch-converted", "pytorch-operator"):
        for folder in sorted((data / kind).iterdir()):
            if (folder / "model.onnx").exists():
                folders.append((kind, folder, 1e-3, 1e-7))

    wanted, skipped = {}, collections.Counter()
    for kind, folder, relative, absolute in folders:
        model = onnx.load(folder / "model.onnx", load_external_data=False)
        names = {node.op_type for node in model.graph.node}
        operator = next(iter(names)) if len(names) == 1 else "several"
        reason = reason_to_skip(model, folder.name)
        if reason is None:
            wanted[str(folder)] = (kind, operator, relative, absolute)
        else:
            skipped[(operator if operator in OPERATORS else "outside the list", reason)] += 1

    text = "".join(f"{folder}\t{case[2]}\t{case[3]}\n" for folder, case in wanted.items())
    lines = subprocess.run([tool, "cases"], input=text, capture_output=True, text=True).stdout
    table = collections.defaultdict(collections.Counter)
    failures, remarks, seen = [], [], set()
    for line in lines.splitlines():
        folder, form, verdict, text = line.split("\t", 3)
        verdict = "failed" if verdict == "refused" else verdict
        kind, operator, _, _ = wanted[folder]
        seen.add(folder)
        table[operator][(form, verdict)] += 1
        name = folder.rsplit("/", 1)[1]
        if verdict == "failed":
            (failures if form == "plain" else remarks).append(f"{kind} {name} {form}: {text}")
        elif text and verdict == "passed":
            remarks.append(f"{kind} {name} {form}: {text}")
    failures += [f"{folder}: the tool ended before it" for folder in wanted if folder not in seen]

    print(f"{'operator':24}{'passed':>8}{'failed':>8}   vectorised: {'passed':>8}{'refused':>9}{'not so':>8}")
    for operator in sorted(table):
        row = table[operator]
        print(
            f"{operator:24}{row['plain', 'passed']:8}{row['plain', 'failed']:8}               "
            f"{row['vectorised', 'passed']:8}{row['vectorised', 'failed']:9}{row['vectorised', 'skipped']:8}")
    total = sum((row for row in table.values()), collections.Counter())
    print(f"{'all':24}{total['plain', 'passed']:8}{total['plain', 'failed']:8}               "
          f"{total['vectorised', 'passed']:8}{total['vectorised', 'failed']:9}{total['vectorised', 'skipped']:8}")
    print(f"\nskipped: {sum(skipped.values())}, of which of listed operators:")
    for (operator, reason), count in sorted(skipped.items()):
        if operator in OPERATORS:
            print(f"  {operator:24}{count:5}  {reason}")
    for title, texts in [("failed", failures), ("vectorised, refused or remarkable", remarks)]:
        print(f"\n{title}: {len(texts)}")
        for text in texts:
            print("  " + text)
    return failures


if __name__ == "__main__":
    main()
