"""Gives `gibbon` files of TensorFlow and Keras, runs the command that each message names, and compares what that writes.

    python3 -m venv .venv-tf && .venv-tf/bin/pip install -r Scripts/requirements-tensorflow.txt
    .venv-tf/bin/python Scripts/check-tensorflow.py [--gibbon .build/release/gibbon]

Outputs of 4 inputs must agree within 1e-4 of the largest one. The environment is its own, since no other script needs it.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy
import tensorflow as tf

BOUND = 1e-4
v1 = tf.compat.v1


def pictures():
    """A network of pictures in every form, its inputs and its outputs."""
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(4, 3), layers.ReLU(), layers.Flatten(), layers.Dense(10)])
    model.save("net.keras")
    model.save("net.h5")
    model.export("saved")
    pathlib.Path("net.tflite").write_bytes(tf.lite.TFLiteConverter.from_saved_model("saved").convert())
    x = numpy.random.default_rng(1).random((4, 28, 28, 1), dtype=numpy.float32)
    return x, numpy.asarray(model(x))


def rows():
    """A network of rows as TensorFlow 1 saves it."""
    graph = tf.Graph()
    x = numpy.random.default_rng(2).random((4, 6), dtype=numpy.float32)
    with graph.as_default(), v1.Session() as session:
        a = v1.placeholder(tf.float32, [None, 6], name="x")
        y = tf.identity(tf.matmul(a, v1.get_variable("w", [6, 3])), name="y")
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, "./model.ckpt")
        frozen = v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["y"])
        pathlib.Path("frozen.pb").write_bytes(frozen.SerializeToString())
        return x, session.run(y, {a: x})


def judge(tool, file, x, expected, options, names=()):
    """What is wrong; empty if nothing is."""
    def run(*words):
        return subprocess.run([tool, *words], capture_output=True, text=True)

    message = run("info", file).stderr.strip()
    found = re.search(r"`python (-m tf2onnx\.convert .*?)`", message)
    if "\n" in message or not found:
        return message
    words = found.group(1)
    for old, new in names:
        words = words.replace(old, new)
    pathlib.Path("net.onnx").unlink(missing_ok=True)
    subprocess.run([sys.executable, *words.split()], capture_output=True)
    numpy.savez("data.npz", x=x, y=numpy.arange(len(x)) % 3)
    result = run("predict", "net.onnx", "--data", "npz:data.npz", "--output", "out.npz", *options)
    if result.returncode != 0:
        return f"{words}: {result.stderr}"
    error = numpy.abs(numpy.load("out.npz")["logits"] - expected).max() / numpy.abs(expected).max()
    return "" if error <= BOUND else f"outputs differ by {error}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gibbon", default=".build/release/gibbon")
    tool = str(pathlib.Path(parser.parse_args().gibbon).resolve())
    passed = []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        layout = ["--layout", "nhwc", "--data-layout", "nhwc"]
        x, y = pictures()
        cases = [(file, x, y, layout) for file in ("net.keras", "net.h5", "saved", "saved/saved_model.pb", "net.tflite")]
        x, y = rows()
        ends = [("--inputs NAME:0 --outputs NAME:0", "--inputs x:0 --outputs y:0"), ("NAME.meta", "model.ckpt.meta")]
        cases += [(file, x, y, [], ends) for file in (
            "frozen.pb", "model.ckpt.index", "model.ckpt.meta", "model.ckpt.data-00000-of-00001", "checkpoint")]
        for file, *rest in cases:
            problem = judge(tool, file, *rest)
            passed.append(not problem)
            print(f"{'FAILED' if problem else 'ok    '} {file} {problem}", flush=True)
    print(f"{sum(passed)} of {len(passed)} remedies work")
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
