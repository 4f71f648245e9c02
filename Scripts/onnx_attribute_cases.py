"""The cases of `check-onnx-attributes.py`: operators over their attributes, opsets, ranks and operands left out.

`collect` yields a `Source` for each: a model, its operands, and whether the specification is with `onnx.reference` where
it and onnxruntime differ. The first operand is the graph's input, the others are values of the file.
"""

import itertools

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
REGISTRY = []


class Source:
    def __init__(self, operator, model, feeds, name, trusts_reference):
        self.operator, self.model, self.feeds = operator, model, feeds
        self.name, self.trusts_reference = name, trusts_reference


def cases(function):
    REGISTRY.append(function)
    return function


def collect(only=None):
    for function in REGISTRY:
        for source in function():
            if only is None or source.operator in only:
                yield source


def values(*shape, seed=0, low=-2.0, high=2.0):
    """Floats that are no ties: spread evenly, in an order by the seed."""
    count = int(numpy.prod(shape))
    random = numpy.random.default_rng(seed + count)
    steps = (numpy.arange(count) + 0.37) / max(count, 1)
    return (low + (high - low) * random.permutation(steps)).astype(numpy.float32).reshape(shape)


def ints(*numbers):
    return numpy.array(numbers, numpy.int64)


def one(operator, opset, operands, out=FLOAT, outputs=1, reference=False, note="", **attributes):
    """A graph of one node; an operand is an array, or None where it is left out."""
    names = ["" if operand is None else f"v{index}" for index, operand in enumerate(operands)]
    while names and not names[-1]:
        names.pop()
    results = [f"y{index}" for index in range(outputs)]
    node = helper.make_node(operator, names, results, **attributes)
    kinds = out if isinstance(out, list) else [out] * outputs
    shown = ", ".join(f"{key}={text(value)}" for key, value in attributes.items())
    shapes = " ".join("-" if v is None else shape_text(v) for v in operands)
    name = f"{operator}-{opset} [{shapes}] {shown} {note}".strip()
    return graph(operator, opset, [node], dict(zip(names, operands)), dict(zip(results, kinds)), name, reference)


def graph(operator, opset, nodes, operands, results, name, reference=False):
    """A graph of several nodes; the first operand, if it is of floats, is the input."""
    operands = {key: value for key, value in operands.items() if key and value is not None}
    opset = max(opset, 6)
    inputs, initializers, feeds = [], [], {}
    for index, (key, value) in enumerate(operands.items()):
        if index == 0:
            kind = helper.np_dtype_to_tensor_dtype(value.dtype)
            shape = list(value.shape)
            if value.ndim >= 2 and shape[0] == 1:
                shape[0] = "N"
            inputs.append(helper.make_tensor_value_info(key, kind, shape))
            feeds[key] = value
        else:
            initializers.append(numpy_helper.from_array(numpy.asarray(value, order="C"), key))
    outputs = [helper.make_tensor_value_info(key, kind, None) for key, kind in results.items()]
    body = helper.make_graph(nodes, "case", inputs, outputs, initializers)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 9 if opset < 22 else 10 if opset < 24 else 11
    return Source(operator, model, feeds, name, reference)


def text(value):
    if isinstance(value, TensorProto):
        return str(numpy_helper.to_array(value).tolist())
    return str(value).replace(" ", "")


def shape_text(value):
    shape = "x".join(map(str, value.shape)) or "scalar"
    return shape if value.dtype == numpy.float32 else f"{value.dtype}:{value.tolist()}"[:60].replace(" ", "")


RANKS = [(5,), (1, 5), (3, 4), (1, 3, 4), (1, 2, 3, 4), (2, 3, 2, 2), (1, 1, 1)]


