"""Lets onnxruntime judge networks that went through `gibbon`: trained here and written, and read from state dicts.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-onnx.txt
    .venv/bin/python Scripts/check-round-trips.py [--data ../shared/data] [--gibbon .build/release/gibbon]

- `gibbon train` -> `gibbon convert` to ONNX -> onnx's checker -> onnxruntime, against `gibbon predict` of the trained
  file;
- onnxruntime on a published ONNX network, against `gibbon predict` of the state dict that it was exported from.

Logits of 1000 test images must agree within 1e-4 of the largest one.
"""

import argparse
import pathlib
import shlex
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime

IMAGES = 1000
BOUND = 1e-4
TRAINED = ["mnist-small", "lenet5"]
# State dict, its ONNX twin, and what `gibbon` has to be told.
TWINS = [
    ("wong2020-mnist-fgsm.pth", "mnist_fgsm_wong2020", "--architecture mnist-small", "mnist:test"),
    ("mnist_lenet5_advtrained.pt", "mnist_lenet5_adv_advertorch", "--architecture advertorch-lenet5", "mnist:test"),
    ("cifar_base_kw.pth", "cifar_oval_base_kw", "--architecture cifar-base-kw", "cifar10:test@{root}/cifar10"),
    ("resnet20-12fca82f.th", "cifar_resnet20_akamaster",
     "--architecture resnet20 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225", "cifar10:test@{root}/cifar10"),
]


def gibbon(tool, line):
    result = subprocess.run([tool, *shlex.split(line)], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"gibbon {line}: {result.stderr}")


def compare(name, model, prediction):
    """Compares an ONNX file in onnxruntime with a prediction on the same images; whether they agree."""
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    argument = session.get_inputs()[0]
    arrays = numpy.load(prediction)
    images, logits = arrays["x"].astype(numpy.float32), arrays["logits"]
    step = 1 if argument.shape[0] == 1 else 500
    shape = [-1] + [int(extent) for extent in argument.shape[1:]]
    parts = [session.run(None, {argument.name: images[first : first + step].reshape(shape)})[0].reshape(step, -1)
             for first in range(0, len(images), step)]
    expected = numpy.concatenate(parts)
    error = numpy.abs(logits - expected).max() / numpy.abs(expected).max()
    different = (logits.argmax(1) != expected.argmax(1)).sum()
    accuracy = 100 * (logits.argmax(1) == arrays["y"]).mean()
    passed = len(images) >= IMAGES and error <= BOUND
    print(f"{'ok    ' if passed else 'FAILED'} {name:76} scores {error:.1e}, {different} of {len(images)} predictions "
          f"differ, accuracy {accuracy:.1f} %", flush=True)
    return passed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--gibbon", default=".build/release/gibbon")
    arguments = parser.parse_args()
    root, tool = pathlib.Path(arguments.data), arguments.gibbon
    passed = True
    with tempfile.TemporaryDirectory() as folder:
        output = f"{folder}/out.npz"
        for name in TRAINED:
            own, written = f"{folder}/{name}.safetensors", f"{folder}/{name}.onnx"
            gibbon(tool, f"train {name} --output {own} --epochs 1 --count 10000 --seed 1")
            gibbon(tool, f"convert {own} {written}")
            onnx.checker.check_model(written, full_check=True)
            gibbon(tool, f"predict {own} --data mnist:test --count {IMAGES} --output {output}")
            passed &= compare(f"{name}, trained here, written as ONNX", written, output)
        if not root.is_dir():
            print(f"{root} is absent: no published state dicts were compared")
            sys.exit(0 if passed else 1)
        for file, twin, options, data in TWINS:
            data = data.format(root=root)
            path = root / "state-dicts" / file
            gibbon(tool, f"predict {path} {options} --data {data} --count {IMAGES} --output {output}")
            passed &= compare(f"{file}, against {twin}.onnx", root / "models" / f"{twin}.onnx", output)
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
