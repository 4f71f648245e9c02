"""The cases of `check-onnx-attributes.py` for operators that move, select, join, extend, resize and make values."""

import itertools

import numpy
from onnx import TensorProto, helper, numpy_helper

from onnx_attribute_cases import BOOL, FLOAT, INT, cases, graph, ints, one, values


def given(**attributes):
    return {key: value for key, value in attributes.items() if value is not None}


@cases
def shaping():
    for shape in [(1, 3, 4), (2, 3, 4), (1, 2, 3, 4), (1, 5), (5,)]:
        for axis in [None] + list(range(-len(shape), len(shape) + 1)):
            for opset in (9, 11, 13):
                if opset == 9 and (axis or 0) < 0 or len(shape) == 1 and axis is None:
                    continue
                yield one("Flatten", opset, [values(*shape)], **given(axis=axis))
    for shape, wanted in [
        ((1, 3, 4), (1, 12)), ((1, 3, 4), (-1, 12)), ((1, 3, 4), (0, -1)), ((1, 3, 4), (0, 0, 2, 2)), ((1, 3, 4), (12,)), ((1, 3, 4), (4, 3)),
        ((1, 3, 4), (2, 6, 1)), ((1, 3, 4), (-1,)), ((1, 3, 4), (1, 1, 3, 4)), ((2, 3), (3, -1)), ((6,), (2, 3)), ((1, 4), (4, -1)),
        ((1, 1), (-1,)), ((1, 4, 4), (-1, 2, 4)),
    ]:
        for opset, zero in ((7, None), (13, None), (14, None), (14, 0), (14, 1)):
            if zero == 1 and 0 in wanted:
                continue
            yield one("Reshape", opset, [values(*shape), ints(*wanted)], **given(allowzero=zero))
    for shape, axes in [((1, 3, 1, 4), [2]), ((1, 3, 1, 4), [-2]), ((1, 3, 1, 4), [0, 2]), ((1, 3, 1, 4), [0]), ((1, 3, 1, 4), None), ((1, 1), [1]),
                        ((1, 1), None), ((3, 1), None), ((1, 3, 1, 1), [2, 3]), ((1, 3, 1, 1), [-1, -2])]:
        for opset in (7, 11, 13):
            if opset == 7 and any(axis < 0 for axis in axes or []):
                continue
            yield one("Squeeze", opset, [values(*shape)] + ([None if axes is None else ints(*axes)] if opset >= 13 else []),
                      **({"axes": axes} if opset < 13 and axes is not None else {}))
    for shape, axes in [((1, 3), [0]), ((1, 3), [1]), ((1, 3), [-1]), ((1, 3), [0, 3]), ((1, 3), [3, 0]), ((3,), [0]), ((1, 3, 4), [-1, 1]), ((1, 3, 4), [0, 4])]:
        for opset in (7, 11, 13):
            if opset == 7 and any(axis < 0 for axis in axes):
                continue
            yield one("Unsqueeze", opset, [values(*shape)] + ([ints(*axes)] if opset >= 13 else []), **({"axes": axes} if opset < 13 else {}))
    for shape in [(1, 3, 4), (2, 3, 4), (1, 2, 3, 4), (1, 4), (5,)]:
        for perm in [None] + list(itertools.permutations(range(len(shape))))[:12]:
            yield one("Transpose", 13, [values(*shape)], **given(perm=perm))
    for shape, wanted in [((1, 3), (1, 3)), ((1, 3), (2, 3)), ((3,), (2, 3)), ((1, 3, 1), (1, 3, 4)), ((1, 3, 1), (1, 1, 4)), ((1, 1, 3), (2, 4, 3)), ((3, 1), (2, 3, 4)), ((1, 3), (1,)), ((1, 1), (1, 4))]:
        yield one("Expand", 8, [values(*shape), ints(*wanted)])
        yield one("Expand", 13, [values(*shape), ints(*wanted)])
    for shape, repeats in [((1, 3), (1, 2)), ((1, 3), (2, 1)), ((1, 3, 2), (1, 2, 3)), ((2, 3), (2, 2)), ((3,), (3,)), ((1, 3), (1, 1)), ((1, 2, 2), (1, 1, 2)), ((1, 3), (1, 0))]:
        yield one("Tile", 6, [values(*shape), ints(*repeats)])
        yield one("Tile", 13, [values(*shape), ints(*repeats)])
    for name in ("DepthToSpace", "SpaceToDepth"):
        for block, shape in itertools.product((1, 2, 3), [(1, 36, 6, 6), (2, 36, 6, 6), (1, 36, 6, 12)]):
            for opset in (1, 11, 13):
                if name == "DepthToSpace":
                    for mode in (None, "DCR", "CRD") if opset >= 11 else (None,):
                        yield one(name, max(opset, 7), [values(*shape)], blocksize=block, **given(mode=mode))
                else:
                    yield one(name, max(opset, 7), [values(*shape)], blocksize=block)


