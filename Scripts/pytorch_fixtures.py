"""Reference values of every operator and of whole networks, computed by PyTorch (requirements-fixtures.txt).

Operands are float32 numbers; everything else is computed from them in float64 and rounded to float32 at the end.

operators/NAME.safetensors, one case each. Operands: `x`, and `weight`, `bias`, `other`, `x0`, `x1`, ... as the
operator has them. `y` is the output, `dy` a random cotangent, and `d` + operand the gradient of sum(y * dy) with
respect to an operand. The metadata has `operator` and its attributes as strings.

operators/second-order-NAME.safetensors: also `v`, of the shape of x; the gradients of sum(dx * v) with respect to
an operand or `dy` are named `dd` + operand and `ddy`. Zero gradients are written as zeros.

networks/NAME.safetensors: networks of formula.py, see `network_case`.

optimizers/NAME.safetensors: `start`, the parameters before; `gradients`, one row per step; `rates`, the learning rate
of each step; `parameters`, one row after each step, computed in float64. The metadata has `optimizer` and its constants.

optimizers/whole-NAME.safetensors: the same for a network of a weight and a bias, as `start/weight` and so on. Weight decay
leaves the bias out. The gradient is clipped to the norm `largest_norm`; `norms` are those before. `exponential/weight`,
`warm/weight` and `equal/weight`, a row after each step, are averages by AveragedModel: exponential, with warm-up, and equal.

optimizers/schedules.safetensors: learning rates, one for each step of a training.
"""

import pathlib
import zlib

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save

import formula
from fixture_file import write

ROOT = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures"


class Numbers:
    """Random float32 operands of one case, which depend on its name only."""

    def __init__(self, name):
        self.generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))

    def normal(self, *shape):
        return torch.randn(shape, generator=self.generator, dtype=torch.float32)

    def uniform(self, low, high, *shape):
        u = torch.rand(shape, generator=self.generator, dtype=torch.float32)
        return (low + (high - low) * u).to(torch.float32)


def case(name, operator, function, operands, attributes=None, outputs=(), constants=()):
    """One operator: `function` maps float64 operands to y, or to y and the further outputs named."""
    doubles = {
        key: t.to(torch.float64).requires_grad_(key not in constants) for key, t in operands.items()
    }
    result = function(*doubles.values())
    y, *others = result if isinstance(result, tuple) else (result,)
    dy = Numbers(name + " dy").normal(*y.shape)
    wanted = [key for key in operands if key not in constants]
    gradients = torch.autograd.grad((y * dy.double()).sum(), [doubles[key] for key in wanted])
    tensors = dict(operands, y=y, dy=dy, **dict(zip(outputs, others, strict=True)))
    tensors.update({"d" + key: g for key, g in zip(wanted, gradients, strict=True)})
    write(ROOT / "operators" / f"{name}.safetensors", tensors,
          {"operator": operator, **(attributes or {})})


def second_order_case(name, operator, function, operands, attributes=None):
    """Also the gradients of sum(dx * v), as a gradient penalty needs them."""
    doubles = {key: t.to(torch.float64).requires_grad_() for key, t in operands.items()}
    y = function(*doubles.values())
    dy = Numbers(name + " dy").normal(*y.shape)
    v = Numbers(name + " v").normal(*operands["x"].shape)
    cotangent = dy.double().requires_grad_()
    first = torch.autograd.grad((y * cotangent).sum(), list(doubles.values()), create_graph=True)
    gradients = dict(zip(doubles, first, strict=True))
    seconds = torch.autograd.grad(
        (gradients["x"] * v.double()).sum(), [*doubles.values(), cotangent], allow_unused=True)
    tensors = dict(operands, y=y, dy=dy, v=v)
    tensors.update({"d" + key: g for key, g in gradients.items()})
    for key, source, second in zip([*doubles, "y"], [*doubles.values(), dy], seconds, strict=True):
        tensors["dd" + key] = torch.zeros_like(source) if second is None else second
    write(ROOT / "operators" / f"second-order-{name}.safetensors", tensors,
          {"operator": operator, "order": 2, **(attributes or {})})


# Operators

