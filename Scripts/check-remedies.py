"""Carries out every remedy that a message about an ONNX file names, and compares what comes of it with onnxruntime.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-remedies.txt
    .venv/bin/python Scripts/check-remedies.py [--gibbon .build/release/gibbon] [--only NAME]

Three kinds of cases. A file that used to be refused is *read*: its scores equal onnxruntime's. A file that is *refused*
gets one line that names the remedy; the remedy is carried out as the line says it, and the scores of the result equal
onnxruntime's of the first file. Where no remedy is known the line says so and ends with status 2.

The hints in the sources are read too: one that no case meets is a failure.
"""

import argparse
import contextlib
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

warnings.filterwarnings("ignore")
os.environ.setdefault("TORCH_LOGS", "-all")
ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = {}
TOLERANCE = 1e-5
MET = []


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


# ---- what is run ----------------------------------------------------------------------------------------------------


class Bench:
    """A folder with the files of one case."""

    def __init__(self, gibbon, folder):
        self.gibbon, self.folder = gibbon, pathlib.Path(folder)

    def path(self, name):
        return str(self.folder / name)

    def predict(self, model, x, *options, labels=True):
        np.savez(self.path("data.npz"), x=x, **({"y": np.zeros(len(x), np.int64)} if labels else {}))
        command = [self.gibbon, "predict", model, "--data", "npz:" + self.path("data.npz"), "--output",
                   self.path("out.npz"), *options]
        return subprocess.run(command, capture_output=True, text=True)

    def refused(self, model, x, *words, options=()):
        """The one line of a refusal, which has all the words."""
        run = self.predict(model, x, *options)
        lines = run.stderr.strip().splitlines()
        assert run.returncode == 2 and len(lines) == 1, f"status {run.returncode}: {run.stderr.strip()[:400]}"
        for word in words:
            assert word in lines[0], f"expected '{word}' in: {lines[0]}"
        MET.append(lines[0])
        return lines[0]

    def agrees(self, model, x, wanted, *options, says=None, tolerance=TOLERANCE):
        """Scores are read and equal to others."""
        run = self.predict(model, x, *options)
        assert run.returncode == 0, run.stderr.strip()[:600]
        if says is not None:
            assert says in run.stderr, f"expected '{says}' in: {run.stderr.strip()}"
        own = np.load(self.path("out.npz"))["logits"].astype(np.float64)
        wanted = np.asarray(wanted, np.float64).reshape(own.shape)
        worst = np.abs(own - wanted).max() / max(np.abs(wanted).max(), 1e-30)
        assert worst <= tolerance, f"differs from onnxruntime by {worst:.2e}"
        return worst