@cases
def selecting():
    for shape, other, axis in [((1, 3), (1, 2), 1), ((1, 3), (1, 2), -1), ((1, 3), (2, 3), 0), ((1, 3, 4), (1, 3, 2), 2), ((1, 3, 4), (1, 1, 4), 1),
                               ((1, 3, 4), (1, 1, 4), -2), ((2, 3), (2, 3), 0), ((3,), (2,), 0), ((1, 2, 3, 4), (1, 2, 3, 4), 3)]:
        for opset in (7, 11, 13):
            if axis < 0 and opset < 11:
                continue
            yield one("Concat", opset, [values(*shape), values(*other, seed=2)], axis=axis)
            yield graph("Concat", opset, [helper.make_node("Relu", ["x"], ["r"]), helper.make_node("Concat", ["x", "o", "r"], ["y"], axis=axis)],
                        {"x": values(*shape), "o": values(*other, seed=2)}, {"y": FLOAT}, f"Concat-{opset} of the input twice {shape} {other} {axis}")
    yield one("Concat", 13, [values(1, 3)], axis=1)
    for shape, axis, sizes in [((1, 6), 1, [2, 4]), ((1, 6), -1, [1, 2, 3]), ((6, 2), 0, [4, 2]), ((1, 6, 2), 1, [3, 3]), ((1, 2, 6), 2, [6]), ((6,), None, [2, 4]), ((1, 6), 1, [0, 6])]:
        for opset in (7, 11, 13, 18):
            if (axis or 0) < 0 and opset < 11:
                continue
            out = dict(outputs=len(sizes))
            if opset < 13:
                yield one("Split", opset, [values(*shape)], split=sizes, **out, **given(axis=axis))
            else:
                yield one("Split", opset, [values(*shape), ints(*sizes)], **out, **given(axis=axis))
    for opset, shape, axis, parts in itertools.product((7, 13, 18), [(1, 6), (1, 7), (1, 6, 7), (7, 6)], (0, 1, -1), (1, 2, 3, 4)):
        if shape[axis] < parts or opset == 7 and axis < 0 or opset < 18 and shape[axis] % parts:
            continue
        yield one("Split", opset, [values(*shape)], outputs=parts, axis=axis, **({"num_outputs": parts} if opset >= 18 else {}))
    extreme = 2**63 - 1
    for shape, starts, ends, axes, steps in [
        ((1, 6), [1], [4], [1], None), ((1, 6), [1], [4], [1], [2]), ((1, 6), [-4], [-1], [-1], None), ((1, 6), [5], [0], [1], [-1]), ((1, 6), [5], [-7], [1], [-2]),
        ((1, 6), [-1], [-extreme], [1], [-1]), ((1, 6), [0], [extreme], [1], [3]), ((1, 6, 5), [0, 1], [6, 4], [1, 2], None), ((1, 6, 5), [4, 1], [0, 5], [-2, 2], [-2, 3]),
        ((1, 6), [3], [2], [1], None), ((1, 6), [-100], [100], [1], None), ((4, 5), [0, 0], [2, 3], None, None), ((4, 5), [3, 4], [0, 0], [0, 1], [-1, -2]), ((6,), [2], [5], None, [2]),
        ((1, 6), [0], [1], [0], None), ((4, 5), [1], [3], [0], None), ((1, 6), [100], [-100], [1], [-1]), ((1, 6), [1], [1], [1], None), ((1, 6), [-extreme - 1], [extreme], [1], None),
        ((1, 3, 4), [0, 1], [1, 3], None, None), ((1, 6), [0], [1], [0], [-1]),
    ]:
        for opset in (9, 10, 11, 13):
            if opset == 9:
                if steps is None:
                    yield one("Slice", 9, [values(*shape)], starts=starts, ends=ends, **given(axes=axes))
                continue
            if opset == 10 and axes and min(axes) < 0:
                continue
            for kind in (numpy.int64, numpy.int32):
                if kind == numpy.int32 and (extreme in ends or -extreme in ends or min(starts) < -extreme):
                    continue
                operands = [None if v is None else numpy.array(v, kind) for v in (starts, ends, axes, steps)]
                yield one("Slice", opset, [values(*shape)] + operands)
    for shape, indices, axis in itertools.product([(1, 5), (1, 5, 3), (4, 5), (5,)],
                                                  [2, -1, [0, 2], [[0, 1], [2, -1]], [3, 1, 0, 0], [1], [-2, -1], []], (None, 0, 1, -1, 2)):
        array = numpy.array(indices, numpy.int64)
        rank, place = len(shape), (axis or 0)
        if not -rank <= place < rank or array.size and not (-shape[place] <= array.min() and array.max() < shape[place]):
            continue
        for opset in (7, 11, 13):
            if opset < 11 and (place < 0 or array.size and array.min() < 0):
                continue
            yield one("Gather", opset, [values(*shape), array], **given(axis=axis))
    for axis, shape in itertools.product((None, 0, 1, -1), [(1, 4), (3, 4), (1, 4, 3)]):
        place = axis or 0
        indices = numpy.random.default_rng(1).integers(0, shape[place], shape)
        yield one("GatherElements", 13, [values(*shape), indices], **given(axis=axis))
    yield one("GatherElements", 13, [values(1, 4), ints(3, -1).reshape(1, 2)], axis=1)
    for exclusive, reverse, (shape, axis) in itertools.product((None, 0, 1), (None, 0, 1), [((1, 5), 1), ((1, 5), -1), ((3, 4), 0), ((1, 3, 4), 1), ((1, 3, 4), 2), ((1, 4), 0), ((5,), 0)]):
        yield one("CumSum", 11, [values(*shape), numpy.array(axis)], **given(exclusive=exclusive, reverse=reverse))
        yield one("CumSum", 14, [values(*shape), numpy.array(axis, numpy.int32)], **given(exclusive=exclusive, reverse=reverse))
    for upper, k, shape in itertools.product((None, 0, 1), (None, -2, -1, 0, 1, 2, 9, -9), [(3, 4), (1, 3, 3), (1, 2, 4, 3)]):
        yield one("Trilu", 14, [values(*shape)] + ([] if k is None else [numpy.array(k)]), **given(upper=upper))


