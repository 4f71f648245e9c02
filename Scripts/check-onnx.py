"""Compares every ONNX network of the data folder with onnxruntime: scores, input gradients, and accuracies.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-onnx.txt
    .venv/bin/python Scripts/check-onnx.py [--data ../shared/data] [--tool .build/release/onnx-check] [--only NAME]

Scores on 100 real inputs must equal onnxruntime's within 1e-4 of the largest one. Gradients of a weighted sum of the
scores must equal central differences, in double precision by the operators' definitions, along directions of which
one follows the gradient's signs, within 1e-3 (2e-2 for networks on whole photographs, see SWITCHED). Accuracies on whole test sets are onnxruntime's predictions
against ours.
"""

import argparse
import gzip
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime

IMAGES = 100
SLOPE = 1e-3
# Among the millions of ReLUs on a photograph some operands are so near to zero that single precision sees them on the
# other side of it. That changes a gradient visibly and the scores not at all.
SWITCHED = 2e-2
# Our own forms that are written as ONNX and compared.
WRITTEN = ["mnist-small", "mnist-madry", "lenet5", "resnet20", "preactresnet18-cifar", "vit-small-cifar"]


def idx(path):
    data = gzip.decompress(path.read_bytes())
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * rank).reshape(shape)


def mnist(root):
    images = idx(next(root.glob("t10k-images*")))
    return images.reshape(-1, 1, 28, 28).astype(numpy.float32) / 255, idx(next(root.glob("t10k-labels*")))


def cifar(root):
    rows = numpy.frombuffer((root / "cifar10" / "test_batch.bin").read_bytes(), numpy.uint8).reshape(-1, 3073)
    return rows[:, 1:].reshape(-1, 3, 32, 32).astype(numpy.float32) / 255, rows[:, 0]


def photographs(root, size):
    """Photographs, cut at shifting places, as inputs of an ImageNet network; PNG and JPEG by whatever can read them."""
    try:
        from PIL import Image
    except ImportError:
        return None
    files = sorted((root / "imagenet" / "photos").glob("*.*g"))
    inputs = []
    for index in range(IMAGES):
        picture = Image.open(files[index % len(files)]).convert("RGB").resize((size + 40, size + 40))
        shift = index // len(files) * 2 % 40
        inputs.append(numpy.asarray(picture.crop((shift, shift, shift + size, shift + size))))
    return numpy.stack(inputs).transpose(0, 3, 1, 2).astype(numpy.float32) / 255


def gibbon(tool, arguments, arrays, count):
    """Runs the tool on arrays of floats; returns as many arrays as it writes."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for index, array in enumerate(arrays):
            paths.append(f"{folder}/in{index}")
            numpy.ascontiguousarray(array, "<f4").tofile(paths[-1])
        outputs = [f"{folder}/out{index}" for index in range(count)]
        text = subprocess.run(
            [tool, arguments[0], arguments[1], *paths, *arguments[2:], *outputs], capture_output=True, text=True).stdout
        if not all(pathlib.Path(path).exists() for path in outputs):
            sys.exit(f"{arguments}: {text}")
        return [numpy.fromfile(path, "<f4") for path in outputs]


def check(tool, path, images, labels, slopes, limit=SLOPE):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    fixed = session.get_inputs()[0].shape[0] == 1
    shape = [1] + [int(extent) for extent in session.get_inputs()[0].shape[1:]]

    def reference(rows):
        if fixed:
            return numpy.concatenate([session.run(None, {name: row.reshape(shape)})[0].reshape(1, -1) for row in rows])
        parts = [rows[first : first + 500] for first in range(0, len(rows), 500)]
        return numpy.concatenate([session.run(None, {name: part})[0] for part in parts])

    inputs = images[:IMAGES]
    expected = reference(inputs)
    scores, _ = gibbon(tool, ["scores", str(path)], [inputs], 2)
    scores = scores.reshape(expected.shape)
    error = numpy.abs(scores - expected).max() / max(numpy.abs(expected).max(), 1e-30)
    generator = numpy.random.default_rng(1)
    # A little noise, for where an image is flat the largest values under a window are equal, and there is no gradient.
    points = inputs[:slopes].reshape(slopes, inputs[0].size)
    points = (points + 0.01 * generator.random(points.shape)).astype(numpy.float32)
    gradients = points
    if slopes:
        _, gradients = gibbon(tool, ["scores", str(path)], [points], 2)
        gradients = gradients.reshape(points.shape)
    worst = 0.0
    for kind in ["signs", "random"] if slopes else []:
        ways = numpy.sign(gradients) if kind == "signs" else generator.standard_normal(points.shape)
        [found] = gibbon(tool, ["slopes", str(path), "1e-7"], [points, ways.astype(numpy.float32)], 1)
        own = (gradients.astype(float) * ways).sum(1)
        scale = numpy.linalg.norm(gradients, axis=1) * (numpy.linalg.norm(ways, axis=1) if kind == "signs" else 1)
        worst = max(worst, (numpy.abs(own - found) / numpy.maximum(scale, 1e-12)).max())
    accuracy = ""
    if labels is not None:
        own, _ = gibbon(tool, ["scores", str(path)], [images], 2)
        own = own.reshape(len(images), -1).argmax(1)
        theirs = reference(images).argmax(1)
        accuracy = (f"accuracy {100 * (own == labels).mean():6.2f} %, onnxruntime's "
                    f"{100 * (theirs == labels).mean():6.2f} %, {(own != theirs).sum()} predictions differ")
    passed = error <= 1e-4 and worst <= limit
    print(f"{'ok    ' if passed else 'FAILED'} {path.name:48} scores {error:.1e}  gradients {worst:.1e}  {accuracy}",
          flush=True)
    return passed


def check_written(tool, name):
    """Lets onnx's checker and onnxruntime judge a network of ours that was written as ONNX."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / f"{name}.onnx"
        text = subprocess.run([tool, "architecture", name, str(path)], capture_output=True, text=True).stdout
        if not path.exists():
            print(f"FAILED {name}: {text}")
            return False
        onnx.checker.check_model(str(path), full_check=True)
        shape = [int(dim.dim_value) for dim in onnx.load(path).graph.input[0].type.tensor_type.shape.dim[1:]]
        images = numpy.random.default_rng(2).random([4] + shape, numpy.float32)
        return check(tool, path, images, None, 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--mnist", default="Sources/CEmbedded/mnist")
    parser.add_argument("--tool", default=".build/release/onnx-check")
    parser.add_argument("--only", default="")
    parser.add_argument("--no-accuracy", action="store_true")
    arguments = parser.parse_args()
    root = pathlib.Path(arguments.data)
    passed = True
    for name in WRITTEN:
        if arguments.only in name:
            passed &= check_written(arguments.tool, name)
    if not root.is_dir():
        print(f"{root} is absent: no published networks were compared")
        sys.exit(0 if passed else 1)
    sets = {"mnist": mnist(pathlib.Path(arguments.mnist)), "cifar": cifar(root)}
    for path in sorted((root / "models").glob("*.onnx")):
        if arguments.only in path.name:
            images, labels = sets[path.name.split("_")[0]]
            passed &= check(arguments.tool, path, images, None if arguments.no_accuracy else labels, 4)
    for path in sorted((root / "imagenet").glob("*.onnx")):
        if arguments.only in path.name:
            images = photographs(root, 227 if "227" in path.name else 224)
            if images is None:
                print(f"       {path.name}: needs Pillow to read photographs; not compared")
                passed = False
            else:
                passed &= check(arguments.tool, path, images, None, 1, SWITCHED)
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