def truth(path, x, output=None, **others):
    """What onnxruntime says, one example at a time where the batch is fixed at 1."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = next(i.name for i in session.get_inputs() if i.name not in others)
    names = [output or session.get_outputs()[0].name]
    if session.get_inputs()[0].shape[:1] == [1]:
        return np.concatenate([session.run(names, {name: row[None], **others})[0] for row in x])
    return session.run(names, {name: x, **others})[0]


RANDOM = np.random.default_rng(5)


def weights(*shape):
    return (RANDOM.standard_normal(shape) / 2).astype(np.float32)


def uniform(*shape):
    return RANDOM.random(shape, np.float32)


def save(bench, name, nodes, inputs, outputs, initializers={}, opset=17, functions=(), domains=()):
    def value(item):
        name, type, shape = item if len(item) == 3 else (item[0], TensorProto.FLOAT, item[1])
        return helper.make_tensor_value_info(name, type, shape)

    graph = helper.make_graph(
        nodes, "g", [value(i) for i in inputs], [value(o) for o in outputs],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in initializers.items()])
    imports = [helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in domains]
    model = helper.make_model(graph, opset_imports=imports, functions=list(functions))
    model.ir_version = 8 if opset < 20 else 10
    onnx.save(model, bench.path(name))
    return bench.path(name)


def export(bench, name, module, x, **options):
    import torch

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        torch.onnx.export(module, (torch.from_numpy(x),), bench.path(name), input_names=["x"], output_names=["y"],
                          **options)
    return bench.path(name)


def dynamic(dynamo):
    import torch

    return {"dynamo": True, "dynamic_shapes": ({0: torch.export.Dim("n")},)} if dynamo else {
        "dynamo": False, "dynamic_axes": {"x": {0: "n"}}}


def operators(path):
    return {node.op_type for node in onnx.load(path).graph.node}


# ---- several outputs and inputs -------------------------------------------------------------------------------------


@case
def two_outputs(bench):
    w, v = weights(4, 3), weights(4, 7)
    path = save(
        bench, "two.onnx",
        [helper.make_node("MatMul", ["x", "w"], ["logits"]), helper.make_node("MatMul", ["x", "v"], ["embedding"])],
        [("x", ["N", 4])], [("logits", ["N", 3]), ("embedding", ["N", 7])], {"w": w, "v": v})
    x = uniform(5, 4)
    bench.agrees(path, x, truth(path, x, "logits"), says="--output-name embedding")
    bench.agrees(path, x, truth(path, x, "embedding"), "--output-name", "embedding")
    bench.refused(path, x, "there is no output 'scores'", "'logits', 'embedding'", options=["--output-name", "scores"])


@case
def labels_of_scikit_learn(bench):
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPClassifier

    x = uniform(40, 4)
    for classes, words in [(2, False), (3, False), (3, True)]:
        y = (x[:, 0] * classes).astype(int)
        y = np.array(["ant", "bee", "cat"])[y] if words else y
        network = MLPClassifier((5,), max_iter=30, random_state=1).fit(x, y)
        for options in ({"zipmap": False}, {}):
            path = bench.path("mlp.onnx")
            onnx.save(to_onnx(network, x, options={id(network): options}), path)
            bench.agrees(path, x, network.predict_proba(x), says="is taken, the only row of scores")


@case
def linear_models_of_scikit_learn(bench):
    from skl2onnx import to_onnx
    from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import LinearSVC

    x = uniform(40, 4)
    path = bench.path("linear.onnx")

    def carry_out(network, y, wanted, kind):
        """Fits a model, and writes it as the refusal of its first export says for such a kind."""
        network.fit(x, y)
        onnx.save(to_onnx(network, x[:1]), path)
        line = bench.refused(path, x, "scalers and linear models, write standard operators")
        operators = eval(re.search(r"black_op=(\{.*?\})", line)[1])
        options = {"probabilities": re.search(r"options=(\{.*?\})", line)[1],
                   "scores": re.search(r"with (\{.*?\}) of LinearSVC and RidgeClassifier", line)[1],
                   "numbers": "None"}[kind]
        assert "no options for a regression" in line
        onnx.save(to_onnx(network, x[:1].astype(np.float32), options=eval(options), black_op=operators), path)
        bench.agrees(path, x, wanted(network)(x))

    for network in (LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression()),
                    make_pipeline(StandardScaler(), MLPClassifier((5,), max_iter=30, random_state=1))):
        for classes in (2, 3):
            carry_out(network, (x[:, 0] * classes).astype(int), lambda model: model.predict_proba, "probabilities")
    for network in (LinearSVC(), RidgeClassifier()):
        carry_out(network, (x[:, 0] * 3).astype(int), lambda model: model.decision_function, "scores")
    for network in (LinearRegression(), Ridge(), make_pipeline(StandardScaler(), LinearRegression())):
        carry_out(network, x @ weights(4, 1)[:, 0], lambda model: model.predict, "numbers")


@case
def data_behind_a_link(bench):
    folder, other = pathlib.Path(bench.path("model")), pathlib.Path(bench.path("elsewhere"))
    folder.mkdir()
    other.mkdir()
    model = onnx.load(save(bench, "plain.onnx", [helper.make_node("MatMul", ["x", "w"], ["y"])], [("x", ["N", 64])],
                           [("y", ["N", 32])], {"w": weights(64, 32)}))
    onnx.save(model, folder / "net.onnx", save_as_external_data=True, location="net.data", size_threshold=0)
    (folder / "net.data").rename(other / "net.data")
    (folder / "net.data").symlink_to(other / "net.data")
    x = uniform(5, 64)
    bench.refused(str(folder / "net.onnx"), x, "copy both files, as cp -L does, into one folder")
    copied = pathlib.Path(bench.path("copied"))
    copied.mkdir()
    subprocess.run(["cp", "-L", folder / "net.onnx", folder / "net.data", copied], check=True)
    bench.agrees(str(copied / "net.onnx"), x, truth(str(copied / "net.onnx"), x))


@case
def two_inputs(bench):
    nodes = [helper.make_node("MatMul", ["x", "w"], ["p"]), helper.make_node("MatMul", ["meta", "v"], ["q"]),
             helper.make_node("Add", ["p", "q"], ["y"])]
    path = save(bench, "two.onnx", nodes, [("x", ["N", 4]), ("meta", ["N", 2])], [("y", ["N", 3])],
                {"w": weights(4, 3), "v": weights(2, 3)})
    x = uniform(5, 4)
    line = bench.refused(path, x, "expected one input, found 'x', 'meta'", "--constant-input 'meta=")
    zero = truth(path, x, meta=np.zeros((5, 2), np.float32))
    bench.agrees(path, x, zero, "--constant-input",
                 re.search(r"--constant-input '(.*?)'", line)[1].replace("VALUES", "0"))
    own = np.array([0.25, -2], np.float32)
    bench.agrees(path, x, truth(path, x, meta=np.tile(own, (5, 1))), "--constant-input", "meta=0.25,-2")
    program(bench, line, path, x, "MatMul")


@case
def inputs_that_no_score_needs(bench):
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"]), helper.make_node("Relu", ["mask"], ["z"])]
    path = save(bench, "two.onnx", nodes, [("x", ["N", 4]), ("mask", ["N", 2])], [("y", ["N", 3])],
                {"w": weights(4, 3)})
    x = uniform(5, 4)
    bench.agrees(path, x, truth(path, x, mask=np.zeros((5, 2), np.float32)))


def program(bench, line, path, x, operator):
    """What program:COMMAND stands for: the network asked through onnxruntime."""
    assert "program:COMMAND" in line
    script = bench.path("model.py")
    pathlib.Path(script).write_text(f"""
import json, sys, numpy, onnxruntime
session = onnxruntime.InferenceSession({path!r}, providers=["CPUExecutionProvider"])
for question in sys.stdin:
    x = numpy.array(json.loads(question)["inputs"], numpy.float32)
    given = {{i.name: x if n == 0 else numpy.zeros((len(x), 2), numpy.float32)
             for n, i in enumerate(session.get_inputs())}}
    y = session.run(None, given)[0]
    print(json.dumps({{"outputs": y.reshape(len(y), y.shape[1], -1).mean(2).tolist()}}), flush=True)