def window(stride=(1, 1), padding=(0, 0, 0, 0), dilation=(1, 1), **others):
    """The attributes of an operator with windows; padding is top, left, bottom, right."""
    return {
        "stride_h": stride[0], "stride_w": stride[1], "padding_top": padding[0], "padding_left": padding[1],
        "padding_bottom": padding[2], "padding_right": padding[3], "dilation_h": dilation[0],
        "dilation_w": dilation[1], **others,
    }


def padded(x, padding):
    """x with explicit zeros around its images."""
    top, left, bottom, right = padding
    return F.pad(x, (left, right, top, bottom))


CONVOLUTIONS = {
    # name: (batch, in, height, width, out, kernel, stride, padding, dilation, groups, bias)
    "k1": (3, 5, 6, 7, 9, (1, 1), (1, 1), (0, 0, 0, 0), (1, 1), 1, True),
    "k1-s2": (1, 16, 7, 7, 8, (1, 1), (2, 2), (0, 0, 0, 0), (1, 1), 1, False),
    "k3-p1": (3, 3, 9, 8, 16, (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 1, True),
    "k3-p1-16": (1, 16, 8, 8, 16, (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 1, True),
    "k3-one-channel": (3, 1, 7, 7, 6, (3, 3), (1, 1), (0, 0, 0, 0), (1, 1), 1, False),
    "k3-s2-p1": (1, 3, 9, 9, 10, (3, 3), (2, 2), (1, 1, 1, 1), (1, 1), 1, True),
    "k3-s2-rest": (3, 4, 8, 10, 5, (3, 3), (2, 2), (0, 0, 0, 0), (1, 1), 1, True),
    "k3-s3-p1": (1, 3, 11, 10, 7, (3, 3), (3, 3), (1, 1, 1, 1), (1, 1), 1, False),
    "k3-asymmetric": (3, 3, 8, 8, 6, (3, 3), (2, 2), (0, 0, 1, 1), (1, 1), 1, True),
    "k3-asymmetric-all": (1, 2, 6, 5, 4, (3, 3), (1, 1), (2, 0, 1, 3), (1, 1), 1, True),
    "k3-d2": (1, 3, 10, 9, 6, (3, 3), (1, 1), (2, 2, 2, 2), (2, 2), 1, True),
    "k3-d2-s2": (3, 3, 11, 11, 4, (3, 3), (2, 2), (1, 1, 1, 1), (2, 2), 1, False),
    "k3-g2": (3, 6, 7, 7, 8, (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 2, True),
    "k3-g2-s2": (1, 4, 8, 8, 6, (3, 3), (2, 2), (1, 1, 1, 1), (1, 1), 2, False),
    "k3-depthwise": (3, 5, 7, 8, 5, (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 5, True),
    "k3-depthwise-times2": (1, 4, 7, 7, 8, (3, 3), (2, 2), (1, 1, 1, 1), (1, 1), 4, True),
    "k4-s2-p1": (3, 1, 12, 12, 8, (4, 4), (2, 2), (1, 1, 1, 1), (1, 1), 1, True),
    "k4-s2-p1-deep": (1, 16, 8, 8, 12, (4, 4), (2, 2), (1, 1, 1, 1), (1, 1), 1, True),
    "k5-p2": (3, 1, 10, 10, 7, (5, 5), (1, 1), (2, 2, 2, 2), (1, 1), 1, True),
    "k5-p2-deep": (1, 9, 8, 7, 11, (5, 5), (1, 1), (2, 2, 2, 2), (1, 1), 1, True),
    "k5x3-s1x2": (1, 3, 9, 9, 4, (5, 3), (1, 2), (2, 1, 2, 1), (1, 1), 1, True),
}


def convolution_parts(name):
    """The function, operands and attributes of a case of the table."""
    batch, inputs, height, width, outputs, kernel, stride, padding, dilation, groups, bias = CONVOLUTIONS[name]
    numbers = Numbers("convolution " + name)
    operands = {
        "x": numbers.normal(batch, inputs, height, width),
        "weight": numbers.normal(outputs, inputs // groups, *kernel),
    }
    if bias:
        operands["bias"] = numbers.normal(outputs)

    def function(x, weight, bias=None):
        return F.conv2d(padded(x, padding), weight, bias, stride, 0, dilation, groups)

    return function, operands, window(stride, padding, dilation, groups=groups)


def convolutions():
    for name in CONVOLUTIONS:
        function, operands, attributes = convolution_parts(name)
        case(f"convolution-{name}", "convolution", function, operands, attributes)
    for name in ("k3-p1", "k3-s2-p1", "k3-asymmetric", "k3-d2", "k3-g2", "k4-s2-p1"):
        function, operands, attributes = convolution_parts(name)
        second_order_case(f"convolution-{name}", "convolution", function, operands, attributes)
    numbers = Numbers("convolution softplus")
    second_order_case(
        "convolution-softplus", "convolution,softplus",
        lambda x, weight, bias: F.softplus(F.conv2d(x, weight, bias, 2, 1), threshold=1e9),
        {"x": numbers.normal(3, 2, 7, 6), "weight": numbers.normal(5, 2, 3, 3), "bias": numbers.normal(5)},
        window((2, 2), (1, 1, 1, 1), groups=1))


def linears():
    for name, (batch, inputs, outputs, bias) in {
        "bias": (3, 17, 10, True), "no-bias": (3, 9, 5, False), "one": (1, 32, 16, True),
        "one-output": (5, 7, 1, True),
    }.items():
        numbers = Numbers("linear " + name)
        operands = {"x": numbers.normal(batch, inputs), "weight": numbers.normal(outputs, inputs)}
        if bias:
            operands["bias"] = numbers.normal(outputs)
        case(f"linear-{name}", "linear", F.linear, operands)
    numbers = Numbers("mlp")
    second_order_case(
        "mlp-softplus", "linear,softplus,linear",
        lambda x, weight, bias, weight2, bias2:
            F.linear(F.softplus(F.linear(x, weight, bias), threshold=1e9), weight2, bias2),
        {"x": numbers.normal(3, 7), "weight": numbers.normal(9, 7), "bias": numbers.normal(9),
         "weight2": numbers.normal(4, 9), "bias2": numbers.normal(4)})
    for name, (left, right) in {
        "plain": (False, False), "right": (False, True), "left": (True, False), "both": (True, True),
    }.items():
        numbers = Numbers("matmul " + name)
        case(f"matmul-{name}", "matmul",
             lambda x, other, left=left, right=right: (x.T if left else x) @ (other.T if right else other),
             {"x": numbers.normal(*((6, 5) if left else (5, 6))),
              "other": numbers.normal(*((7, 6) if right else (6, 7)))},
             {"transpose_left": left, "transpose_right": right})


def elementwise():
    """Random numbers, and where it is finite also large ones and zero (gradient of PyTorch's convention)."""
    plain = {
        "relu": F.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "exp": torch.exp, "abs": torch.abs,
        "softplus": lambda x: F.softplus(x, threshold=1e9), "gelu": F.gelu, "square": torch.square,
    }
    large = torch.tensor([[0, -0.0, 1e-6, -1e-6, 5, -5], [12, -12, 30, -30, 80, -80]])
    for operator, function in plain.items():
        numbers = Numbers(operator)
        case(f"{operator}-image", operator, function, {"x": 2 * numbers.normal(3, 5, 7, 3)})
        case(f"{operator}-vector", operator, function, {"x": 2 * numbers.normal(1, 37)})
        case(f"{operator}-special", operator, function, {"x": large})
    for operator, function, alpha in (
        ("leakyRelu", F.leaky_relu, 0.01), ("leakyRelu", F.leaky_relu, 0.2),
        ("elu", F.elu, 1.0), ("elu", F.elu, 0.5),
    ):
        for name, x in (("image", 2 * Numbers(operator).normal(3, 5, 4, 3)), ("special", large)):
            # The attribute is a float32 too, so that rounding it changes nothing.
            slope = float(np.float32(alpha))
            case(f"{operator}-{alpha}-{name}", operator,
                 lambda x, function=function, slope=slope: function(x, slope), {"x": x}, {"alpha": slope})
    for operator, function in (("log", torch.log), ("sqrt", torch.sqrt), ("reciprocal", torch.reciprocal)):
        x = Numbers(operator).uniform(0.05, 5, 3, 5, 4, 3)
        case(f"{operator}-image", operator, function, {"x": x})
        sizes = torch.tensor([[1e-6, 1e-3, 1, 7, 1e3, 1e6]])
        case(f"{operator}-sizes", operator, function, {"x": sizes})
    case("reciprocal-negative", "reciprocal", torch.reciprocal,
         {"x": Numbers("reciprocal").uniform(-5, -0.05, 3, 7)})
    second_order_case("sigmoid", "sigmoid", torch.sigmoid, {"x": 2 * Numbers("sigmoid 2").normal(3, 11)})


def pools():
    for name, (shape, kernel, stride, padding) in {
        "k2-s2": ((3, 5, 8, 6), (2, 2), (2, 2), (0, 0)), "k2-s2-rest": ((1, 3, 7, 9), (2, 2), (2, 2), (0, 0)),
        "k3-s2-p1": ((3, 4, 9, 8), (3, 3), (2, 2), (1, 1)), "k3-s1-p1": ((1, 17, 6, 6), (3, 3), (1, 1), (1, 1)),
        "k3x2-s1x2": ((1, 3, 7, 8), (3, 2), (1, 2), (1, 0)),
    }.items():
        top, left = padding
        attributes = window(stride, (top, left, top, left), kernel_h=kernel[0], kernel_w=kernel[1])
        x = Numbers("pool " + name).normal(*shape)
        case(f"maxPool-{name}", "maxPool",
             lambda x, k=kernel, s=stride, p=padding: F.max_pool2d(x, k, s, p), {"x": x}, attributes)
        for include in (True, False):
            suffix = "include" if include else "exclude"
            case(f"avgPool-{name}-{suffix}", "avgPool",
                 lambda x, k=kernel, s=stride, p=padding, i=include:
                     F.avg_pool2d(x, k, s, p, count_include_pad=i),
                 {"x": x}, {**attributes, "count_include_pad": include})
    for name, shape in {"odd": (3, 5, 7, 3), "one": (1, 16, 4, 4)}.items():
        # The output keeps its axes: N x C x 1 x 1.
        case(f"globalAveragePool-{name}", "globalAveragePool", lambda x: F.adaptive_avg_pool2d(x, 1),
             {"x": Numbers("global " + name).normal(*shape)})


def batch_norms():
    for name, (shape, eps) in {
        "odd": ((3, 5, 7, 3), 1e-5), "one": ((1, 16, 4, 5), 1e-3), "rank2": ((6, 9), 1e-5),
    }.items():
        numbers = Numbers("batchNorm " + name)
        channels = shape[1]
        axes = [axis for axis in range(len(shape)) if axis != 1]
        operands = {"x": 1 + 2 * numbers.normal(*shape), "gamma": numbers.uniform(0.5, 2, channels),
                    "beta": numbers.normal(channels)}

        def training(x, gamma, beta, eps=eps, axes=axes):
            y = F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)
            return y, x.mean(axes), x.var(axes, unbiased=False)

        case(f"batchNorm-training-{name}", "batchNorm", training, operands,
             {"training": True, "eps": eps}, outputs=("mean", "variance"))
        frozen = dict(operands, mean=numbers.normal(channels), variance=numbers.uniform(0.3, 3, channels))
        case(f"batchNorm-frozen-{name}", "batchNorm",
             lambda x, gamma, beta, mean, variance, eps=eps:
                 F.batch_norm(x, mean, variance, gamma, beta, training=False, eps=eps),
             frozen, {"training": False, "eps": eps}, constants=("mean", "variance"))


def arithmetic():
    for operator, function in (("add", torch.add), ("multiply", torch.multiply)):
        for name, shape in {"image": (3, 5, 4, 3), "matrix": (3, 7), "one": (1, 17, 2, 2)}.items():
            numbers = Numbers(f"{operator} {name}")
            case(f"{operator}-{name}", operator, function,
                 {"x": numbers.normal(*shape), "other": numbers.normal(*shape)})
            channel = [1, shape[1]] + [1] * (len(shape) - 2)
            case(f"{operator}-channel-{name}", operator,
                 lambda x, other, f=function, c=channel: f(x, other.reshape(c)),
                 {"x": numbers.normal(*shape), "other": numbers.normal(shape[1])}, {"axis": 1})


def movements():
    x = Numbers("movement").normal(3, 5, 4, 3)
    case("reshape-split", "reshape", lambda x: x.reshape(3, 10, 6), {"x": x}, {"shape": (3, 10, 6)})
    case("reshape-merge", "reshape", lambda x: x.reshape(15, 12), {"x": x}, {"shape": (15, 12)})
    case("flatten-image", "flatten", lambda x: x.flatten(1), {"x": x}, {"axis": 1})
    case("flatten-one", "flatten", lambda x: x.flatten(1), {"x": x[:1]}, {"axis": 1})
    numbers = Numbers("concat")
    for name, widths, rest in (("image", (5, 3), (4, 3)), ("three", (2, 1, 4), (3, 3)), ("matrix", (4, 6), ())):
        operands = {f"x{i}": numbers.normal(3, width, *rest) for i, width in enumerate(widths)}
        case(f"concat-{name}", "concat", lambda *parts: torch.cat(parts, 1), operands,
             {"axis": 1, "count": len(widths)})
    for axis, start, end in ((1, 1, 4), (0, 1, 2), (2, 0, 3), (3, 2, 3)):
        case(f"slice-axis{axis}", "slice",
             lambda x, a=axis, s=start, e=end: x.narrow(a, s, e - s), {"x": x},
             {"axis": axis, "start": start, "end": end})


def reductions():
    x = Numbers("reduction").normal(3, 5, 4, 3)
    for operator, function in (("mean", torch.mean), ("sum", torch.sum)):
        for axes in ((2, 3), (1,), (0, 2, 3), (0, 1, 2, 3)):
            for keep in (True, False):
                name = f"{operator}-{''.join(map(str, axes))}" + ("-keep" if keep else "")
                case(name, operator,
                     lambda x, f=function, a=axes, k=keep: f(x, dim=a, keepdim=k), {"x": x},
                     {"axes": axes, "keep_axes": keep})
    for operator, function in (("softmax", F.softmax), ("logSoftmax", F.log_softmax)):
        numbers = Numbers(operator)
        for name, x in (
            ("ten", 3 * numbers.normal(3, 10)), ("one", numbers.normal(1, 17)), ("large", 40 * numbers.normal(3, 5)),
        ):
            case(f"{operator}-{name}", operator, lambda x, f=function: f(x, dim=1), {"x": x}, {"axis": 1})


# Networks

STRIDE, WHOLE = 97, 2048


@torch.no_grad()
def margin(network, x):
    """The least distance of a ReLU's input from zero, and of a positive pooling maximum from the runner-up."""
    least = torch.tensor(1e9, dtype=torch.float64)
    for layer in network:
        if isinstance(layer, torch.nn.ReLU):
            least = torch.minimum(least, x.abs().amin())
        if isinstance(layer, torch.nn.MaxPool2d):
            windows = F.unfold(x.flatten(0, 1)[:, None], 2, stride=2).sort(dim=1, descending=True).values
            gaps = torch.where(windows[:, 0] > 0, windows[:, 0] - windows[:, 1], 1e9)
            least = torch.minimum(least, gaps.amin())
        x = layer(x)
    return float(least)


def network_case(name):
    """A network of formula.py on its eight images, with the gradient of the summed cross-entropy.

    `x`, `labels` (I64), `logits`, `losses` (per image), `dx`. Of the parameter number p: `d<p>`, its gradient (in
    full up to 2048 values, else every 97th of the flattened values from the first on; metadata `stride.<p>` is 1 or
    97), and in float64 `sums.<p>` and `dsums.<p>`, the sum and the sum of squares of all its values and of its gradient.
    """
    network = formula.model(name).double()
    x, labels = formula.images(name)
    assert margin(network, x.double()) >= formula.MARGIN, name
    doubles = x.double().requires_grad_()
    logits = network(doubles)
    losses = F.cross_entropy(logits, labels, reduction="none")
    parameters = list(network.parameters())
    dx, *gradients = torch.autograd.grad(losses.sum(), [doubles, *parameters])
    tensors = {"x": x, "labels": labels, "logits": logits, "losses": losses, "dx": dx}
    metadata = {"network": name, "images": formula.IMAGES[name]}
    keep = {"labels"}
    for p, (parameter, gradient) in enumerate(zip(parameters, gradients, strict=True)):
        stride = 1 if gradient.numel() <= WHOLE else STRIDE
        metadata[f"stride.{p}"] = stride
        tensors[f"d{p}"] = gradient if stride == 1 else gradient.flatten()[::stride]
        tensors[f"sums.{p}"] = torch.stack([parameter.sum(), parameter.square().sum()])
        tensors[f"dsums.{p}"] = torch.stack([gradient.sum(), gradient.square().sum()])
        keep |= {f"sums.{p}", f"dsums.{p}"}
    write(ROOT / "networks" / f"{name}.safetensors", tensors, metadata, keep)
    single = x.clone().requires_grad_()
    rough, = torch.autograd.grad(
        F.cross_entropy(formula.model(name)(single), labels, reduction="sum"), single)
    assert (rough - dx).abs().max() <= 1e-5 * dx.abs().max(), "float32 and float64 disagree"


def optimizers():
    """Some optimisers on a fixed sequence of gradients, with a rate that changes."""
    steps, size = 12, 37
    generator = torch.Generator().manual_seed(6)
    start = torch.randn(size, generator=generator)
    # Sizes of gradients from 1e-3 to 1e2, and one coordinate whose gradient is always 0.
    sizes = torch.logspace(-3, 2, size)
    gradients = torch.randn(steps, size, generator=generator) * sizes
    gradients[:, 5] = 0
    rates = torch.linspace(0.02, 0.002, steps)
    cases = {
        "sgd": (torch.optim.SGD, {"momentum": 0.0, "weight_decay": 0.0}),
        "sgd-momentum": (torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.0}),
        "sgd-momentum-decay": (torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.05}),
        "adam": (torch.optim.Adam, {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}),
        "adam-decay": (torch.optim.Adam, {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.05}),
        "adam-constants": (torch.optim.Adam, {"betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.0}),
    }
    for name, (kind, constants) in cases.items():
        parameter = torch.nn.Parameter(start.double())
        optimizer = kind([parameter], lr=1.0, **constants)
        rows = []
        for gradient, rate in zip(gradients, rates, strict=True):
            optimizer.param_groups[0]["lr"] = rate.double().item()
            parameter.grad = gradient.double()
            optimizer.step()
            rows.append(parameter.detach().clone())
        write(
            ROOT / "optimizers" / f"{name}.safetensors",
            {"start": start, "gradients": gradients, "rates": rates, "parameters": torch.stack(rows)},
            {"optimizer": kind.__name__.lower(), **constants})


class Whole(torch.nn.Module):
    """A weight and a bias, as a network of which PyTorch makes averages."""

    def __init__(self, start):
        super().__init__()
        for name, values in start.items():
            self.register_parameter(name, torch.nn.Parameter(values.double()))


def warm(average, state, count):
    """An exponential average whose decay grows with the number of states."""
    decay = torch.clamp((1 + count) / (10 + count), max=DECAY)
    return decay * average + (1 - decay) * state


DECAY = 0.6


def whole_optimizers():
    """Optimisers with all that robust training asks of a step, and averages of where they go."""
    steps, largest_norm = 20, 3.0
    numbers = Numbers("whole optimizers")
    shapes = {"weight": (5, 7), "bias": (11,)}
    start = {name: numbers.normal(*shape) for name, shape in shapes.items()}
    # Norms from about 0.5 to 100, so that some are clipped.
    sizes = torch.logspace(-1, 1.2, steps)[torch.randperm(steps, generator=numbers.generator)]
    gradients = {
        name: numbers.normal(steps, *shape) * sizes.reshape(-1, *[1] * len(shape)) for name, shape in shapes.items()
    }
    rates = torch.linspace(0.02, 0.002, steps)
    cases = {
        "sgd": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.05}),
        "adamw": (torch.optim.AdamW, {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.5}),
    }
    for name, (kind, constants) in cases.items():
        network = Whole(start)
        groups = [{"params": [network.weight]}, {"params": [network.bias], "weight_decay": 0.0}]
        optimizer = kind(groups, lr=1.0, **constants)
        averages = {
            "exponential": torch.optim.swa_utils.AveragedModel(
                network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(DECAY)),
            "warm": torch.optim.swa_utils.AveragedModel(network, avg_fn=warm),
            "equal": torch.optim.swa_utils.AveragedModel(network),
        }
        norms, rows = [], {}
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = rates[step].double().item()
            for parameter, values in gradients.items():
                getattr(network, parameter).grad = values[step].double()
            norms.append(torch.nn.utils.clip_grad_norm_(network.parameters(), largest_norm))
            optimizer.step()
            for average in averages.values():
                average.update_parameters(network)
            seen = {"parameters": network, **{key: average.module for key, average in averages.items()}}
            for key, module in seen.items():
                for parameter, values in module.named_parameters():
                    rows.setdefault(f"{key}/{parameter}", []).append(values.detach().clone())
        tensors = {f"start/{key}": values for key, values in start.items()}
        tensors.update({f"gradients/{key}": values for key, values in gradients.items()})
        tensors.update({key: torch.stack(values) for key, values in rows.items()})
        write(
            ROOT / "optimizers" / f"whole-{name}.safetensors",
            dict(tensors, rates=rates, norms=torch.stack(norms)),
            {"optimizer": kind.__name__.lower(), "largest_norm": largest_norm, "decay": DECAY, **constants})


def schedules():
    """PyTorch's rates in the middle of each of 40 steps: every other one of twice as many."""
    steps = 40

    def rates(schedule):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.4)
        schedule = schedule(optimizer)
        found = []
        for _ in range(2 * steps):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return torch.tensor(found[1::2], dtype=torch.float64)

    scheduler = torch.optim.lr_scheduler

    def cosine(optimizer):
        return scheduler.CosineAnnealingLR(optimizer, T_max=2 * steps, eta_min=0.04)

    def stepped(optimizer):
        return scheduler.MultiStepLR(optimizer, milestones=[steps, 3 * steps // 2], gamma=0.1)

    def warm_stepped(optimizer):
        rise = scheduler.LinearLR(optimizer, start_factor=1e-12, total_iters=20)
        return scheduler.ChainedScheduler([rise, stepped(optimizer)])

    middles = (np.arange(steps) + 0.5) / steps
    tensors = {"cosine": rates(cosine), "steps": rates(stepped), "warm-steps": rates(warm_stepped)}
    tensors["linear"] = torch.tensor(np.interp(middles, [0.0, 0.25, 0.7, 0.9], [0.0, 0.4, 0.1, 0.02]))
    write(ROOT / "optimizers" / "schedules.safetensors", tensors, {"rate": 0.4})


def all_optimizers():
    for cases in (optimizers, whole_optimizers, schedules):
        cases()


def library_file():
    """A file of every type that is read, as the Python library writes it."""
    values = torch.tensor([[0, -1.5, 2.25], [0.5, -float("inf"), 65504]])
    tensors = {
        "float32": values, "float64": values.double(), "float16": values.half(), "bfloat16": values.bfloat16(),
        "empty": torch.zeros(0, 3), "scalar": torch.tensor(0.1), "é.weight": torch.tensor([1.0, 2.0]),
        "int64": torch.tensor([2**63 - 1, -(2**63), -1]),
        "int32": torch.tensor([[2**31 - 1], [-2]], dtype=torch.int32),
        "uint8": torch.tensor([0, 7, 255], dtype=torch.uint8),
    }
    path = ROOT / "safetensors" / "python-library.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save(tensors, metadata={"note": '"quoted" \\ tab\t and é'}))


def operators():
    for cases in (convolutions, linears, elementwise, pools, batch_norms, arithmetic, movements, reductions):
        cases()


def networks():
    for name in formula.NUMBER:
        network_case(name)


torch.set_num_threads(1)
MAKERS = {"operators": operators, "networks": networks, "optimizers": all_optimizers, "safetensors": library_file}
