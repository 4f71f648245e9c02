"""Compares the inputs that Gibbon makes of photographs with those that Pillow makes, by torchvision's rules.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-data.txt
    .venv/bin/python Scripts/check-images.py MODEL FOLDER [--resize PIXELS] [--gibbon PATH]

MODEL takes images of colours in 0 to 1; FOLDER has a folder of PNG and JPEG files for each class. Prints for each file how many
of its values differ and by how much at most; the status is 1 if any does.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy
from PIL import Image

ENDINGS = (".png", ".jpg", ".jpeg")


def prepared(path, height, width, side):
    """The shorter side to `side`, or as little as fills height x width; then the middle."""
    image = Image.open(path)
    if image.mode == "I;16":
        # Pillow would clip at 255.
        image = Image.fromarray(numpy.rint(numpy.asarray(image) / 257).astype(numpy.uint8))
    image = image.convert("RGB")
    w, h = image.size
    if side:
        size = (side, side * h // w) if w <= h else (side * w // h, side)
    elif w * height <= h * width:
        size = (width, max(height, h * width // w))
    else:
        size = (max(width, w * height // h), height)
    if size != image.size:
        image = image.resize(size, Image.BILINEAR)
    top, left = int(round((size[1] - height) / 2)), int(round((size[0] - width) / 2))
    image = image.crop((left, top, left + width, top + height))
    return numpy.asarray(image).transpose(2, 0, 1).astype(numpy.float32) / numpy.float32(255)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--resize", type=int)
    parser.add_argument("--gibbon", default=".build/release/gibbon")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        output = pathlib.Path(directory) / "out.npz"
        command = [arguments.gibbon, "predict", arguments.model, "--data", f"images:{arguments.folder}"]
        if arguments.resize:
            command += ["--resize", str(arguments.resize)]
        subprocess.run(command + ["--output", str(output)], check=True, stdout=subprocess.DEVNULL)
        x = numpy.load(output)["x"]
    paths = [
        path for folder in sorted(arguments.folder.iterdir()) if folder.is_dir()
        for path in sorted(folder.iterdir()) if path.suffix.lower() in ENDINGS
    ]
    if len(paths) != len(x):
        sys.exit(f"{len(paths)} files, but {len(x)} inputs")
    status = 0
    for path, found in zip(paths, x):
        expected = prepared(path, found.shape[1], found.shape[2], arguments.resize)
        difference = numpy.abs(found - expected)
        print(f"{path}: {numpy.count_nonzero(difference)} of {difference.size} differ, by {difference.max()} at most")
        status |= int(difference.max() > 0)
    sys.exit(status)


main()