""")
    run = bench.predict(f"program:{sys.executable} {script}", x)
    assert run.returncode == 0, run.stderr


# ---- outputs that are no row ----------------------------------------------------------------------------------------


def carried_out(bench, line, path):
    """The file with the node that a message gives."""
    model = onnx.load(path)
    for code in re.findall(r"(model\.graph\.\w+(?:\[0\])?\.(?:append|CopyFrom)\(.*?\)\))", line):
        exec(code, {"onnx": onnx, "model": model})
    onnx.checker.check_model(model)
    onnx.save(model, bench.path("changed.onnx"))
    return bench.path("changed.onnx")


@case
def score_maps(bench):
    path = save(bench, "map.onnx", [helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])],
                [("x", ["N", 3, 8, 8])], [("y", ["N", 5, 8, 8])], {"w": weights(5, 3, 3, 3)})
    x = uniform(4, 3, 8, 8)
    line = bench.refused(path, x, "expected a row of scores for each example, found 1x5x8x8", "GlobalAveragePool")
    bench.agrees(carried_out(bench, line, path), x, truth(path, x).mean((2, 3)))
    program(bench, line, path, x, "Conv")


@case
def scores_of_tokens(bench):
    path = save(bench, "tokens.onnx", [helper.make_node("MatMul", ["x", "w"], ["y"])], [("x", ["N", 6, 4])],
                [("y", ["N", 6, 5])], {"w": weights(4, 5)})
    x = uniform(4, 6, 4)
    line = bench.refused(path, x, "found 1x6x5", "ReduceMean")
    bench.agrees(carried_out(bench, line, path), x, truth(path, x).mean(1))


@case
def detectors(bench):
    nodes = [helper.make_node("Reshape", ["x", "s"], ["boxes"]), helper.make_node("Relu", ["boxes"], ["scores"])]
    path = save(bench, "boxes.onnx", nodes, [("x", ["N", 3, 4, 4])], [("boxes", ["N", 4, 12]), ("scores", ["N", 4, 12])],
                {"s": np.array([-1, 4, 12])})
    bench.refused(path, uniform(2, 3, 4, 4), "'boxes' (1x4x12)", "'scores' (1x4x12)")


@case
def outputs_with_axes_of_one(bench):
    path = save(bench, "one.onnx", [helper.make_node("Conv", ["x", "w"], ["c"]),
                                    helper.make_node("GlobalAveragePool", ["c"], ["y"])],
                [("x", ["N", 3, 8, 8])], [("y", ["N", 5, 1, 1])], {"w": weights(5, 3, 3, 3)})
    x = uniform(4, 3, 8, 8)
    bench.agrees(path, x, truth(path, x))


@case
def largest_scores(bench):
    for operator, attributes in [("ArgMax", {"axis": 1}), ("Hardmax", {"axis": 1})]:
        nodes = [helper.make_node("MatMul", ["x", "w"], ["scores"]),
                 helper.make_node(operator, ["scores"], ["a"], **attributes)]
        end = ("a", TensorProto.INT64, ["N", 1]) if operator == "ArgMax" else ("a", TensorProto.FLOAT, ["N", 3])
        path = save(bench, "arg.onnx", nodes, [("x", ["N", 4])], [end], {"w": weights(4, 3)})
        cut(bench, path, uniform(5, 4), "it has no gradient")
    nodes = [helper.make_node("MatMul", ["x", "w"], ["scores"]),
             helper.make_node("TopK", ["scores", "k"], ["v", "i"], axis=1)]
    path = save(bench, "top.onnx", nodes, [("x", ["N", 4])], [("v", ["N", 2])],
                {"w": weights(4, 3), "k": np.array([2])})
    cut(bench, path, uniform(5, 4), "up to its scores")


def cut(bench, path, x, *words, options=(), given=None):
    """The file that onnx.utils.extract_model writes as a message says it."""
    line = bench.refused(path, x, *words, "onnx.utils.extract_model(")
    arguments = re.search(r"onnx\.utils\.extract_model\((.*?\])\)", line)[1].replace("'cut.onnx'", repr(bench.path("cut.onnx")))
    exec(f"onnx.utils.extract_model({arguments})", {"onnx": onnx})
    x = x if given is None else given
    bench.agrees(bench.path("cut.onnx"), x, truth(bench.path("cut.onnx"), x * (255 if options else 1)), *options)


# ---- types of inputs ------------------------------------------------------------------------------------------------


def typed(bench, type, *before):
    nodes = [*before, helper.make_node("Cast", ["b" if before else "x"], ["f"], to=TensorProto.FLOAT),
             helper.make_node("MatMul", ["f", "w"], ["y"])]
    return save(bench, "typed.onnx", nodes, [("x", type, ["N", 4])], [("y", ["N", 3])],
                {"w": weights(4, 3), "one": np.array(1, helper.tensor_dtype_to_np_dtype(type))})


@case
def bytes_as_input(bench):
    path = typed(bench, TensorProto.UINT8)
    x = RANDOM.integers(0, 256, (6, 4), np.uint8)
    bench.agrees(path, x, truth(path, x), says="as by --input-range 0:255")
    # Arithmetic of bytes wraps around, so what is computed of them is not followed.
    path = typed(bench, TensorProto.UINT8, helper.make_node("Add", ["x", "one"], ["b"]))
    bench.refused(path, uniform(6, 4), "found uint8", "program:COMMAND")


@case
def pictures_of_bytes_with_channels_last(bench):
    nodes = [helper.make_node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]),
             helper.make_node("Cast", ["t"], ["f"], to=1), helper.make_node("Conv", ["f", "w"], ["c"]),
             helper.make_node("ReduceMean", ["c"], ["y"], axes=[2, 3], keepdims=0)]
    path = save(bench, "nhwc.onnx", nodes, [("x", TensorProto.UINT8, ["N", 8, 8, 3])], [("y", ["N", 5])],
                {"w": weights(5, 3, 3, 3)})
    x = RANDOM.integers(0, 256, (4, 8, 8, 3), np.uint8)
    bench.agrees(path, x, truth(path, x), "--data-layout", "nhwc", "--layout", "nhwc")


@case
def whole_numbers_and_truth_values_as_input(bench):
    for type in (TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL):
        name = TensorProto.DataType.Name(type).lower()
        cut(bench, typed(bench, type), uniform(6, 4), f"expected floats, found {name}")


@case
def tokens_as_input(bench):
    nodes = [helper.make_node("Gather", ["table", "x"], ["e"]),
             helper.make_node("ReduceMean", ["e"], ["m"], axes=[1], keepdims=0),
             helper.make_node("MatMul", ["m", "w"], ["y"])]
    path = save(bench, "tokens.onnx", nodes, [("x", TensorProto.INT64, ["N", 6])], [("y", ["N", 3])],
                {"table": weights(10, 4), "w": weights(4, 3)})
    cut(bench, path, uniform(5, 6), "found int64", "tokens have no gradient", given=uniform(5, 6, 4))


@case
def other_precisions(bench):
    for type, tolerance in [(TensorProto.DOUBLE, 1e-5), (TensorProto.FLOAT16, 1e-2)]:
        path = typed(bench, type)
        x = uniform(6, 4)
        wanted = truth(path, x.astype(helper.tensor_dtype_to_np_dtype(type)))
        bench.agrees(path, x, wanted, says="computed in single precision here", tolerance=tolerance)


@case
def half_precision_inside(bench):
    nodes = [helper.make_node("Cast", ["x"], ["h"], to=TensorProto.FLOAT16),
             helper.make_node("MatMul", ["h", "w"], ["z"]), helper.make_node("Cast", ["z"], ["y"], to=1)]
    w = weights(4, 3)
    x = uniform(5, 4)
    path = save(bench, "half.onnx", nodes, [("x", ["N", 4])], [("y", ["N", 3])], {"w": w.astype(np.float16)})
    bench.refused(path, x, "export the network in single precision")
    import torch

    network = torch.nn.Linear(4, 3).half()
    path = export(bench, "single.onnx", network.float().eval(), x, **dynamic(True))
    bench.agrees(path, x, truth(path, x))


@case
def double_precision_inside(bench):
    import torch
    from torch import nn

    class Double(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(4, 3)

        def forward(self, x):
            return self.linear(x.to(self.linear.weight.dtype)).float()

    x = uniform(5, 4)
    for dynamo in (True, False):
        network = Double().double().eval()
        path = export(bench, "double.onnx", network, x, **dynamic(dynamo))
        wanted = truth(path, x)
        line = bench.refused(path, x, "export the network in single precision: model.float()")
        eval(re.search(r"(model\.float\(\))", line)[1], {"model": network})
        path = export(bench, "single.onnx", network, x, **dynamic(dynamo))
        bench.agrees(path, x, wanted)


@case
def types_known_by_an_example(bench):
    from onnx import inliner, shape_inference

    def alike(like):
        nodes = [helper.make_node("Constant", [], ["like"], value=numpy_helper.from_array(np.array(like))),
                 helper.make_node("Mul", ["x", "nine"], ["m"]), helper.make_node("CastLike", ["m", "like"], ["c"]),
                 helper.make_node("Cast", ["c"], ["f"], to=TensorProto.FLOAT), helper.make_node("MatMul", ["f", "w"], ["y"])]
        return save(bench, "like.onnx", nodes, [("x", ["N", 4])], [("y", ["N", 3])],
                    {"nine": np.float32(9), "w": weights(4, 3)})

    x = uniform(5, 4)
    path = alike(np.int64(7))
    bench.refused(path, x, "export with Cast in its place")
    # ONNX defines the operator by Cast, and its own tool writes it so.
    model = shape_inference.infer_shapes(onnx.load(path))
    model = inliner.inline_selected_functions(model, [("", "CastLike")], inline_schema_functions=True)
    onnx.save(model, bench.path("cast.onnx"))
    assert "CastLike" not in operators(bench.path("cast.onnx"))
    bench.agrees(bench.path("cast.onnx"), x, truth(path, x))
    bench.refused(alike(np.float64(7)), x, "export the network in single precision: model.float()")


# ---- the graph ------------------------------------------------------------------------------------------------------


@case
def unsorted_nodes(bench):
    nodes = [helper.make_node("Relu", ["z"], ["y"]), helper.make_node("Add", ["u", "v"], ["z"]),
             helper.make_node("MatMul", ["x", "w"], ["u"]), helper.make_node("Neg", ["u"], ["v0"]),
             helper.make_node("Abs", ["v0"], ["v"])]
    path = save(bench, "unsorted.onnx", nodes, [("x", ["N", 4])], [("y", ["N", 3])], {"w": weights(4, 3)})
    x = uniform(5, 4)
    bench.agrees(path, x, truth(path, x))


def referring(name, outer):
    """A number that is an attribute of the function's call."""
    return onnx.AttributeProto(name=name, type=onnx.AttributeProto.FLOAT, ref_attr_name=outer)