@cases
def padding():
    for shape, pads in [
        ((1, 2, 4, 5), [0, 0, 1, 2, 0, 0, 2, 1]), ((1, 5), [0, 2, 0, 1]), ((1, 5), [0, 2, 0, 0]), ((1, 5), [0, 0, 0, 3]), ((3, 4), [1, 0, 0, 2]), ((5,), [1, 2]), ((1, 5), [0, -1, 0, 2]),
        ((1, 5), [0, -1, 0, -2]), ((1, 4, 4), [0, -1, 1, 0, 2, -1]), ((1, 5), [0, 4, 0, 4]), ((1, 5), [0, 5, 0, 0]), ((1, 5), [0, 0, 0, 6]), ((1, 5), [0, 11, 0, 12]), ((1, 1), [0, 1, 0, 1]),
        ((1, 5), [1, 0, 0, 0]), ((1, 5), [0, 0, 0, 0]), ((1, 2, 3, 3), [0, 0, 3, 3, 0, 0, 3, 3]), ((1, 5), [0, -4, 0, 3]), ((1, 5), [0, 4, 0, -4]), ((1, 5), [0, -5, 0, 2]), ((1, 5), [0, -6, 0, 3]),
    ]:
        for mode in (None, "constant", "edge", "reflect", "wrap"):
            for opset in (7, 11, 13, 18, 19, 21):
                if mode == "wrap" and opset < 19 or opset in (13, 21) and mode is None:
                    continue
                for number in (None, 1.5) if mode in (None, "constant") else (None,):
                    if opset < 11:
                        yield one("Pad", opset, [values(*shape)], pads=pads, **given(mode=mode, value=number))
                    else:
                        yield one("Pad", opset, [values(*shape), ints(*pads)] + ([numpy.float32(number).reshape(())] if number else []), **given(mode=mode))
    for mode, axes, pads in itertools.product((None, "edge", "reflect"), ([1, 2], [-1, -2], [2], [-1]), ([1, 2, 0, 1], [0, 1, 2, 0])):
        yield one("Pad", 18, [values(1, 3, 4), ints(*pads[: 2 * len(axes)]), None, ints(*axes)], **given(mode=mode))
        yield one("Pad", 19, [values(1, 3, 4), ints(*pads[: 2 * len(axes)]), None, numpy.array(axes, numpy.int32)], **given(mode=mode))
        yield one("Pad", 18, [values(1, 3, 4), ints(*pads[: 2 * len(axes)]), numpy.float32(-2.5).reshape(()), ints(*axes)], **given(mode=mode))


