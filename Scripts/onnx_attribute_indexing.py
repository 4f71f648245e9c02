"""Cases of `check-onnx-attributes.py`: selections and assignments by known indices, and attention."""

import itertools

import numpy
from onnx import TensorProto, helper
from onnx_attribute_cases import FLOAT, INT, cases, graph, ints, one, values
from onnx_attribute_moving import given


@cases
def selections():
    x = (1, 3, 4)
    for batch, indices in [
        (None, [[[0, 2, 3], [0, 0, -1]]]), (None, [[0, 1], [0, -1]]), (None, [[0]]), (0, [[[0, 2]], [[0, 1]]]),
        (1, [[[2], [0]]]), (1, [[2]]), (1, [[[1, 3], [0, -4], [2, 2]]]), (2, [[[3], [0], [-1]]]),
    ]:
        for opset in (11, 12, 13):
            if batch is not None and opset < 12:
                continue
            yield one("GatherND", opset, [values(*x), numpy.array(indices)], **given(batch_dims=batch))
    for condition, axis, opset in itertools.product(([True, False, True], [False, True], [True]), (None, 1, -1, 2), (9, 11)):
        yield one("Compress", opset, [values(*x), numpy.array(condition)], **given(axis=axis))
    yield one("Compress", 11, [values(*x), numpy.array([True, False, False, True, True, False, True])])
    for known in ([[0, 3], [2, 0]], [5, 0, 1], [[[1]]], [0, 0]):
        nodes = [helper.make_node("NonZero", ["n"], ["i"]), helper.make_node("Cast", ["i"], ["c"], to=TensorProto.FLOAT),
                 helper.make_node("ReduceSum", ["c"], ["s"], keepdims=0), helper.make_node("Add", ["x", "s"], ["y"])]
        yield graph("NonZero", 13, nodes, {"x": values(1, 5), "n": numpy.array(known)}, {"y": FLOAT}, f"NonZero {known}")
        if not any(numpy.ravel(known)):
            continue
        yield graph("NonZero", 13, [helper.make_node("NonZero", ["n"], ["i"]), helper.make_node("Identity", ["i"], ["y"])],
                    {"x": values(1, 5), "n": numpy.array(known)}, {"y": INT}, f"NonZero alone {known}")


@cases
def assignments():
    x = (1, 3, 4)
    for opset, reduction in [(11, None), (13, None), (16, None), (16, "none"), (16, "add"), (16, "mul"), (18, "max"), (18, "min"), (18, "add")]:
        for indices, updates in [
            ([[0, 1], [0, 2]], (2, 4)), ([[0, 1, 2], [0, 0, -1]], (2,)), ([[[0, -1]]], (1, 1, 4)), ([[0]], (1, 3, 4)),
        ]:
            yield one("ScatterND", opset, [values(*x), numpy.array(indices), values(*updates, seed=2)], **given(reduction=reduction))
        if reduction == "add":
            yield one("ScatterND", opset, [values(*x), ints(0, 1, 0, 1).reshape(2, 2), values(2, 4, seed=2)], reduction="add")
        for axis, indices in [(None, [[[0, 0, 0, 0]]]), (1, [[[2, 0, 1, -1]]]), (-1, [[[3], [0], [-2]]]), (2, [[[1, 0]]]), (0, [[[0, 0]]])]:
            shape = numpy.array(indices).shape
            yield one("ScatterElements", opset, [values(*x), numpy.array(indices), values(*shape, seed=3)],
                      **given(axis=axis, reduction=reduction))
    for axis, indices in [(None, [[[0, 0, 0, 0]]]), (1, [[[2, 0, 1, 1]]]), (2, [[[3], [0], [2]]])]:
        yield one("Scatter", 9, [values(*x), numpy.array(indices), values(*numpy.array(indices).shape, seed=3)], **given(axis=axis))


@cases
def attention():
    four = (1, 2, 3, 4)
    for causal, scale, opset in itertools.product((None, 0, 1), (None, 0.3), (23, 24)):
        yield one("Attention", opset, [values(*four), values(1, 2, 5, 4, seed=1), values(1, 2, 5, 6, seed=2)],
                  **given(is_causal=causal, scale=scale))
        yield one("Attention", opset, [values(1, 3, 8), values(1, 5, 8, seed=1), values(1, 5, 12, seed=2)],
                  q_num_heads=2, kv_num_heads=2, **given(is_causal=causal, scale=scale))
    for mask in (values(3, 5, seed=4), numpy.arange(15).reshape(3, 5) % 3 > 0, values(1, 1, 3, 5, seed=5)):
        yield one("Attention", 23, [values(*four), values(1, 2, 5, 4, seed=1), values(1, 2, 5, 6, seed=2), mask])
    # More heads of queries than of keys.
    yield one("Attention", 23, [values(1, 4, 3, 4), values(1, 2, 5, 4, seed=1), values(1, 2, 5, 6, seed=2)])
    yield one("Attention", 23, [values(*four), values(1, 2, 5, 4, seed=1), values(1, 2, 5, 6, seed=2)], softcap=2.0)
    for stage in (0, 1, 2, 3):
        yield one("Attention", 23, [values(*four), values(1, 2, 5, 4, seed=1), values(1, 2, 5, 6, seed=2)], outputs=1,
                  qk_matmul_output_mode=stage)