@cases
def functions():
    plain = "Relu Sigmoid Tanh Softplus Erf Exp Abs Sign Sin Cos Floor Ceil Round HardSwish Neg Identity Softsign Tan Sinh Cosh Atan"
    since = {"Erf": [9, 13], "Sign": [9, 13], "Round": [11, 22], "HardSwish": [14, 22], "Sinh": [9], "Cosh": [9]}
    for name in plain.split():
        for opset in since.get(name, [7, 13, 17]):
            for shape in RANKS:
                yield one(name, opset, [values(*shape, low=-3.3, high=3.1)])
        for special in ([0.0, -0.0, 0.5, 1.5, 2.5, -0.5], [numpy.inf, -numpy.inf, 1.0], [88.0, -88.0, 30.0, -30.0]):
            yield one(name, 17, [numpy.array([special], numpy.float32)], note=str(special))
    for name in ("Log", "Sqrt", "Reciprocal"):
        for opset in (6, 13):
            for shape in RANKS:
                yield one(name, opset, [values(*shape, low=0.1, high=4)])
        yield one(name, 13, [numpy.array([[0.0, 1.0, numpy.inf]], numpy.float32)], note="zero")
    for name in ("Asin", "Acos", "Atanh", "Asinh"):
        yield one(name, 17, [values(1, 6, low=-0.9, high=0.9)])
    yield one("Acosh", 17, [values(1, 6, low=1.1, high=3)])


@cases
def activations():
    x = values(1, 3, 4, low=-3)
    wide = numpy.array([[0.0, -0.0, 1.0, -1.0, 50.0, -50.0, 0.5, -0.5]], numpy.float32)
    for operand in (x, wide, values(7)):
        for alpha in (None, 0.0, 0.2, 1.0, 1.5, -0.5):
            given = {} if alpha is None else {"alpha": alpha}
            for opset in (6, 16):
                yield one("LeakyRelu", opset, [operand], **given)
            yield one("Elu", 6, [operand], **given)
            yield one("Elu", 22, [operand], **given)
            yield one("ThresholdedRelu", 10, [operand], **given)
            if alpha != 0.0:
                yield one("Celu", 12, [operand], **given)
            for beta in (None, 0.0, 0.4, -0.3):
                yield one("HardSigmoid", 6, [operand], **given, **({} if beta is None else {"beta": beta}))
            for gamma in (None, 0.5, 2.0):
                yield one("Selu", 6, [operand], **given, **({} if gamma is None else {"gamma": gamma}))
        for alpha in (None, 0.5, 1.7):
            yield one("Swish", 24, [operand], **({} if alpha is None else {"alpha": alpha}))
        for approximate in (None, "none", "tanh"):
            yield one("Gelu", 20, [operand], **({} if approximate is None else {"approximate": approximate}))
        for bias, lambd in itertools.product((0.0, 0.3, 1.0), (0.5, 0.0, 1.5)):
            yield one("Shrink", 9, [operand], bias=bias, lambd=lambd)
        yield one("Mish", 18, [operand])
    for slope in [values(1), values(4), values(3, 1), values(3, 4), values(1, 3, 1), values(3, 1, 1), numpy.float32(0.3).reshape(())]:
        for opset in (7, 9, 16):
            for shape in ((1, 3, 4), (2, 3, 4), (3, 4)):
                yield one("PRelu", opset, [values(*shape), slope])
    yield one("PRelu", 6, [values(1, 3, 2, 2), values(3)])
    yield one("PRelu", 16, [values(1, 3, 2, 2), values(3, 1, 1, low=-1)])


@cases
def clipping():
    x = values(1, 3, 4, low=-8, high=8)
    limits = [None, -1.0, 0.0, 2.0]
    for low, high in itertools.product(limits, [None, -2.0, 0.0, 1.5, 6.0]):
        for opset in (6, 10):
            attributes = {k: v for k, v in (("min", low), ("max", high)) if v is not None}
            yield one("Clip", opset, [x], **attributes)
        for opset in (11, 12, 13):
            yield one("Clip", opset, [x] + [None if v is None else numpy.float32(v).reshape(()) for v in (low, high)])
    yield one("Clip", 13, [numpy.array([[numpy.nan, numpy.inf, -numpy.inf]], numpy.float32), numpy.float32(-1).reshape(()), numpy.float32(1).reshape(())])


PAIRS = [
    ((1, 3, 4), (1, 3, 4)), ((1, 3, 4), (4,)), ((1, 3, 4), (3, 1)), ((1, 3, 4), ()), ((1, 3, 4), (1,)), ((4,), (3, 4)),
    ((1, 1, 4), (3, 1)), ((1, 4), (2, 3, 4)), ((3, 4), (1, 4)), ((2, 1, 4), (1, 3, 1)), ((1, 4), (3, 1)), ((1, 5), (1, 5)),
    ((1, 2, 3, 4), (2, 1, 1)), ((2, 3), (1, 1, 1, 1)),
]