@cases
def making():
    for value, kind in [(numpy.float32([2.5]), FLOAT), (ints(3), INT), (numpy.array([True]), BOOL), (numpy.int32([7]), TensorProto.INT32), (None, FLOAT)]:
        for shape in ([2, 3], [1], [], [0], [2, 0]):
            yield one("ConstantOfShape", 9, [ints(*shape)], out=kind, **given(value=None if value is None else numpy_helper.from_array(value)))
    for attributes, kind in [({"value_float": 2.5}, FLOAT), ({"value_floats": [1.0, 2.0]}, FLOAT), ({"value_int": 3}, INT), ({"value_ints": [3, 4]}, INT),
                             ({"value": numpy_helper.from_array(values(2, 3))}, FLOAT), ({"value": numpy_helper.from_array(ints(4))}, INT)]:
        nodes = [helper.make_node("Constant", [], ["c"], **attributes), helper.make_node("Identity", ["c"], ["y"])]
        yield graph("Constant", 13, nodes, {}, {"y": kind}, f"Constant {attributes}")
    for opset, start, end in itertools.product((13, 15, 19), (None, 0, 1, -1, -9, 2), (None, 0, 2, -1, 9, 1)):
        if opset < 15 and (start, end) != (None, None):
            continue
        yield one("Shape", opset, [values(1, 3, 4)], out=INT, **given(start=start, end=end))
    yield one("Size", 13, [values(1, 3, 4)], out=INT)
    for limits in [(0, 5, 1), (5, 0, -2), (2, 2, 1), (1, 10, 3), (-3, 3, 2)]:
        for kind in (numpy.int64, numpy.int32, numpy.float32):
            yield one("Range", 11, [numpy.array(v, kind) for v in limits], out=helper.np_dtype_to_tensor_dtype(numpy.dtype(kind)))
    yield one("Range", 11, [numpy.float32(v).reshape(()) for v in (0.0, 1.0, 0.3)])
    yield one("Range", 11, [numpy.float32(v).reshape(()) for v in (1.0, 0.0, -0.3)])
    for shape, k in itertools.product([(3, 3), (1, 4), (2, 5)], (None, -1, 0, 1, 7)):
        yield one("EyeLike", 9, [values(*shape)], **given(k=k))
    for axis, depth in itertools.product((None, 0, 1, -1), (3, 5)):
        yield one("OneHot", 11, [ints(0, 2, -1, 7), numpy.array(depth), numpy.float32([-0.5, 2])], **given(axis=axis))