@case
def functions_of_the_file(bench):
    inner = helper.make_function(
        "acme", "Leaky", ["a"], ["b"], [helper.make_node("LeakyRelu", ["a"], ["b"])], [helper.make_opsetid("", 17)],
        attributes=["alpha"])
    inner.node[0].attribute.append(referring("alpha", "alpha"))
    outer = helper.make_function(
        "acme", "Block", ["a", "w"], ["b", "c"],
        [helper.make_node("Matrix", ["a", "w"], ["z"], domain="acme"), helper.make_node("Leaky", ["z"], ["b"], domain="acme"),
         helper.make_node("Identity", ["a"], ["c"])],
        [helper.make_opsetid("", 17), helper.make_opsetid("acme", 1)], attribute_protos=[helper.make_attribute("slope", 0.25)])
    outer.node[1].attribute.append(referring("alpha", "slope"))
    matrix = helper.make_function("acme", "Matrix", ["p", "q"], ["r"], [helper.make_node("MatMul", ["p", "q"], ["r"])],
                                  [helper.make_opsetid("", 13)])
    nodes = [helper.make_node("Block", ["x", "w"], ["u", "same"], domain="acme"),
             helper.make_node("Block", ["u", "v"], ["y", "end"], domain="acme", slope=0.5)]
    path = save(bench, "functions.onnx", nodes, [("x", ["N", 4])], [("y", ["N", 3])],
                {"w": weights(4, 5), "v": weights(5, 3)}, functions=[inner, outer, matrix], domains=["acme"])
    x = uniform(5, 4)
    bench.agrees(path, x, truth(path, x))