@cases
def arithmetic():
    for name in ("Add", "Sub", "Mul", "Div"):
        for opset in (7, 13, 14):
            for left, right in PAIRS:
                yield one(name, opset, [values(*left), values(*right, seed=3, low=0.3, high=2.5)])
    for name in ("Add", "Sub", "Mul", "Div"):
        for axis, right in ((0, (2,)), (1, (3,)), (1, (3, 4)), (2, (4, 5)), (3, (5,)), (-1, (5,)), (0, (2, 3))):
            yield one(name, 6, [values(2, 3, 4, 5), values(*right, low=0.3, seed=2)], broadcast=1, axis=axis)
        yield one(name, 6, [values(2, 3), values(3, low=0.3)], broadcast=1)
        yield one(name, 14, [numpy.array([[1.0, -1.0, 0.0]], numpy.float32), numpy.array([0.0, 0.0, 0.0], numpy.float32)], note="zeros")
    for name in ("Max", "Min", "Sum", "Mean"):
        for opset in (8, 13):
            yield one(name, opset, [values(1, 3, 4)])
            for left, right in PAIRS:
                yield one(name, opset, [values(*left), values(*right, seed=3)])
            yield one(name, opset, [values(1, 3, 4), values(4, seed=2), values(3, 1, seed=4)])
            yield one(name, opset, [values(1, 4), values(1, 4, seed=2), values(3, 1, seed=4), values(1, 1, seed=9)])
    for exponent in (0.0, 1.0, 2.0, 3.0, 0.5, -1.0, -0.5, 2.5):
        for opset in (7, 12, 13, 15):
            yield one("Pow", opset, [values(1, 5, low=0.2), numpy.float32(exponent).reshape(())])
    for exponent in (2, 3, -1, 0):
        for kind in (numpy.int64, numpy.int32):
            for opset in (12, 15):
                yield one("Pow", opset, [values(1, 5, low=-2), numpy.array(exponent, kind)])
                yield one("Pow", opset, [values(1, 3, 2, low=0.5), numpy.array([exponent, 2], kind)])
    for left, right in PAIRS:
        yield one("Pow", 15, [values(*left, low=0.3), values(*right, seed=3)])
    yield one("Pow", 15, [values(1, 5, low=-2), numpy.float32([2, 3, 1, 0, 2])])
    yield one("Pow", 15, [values(1, 4, low=-2), numpy.float32(2.0).reshape((1,))])
    for fmod in (0, 1):
        for right in (values(1, 6, seed=5, low=0.4), values(1, 6, seed=5, low=-2, high=-0.3), numpy.float32(0.7).reshape(())):
            for opset in (10, 13):
                if fmod:
                    yield one("Mod", opset, [values(1, 6, low=-5, high=5), right], fmod=fmod)
        yield one("Mod", 13, [ints(5, -5, 5, -5, 7), ints(3, 3, -3, -3, 7)], out=INT, fmod=fmod)


@cases
def integers():
    a, b = ints(7, -7, 8, -9, 0), ints(2, 2, -3, -2, 5)
    for name in ("Add", "Sub", "Mul", "Div", "Max", "Min", "Mod"):
        yield one(name, 14, [a, b], out=INT)
        yield one(name, 14, [a.reshape(5, 1), b], out=INT)
    yield one("Pow", 15, [a, ints(2)], out=INT)
    for name in ("Neg", "Abs", "Sign", "Identity"):
        yield one(name, 14, [a], out=INT)
    for keepdims in (0, 1):
        for name in ("ReduceSum", "ReduceProd", "ReduceMax", "ReduceMin"):
            axes = {} if name == "ReduceSum" else {"axes": [0]}
            more = [ints(0)] if name == "ReduceSum" else []
            yield one(name, 13, [a] + more, out=INT, keepdims=keepdims, **axes)
            yield one(name, 13, [a], out=INT, keepdims=keepdims)
            axes = {} if name == "ReduceSum" else {"axes": [1]}
            more = [ints(1)] if name == "ReduceSum" else []
            yield one(name, 13, [a.reshape(5, 1) * b] + more, out=INT, keepdims=keepdims, **axes)


