"""Compares files near what the reader and the engine look for with onnx.reference and onnxruntime.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-onnx.txt
    .venv/bin/python Scripts/check-onnx-patterns.py [.build/release/onnx-check] [--count 600] [--seed 0]

Exporters write some functions out, and networks have layers that are computed in one step. What Gibbon looks for is a
function of several nodes; files are drawn near each, of which at least 40 % are something else: other axes of square
values, axes that do not come back, operands exchanged, values that others use too. Scores must be those of
onnx.reference in double precision within 1e-5 of the largest value, and near those of onnxruntime without its
optimisations; gradients along a direction must be central differences. What is something else must not be found.
"""

import argparse
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

BOUND = 1e-5


class Erf(OpRun):
    """The error function in double precision; onnx.reference rounds its values to single precision."""

    op_domain = ""

    def _run(self, x):
        return (numpy.vectorize(math.erf, otypes=[x.dtype])(x),)


class File:
    """Nodes that are drawn, and whether the pattern must not be found in them."""

    def __init__(self, generator, shape, opset):
        self.generator, self.shape, self.opset = generator, list(shape), opset
        self.nodes, self.tensors = [], {}
        self.refuse, self.form = False, ""
        # What the pattern stands for, by NumPy; where no value of the file is it the pattern must not be found.
        self.ideal = None

    def chance(self, out_of):
        return self.generator.integers(out_of) == 0

    def integer(self, first, last):
        return int(self.generator.integers(first, last + 1))

    def element(self, elements):
        return elements[self.integer(0, len(elements) - 1)]

    def numbers(self, *shape):
        return self.generator.uniform(-1.5, 1.5, shape).astype(numpy.float32)

    def add(self, op, *inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def tensor(self, values, node=None):
        """A known tensor, as an initialiser or as a node."""
        values = numpy.asarray(values)
        if values.dtype == numpy.float64:
            values = values.astype(numpy.float32)
        name = f"t{len(self.tensors) + len(self.nodes)}"
        if self.chance(2) if node is None else node:
            self.nodes.append(helper.make_node("Constant", [], [name], value=numpy_helper.from_array(values)))
        else:
            self.tensors[name] = values
        return name

    def number(self, value):
        """One number, whose shape may be of axes of 1."""
        return self.tensor(numpy.full([1] * self.integer(0, 2), value, numpy.float32), node=True)

    def axes(self, op, x, axes, rank, keeps):
        """A reduction, whose axes may be negative, and are an input from some opset on."""
        named = [axis - rank if self.chance(2) else axis for axis in axes]
        self.generator.shuffle(named)
        if self.opset >= (13 if op == "ReduceSum" else 18):
            return self.add(op, x, self.tensor(numpy.array(named, numpy.int64)), keepdims=int(keeps))
        return self.add(op, x, axes=named, keepdims=int(keeps))

    def unsqueezed(self, x, axes):
        if self.opset >= 13:
            return self.add("Unsqueeze", x, self.tensor(numpy.array(axes, numpy.int64)))
        return self.add("Unsqueeze", x, axes=list(axes))

    def swapped(self, op, a, b):
        return self.add(op, a, b) if self.chance(2) else self.add(op, b, a)

    def model(self, output):
        nodes = self.nodes + [helper.make_node("Flatten", [output], ["out"], axis=1)]
        float_type = TensorProto.FLOAT
        return helper.make_model(
            helper.make_graph(
                nodes, "drawn",
                [helper.make_tensor_value_info("in", float_type, [1] + self.shape[1:])],
                [helper.make_tensor_value_info("out", float_type, [1, None])],
                [numpy_helper.from_array(values, name) for name, values in self.tensors.items()],
            ),
            opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)


def in_double(model):
    """The same file with all floats in double precision, and all values as outputs."""
    double = onnx.ModelProto()
    double.CopyFrom(model)

    def widened(tensor):
        values = numpy_helper.to_array(tensor)
        if values.dtype == numpy.float32:
            tensor.CopyFrom(numpy_helper.from_array(values.astype(numpy.float64), tensor.name))

    for tensor in double.graph.initializer:
        widened(tensor)
    for node in double.graph.node:
        for attribute in node.attribute:
            if attribute.name == "value":
                widened(attribute.t)
    for value in list(double.graph.input) + list(double.graph.output):
        value.type.tensor_type.elem_type = TensorProto.DOUBLE
    return double


def fits(shape, target):
    try:
        return list(numpy.broadcast_shapes(shape, target)) == list(target)
    except ValueError:
        return False


# Each pattern: the shape of the input, what is drawn, and whether the operators show that it was found.


def squares(generator, rank):
    side = int(generator.integers(3, 5))
    if generator.integers(4) > 0:
        return [1] + [side] * rank
    return [1] + [int(generator.integers(1, 6)) for _ in range(rank)]


def layer_normalization(file):
    rank = len(file.shape)
    axes = sorted(set(axis for axis in range(1, rank) if file.chance(2)) or {file.integer(1, rank - 1)})
    epsilon = file.element([1e-5, 1e-3, 0.25])
    form = 0 if file.chance(5) else file.integer(1, 14)
    # The root of the variance of one value has no slope.
    if form == 10 and math.prod(file.shape[axis] for axis in axes) == 1:
        form = 0
    file.form = f"form {form}, axes {axes}"

    def ideal(x):
        centred = x - x.mean(axis=tuple(axes), keepdims=True)
        return centred / numpy.sqrt((centred**2).mean(axis=tuple(axes), keepdims=True) + numpy.float32(epsilon))

    file.ideal = ideal

    def mean(x, over):
        keeps = form not in (1, 2) or file.chance(3)
        short = [extent for axis, extent in enumerate(file.shape) if axis not in over]
        if keeps:
            return file.axes("ReduceMean", x, over, rank, True)
        if form == 1 and fits(short, file.shape):
            return file.axes("ReduceMean", x, over, rank, False)
        # The axes are put back, somewhere.
        places = sorted(over) if file.chance(2) else sorted(file.generator.permutation(rank)[: len(over)].tolist())
        target, rest = [], list(short)
        for axis in range(rank):
            target.append(1 if axis in places else rest.pop(0))
        if not fits(target, file.shape):
            return file.axes("ReduceMean", x, over, rank, True)
        reduced = file.axes("ReduceMean", x, over, rank, False)
        if file.chance(2):
            return file.unsqueezed(reduced, places)
        target = [-1 if axis == 0 and extent == 1 else extent for axis, extent in enumerate(target)]
        return file.add("Reshape", reduced, file.tensor(numpy.array(target, numpy.int64)))

    m = mean("in", axes)
    centred = file.add("Sub", m, "in") if form == 3 else file.add("Add" if form == 4 else "Sub", "in", m)
    other = file.add("Sub", "in", file.number(0.25)) if form == 5 else centred
    if form == 6:
        square = file.add("Pow", centred, file.number(4))
    elif form == 7:
        square = file.add("Abs", file.add("Mul", centred, "in"))
    else:
        square = file.add("Mul", other, other) if file.chance(2) else file.add("Pow", other, file.number(2))
    variance = mean(square, [file.integer(1, rank - 1)] if form == 8 else axes)
    if form == 9:
        count = math.prod(file.shape[axis] for axis in axes)
        variance = file.add("Mul", variance, file.number(count / max(count - 1, 1)))
    if form == 10:
        deviation = file.add("Add", file.add("Sqrt", variance), file.number(epsilon))
    elif form == 11:
        deviation = file.add("Pow", file.add("Add", variance, file.number(epsilon)), file.number(0.25))
    else:
        # A number that is added, or one for each position.
        last = epsilon * (1 + numpy.arange(file.shape[-1]))
        total = file.swapped("Add", variance, file.tensor(last) if form == 12 else file.number(epsilon))
        deviation = file.add("Pow", total, file.number(0.5)) if file.chance(3) else file.add("Sqrt", total)
    if form == 13:
        y = file.add("Div", deviation, file.add("Add", centred, file.number(9)))
    else:
        y = file.add("Div", "in" if form == 14 else centred, deviation)
    scale = [1] * (rank - 1) + file.shape[-1:]
    if file.chance(2):
        y = file.add("Mul", y, file.tensor(file.numbers(*scale[file.integer(0, rank - 1):])))
    return file.add("Add", y, square) if file.chance(4) else y


def gelu(file):
    file.ideal = lambda x: x / 2 * (1 + numpy.vectorize(math.erf)(x / math.sqrt(2)))
    form = 0 if file.chance(5) else file.integer(1, 10)
    file.form = f"form {form}"
    other = "in"
    if form == 1 and file.shape[1] == file.shape[2]:
        other = file.add("Transpose", "in", perm=[0, 2, 1])
    elif form in (1, 2):
        other = file.add("Mul", "in", file.number(1.5))
    elif form == 3:
        other = file.add("Relu", "in")
    if form == 4:
        inner = file.add("Mul", other, file.number(file.element([0.7, 1.4142135, 0.5])))
    elif form == 5:
        inner = file.add("Div", other, file.number(file.element([1.4, 2, -1.4142135])))
    elif file.chance(2):
        inner = file.add("Div", other, file.number(1.4142135))
    else:
        inner = file.swapped("Mul", file.number(0.70710677), other)
    error = file.add("Tanh" if form == 6 else "Erf", inner)
    one = file.number(file.element([0.5, -1, 1.01]) if form == 7 else 1)
    tail = file.add("Sub", one, error) if form == 8 else file.swapped("Add", one, error)
    half = file.number(file.element([0.25, -0.5, 1, 0.501]) if form == 9 else 0.5)
    order = file.integer(0, 2)
    if order == 0:
        y = file.swapped("Mul", file.swapped("Mul", "in", half), tail)
    elif order == 1:
        y = file.swapped("Mul", file.swapped("Mul", "in", tail), half)
    else:
        y = file.swapped("Mul", "in", file.swapped("Mul", tail, half))
    if form == 10:
        return file.add("Mul", y, file.number(0.5))
    return file.add("Add", y, tail) if file.chance(4) else y


def one_number(file):
    op = file.element(["Add", "Sub", "Mul", "Div", "Pow", "Max", "Min"])
    is_number = file.chance(2)
    count = 1 if is_number else file.shape[2]
    values = file.numbers(count)
    if file.chance(3):
        values = numpy.where(values.round() == 0, 2, values.round()).astype(numpy.float32)
    if op in ("Div", "Pow"):
        values = (abs(values) + 0.5).astype(numpy.float32)
    other = file.number(values[0]) if is_number else file.tensor(values, node=True)
    file.refuse = not is_number and count > 1
    file.form = f"{op} {values}"
    x = file.add("Exp", "in")
    return file.add(op, x, other) if file.chance(2) or op in ("Div", "Pow") else file.add(op, other, x)


def transposed_product(file):
    side = file.shape[1]
    permutation = file.element([[0, 1, 3, 2]] * 4 + [[0, 2, 1, 3], [0, 3, 2, 1], [0, 2, 3, 1], [0, 3, 1, 2]])
    source = "in" if file.chance(2) else file.add("Mul", "in", "in")
    turned = file.add("Transpose", source, perm=permutation)
    on_left = file.chance(4)
    other = file.tensor(file.numbers(side, side)) if file.chance(3) else file.add("Sigmoid", "in")
    file.refuse, file.form = on_left or permutation != [0, 1, 3, 2], f"{permutation} {on_left}"
    return file.add("MatMul", turned, other) if on_left else file.add("MatMul", other, turned)


def convolved(file, x, outputs):
    kernel = file.element([1, 3])
    weight = file.tensor(file.numbers(outputs, file.shape[1], kernel, kernel), node=False)
    inputs = [x, weight] + ([file.tensor(file.numbers(outputs), node=False)] if file.chance(2) else [])
    return file.add("Conv", *inputs, pads=[kernel // 2] * 4)


def folded_layer(file):
    side = file.shape[1]

    def scaled(y):
        # Before opset 14 onnx.reference takes batch normalisation to be in training form.
        kind = file.integer(0 if file.opset >= 14 else 1, 2)
        if kind == 0:
            statistics = [file.numbers(side) for _ in range(3)] + [abs(file.numbers(side)) + numpy.float32(0.5)]
            return file.add("BatchNormalization", y, *[file.tensor(v, node=False) for v in statistics])
        if kind == 1:
            vector = file.numbers(*([[side, 1, 1], [1, side, 1, 1]][file.integer(0, 1)]))
            return file.swapped("Mul", y, file.tensor(vector))
        return file.add("Mul", y, file.number(file.element([-0.5, 2, 3])))

    form = 0 if file.chance(2) else file.integer(1, 6)
    file.refuse, file.form = form > 0, f"form {form}"
    if form == 1:
        return convolved(file, scaled("in"), side)
    y = convolved(file, "in", side)
    if form == 2:
        return file.add("Add", scaled(y), y)
    if form == 3:
        # Vectors and columns of square values are along other axes.
        shape = file.element([[side], [side, 1], [1, side], [1, 1, 1, side], [side, side], [1, 1, side, 1]])
        return file.swapped("Mul", y, file.tensor(file.numbers(*shape)))
    if form == 4:
        return scaled(file.add(file.element(["Relu", "Sigmoid", "Abs"]), y))
    if form == 5:
        return file.swapped("Mul", y, "in")
    if form == 6:
        return file.add("Add", y, file.tensor(file.numbers(side, 1, 1)))
    y = scaled(y)
    if file.chance(2):
        y = file.add("Sub", y, file.tensor(file.numbers(1, side, 1, 1)))
    if file.chance(2):
        y = scaled(y)
    if file.chance(2):
        y = file.swapped("Add", y, "in")
    return file.add("Relu", y) if file.chance(2) else y


def pooled(file):
    x = convolved(file, "in", file.shape[1]) if file.chance(2) else "in"
    kernel = [file.integer(1, 3), file.integer(1, 3)]
    strides = [file.integer(1, 2), file.integer(1, 2)]
    pads = [file.integer(0, k - 1) for k in kernel] * 2
    # onnx.reference fails on oblong windows of stride 1, and where rounding up adds a window that meets nothing.
    if strides == [1, 1]:
        kernel, pads = kernel[:1] * 2, pads[:1] * 4
    rounds_up = file.chance(2) and not any(pads) and all(s <= k for s, k in zip(strides, kernel))
    attributes = dict(kernel_shape=kernel, strides=strides, pads=pads, ceil_mode=int(rounds_up))

    def pool(value):
        return file.add("MaxPool", value, **attributes)

    form = 0 if file.chance(2) else file.integer(1, 5)
    file.refuse, file.form = form > 0, f"form {form} {attributes}"
    if form == 1:
        y = file.add("Relu", x)
        return file.add("Concat", file.add("Flatten", pool(y)), file.add("Flatten", y), axis=1)
    if form == 2:
        function = file.element(["LeakyRelu", "Abs", "Sigmoid", "Neg"])
        return pool(file.add(function, x))
    if form == 3:
        return file.add("AveragePool", file.add("Relu", x), count_include_pad=file.integer(0, 1),
                        kernel_shape=kernel, pads=pads)
    if form == 4:
        limits = [file.tensor(numpy.float32(limit)) for limit in (file.element([-0.5, 0.25]), 1)]
        return pool(file.add("Clip", x, *limits))
    if form == 5:
        return pool(file.swapped("Add", x, file.add("Relu", x)))
    y = pool(file.add("Relu", x))
    if file.chance(3):
        return file.add("Concat", file.add("Flatten", y), file.add("Flatten", pool(x)), axis=1)
    return y


def limits(file):
    lower, upper = file.element([(0, None)] * 6 + [(0, 6), (6, 0), (0, 1), (-0.5, 6), (0.25, None), (None, 0), (None, 6)])
    file.refuse, file.form = (lower, upper) != (0, None), f"from {lower} to {upper}"
    # Small values, which 6 - (6 - x) would lose.
    x = file.add("Mul", "in", file.number(file.element([1e-4, 0.01, 1, 8])))
    if lower == 0 and upper is None and file.chance(2):
        return file.add("Max", x, file.number(0)) if file.chance(2) else file.add("Relu", x)
    names = ["" if limit is None else file.tensor(numpy.float32(limit)) for limit in (lower, upper)]
    return file.add("Clip", x, *(names if names[1] else names[:1]))


def moved(operators):
    """Whether a ReLU stands behind a max pooling."""
    if "relu" not in operators or "max pooling" not in operators:
        return False
    return operators.index("max pooling") < operators.index("relu")


PAIRS = {"add", "multiply", "divide", "power", "maximum", "minimum"}
PATTERNS = {
    "layer normalisation written out": (
        lambda g: squares(g, g.integers(1, 4)), layer_normalization, lambda ops: "standardisation" in ops),
    "GELU written out": (lambda g: squares(g, 2), gelu, lambda ops: "gelu" in ops),
    "arithmetic with one number": (lambda g: squares(g, 2), one_number, lambda ops: not PAIRS & set(ops)),
    "product with a transposed matrix": (
        lambda g: [1] + [int(g.integers(2, 5))] * 3, transposed_product, lambda ops: "transpose" not in ops),
    "what scales a layer's channels": (
        lambda g: [1] + [int(g.integers(2, 5))] * 3, folded_layer, lambda ops: "folded" in ops),
    "limits of a ReLU": (lambda g: squares(g, 2), limits, lambda ops: "relu" in ops),
    "ReLU before max pooling": (lambda g: [1, int(g.integers(1, 9)), 6, 6], pooled, moved),
}


def difference(found, wanted, floor=1e-5):
    return abs(found - wanted).max(initial=0) / max(abs(wanted).max(initial=0), floor)


def is_other(file, reference, x):
    """Whether no value of a file is what the pattern stands for."""
    if file.ideal is None:
        return file.refuse
    wanted = file.ideal(x)
    return not any(
        getattr(value, "shape", None) == wanted.shape and difference(value, wanted) < 1e-6
        for value in reference.run(None, {"in": x}, intermediate=True).values())


def check(case, verdict, text, is_found, folder):
    """What is wrong with a case, and whether the pattern was found, and must not be."""
    file, model, x, way = case
    evaluator = ReferenceEvaluator(in_double(model), new_ops=[Erf])
    exact = x.astype(numpy.float64)
    refuse = is_other(file, evaluator, exact[:1])
    if verdict != "read":
        return f"refused: {text}", False, refuse
    found = is_found(text.split(","))
    rows = [evaluator.run(None, {"in": exact[i : i + 1]})[0] for i in range(len(x))]
    wanted = numpy.concatenate(rows)
    scores = numpy.fromfile(folder / "scores", "<f4").reshape(wanted.shape).astype(numpy.float64)
    gradients = numpy.fromfile(folder / "gradients", "<f4").reshape(x.shape).astype(numpy.float64)
    problems = []
    if found and refuse:
        problems.append("found")
    if not difference(scores, wanted) <= BOUND:
        problems.append(f"off by {difference(scores, wanted):.2g}")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    other = numpy.concatenate([session.run(None, {"in": x[i : i + 1]})[0] for i in range(len(x))])
    # onnxruntime computes in single precision as well, so both errors add.
    if not difference(scores, other.astype(numpy.float64)) <= 2 * BOUND:
        problems.append(f"off onnxruntime by {difference(scores, other):.2g}")
    weights = numpy.cos(numpy.arange(wanted.shape[1]) + 1)
    for row in range(len(x)):
        sums = [
            (evaluator.run(None, {"in": exact[row : row + 1] + step * way[row : row + 1]})[0] * weights).sum()
            for step in (1e-8, -1e-8)  # so short that hardly any ReLU changes sides
        ]
        slope, terms = (sums[0] - sums[1]) / 2e-8, gradients[row] * way[row]
        if not abs(slope - terms.sum()) / max(abs(terms).sum(), 1) <= BOUND:
            problems.append(f"slope {terms.sum():.7g}, not {slope:.7g}")
    return "; ".join(problems), found, refuse


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool", nargs="?", default=".build/release/onnx-check")
    parser.add_argument("--count", type=int, default=600, help="files near each pattern")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="patterns whose names contain this")
    options = parser.parse_args()
    failures = []
    print(f"{'pattern':36}{'files':>8}{'found':>8}{'must not':>10}{'wrong':>8}")
    for name, (shape, draw, is_found) in PATTERNS.items():
        if options.only not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            cases, lines = [], ""
            for index in range(options.count):
                generator = numpy.random.default_rng([options.seed, index, len(name)])
                file = File(generator, shape(generator), int(generator.choice([13, 17, 18, 20])))
                model = file.model(draw(file))
                x = file.numbers(2, *file.shape[1:])
                cases.append((file, model, x, generator.uniform(-1, 1, x.shape)))
                place = root / str(index)
                place.mkdir()
                (place / "model.onnx").write_bytes(model.SerializeToString())
                x.astype("<f4").tofile(place / "in")
                lines += f"{place}/model.onnx\t{place}/in\t{place}/scores\t{place}/gradients\n"
            output = subprocess.run([options.tool, "files"], input=lines, capture_output=True, text=True).stdout
            results = [line.split("\t", 2)[1:] for line in output.splitlines()]
            if len(results) != len(cases):
                sys.exit(f"the tool ended after {len(results)} of {len(cases)} files")
            total = [check(case, *result, is_found, root / str(i)) for i, (case, result) in enumerate(zip(cases, results))]
        found, refused = sum(row[1] for row in total), sum(row[2] for row in total)
        wrong = [(i, row[0]) for i, row in enumerate(total) if row[0]]
        print(f"{name:36}{len(total):8}{found:8}{refused:10}{len(wrong):8}", flush=True)
        failures += [f"{name} {i} ({cases[i][0].form}): {text}" for i, text in wrong]
        if refused < 0.4 * len(total):
            failures.append(f"{name}: only {refused} of {len(total)} must be refused")
        if found < 0.1 * len(total):
            failures.append(f"{name}: only {found} of {len(total)} are found")
    print(f"\nfailed: {len(failures)}")
    for text in failures[:40]:
        print("  " + text)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