@case
def operators_of_nobody(bench):
    path = save(bench, "custom.onnx", [helper.make_node("Frob", ["x"], ["y"], domain="acme")], [("x", ["N", 4])],
                [("y", ["N", 4])], domains=["acme"])
    bench.refused(path, uniform(5, 4), "acme.Frob", "write the layer in PyTorch's or TensorFlow's own operations")
    path = save(bench, "grid.onnx", [helper.make_node("GridSample", ["x", "g"], ["y"])], [("x", ["N", 1, 4, 4])],
                [("y", None)], {"g": weights(1, 2, 2, 2)})
    bench.refused(path, uniform(5, 1, 4, 4), "no exporter option avoids it")
    path = save(bench, "lstm.onnx", [helper.make_node("LSTM", ["x", "w", "r"], ["y"], hidden_size=2)],
                [("x", ["N", 4, 3])], [("y", None)], {"w": weights(1, 8, 3), "r": weights(1, 8, 2)})
    bench.refused(path, uniform(5, 4, 3), "recurrent layers are not supported")
    for operator, words in [("DFT", "as part of the data"), ("StringSplit", "prepare the data before")]:
        path = save(bench, "other.onnx", [helper.make_node(operator, ["x"], ["y"])], [("x", ["N", 4])], [("y", ["N", 4])],
                    opset=20)
        bench.refused(path, uniform(5, 4), words)


@case
def optimised_by_onnxruntime(bench):
    path = save(bench, "plain.onnx", [helper.make_node("Conv", ["x", "w"], ["c"]), helper.make_node("Relu", ["c"], ["r"]),
                                      helper.make_node("ReduceMean", ["r"], ["y"], axes=[2, 3], keepdims=0)],
                [("x", ["N", 3, 8, 8])], [("y", ["N", 5])], {"w": weights(5, 3, 3, 3)})
    x = uniform(4, 3, 8, 8)
    wanted = truth(path, x)

    def optimised(level):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.graph_optimization_level = level
        options.optimized_model_filepath = bench.path("optimised.onnx")
        onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return bench.path("optimised.onnx")

    levels = onnxruntime.GraphOptimizationLevel
    bench.refused(optimised(levels.ORT_ENABLE_ALL), x, "com.microsoft", "or with ORT_ENABLE_BASIC")
    bench.agrees(optimised(levels.ORT_ENABLE_BASIC), x, wanted)


@case
def quantised(bench):
    path = save(bench, "quantised.onnx", [helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
                                          helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
                                          helper.make_node("MatMul", ["d", "w"], ["y"])],
                [("x", ["N", 4])], [("y", ["N", 3])],
                {"s": np.float32(1 / 255), "z": np.uint8(0), "w": weights(4, 3)})
    bench.refused(path, uniform(5, 4), "before it is quantised")


@case
def old_and_new_opsets(bench):
    path = save(bench, "old.onnx", [helper.make_node("MatMul", ["x", "w"], ["y"])], [("x", ["N", 4])], [("y", ["N", 3])],
                {"w": weights(4, 3)}, opset=5)
    x = uniform(5, 4)
    bench.refused(path, x, "found 5", "export with opset_version=17")
    onnx.save(onnx.version_converter.convert_version(onnx.load(path), 17), bench.path("new.onnx"))
    bench.agrees(bench.path("new.onnx"), x, truth(bench.path("new.onnx"), x))


@case
def open_shapes(bench):
    nodes = [helper.make_node("Conv", ["x", "w"], ["c"]), helper.make_node("GlobalAveragePool", ["c"], ["g"]),
             helper.make_node("Flatten", ["g"], ["y"])]
    path = save(bench, "open.onnx", nodes, [("x", ["N", 3, "h", "w"])], [("y", ["N", 5])], {"w": weights(5, 3, 3, 3)})
    for size in (8, 11):
        x = uniform(4, 3, size, size)
        bench.agrees(path, x, truth(path, x))
    run = subprocess.run([bench.gibbon, "info", path], capture_output=True, text=True)
    assert run.returncode == 0 and "Nx3xhxw" in run.stdout and "--input-shape 3,224,224" in run.stdout, run
    run = subprocess.run([bench.gibbon, "convert", path, bench.path("no.onnx")], capture_output=True, text=True)
    assert run.returncode == 2 and "--input-shape 3,224,224" in run.stderr, run
    MET.append(run.stderr)
    run = subprocess.run([bench.gibbon, "convert", path, bench.path("yes.onnx"), "--input-shape", "3,8,8"],
                         capture_output=True, text=True)
    assert run.returncode == 0, run
    x = uniform(4, 3, 8, 8)
    bench.agrees(bench.path("yes.onnx"), x, truth(path, x))
    bench.refused(path, uniform(4, 3, 8, 8), "do not fit its shape, 3x?x?", options=["--input-shape", "4,4"])
    path = save(bench, "none.onnx", nodes, [("x", TensorProto.FLOAT, None)], [("y", ["N", 5])], {"w": weights(5, 3, 3, 3)})
    bench.agrees(path, x, truth(path, x))


@case
def fixed_batches(bench):
    import torch

    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(8, 3)).eval()
    x = uniform(6, 2, 4)
    path = export(bench, "fixed.onnx", network, x, dynamo=False)
    line = bench.refused(path, x, "its batch is fixed at 6")
    axes = eval(re.search(r"dynamic_axes=(\{.*\})", line)[1])
    for dynamo in (False, True):
        path = export(bench, "free.onnx", network, x, dynamo=dynamo, dynamic_axes=axes)
        bench.agrees(path, x, truth(path, x))


@case
def examples_that_are_combined(bench):
    import torch

    class Together(torch.nn.Module):
        def forward(self, x):
            return torch.softmax(x.flatten(1), 0)

    x = uniform(6, 2, 4)
    for dynamo in (True, False):
        path = export(bench, "together.onnx", Together().eval(), x, **dynamic(dynamo))
        line = bench.refused(path, x, "combines the examples of a batch", "fix the batch at 1")
        command = re.search(r"python (-m onnxruntime\.tools\.make_dynamic_shape_fixed .*?OUT\.onnx)", line)[1]
        command = command.replace("IN.onnx", path).replace("OUT.onnx", bench.path("single.onnx"))
        subprocess.run([sys.executable, *command.split()], check=True, capture_output=True)
        bench.agrees(bench.path("single.onnx"), x, truth(bench.path("single.onnx"), x))