@cases
def comparisons():
    for name, opsets in (("Equal", (7, 11, 13)), ("Less", (7, 9)), ("Greater", (7, 9)), ("LessOrEqual", (12, 16)), ("GreaterOrEqual", (12, 16))):
        for opset in opsets:
            for left, right in PAIRS:
                if name == "Equal" and opset < 11:
                    continue
                yield one(name, opset, [values(*left).round(0), values(*right, seed=3).round(0)], out=BOOL)
        yield one(name, opsets[-1], [ints(1, 2, 3), ints(3, 2, 1)], out=BOOL)
        yield one(name, opsets[-1], [numpy.float32([[numpy.nan, 1, numpy.inf]]), numpy.float32([[numpy.nan, 1, numpy.inf]])], out=BOOL)
    for name in ("And", "Or", "Xor"):
        for left, right in PAIRS[:8]:
            a, b = values(*left) > 0, values(*right, seed=3) > 0
            yield one(name, 7, [a, b], out=BOOL)
            yield graph(
                name, 13, [helper.make_node("Greater", ["x", "zero"], ["a"]), helper.make_node(name, ["a", "b"], ["y"])],
                {"x": values(*left), "zero": numpy.float32(0).reshape(()), "b": b}, {"y": BOOL}, f"{name}-13 of a comparison {left} {right}")
    yield graph("Not", 13, [helper.make_node("Greater", ["x", "zero"], ["a"]), helper.make_node("Not", ["a"], ["y"])],
                {"x": values(1, 5), "zero": numpy.float32(0).reshape(())}, {"y": BOOL}, "Not-13")
    yield one("Not", 1, [values(2, 3) > 0], out=BOOL)
    for condition, left, right in itertools.product([(1, 3, 4), (4,), (3, 1), ()], [(1, 3, 4), (4,), (3, 1), ()], [(1, 3, 4), (1, 1, 1), (4,)]):
        nodes = [helper.make_node("Where", ["c", "x", "z"], ["y"])]
        yield graph("Where", 9 if left else 16, nodes,
                    {"x": values(*left), "c": values(*condition, seed=2) > 0, "z": values(*right, seed=4, low=-1.7)}, {"y": FLOAT},
                    f"Where {condition} {left} {right}")
        nodes = [helper.make_node("Greater", ["x", "z"], ["c"]), helper.make_node("Where", ["c", "a", "z"], ["y"])]
        if condition:
            yield graph("Where", 16, nodes, {"x": values(*condition), "a": values(*left, seed=3), "z": values(*right, seed=4, low=-1.7)},
                        {"y": FLOAT}, f"Where by the input {condition} {left} {right}")
    yield graph("Where", 16, [helper.make_node("Where", ["c", "x", "z"], ["y"])],
                {"x": numpy.float32([[numpy.nan, 1, numpy.inf]]), "c": numpy.array([[False, True, False]]), "z": numpy.float32([[5, numpy.nan, 6]])},
                {"y": FLOAT}, "Where leaves what it does not choose")
    for name in ("IsNaN", "IsInf"):
        yield one(name, 13, [numpy.float32([[numpy.nan, 1, numpy.inf, -numpy.inf]])], out=BOOL)
    yield one("IsInf", 13, [numpy.float32([[numpy.nan, 1, numpy.inf, -numpy.inf]])], out=BOOL, detect_negative=0)
    yield one("IsInf", 13, [numpy.float32([[numpy.nan, 1, numpy.inf, -numpy.inf]])], out=BOOL, detect_positive=0)


