"""Writes Tests/Fixtures/pickles and Tests/Fixtures/checkpoints: one object in every protocol of pickles, and one set
of tensors in every form in which PyTorch saves it, beside the same tensors as safetensors.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-fixtures.txt
    .venv/bin/python Scripts/make-checkpoints.py
"""

import collections
import pathlib
import pickle

import numpy
import torch
from safetensors.torch import save_file

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures"


def pickles(folder):
    shared = [1, -2, 300, 70000, 3.5, True, None, "\u00e9\u20ac\n", b"\x00\xff\n", (1, 2, 3, 4), {5}]
    value = {
        "a": shared, "big": 2**70, "negative": -(2**40), "od": collections.OrderedDict(x=1), "empty": (),
        "three": (1, 2, 3), "again": shared,
    }
    value["self"] = value
    for protocol in range(6):
        (folder / f"protocol{protocol}.pkl").write_bytes(pickle.dumps(value, protocol=protocol))
    # As CIFAR's Python batches, but small.
    batch = {
        b"batch_label": b"one", b"labels": [3, 1], b"filenames": [b"a.png", b"b.png"],
        b"data": numpy.arange(24, dtype=numpy.uint8).reshape(2, 12),
    }
    for protocol in (0, 2, 5):
        (folder / f"batch{protocol}.pkl").write_bytes(pickle.dumps(batch, protocol=protocol))


def checkpoints(folder):
    base = torch.arange(24, dtype=torch.float32) / 8 - 1
    tensors = collections.OrderedDict(
        plain=base[:6].reshape(2, 3).clone(),
        transposed=base.reshape(4, 6)[:, 1:4].t(),
        offset=base[10:14],
        half=(base[:5] / 3).half(),
        bfloat=(base[:5] / 3).bfloat16(),
        double=base[:5].double() / 3,
        scalar=torch.tensor(7),
        bytes=torch.tensor([0, 255], dtype=torch.uint8),
        flags=torch.tensor([True, False]),
        parameter=torch.nn.Parameter(base[3:9].clone().reshape(3, 2)),
        empty=torch.zeros(0, 3),
    )
    tensors["tied"] = tensors["plain"]
    torch.save(tensors, folder / "zip.pt")
    torch.save(tensors, folder / "zip-protocol4.pt", pickle_protocol=4)
    torch.save(tensors, folder / "old.pt", _use_new_zipfile_serialization=False)
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model(torch.ones(4, 3)).sum().backward()
    optimizer.step()
    state = {f"module._orig_mod.{name}": value for name, value in model.state_dict().items()}
    nested = {
        "epoch": 3, "best": 0.5, "model_state_dict": state, "optimizer": optimizer.state_dict(),
        "betas": (0.9, 0.999),
    }
    torch.save(nested, folder / "nested.pt")
    torch.save({"state_dict": [state]}, folder / "list.pt", _use_new_zipfile_serialization=False)
    torch.save(model, folder / "whole-model.pt")
    save_file(
        {name: value.detach().float().contiguous().clone() for name, value in tensors.items()},
        folder / "tensors.safetensors")
    save_file(
        {name: value.detach().float().contiguous() for name, value in state.items()},
        folder / "nested.safetensors")


if __name__ == "__main__":
    torch.manual_seed(0)
    for name, write in (("pickles", pickles), ("checkpoints", checkpoints)):
        folder = FIXTURES / name
        folder.mkdir(parents=True, exist_ok=True)
        write(folder)