@case
def resizing_by_scales(bench):
    """Sizes in the place of scales, as many positions as onnxruntime counts by them."""
    def resize(name, region, scales, sizes, **attributes):
        inputs = ["x", "region", "scales" if sizes is None else "", "" if sizes is None else "sizes"]
        while not inputs[-1]:
            inputs.pop()
        nodes = [helper.make_node("Resize", inputs, ["r"], mode="nearest", **attributes),
                 helper.make_node("Flatten", ["r"], ["y"])]
        values = {"region": np.array(region, np.float32), "scales": np.array(scales, np.float32)}
        return save(bench, name, nodes, [("x", ["N", 2, *extents])], [("y", None)],
                    {**values, **({} if sizes is None else {"sizes": np.array(sizes)})}, opset=19)

    extents = (10, 10)
    x = uniform(3, 2, *extents)
    for name, region, scale in [("half_pixel_symmetric", [], 0.35), ("tf_crop_and_resize", [.1, .2, .9, .8], 0.7)]:
        whole = [0, 0, *region[:2], 1, 1, *region[2:]] if region else []
        path = resize("scales.onnx", whole, [1, 1, scale, scale], None, coordinate_transformation_mode=name)
        bench.refused(path, x, "export it with sizes")
        count = int((truth(path, x).shape[1] // 2) ** 0.5)
        # Sizes do not leave the batch open, so that they are those of the axes that change.
        path = resize("sizes.onnx", region, [], [count, count], coordinate_transformation_mode=name, axes=[2, 3])
        bench.agrees(path, x, truth(path, x))


@case
def paddings_that_readers_choose(bench):
    x = uniform(3, 2, 8, 8)

    def pooled(name, **padding):
        nodes = [helper.make_node("MaxPool", ["x"], ["p"], kernel_shape=[3, 3], dilations=[2, 2], strides=[2, 2], **padding),
                 helper.make_node("Flatten", ["p"], ["y"])]
        return save(bench, name, nodes, [("x", ["N", 2, 8, 8])], [("y", None)])

    bench.refused(pooled("auto.onnx", auto_pad="SAME_UPPER"), x, "write the padding out as 'pads'")
    # As many positions as ONNX says, ceil(8 / 2), from windows that reach over 2 (3 - 1) + 1 places.
    total = 2 * (4 - 1) + 5 - 8
    path = pooled("pads.onnx", pads=[total // 2, total // 2, total - total // 2, total - total // 2])
    assert truth(path, x).shape == (3, 2 * 4 * 4), truth(path, x).shape
    bench.agrees(path, x, truth(path, x))


@case
def outputs_beyond_the_kernel(bench):
    w, x = weights(2, 3, 1), uniform(3, 2, 4)

    def spread(name, **attributes):
        nodes = [helper.make_node("ConvTranspose", ["x", "w"], ["c"], strides=[2], **attributes),
                 helper.make_node("ReduceMean", ["c"], ["y"], axes=[1], keepdims=0)]
        return save(bench, name, nodes, [("x", ["N", 2, 4])], [("y", None)], {"w": w})

    # The result has 8 places by ONNX, 7 in onnxruntime, unless the file says 8.
    for attributes in ({}, {"output_shape": [8]}):
        line = bench.refused(spread("same.onnx", auto_pad="SAME_UPPER", **attributes), x, "give it by 'output_padding'")
        wanted, reached = map(int, re.search(r"to be (\d+), more than the (\d+)", line).groups())
        path = spread("said.onnx", output_padding=[wanted - reached])
        assert truth(path, x).shape == (3, 8)
        bench.agrees(path, x, truth(path, x))
    # onnxruntime has no padding as large as a stride.
    line = bench.refused(spread("far.onnx", output_shape=[9]), x, "its output is to be 9")
    assert "output_padding" not in line, line


# ---- exporters ------------------------------------------------------------------------------------------------------


def both_exports(bench, module, x, tolerance=TOLERANCE, opsets=(None,), ways=(True, False)):
    for dynamo in ways:
        for opset in opsets:
            path = export(bench, "net.onnx", module.eval(), x, **dynamic(dynamo),
                          **({"opset_version": opset} if opset else {}))
            bench.agrees(path, x, truth(path, x), tolerance=tolerance)
            yield path


@case
def functions_of_onnx(bench):
    """Operators that ONNX defines by others, each read as it stands."""
    rows = [
        ("Mish", 18, {}, (6,)), ("Softsign", 17, {}, (6,)), ("Swish", 24, {"alpha": 1.5}, (6,)), ("Celu", 17, {"alpha": 0.5}, (6,)),
        ("ThresholdedRelu", 17, {"alpha": 0.3}, (6,)), ("Shrink", 17, {"bias": 0.1, "lambd": 0.3}, (6,)),
        ("MeanVarianceNormalization", 17, {"axes": [2, 3]}, (3, 4, 4)),
    ]
    for operator, opset, attributes, shape in rows:
        x = uniform(5, *shape)
        count = int(np.prod(shape))
        nodes = [helper.make_node("Sub", ["x", "half"], ["c"]), helper.make_node(operator, ["c"], ["z"], **attributes),
                 helper.make_node("Flatten", ["z"], ["f"]), helper.make_node("MatMul", ["f", "w"], ["y"])]
        path = save(bench, "f.onnx", nodes, [("x", ["N", *shape])], [("y", ["N", 3])],
                    {"w": weights(count, 3), "half": np.float32(0.5)}, opset=opset)
        bench.agrees(path, x, reference(path, x))


def reference(path, x):
    """What onnxruntime says, or where it lacks an operator ONNX's own evaluator."""
    try:
        return truth(path, x)
    except Exception:
        from onnx.reference import ReferenceEvaluator

        return ReferenceEvaluator(path).run(None, {"x": x})[0]


@case
def activations_and_normalisations(bench):
    from torch import nn

    x = uniform(5, 4, 3, 3)
    for layer in (nn.Mish(), nn.CELU(0.5), nn.SiLU(), nn.Softsign(), nn.Softshrink(0.3), nn.Hardshrink(0.3), nn.GroupNorm(2, 4)):
        list(both_exports(bench, nn.Sequential(layer, nn.Flatten(), nn.Linear(36, 3)), x))
    for layer in (nn.GroupNorm(2, 4), nn.RMSNorm(3), nn.Mish()):
        list(both_exports(bench, nn.Sequential(layer, nn.Flatten(), nn.Linear(36, 3)), x, opsets=(23,), ways=(True,)))


@case
def attention_in_one_step(bench):
    import torch
    from torch import nn

    class Attention(nn.Module):
        def __init__(self, causal, groups):
            super().__init__()
            self.q, self.kv, self.causal, self.groups = nn.Linear(8, 8), nn.Linear(8, 16 // groups), causal, groups

        def forward(self, x):
            heads = 4
            q = self.q(x).unflatten(2, (heads, -1)).transpose(1, 2)
            k, v = self.kv(x).unflatten(2, (2, heads // self.groups, -1)).permute(2, 0, 3, 1, 4).unbind(0)
            y = nn.functional.scaled_dot_product_attention(
                q, k, v, is_causal=self.causal, enable_gqa=self.groups > 1)
            return y.transpose(1, 2).flatten(2)[:, 1:].mean(1)

    x = uniform(3, 5, 8)
    for causal, groups in [(False, 1), (True, 1), (False, 2)]:
        # Before opset 23 a causal mask is written with Trilu, which is not read.
        opsets = (23,) if causal else (20, 23)
        for path in both_exports(bench, Attention(causal, groups), x, opsets=opsets, ways=(True,)):
            pass
        assert "Attention" in operators(path), operators(path)
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    list(both_exports(bench, nn.Sequential(layer, nn.Flatten(), nn.Linear(40, 3)), x, opsets=(20, 23), ways=(True,)))


@case
def selections_and_assignments(bench):
    import torch
    from torch import nn

    class Select(nn.Module):
        def forward(self, x):
            return torch.cat([x[:, [2, 0]].flatten(1), x[:, :, [1, 0]][:, :, :, [3, 3, 1]].flatten(1),
                              x[:, [0, 1], [2, 3]].flatten(1)], 1)

    class Assign(nn.Module):
        def forward(self, x):
            y = x.clone()
            y[:, 0] = 0
            y[:, 1, 2:] = x[:, 0, 2:] * 2
            y[:, 2, [0, 3]] = 1
            return y.flatten(1)

    class Along(nn.Module):
        def forward(self, x):
            index = torch.tensor([[0, 2, 1, 0], [1, 1, 0, 2]]).expand(x.shape[0], 3, 2, 4)
            return torch.gather(x, 2, index).flatten(1)

    class Added(nn.Module):
        def forward(self, x):
            index = torch.tensor([0, 2, 2, 1])
            return torch.zeros_like(x).index_add(3, index, x).flatten(1)

    x = uniform(3, 3, 4, 4)
    used = set()
    for module in (Select(), Assign(), Along(), Added()):
        for path in both_exports(bench, module, x):
            used |= operators(path)
    assert {"GatherND", "ScatterND", "GatherElements", "ScatterElements"} <= used, used
    for module in (nn.Upsample(size=7, mode="nearest-exact"), nn.AdaptiveAvgPool2d(3), nn.AdaptiveMaxPool2d(2)):
        list(both_exports(bench, nn.Sequential(module, nn.Flatten()), x, ways=(True,)))


@case
def indices_that_depend_on_the_input(bench):
    nodes = [helper.make_node("Cast", ["x"], ["i"], to=TensorProto.INT64), helper.make_node("GatherElements", ["x", "i"], ["y"], axis=1)]
    path = save(bench, "dynamic.onnx", nodes, [("x", ["N", 4])], [("y", ["N", 4])])
    bench.refused(path, uniform(5, 4), "its indices depends on the network's input", "fixed shapes but for the batch")


@case
def shapes_that_are_fixed(bench):
    path = save(bench, "reshape.onnx", [helper.make_node("Reshape", ["x", "s"], ["r"]), helper.make_node("MatMul", ["r", "w"], ["y"])],
                [("x", ["N", 2, 4])], [("y", None)], {"s": np.array([6, 8]), "w": weights(8, 3)})
    bench.refused(path, uniform(6, 2, 4), "cannot become", "export with a dynamic batch dimension")


@case
def lists_of_tensors(bench):
    nodes = [helper.make_node("SplitToSequence", ["x", "one"], ["s"], axis=1), helper.make_node("SequenceAt", ["s", "two"], ["a"]),
             helper.make_node("SequenceErase", ["s", "zero"], ["t"]), helper.make_node("SequenceInsert", ["t", "a", "zero"], ["u"]),
             helper.make_node("ConcatFromSequence", ["u"], ["c"], axis=1),
             helper.make_node("SplitToSequence", ["c"], ["v"], axis=1, keepdims=0),
             helper.make_node("ConcatFromSequence", ["v"], ["d"], axis=1, new_axis=1),
             helper.make_node("SequenceLength", ["v"], ["n"]), helper.make_node("Cast", ["n"], ["m"], to=1),
             helper.make_node("Mul", ["d", "m"], ["e"]), helper.make_node("Flatten", ["e"], ["y"])]
    path = save(bench, "lists.onnx", nodes, [("x", ["N", 3, 4])], [("y", None)],
                {"one": np.array(1), "two": np.array(-1), "zero": np.array(0)})
    x = uniform(4, 3, 4)
    bench.agrees(path, x, truth(path, x))


@case
def control_flow(bench):
    import torch

    class Flow(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = torch.nn.Linear(8, 3)

        def forward(self, x):
            if bool(x.sum() > -1):
                x = x * 2
            parts = torch.split(x, 1, dim=1)
            total = torch.zeros(1)
            for part in parts:
                total = total + part.sum()
            return self.linear(x.flatten(1))

    x = uniform(6, 2, 4)
    network = Flow().eval()
    path = export(bench, "script.onnx", torch.jit.script(network), x, **dynamic(False))
    bench.refused(path, x, "(If,", "export the module itself, not torch.jit.script of it")
    path = export(bench, "traced.onnx", network, x, **dynamic(False))
    bench.agrees(path, x, truth(path, x))


@case
def training_form(bench):
    import torch
    from torch import nn

    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.Flatten(), nn.Linear(16, 3))
    x = uniform(5, 3, 4, 4)
    network.train()
    path = export(bench, "train.onnx", network, x, dynamo=False, dynamic_axes={"x": {0: "n"}},
                  training=torch.onnx.TrainingMode.TRAINING, do_constant_folding=False)
    bench.refused(path, x, "model.eval()")
    path = export(bench, "eval.onnx", network.eval(), x, **dynamic(False))
    bench.agrees(path, x, truth(path, x))
    for operator, inputs in [("RandomNormalLike", ["x"]), ("Dropout", ["x", "r", "t"])]:
        path = save(bench, "random.onnx", [helper.make_node(operator, inputs, ["z"]), helper.make_node("Add", ["x", "z"], ["y"])],
                    [("x", ["N", 4])], [("y", ["N", 4])], {"r": np.float32(0.5), "t": np.array(True)})
        bench.refused(path, uniform(5, 4), "evaluation mode, model.eval()")


# ---- shapes of examples ---------------------------------------------------------------------------------------------


@case
def examples_of_any_rank(bench):
    def network(shape):
        count = int(np.prod(shape))
        return save(bench, "rank.onnx", [helper.make_node("Reshape", ["x", "s"], ["f"]), helper.make_node("Tanh", ["f"], ["t"]),
                                         helper.make_node("MatMul", ["t", "w"], ["y"])],
                    [("x", ["N", *shape])], [("y", ["N", 3])], {"s": np.array([-1, count]), "w": weights(count, 3)})

    rows = [((2, 9), (2, 9)), ((9,), (1, 9)), ((9,), (9, 1)), ((1, 9), (9,)), ((28, 28), (28, 28)), ((1, 28, 28), (28, 28)),
            ((28, 28, 1), (28, 28)), ((28, 28), (1, 28, 28)), ((28, 28), (28, 28, 1)), ((28, 28), (784,)), ((784,), (28, 28)),
            ((1, 1, 9), (1, 9)), ((9, 2), (9, 2)), ((1, 2, 9), (2, 9)), ((2, 9), (1, 2, 9)), ((8, 8, 3), (8, 8, 3))]
    for given, taken in rows:
        path = network(taken)
        x = uniform(4, *given)
        bench.agrees(path, x, truth(path, x.reshape(4, *taken)))
    x = uniform(4, 9, 2)
    line = bench.refused(network((2, 9)), x, "examples are 9x2", "x.transpose(0, 2, 1)")
    assert line
    path = network((2, 9))
    turned = eval(re.search(r"(x\.transpose\(0, 2, 1\))", line)[1], {"x": x})
    bench.agrees(path, turned, truth(path, turned))
    # A series has the range of its own values.
    x = 4 * uniform(4, 2, 9) - 2
    bench.agrees(path, x, truth(path, x))


# ---- all of them ----------------------------------------------------------------------------------------------------


def hints():
    """The constant beginnings of the hints in the sources."""
    folder = ROOT / "Sources" / "Networks" / "ONNX"
    texts = set()
    for path in folder.rglob("*.swift"):
        source = path.read_text()
        for match in re.finditer(r'(?:hint: (?:\w[\w.]* \? )?|return\s+|isBatched \? |(?:let \w+Hint|let remedy) =\s+)("(?:[^"\\]|\\.)*"(?:\s*\+ "(?:[^"\\]|\\.)*")*)', source):
            if "hint" in match[0][:12] or "Hint" in match[0] or path.name in ("ONNXOperator+Hints.swift",):
                texts.add(plain(match[1]))
        if path.name == "ONNXOperator+Hints.swift":
            for match in re.finditer(r'\],\s*("(?:[^"\\]|\\.)*"(?:\s*\+ "(?:[^"\\]|\\.)*")*)', source):
                texts.add(plain(match[1]))
    return texts


def plain(literal):
    text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literal))
    return text.split("\\(")[0].strip()


# Hints whose remedy is outside of what a script can do, or that no file of this ONNX can cause, and why.
UNMET = {
    "export with operator_export_type=OperatorExportTypes.ONNX": "PyTorch before 2.0 alone writes ATen",
    "export with opset_version=20, which writes it in simpler operators": "only opsets from 23 on have the operators",
    "export the module itself, not torch.jit.script of it, by tracing": "no current exporter writes optional tensors",
    "expected floats, integers or booleans": "no remedy: tensors of texts and complex numbers",
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gibbon", default=str(ROOT / ".build/release/gibbon"))
    parser.add_argument("--only")
    arguments = parser.parse_args()
    failures = []
    for name, function in CASES.items():
        if arguments.only and arguments.only != name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                function(Bench(arguments.gibbon, folder))
                print(f"ok      {name}")
            except Exception as error:
                failures.append(name)
                print(f"FAILED  {name}: {type(error).__name__}: {str(error)[:700]}")
        sys.stdout.flush()
    if not arguments.only:
        met = "\n".join(MET)
        for text in sorted(hints()):
            if len(text) > 8 and text not in met and not any(text.startswith(start) for start in UNMET):
                failures.append(text)
                print(f"UNMET   no case meets the hint: {text}")
        print(f"{len(CASES)} cases, {len(MET)} refusals met, {len(failures)} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