@cases
def reductions():
    names = ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceProd", "ReduceLogSum", "ReduceLogSumExp"]
    shapes = {(1, 3, 4): [None, [], [0], [1], [2], [-1], [1, 2], [-1, -2], [0, 1, 2], [0, 2]], (2, 3): [None, [0], [1], [0, 1]],
              (1, 2, 3, 4): [[2, 3], [-1, 1], [1]], (5,): [None, [0], [-1]]}
    for name in names:
        low = 0.2 if "Log" in name else -2
        for shape, choices in shapes.items():
            for axes, keepdims in itertools.product(choices, (None, 0, 1)):
                keeps = {} if keepdims is None else {"keepdims": keepdims}
                x = values(*shape, low=low)
                for opset in (11, 13, 18):
                    is_input = opset >= (13 if name == "ReduceSum" else 18)
                    if keepdims is None and opset == 11:
                        continue
                    if not is_input:
                        if axes != []:
                            yield one(name, opset, [x], **keeps, **({} if axes is None else {"axes": axes}))
                        continue
                    given = None if axes is None else ints(*axes)
                    for noop in (None, 0, 1) if not axes else (None, 1):
                        yield one(name, opset, [x, given], **keeps, **({} if noop is None else {"noop_with_empty_axes": noop}))


@cases
def extremes():
    for name in ("ArgMax", "ArgMin"):
        yield one(name, 13, [values(1, 3, 4)], out=INT, axis=1)
    yield one("TopK", 11, [values(1, 5), ints(2)], out=[FLOAT, INT], outputs=2)


@cases
def softmaxes():
    yield one("Hardmax", 13, [values(1, 5)])
    for name in ("Softmax", "LogSoftmax"):
        for opset in (7, 11, 13, 17):
            for shape in [(1, 5), (3, 4), (1, 3, 4), (1, 2, 3, 4), (2, 1, 3), (5,)]:
                rank = len(shape)
                for axis in [None] + list(range(-rank, rank)):
                    if opset < 11 and axis is not None and axis < 0 or opset < 13 and rank == 1 and axis is None:
                        continue
                    yield one(name, opset, [values(*shape, low=-4, high=4)], **({} if axis is None else {"axis": axis}))
        yield one(name, 13, [numpy.float32([[100, -100, 0, 99]])], note="large")


