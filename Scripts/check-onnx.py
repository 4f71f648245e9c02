"""Compares every ONNX network of the data folder with onnxruntime: scores, input gradients, and accuracies.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-onnx.txt
    .venv/bin/python Scripts/check-onnx.py [--data ../shared/data] [--tool .build/release/onnx-check] [--only NAME]

Scores on 100 real inputs must equal onnxruntime's within 1e-4 of the largest one.

So must those of the light networks that come with the package `onnx`, whose weights are nodes that repeat one number.

Gradients of a weighted sum of the scores are compared in three steps, for single precision sees a few of the millions
of ReLUs on a photograph on the other side of zero, where a gradient jumps by up to some hundredths, in PyTorch too:

- the engine's gradient equals, within 1e-3, that of the operators' definitions in double precision with the decisions
  that the engine made (ReLUs, clips, winners of maxima);
- every value that decided is within 1e-4, of the largest in its layer, of what it is in double precision, so no
  decision differs that is not a tie to single precision;
- the gradient in double precision by its own decisions equals central differences in double precision within 1e-3,
  along directions of which one follows its signs.

Where no decision differs that is an equality of the engine's gradient with central differences. How many differ, and
by how much they move the gradient, is printed. Accuracies on whole test sets are onnxruntime's predictions and the
published figures against ours. From the opening of a file to its first scores may pass 0.3 s.
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
# So small that no ReLU changes sides on the way: 1e-7 crosses some, and moves the slopes of MobileNet by up to 4e-3.
STEP = "1e-9"
DECIDING = 1e-4
SECONDS = 0.3
# Accuracies in % on the 10,000 test images as their authors state them.
PUBLISHED = {
    "mnist_wk17a_eps0.1": (98.11, "Tjeng, the tests of MIPVerify.jl"),
    "cifar_resnet20_akamaster": (91.73, "Idelbayev, pytorch_resnet_cifar10: error 8.27"),
    "cifar_resnet32_akamaster": (92.63, "Idelbayev, pytorch_resnet_cifar10: error 7.37"),
}
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
    """Runs the tool on arrays of floats; returns as many arrays as it writes, and what it prints."""
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
        return [numpy.fromfile(path, "<f4") for path in outputs], text


def distance(left, right):
    """The largest of the rows' differences, by the Euclidean norm and by the largest value, relative to the right."""
    left, right = left.astype(float), right.astype(float)
    lengths = numpy.linalg.norm(left - right, axis=1) / numpy.maximum(numpy.linalg.norm(right, axis=1), 1e-30)
    values = numpy.abs(left - right).max(1) / numpy.maximum(numpy.abs(right).max(1), 1e-30)
    return max(lengths.max(), values.max())


def check_gradients(tool, path, points):
    """Compares gradients as the head of this file says; whether they pass, and a text."""
    generator = numpy.random.default_rng(1)
    (_, gradients), _ = gibbon(tool, ["scores", str(path)], [points], 2)
    (own, imposed), text = gibbon(tool, ["gradients", str(path), "fastest"], [points], 2)
    gradients, own, imposed = (array.reshape(points.shape) for array in (gradients, own, imposed))
    words = text.split()
    found = dict(zip(words[::2], words[1::2]))
    farthest = float(found["farthest"])
    region, moved = distance(gradients, imposed), distance(imposed, own)
    slope = 0.0
    for kind in ["signs", "random"]:
        ways = numpy.sign(own) if kind == "signs" else generator.standard_normal(points.shape)
        [differences], _ = gibbon(tool, ["slopes", str(path), STEP], [points, ways.astype(numpy.float32)], 1)
        along = (own.astype(float) * ways).sum(1)
        scale = numpy.linalg.norm(own, axis=1) * (numpy.linalg.norm(ways, axis=1) if kind == "signs" else 1)
        slope = max(slope, (numpy.abs(along - differences) / numpy.maximum(scale, 1e-12)).max())
    text = (f"gradients {region:.1e}, differences {slope:.1e}, {found['differing']:>3} of {found['decisions']:>7} "
            f"decisions differ ({farthest:.0e}) and move it by {moved:.1e}  ")
    if found["same"] != "1":
        text += "laying them open changed the gradient  "
    return region <= SLOPE and slope <= SLOPE and farthest <= DECIDING, text


def check_time(tool, path):
    """The time from the file to its first scores, as the median of five processes."""
    seconds = []
    for _ in range(5):
        words = subprocess.run([tool, "time", str(path), "fastest"], capture_output=True, text=True).stdout.split()
        seconds.append(float(words[3]))
    middle = sorted(seconds)[2]
    passed = middle <= SECONDS
    print(f"{'ok    ' if passed else 'FAILED'} {path.name:48} {path.stat().st_size / 1e6:.0f} MB, "
          f"from file to first scores {middle:.3f} s", flush=True)
    return passed


def check(tool, path, images, labels, slopes):
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
    (scores, _), _ = gibbon(tool, ["scores", str(path)], [inputs], 2)
    scores = scores.reshape(expected.shape)
    error = numpy.abs(scores - expected).max() / max(numpy.abs(expected).max(), 1e-30)
    generator = numpy.random.default_rng(1)
    # A little noise, for where an image is flat the largest values under a window are equal, and there is no gradient.
    points = inputs[:slopes].reshape(slopes, inputs[0].size)
    points = (points + 0.01 * generator.random(points.shape)).astype(numpy.float32)
    passed, gradients = check_gradients(tool, path, points) if slopes else (True, "")
    accuracy = ""
    if labels is not None:
        [own], _ = gibbon(tool, ["logits", str(path)], [images], 1)
        own = own.reshape(len(images), -1).argmax(1)
        theirs = reference(images).argmax(1)
        found = 100 * (own == labels).mean()
        accuracy = (f"accuracy {found:6.2f} %, onnxruntime's {100 * (theirs == labels).mean():6.2f} %, "
                    f"{(own != theirs).sum()} predictions differ")
        passed &= (own != theirs).sum() <= 1
        if path.stem in PUBLISHED:
            value, source = PUBLISHED[path.stem]
            accuracy += f", published {value:6.2f} % ({source})"
            passed &= abs(found - value) < 0.015
    passed &= error <= 1e-4
    print(f"{'ok    ' if passed else 'FAILED'} {path.name:48} scores {error:.1e}  {gradients}{accuracy}", flush=True)
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


def check_light(tool, path):
    """Compares a network of ONNX's own whose weights are nodes that repeat one number, up to its softmax."""
    model = onnx.load(path)
    last = model.graph.node[-1]
    if last.op_type == "Softmax":
        model.graph.output[0].name = last.input[0]
        model.graph.node.remove(last)
    del model.graph.output[0].type.tensor_type.shape.dim[:]
    model.graph.output[0].type.tensor_type.ClearField("shape")
    with tempfile.TemporaryDirectory() as folder:
        written = pathlib.Path(folder) / path.name
        onnx.save(model, written)
        return check(tool, written, numpy.random.default_rng(3).random((2, 3, 224, 224), numpy.float32), None, 0)


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
    for path in sorted((pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data" / "light").glob("*.onnx")):
        if arguments.only in path.name:
            passed &= check_light(arguments.tool, path)
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
                passed &= check(arguments.tool, path, images, None, 1)
            passed &= check_time(arguments.tool, path)
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