@cases
def casts():
    x = numpy.float32([[0.0, 1.5, -1.5, 2.9, -2.9, 0.4, 100.2, -100.7]])
    wide = numpy.float32([[127.5, 128.0, 200.0, -129.0, 255.0, 256.0, 300.5, -1.0, 65536.0, 1e6]])
    huge = numpy.float32([[3e9, -3e9, 1e10, -1e10, 1e19, -1e19, numpy.inf, -numpy.inf, numpy.nan]])
    kinds = ["FLOAT", "DOUBLE", "INT8", "UINT8", "INT16", "UINT16", "INT32", "INT64", "UINT32", "UINT64", "BOOL", "FLOAT16", "BFLOAT16"]
    for kind, opset in itertools.product(kinds, (9, 13, 19, 21)):
        if kind == "BFLOAT16" and opset < 13:
            continue
        number = getattr(TensorProto, kind)
        operands = [x] + ([wide] if kind in ("INT32", "INT64", "FLOAT", "DOUBLE", "BOOL") else []) + ([huge] if kind in ("FLOAT", "BOOL") else [])
        for operand in operands:
            nodes = [helper.make_node("Cast", ["x"], ["c"], to=number), helper.make_node("Cast", ["c"], ["y"], to=FLOAT)]
            if kind.startswith("U") and (operand < 0).any():
                operand = numpy.abs(operand)
            yield graph("Cast", opset, nodes, {"x": operand}, {"y": FLOAT}, f"Cast-{opset} to {kind} {operand.tolist()}")
    # What ONNX leaves open and machines differ in: only a refusal or onnxruntime's value is no silence.
    for kind in ("INT8", "UINT8", "INT16", "UINT16", "INT32", "UINT32", "INT64", "UINT64"):
        nodes = [helper.make_node("Cast", ["x"], ["c"], to=getattr(TensorProto, kind)), helper.make_node("Cast", ["c"], ["y"], to=FLOAT)]
        operand = wide if "8" in kind or "16" in kind else numpy.float32([[3e9, 3e9 if kind == "UINT32" else -3e9, 1.5]])
        yield graph("Cast", 13, nodes, {"x": operand}, {"y": FLOAT}, f"Cast to {kind} beyond its range")
    for first, second in itertools.product(("INT64", "INT32", "INT8", "UINT8", "BOOL"), ("INT8", "UINT8", "INT32", "FLOAT")):
        nodes = [helper.make_node("Cast", ["x"], ["a"], to=getattr(TensorProto, first)), helper.make_node("Cast", ["a"], ["b"], to=getattr(TensorProto, second)),
                 helper.make_node("Cast", ["b"], ["y"], to=FLOAT)]
        yield graph("Cast", 13, nodes, {"x": x}, {"y": FLOAT}, f"Cast to {first} and {second}")
    nodes = [helper.make_node("CastLike", ["x", "l"], ["c"]), helper.make_node("Cast", ["c"], ["y"], to=FLOAT)]
    for like in (numpy.float32([1]), ints(1), numpy.array([True]), numpy.float64([1]), numpy.int32([1])):
        yield graph("CastLike", 15, nodes, {"x": x, "l": like}, {"y": FLOAT}, f"CastLike {like.dtype}")
        yield graph("CastLike", 19, nodes, {"x": x, "l": like}, {"y": FLOAT}, f"CastLike-19 {like.dtype}")
    # Double precision inside a graph, where single precision would be seen.
    for op, number in (("Add", 1e8), ("Mul", 1e30), ("Sub", 16777217.0), ("Div", 3.0)):
        nodes = [helper.make_node("Cast", ["x"], ["d"], to=TensorProto.DOUBLE), helper.make_node(op, ["d", "n"], ["e"])]
        back = {"Add": "Sub", "Mul": "Mul", "Sub": "Add", "Div": "Mul"}[op]
        other = 1e-30 if op == "Mul" else number
        nodes += [helper.make_node(back, ["e", "m"], ["f"]), helper.make_node("Cast", ["f"], ["y"], to=FLOAT)]
        operands = {"x": values(1, 6), "n": numpy.float64(number).reshape(()), "m": numpy.float64(other).reshape(())}
        yield graph("Cast", 13, nodes, operands, {"y": FLOAT}, f"double {op} {number} and back")


COORDINATES = ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn", None]