@cases
def normalizations():
    for shape in [(1, 3), (1, 3, 4), (1, 3, 2, 5), (2, 3, 4), (1, 3, 2, 2, 2)]:
        c = shape[1]
        rest = [values(c, seed=1, low=0.5), values(c, seed=2), values(c, seed=3), values(c, seed=4, low=0.3)]
        for opset in (7, 9, 14, 15):
            for epsilon in (None, 1e-3, 0.1):
                yield one("BatchNormalization", opset, [values(*shape)] + rest, **({} if epsilon is None else {"epsilon": epsilon}))
            yield one("BatchNormalization", opset, [values(*shape)] + rest, momentum=0.5)
        yield one("BatchNormalization", 7, [values(*shape)] + rest, spatial=1)
    yield one("BatchNormalization", 7, [values(1, 3, 2, 5)] + [values(3, 2, 5, seed=s, low=0.5) for s in range(4)], spatial=0)
    yield one("BatchNormalization", 15, [values(2, 3, 4)] + [values(3, seed=s, low=0.5) for s in range(4)], outputs=3, training_mode=1)
    for shape in [(1, 3, 4), (1, 3, 2, 5), (2, 3, 4), (1, 1, 6), (1, 3, 2, 2, 2)]:
        for epsilon, opset in itertools.product((None, 1e-2, 0.1), (6, 22)):
            yield one("InstanceNormalization", opset, [values(*shape), values(shape[1], seed=2), values(shape[1], seed=3)],
                      **({} if epsilon is None else {"epsilon": epsilon}))
    for shape in [(1, 4), (1, 3, 4), (2, 3, 4), (1, 2, 3, 4), (3, 4)]:
        rank = len(shape)
        for axis in [None] + list(range(-rank, rank)):
            tail = shape[rank - 1 if axis is None else axis % rank:]
            for epsilon, has_shift in itertools.product((None, 0.01), (True, False)):
                given = {} if axis is None else {"axis": axis}
                if epsilon is not None:
                    given["epsilon"] = epsilon
                operands = [values(*shape), values(*tail, seed=2)] + ([values(*tail, seed=3)] if has_shift else [])
                yield one("LayerNormalization", 17, operands, **given)
            yield one("LayerNormalization", 17, [values(*shape), values(*tail, seed=2)], outputs=3, **({} if axis is None else {"axis": axis}))
    yield one("LayerNormalization", 17, [values(1, 3, 4), values(3, 4, seed=2)], axis=-1)
    yield one("LayerNormalization", 17, [values(1, 3, 4), values(1, seed=2)], axis=-1)
    yield one("LayerNormalization", 17, [values(1, 3, 4), values(4, seed=2)], axis=1)
    yield one("LayerNormalization", 17, [values(1, 3, 4), values(3, 1, seed=2)], axis=1)
    yield one("LayerNormalization", 17, [values(1, 3, 4), values(4, seed=2)], axis=-1, stash_type=1)
    for groups, shape, opset in itertools.product((1, 2, 4), [(1, 4, 3), (1, 4, 2, 3), (2, 4, 3)], (18, 21)):
        size = groups if opset == 18 else 4
        for epsilon in (None, 0.05):
            yield one("GroupNormalization", opset, [values(*shape), values(size, seed=2), values(size, seed=3)], num_groups=groups,
                      reference=opset == 18, **({} if epsilon is None else {"epsilon": epsilon}))
    for shape in [(1, 4), (1, 3, 4), (2, 3, 4)]:
        rank = len(shape)
        for axis, p in itertools.product([None] + list(range(-rank, rank)), (None, 1, 2)):
            given = {k: v for k, v in (("axis", axis), ("p", p)) if v is not None}
            yield one("LpNormalization", 1, [values(*shape)], **given)
    for shape in [(1, 5, 3, 2), (2, 4, 2, 2), (1, 1, 2, 2)]:
        for size, alpha, beta, bias in itertools.product((1, 3, 5), (None, 0.1), (None, 0.5), (None, 2.0)):
            given = {k: v for k, v in (("alpha", alpha), ("beta", beta), ("bias", bias)) if v is not None}
            yield one("LRN", 13, [values(*shape)], size=size, **given)
    for shape in [(1, 4), (1, 3, 4), (2, 3, 4)]:
        for axis, epsilon in itertools.product([None] + list(range(-len(shape), len(shape))), (None, 0.01)):
            tail = shape[-1:] if axis is None else shape[axis % len(shape):]
            given = {k: v for k, v in (("axis", axis), ("epsilon", epsilon)) if v is not None}
            yield one("RMSNormalization", 23, [values(*shape), values(*tail, seed=2)], **given)
    # One value alone, as along axis 0 here, has no deviation to divide by.
    for axes in (None, [1], [0, 2, 3], [2, 3], [-1]):
        yield one("MeanVarianceNormalization", 13, [values(1, 3, 2, 4)], **({} if axes is None else {"axes": axes}))
    for opset in (7, 12, 13):
        yield one("Dropout", opset, [values(1, 5)])
        if opset < 12:
            yield one("Dropout", opset, [values(1, 5)], ratio=0.3)
        else:
            yield one("Dropout", opset, [values(1, 5), numpy.float32(0.3).reshape(())])
            yield one("Dropout", opset, [values(1, 5), numpy.float32(0.3).reshape(()), numpy.array(False)])
            yield one("Dropout", opset, [values(1, 5), None, numpy.array(False)])
            yield one("Dropout", opset, [values(1, 5), numpy.float32(0).reshape(()), numpy.array(True)])
        yield one("Dropout", opset, [values(1, 5)], outputs=2, out=[FLOAT, BOOL])


@cases
def convolutions():
    for name in ("Conv", "ConvTranspose"):
        for opset in (7, 11, 22):
            for spatial in ((7,), (6, 7)):
                rank = len(spatial)
                for strides, dilations, group in itertools.product((None, 2, 3), (None, 2), (1, 2)):
                    for pads in (None, [1] * 2 * rank, list(range(2 * rank)), "SAME_UPPER", "SAME_LOWER", "VALID"):
                        if opset != 11 and (group == 2 or isinstance(pads, list)):
                            continue
                        if rank == 1 and opset != 11:
                            continue
                        given = {}
                        if strides:
                            given["strides"] = [strides] * rank if strides == 3 else [strides, 1][:rank]
                        if dilations:
                            given["dilations"] = [1, dilations][-rank:]
                        if isinstance(pads, str):
                            given["auto_pad"] = pads
                        elif pads:
                            given["pads"] = pads
                        if group > 1:
                            given["group"] = group
                        kernel = (2, 3)[-rank:]
                        weight = values(4, 2 // group if name == "Conv" else 4, *kernel, seed=2) if name == "Conv" else values(2, 4 // group, *kernel, seed=2)
                        bias = [values(4, seed=3)] if group == 1 else []
                        yield one(name, opset, [values(1, 2, *spatial), weight] + bias, **given)
        yield one(name, 11, [values(2, 2, 5, 5), values(2, 2, 3, 3, seed=2)], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        yield one(name, 11, [values(1, 2, 5, 5), values(2, 2, 1, 1, seed=2)], strides=[2, 2])
        yield one(name, 11, [values(1, 4, 5, 5), values(4, 1, 3, 3, seed=2)], group=4, strides=[2, 2], pads=[1, 1, 1, 1])
        yield one(name, 11, [values(1, 2, 3, 4, 5), values(2, 2, 2, 2, 2, seed=2)])
    for strides, padding, output in itertools.product((1, 2, 3), ([0, 0], [1, 0], [1, 1], [0, 1]), (None, [9, 10], [7, 8], [12, 13])):
        for auto in (None, "SAME_UPPER", "SAME_LOWER"):
            given = {"strides": [strides, strides]}
            if output:
                given["output_shape"] = output
            if auto:
                given["auto_pad"] = auto
            if max(padding) < strides and any(padding):
                given["output_padding"] = padding
            elif any(padding):
                continue
            yield one("ConvTranspose", 11, [values(1, 2, 4, 5), values(2, 3, 3, 3, seed=2)], **given)
    yield one("ConvTranspose", 11, [values(1, 2, 4, 5), values(2, 3, 3, 3, seed=2)], strides=[2, 2], output_shape=[1, 3, 10, 10])
    yield one("ConvTranspose", 11, [values(1, 2, 4, 5), values(2, 3, 3, 3, seed=2)], strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])
    yield one("ConvTranspose", 11, [values(1, 2, 4, 5), values(2, 3, 3, 3, seed=2)], strides=[2, 2], pads=[0, 1, 2, 1], dilations=[2, 1])


@cases
def pooling():
    yield one("LpPool", 11, [values(1, 2, 6, 7)], kernel_shape=[2, 2])
    for name in ("MaxPool", "AveragePool"):
        for opset in (7, 10, 11, 12, 19, 22):
            for spatial in ((7,), (6, 7)):
                rank = len(spatial)
                for kernel, strides, ceil in itertools.product((2, 3), (None, 2, 3), (None, 0, 1)):
                    for pads in (None, [1] * 2 * rank, [0] * rank + [1] * rank, "SAME_UPPER", "SAME_LOWER", "VALID"):
                        for count in (None, 1):
                            for dilation in (None, 2):
                                if opset not in (11, 19) and (rank == 1 or pads not in (None, [1] * 4) or kernel == 2):
                                    continue
                                if (count and name != "AveragePool" or dilation and (kernel == 2 or pads == "VALID")
                                        or ceil is not None and opset < 10):
                                    continue
                                if dilation and opset < {"MaxPool": 10, "AveragePool": 19}[name]:
                                    continue
                                if ceil == 0 and (count or dilation):
                                    continue
                                # onnxruntime refuses a stride beyond the kernel there, and the reference pads otherwise.
                                if kernel == 2 and strides == 3 and str(pads).startswith("SAME"):
                                    continue
                                given = {"kernel_shape": [kernel] * rank}
                                if strides:
                                    given["strides"] = [strides] * rank if strides == 3 else [1, 2][-rank:]
                                if isinstance(pads, str):
                                    given["auto_pad"] = pads
                                elif pads:
                                    given["pads"] = pads
                                if ceil is not None:
                                    given["ceil_mode"] = ceil
                                if count:
                                    given["count_include_pad"] = count
                                if dilation:
                                    given["dilations"] = [dilation] * rank
                                yield one(name, opset, [values(1, 2, *spatial)], **given)
        yield one(name, 11, [values(2, 3, 4, 4)], kernel_shape=[2, 2], strides=[2, 2])
        yield one(name, 11, [values(1, 2, 3, 4, 5)], kernel_shape=[2, 2, 2])
    yield one("GlobalLpPool", 2, [values(1, 3, 4, 5)], p=1)
    yield one("MaxPool", 11, [values(1, 2, 5, 5)], out=[FLOAT, INT], outputs=2, kernel_shape=[2, 2])
    yield one("MaxPool", 11, [values(1, 2, 5, 5)], kernel_shape=[2, 2], storage_order=1)
    yield one("MaxPool", 11, [-values(1, 2, 5, 5, low=3, high=4)], kernel_shape=[3, 3], pads=[1, 1, 1, 1], note="negative")
    for name in ("GlobalAveragePool", "GlobalMaxPool"):
        for opset, shape in itertools.product((1, 22), [(1, 3, 4), (1, 3, 4, 5), (2, 3, 4, 5), (1, 3, 2, 2, 2), (1, 3, 1, 1)]):
            yield one(name, opset, [values(*shape)])


@cases
def products():
    shapes = [((1, 3), (3, 4)), ((1, 2, 3), (3, 4)), ((1, 2, 3), (1, 3, 4)), ((2, 2, 3), (2, 3, 4)), ((3,), (3,)), ((3,), (3, 4)),
              ((1, 2, 3), (3,)), ((1, 5, 2, 3), (5, 3, 2)), ((1, 1, 2, 3), (4, 3, 2)), ((1, 3), (2, 3, 4)), ((1, 1), (1, 1)), ((2, 3), (3, 1)), ((1, 2, 3), (2, 1, 3, 2))]
    for opset, (left, right) in itertools.product((7, 9, 13), shapes):
        yield one("MatMul", opset, [values(*left), values(*right, seed=2)])
    for ta, tb, alpha, beta in itertools.product((None, 0, 1), (None, 1), (None, 0.5, -2.0, 0.0), (None, 0.25, 0.0)):
        a = values(*((3, 1) if ta else (1, 3)))
        b = values(*((4, 3) if tb else (3, 4)), seed=2)
        given = {k: v for k, v in (("transA", ta), ("transB", tb), ("alpha", alpha), ("beta", beta)) if v is not None}
        for c in (None, values(4, seed=3), values(1, 4, seed=3), values(1, 1), numpy.float32(2).reshape(())):
            yield one("Gemm", 13 if c is None else 11, [a, b, c], **given)
    for c in (values(4), values(2, 1), values(2, 4), values(1, 4), values(1), numpy.float32(2).reshape(())):
        for opset in (7, 9, 11, 13):
            yield one("Gemm", opset, [values(2, 3), values(3, 4, seed=2), c])
    yield one("Gemm", 6, [values(2, 3), values(3, 4, seed=2), values(4)], broadcast=1)
    for equation, shapes in [
        ("ij,jk->ik", [(1, 3), (3, 4)]), ("bij,bjk->bik", [(1, 2, 3), (1, 3, 4)]), ("bij,jk->bik", [(1, 2, 3), (3, 4)]),
        ("...ij,...jk->...ik", [(1, 2, 3), (3, 4)]), ("bhqd,bhkd->bhqk", [(1, 2, 3, 4), (1, 2, 5, 4)]), ("ij->ji", [(1, 3)]),
        ("bij->bi", [(1, 3, 4)]), ("bij->b", [(1, 3, 4)]), ("i,j->ij", [(3,), (4,)]), ("bi,bi->b", [(1, 3), (1, 3)]),
        ("bi,oi->bo", [(1, 3), (4, 3)]), ("bij,bj", [(1, 2, 3), (1, 3)]), ("bchw,oc->bohw", [(1, 2, 3, 4), (5, 2)]), ("bii->bi", [(1, 3, 3)]),
        ("bc,cd,de->be", [(1, 2), (2, 3), (3, 4)]), (" b i , i k -> b k", [(1, 2), (2, 3)]), ("bij->", [(1, 3, 4)]), ("b...->...b", [(1, 2, 3)]),
        ("bnm,bn->bm", [(1, 2, 3), (1, 2)]), ("btgi,tgio->btgo", [(1, 2, 3, 4), (2, 3, 4, 5)]),
    ]:
        yield one("Einsum", 12, [values(*shape, seed=index) for index, shape in enumerate(shapes)], equation=equation)