@cases
def resizing():
    x4, x3 = values(1, 2, 5, 7), values(1, 2, 7)
    scales = [(2.0, 2.0), (0.6, 1.7), (1.5, 0.5), (1.0, 2.3), (0.35, 0.35), (3.0, 1.0)]
    for opset, mode, coordinates in itertools.product((11, 13, 18, 19), ("nearest", "linear", "cubic"), COORDINATES):
        if opset >= 13 and coordinates == "tf_half_pixel_for_nn" or opset < 19 and coordinates == "half_pixel_symmetric" or opset == 13 and mode != "nearest":
            continue
        for h, w in scales:
            for nearest in (None, "floor", "ceil", "round_prefer_floor", "round_prefer_ceil") if mode == "nearest" else (None,):
                if nearest and opset == 18:
                    continue
                yield one("Resize", opset, [x4, numpy.float32([]) if opset < 13 else None, numpy.float32([1, 1, h, w])],
                          mode=mode, **given(coordinate_transformation_mode=coordinates, nearest_mode=nearest))
        for h, w in [(10, 14), (3, 5), (7, 7), (1, 9), (5, 1), (1, 1)]:
            yield one("Resize", opset, [x4, numpy.float32([]) if opset < 13 else None, numpy.float32([]) if opset < 13 else None, ints(1, 2, h, w)],
                      mode=mode, **given(coordinate_transformation_mode=coordinates))
    for mode, coefficient, outside, coordinates in itertools.product(("cubic", "linear"), (None, -0.5, -0.6), (0, 1), ("half_pixel", "asymmetric", "align_corners")):
        if mode == "linear" and (coefficient or outside and coordinates == "align_corners"):
            continue
        for h, w in scales[:4]:
            yield one("Resize", 18, [x4, None, numpy.float32([1, 1, h, w])], mode=mode, exclude_outside=outside,
                      coordinate_transformation_mode=coordinates, **given(cubic_coeff_a=coefficient))
    for mode, coordinates, outside, coefficient in itertools.product(("linear", "cubic"), ("half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"), (None, 1), (None, -0.5)):
        if mode == "linear" and coefficient:
            continue
        for opset, (h, w) in itertools.product((18, 19), [(0.6, 0.6), (0.35, 0.8), (2.0, 0.5), (1.6, 1.2)]):
            yield one("Resize", opset, [x4, None, numpy.float32([1, 1, h, w])], mode=mode, antialias=1,
                      **given(coordinate_transformation_mode=coordinates, exclude_outside=outside, cubic_coeff_a=coefficient))
        for h, w in [(3, 4), (2, 2), (8, 3), (10, 14)]:
            yield one("Resize", 18, [x4, None, None, ints(1, 2, h, w)], mode=mode, antialias=1,
                      **given(coordinate_transformation_mode=coordinates, exclude_outside=outside, cubic_coeff_a=coefficient))
    for policy, mode, coordinates in itertools.product(("stretch", "not_larger", "not_smaller"), ("nearest", "linear", "cubic"), ("half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric")):
        for opset, axes, sizes in [(18, [2, 3], (10, 10)), (18, [2, 3], (3, 6)), (18, [3, 2], (9, 4)), (19, [2, 3], (4, 4)), (19, None, (1, 2, 7, 8)), (18, [2, 3], (11, 8)), (18, [3], (9,)), (19, [2, 3], (1, 3))]:
            if coordinates == "half_pixel_symmetric" and opset < 19:
                continue
            yield one("Resize", opset, [x4, None, None, ints(*sizes)], mode=mode, keep_aspect_ratio_policy=policy,
                      coordinate_transformation_mode=coordinates, **given(axes=axes))
    for mode, (start, end), number in itertools.product(("nearest", "linear", "cubic"), [((0.1, 0.2), (0.8, 0.9)), ((-0.2, 0.1), (0.7, 1.3)), ((0.0, 0.0), (1.0, 1.0)), ((0.9, 0.1), (0.2, 0.8))], (None, 10.0)):
        for sizes in [(4, 6), (8, 9), (1, 4), (5, 7)]:
            roi = numpy.float32([0, 0, *start, 1, 1, *end])
            yield one("Resize", 13, [x4, roi, None, ints(1, 2, *sizes)], mode=mode, coordinate_transformation_mode="tf_crop_and_resize", reference=True, **given(extrapolation_value=number))
            yield one("Resize", 18, [x4, numpy.float32([*start, *end]), None, ints(*sizes)], mode=mode, axes=[2, 3],
                      coordinate_transformation_mode="tf_crop_and_resize", reference=True, **given(extrapolation_value=number))
        yield one("Resize", 13, [x4, roi, numpy.float32([1, 1, 0.8, 1.7])], mode=mode, coordinate_transformation_mode="tf_crop_and_resize", reference=True, **given(extrapolation_value=number))
    for mode, axes, factors in itertools.product(("nearest", "linear", "cubic"), ([2, 3], [3, 2], [-1], [3], [-1, -2]), ((0.7, 1.9), (2.0, 0.5))):
        yield one("Resize", 18, [x4, None, numpy.float32(factors[: len(axes)])], mode=mode, axes=axes)
    for mode, shape, factors in itertools.product(("nearest", "linear"), [(1, 2, 7), (3, 5), (7,), (1, 2, 3, 4, 3)], (1.7, 0.6, 2.0)):
        rank = len(shape)
        full = [1.0] * (rank - 1) + [factors] if rank != 2 else [factors, factors]
        for coordinates in ("half_pixel", "align_corners", "asymmetric"):
            yield one("Resize", 13, [values(*shape), None, numpy.float32(full)], mode=mode, coordinate_transformation_mode=coordinates)
    for mode, shape in itertools.product(("nearest", "linear", "cubic"), [(1, 2, 5, 7), (1, 5, 7, 2)]):
        full = [1, 1, 1.3, 0.7] if shape[1] == 2 else [1, 1.3, 0.7, 1]
        yield one("Resize", 13, [values(*shape), None, numpy.float32(full)], mode=mode)
        yield one("Resize", 13, [values(2, *shape[1:]), None, numpy.float32(full)], mode=mode)
    for mode, opset in itertools.product(("nearest", "linear"), (7, 9, 10)):
        for h, w in scales + [(2.5, 1.3), (0.5, 0.5), (0.3, 0.7)]:
            factors = numpy.float32([1, 1, h, w])
            if opset == 10:
                yield one("Resize", 10, [x4, factors], mode=mode)
            elif opset == 9:
                if min(h, w) >= 1:
                    yield one("Upsample", 9, [x4, factors], mode=mode)
            elif min(h, w) >= 1:
                yield one("Upsample", 7, [x4], mode=mode, scales=[1.0, 1.0, h, w])
        if opset == 9:
            yield one("Upsample", 9, [x3, numpy.float32([1, 1, 2.0])], mode=mode)
            yield one("Upsample", 9, [x3, numpy.float32([1, 1, 1.4])], mode=mode)
    # Lengths at which a product in double precision is on the other side of a whole number.
    for length, factor in [(10, 1.1), (10, 2.3), (7, 1.7), (5, 0.6), (10, 0.7), (13, 0.3), (20, 1.15), (3, 1 / 3), (9, 1 / 9), (30, 0.1), (100, 1.1), (49, 1 / 7)]:
        for mode, coordinates in itertools.product(("nearest", "linear"), ("half_pixel", "align_corners", "asymmetric")):
            yield one("Resize", 13, [values(1, 1, 2, length), None, numpy.float32([1, 1, 1, factor])], mode=mode, coordinate_transformation_mode=coordinates)
        yield one("Resize", 13, [values(1, 1, 4, length), None, numpy.float32([1, 1, 1, factor])], mode="cubic")
        yield one("Resize", 13, [values(1, 1, 2, length), None, numpy.float32([1, 1, 1, factor])], mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")


@cases
def sampling():
    yield one("GridSample", 20, [values(1, 2, 4, 5), values(1, 3, 4, 2, low=-1.3, high=1.3)])


@cases
def batches():
    """Where a batch merges with other axes rightly, and where it is mixed."""
    x = values(1, 4, 6)

    def several(name, nodes, operands=None, shape=None):
        return graph("batch", 17, nodes, {"x": x if shape is None else values(*shape), **(operands or {})}, {"y": FLOAT}, f"batch: {name}")

    n = helper.make_node
    yield several("heads", [n("Reshape", ["x", "s"], ["a"]), n("Transpose", ["a"], ["b"], perm=[0, 2, 1, 3]), n("Reshape", ["b", "t"], ["c"]),
                            n("Softmax", ["c"], ["d"], axis=-1), n("Reshape", ["d", "u"], ["y"])],
                  {"s": ints(0, 4, 2, 3), "t": ints(-1, 4, 3), "u": ints(-1, 2, 4, 3)})
    yield several("windows", [n("Reshape", ["x", "s"], ["a"]), n("Transpose", ["a"], ["b"], perm=[0, 1, 3, 2, 4]), n("Reshape", ["b", "t"], ["c"]),
                              n("ReduceMean", ["c"], ["d"], axes=[1]), n("Reshape", ["d", "u"], ["y"])],
                  {"s": ints(-1, 2, 2, 3, 2), "t": ints(-1, 6, 2), "u": ints(-1, 8 // 2, 1)})
    yield several("tokens first", [n("Transpose", ["x"], ["a"], perm=[1, 0, 2]), n("ReduceMean", ["a"], ["b"], axes=[0], keepdims=0), n("Softmax", ["b"], ["y"], axis=1)])
    yield several("tokens first, softmax over tokens", [n("Transpose", ["x"], ["a"], perm=[1, 0, 2]), n("Softmax", ["a"], ["y"], axis=0)])
    yield several("softmax over examples", [n("Softmax", ["x"], ["y"], axis=0)])
    yield several("softmax over examples and tokens", [n("Reshape", ["x", "s"], ["a"]), n("Softmax", ["a"], ["y"], axis=0)], {"s": ints(-1, 6)})
    yield several("mean over examples", [n("ReduceMean", ["x"], ["a"], axes=[0]), n("Sub", ["x", "a"], ["y"])])
    yield several("the first example", [n("Gather", ["x", "i"], ["y"], axis=0)], {"i": ints(0)})
    yield several("the first example's tokens", [n("Slice", ["x", "s", "e", "a"], ["y"])], {"s": ints(0), "e": ints(1), "a": ints(0)})
    yield several("all examples' slice", [n("Slice", ["x", "s", "e", "a"], ["y"])], {"s": ints(0), "e": ints(2**31), "a": ints(0)})
    yield several("sum along examples", [n("CumSum", ["x", "a"], ["y"])], {"a": ints(0)})
    yield several("one row of all", [n("Reshape", ["x", "s"], ["a"]), n("Softmax", ["a"], ["y"], axis=1)], {"s": ints(1, -1)})
    yield several("divided by the batch", [n("Shape", ["x"], ["s"]), n("Gather", ["s", "i"], ["b"], axis=0), n("Cast", ["b"], ["f"], to=FLOAT), n("Div", ["x", "f"], ["y"])], {"i": numpy.array(0)})
    yield several("numbers of examples", [n("Shape", ["x"], ["s"]), n("Gather", ["s", "i"], ["b"], axis=0), n("Range", ["o", "b", "e"], ["r"]), n("Cast", ["r"], ["f"], to=FLOAT),
                                          n("Reshape", ["f", "t"], ["g"]), n("Add", ["x", "g"], ["y"])], {"i": numpy.array(0), "o": numpy.array(0), "e": numpy.array(1), "t": ints(-1, 1, 1)})
    yield several("a token for each example", [n("Shape", ["x"], ["s"]), n("Gather", ["s", "i"], ["b"], axis=0), n("Concat", ["b", "r"], ["t"], axis=0), n("Expand", ["k", "t"], ["e"]),
                                               n("Concat", ["e", "x"], ["y"], axis=1)], {"i": ints(0), "r": ints(1, 6), "k": values(1, 1, 6, seed=3)})
    yield several("joined along examples", [n("Relu", ["x"], ["a"]), n("Concat", ["x", "a"], ["b"], axis=0), n("Split", ["b"], ["c", "d"], axis=0), n("Sub", ["c", "d"], ["y"])])
    yield several("joined along examples with a row", [n("Concat", ["x", "k"], ["b"], axis=0), n("ReduceMean", ["b"], ["y"], axes=[0])], {"k": values(1, 4, 6, seed=3)})
    yield several("distances between examples", [n("Flatten", ["x"], ["a"]), n("Transpose", ["a"], ["b"]), n("MatMul", ["a", "b"], ["y"])])
    yield several("products of examples", [n("Flatten", ["x"], ["a"]), n("Transpose", ["a"], ["b"]), n("MatMul", ["b", "a"], ["y"])])
    yield several("padded along examples", [n("Pad", ["x", "p"], ["y"])], {"p": ints(1, 0, 0, 0, 0, 0)})
    yield several("all axes squeezed", [n("ReduceMean", ["x"], ["a"], axes=[1, 2]), n("Squeeze", ["a"], ["b"]), n("Exp", ["b"], ["y"])])
    yield several("all axes but one squeezed", [n("ReduceMean", ["x"], ["a"], axes=[1]), n("Squeeze", ["a"], ["b"]), n("Softmax", ["b"], ["y"], axis=0)])
    yield several("normalised over examples", [n("Transpose", ["x"], ["a"], perm=[1, 0, 2]), n("LayerNormalization", ["a", "w"], ["y"], axis=1)], {"w": values(6)})
    yield several("a parameter's mean over axis 0", [n("ReduceMean", ["k"], ["a"], axes=[0]), n("Add", ["x", "a"], ["y"])], {"k": values(3, 1, 6)})
    yield several("softmax over a parameter's axis 0", [n("Softmax", ["k"], ["a"], axis=0), n("Mul", ["x", "a"], ["y"])], {"k": values(4, 6)})
    yield several("repeated", [n("Tile", ["x", "r"], ["y"])], {"r": ints(2, 1, 1)})
    yield several("reversed", [n("Slice", ["x", "s", "e", "a", "t"], ["y"])], {"s": ints(-1), "e": ints(-2**31), "a": ints(0), "t": ints(-1)})
    yield several("a table of pairs", [n("Flatten", ["x"], ["a"]), n("Unsqueeze", ["a", "o"], ["b"]), n("Unsqueeze", ["a", "z"], ["c"]), n("Sub", ["b", "c"], ["d"]),
                                       n("ReduceSumSquare", ["d"], ["y"], axes=[2], keepdims=0)], {"o": ints(1), "z": ints(0)})
    yield several("channels from examples", [n("Transpose", ["x"], ["a"], perm=[1, 0, 2]), n("Conv", ["a", "w"], ["y"])], {"w": values(2, 1, 3)})
    yield several("largest of all", [n("ReduceMax", ["x"], ["a"]), n("Div", ["x", "a"], ["y"])])
    yield several("einsum over examples", [n("Einsum", ["x"], ["y"], equation="bij->ij")])
