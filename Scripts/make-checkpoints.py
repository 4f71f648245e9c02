"""Writes Tests/Fixtures/pickles and Tests/Fixtures/checkpoints: one object in every protocol of pickles, and one set
of tensors in every form in which PyTorch saves it, beside the same tensors as safetensors. Then forms of saving a small
network, `Sequential(Linear(3, 2), BatchNorm1d(2))`, and tensors that are no parameters; check-checkpoints.py has more forms.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-fixtures.txt
    .venv/bin/python Scripts/make-checkpoints.py
"""

import collections
import json
import pathlib
import pickle

import numpy
import torch
import torch.nn.utils.prune
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


def small():
    torch.manual_seed(1)
    net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    net.train()(torch.randn(8, 3))
    return net.eval()


class Normalize(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.5, 0.25, 0.125]).reshape(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.5, 2.0, 1.0]).reshape(1, 3, 1, 1))


def weights(folder):
    net = small()
    state = net.state_dict()
    negative = {key: -value if value.is_floating_point() else value for key, value in state.items()}
    averaged = torch.optim.swa_utils.AveragedModel(net)
    averaged.update_parameters(net)
    torch.save(averaged.state_dict(), folder / "averaged-model.pt")
    torch.save({"model": state, "model_ema": negative, "same": state}, folder / "two.pt")
    torch.save(torch.nn.Sequential(Normalize(), net).state_dict(), folder / "normalised.pt")
    torch.save(torch.compile(torch.nn.DataParallel(net)).state_dict(), folder / "wrapped.pt")
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.ones(4, 3)).sum().backward()
    optimizer.step()
    state = net.state_dict()
    torch.save({
        "pytorch-lightning_version": "2.5.0", "optimizer_states": [optimizer.state_dict()], "loops": {},
        "callbacks": {"ModelCheckpoint": {"best_model_score": torch.tensor(0.5)}}, "hyper_parameters": {"lr": 0.1},
        "state_dict": {**{"model." + key: value for key, value in state.items()}, "criterion.weight": torch.ones(2)},
    }, folder / "lightning.ckpt")
    torch.save({"epoch": 3, "model": net}, folder / "model-within.pt")
    torch.save({"config": collections.UserDict(), "state_dict": state}, folder / "record-beside.pt")
    save_file({key: value.contiguous() for key, value in state.items()}, folder / "pretrained.safetensors",
              {"format": "pt"})
    names = sorted(state)
    parts = {f"part-0000{n + 1}-of-00002.safetensors": names[n::2] for n in range(2)}
    for file, part in parts.items():
        save_file({key: state[key].contiguous() for key in part}, folder / file, {"format": "pt"})
    where = {key: file for file, part in parts.items() for key in part}
    (folder / "part.safetensors.index.json").write_text(
        json.dumps({"metadata": {"total_size": 1.5, "tied": None}, "weight_map": where}, indent=1))


def obstacles(folder):
    """Tensors that can be no parameters."""
    eight = torch.quantize_per_tensor(torch.ones(2, 3), 0.1, 0, torch.qint8)
    torch.save({"0.weight": eight, "0.bias": torch.zeros(2)}, folder / "quantised.pt")
    torch.save({"0.weight": torch.ones(2, 3).to_sparse(), "0.bias": torch.zeros(2)}, folder / "sparse.pt")
    torch.save({"0.weight": torch.ones(2, 3).to_sparse_csr(), "0.bias": torch.zeros(2)}, folder / "sparse-rows.pt")
    torch.save({"0.weight": torch.ones(2, 3, dtype=torch.complex64)}, folder / "complex.pt")
    torch.save({"0.weight": torch.ones(2, 3, dtype=torch.complex64)}, folder / "complex-old.pt",
               _use_new_zipfile_serialization=False)
    torch.save({"0.weight": torch.ones(2, 3).to(torch.float8_e4m3fn)}, folder / "float8.pt")
    torch.save({"0.weight": torch.ones(2, 3, dtype=torch.uint16)}, folder / "uint16.pt")
    torch.save({"0.weight": torch.ones(2, 3, device="meta")}, folder / "meta.pt")
    save_file({"0.weight": torch.ones(2, 3).to(torch.float8_e4m3fn)}, folder / "float8.safetensors")
    net = torch.ao.quantization.quantize_dynamic(torch.nn.Sequential(torch.nn.Linear(3, 2)), {torch.nn.Linear})
    torch.save(net.state_dict(), folder / "quantised-layer.pt")
    pruned = torch.nn.Sequential(torch.nn.Linear(3, 2))
    torch.nn.utils.prune.l1_unstructured(pruned[0], "weight", 0.5)
    torch.save(pruned.state_dict(), folder / "pruned.pt")
    halves = torch.nn.Sequential(torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(3, 2)))
    torch.save(halves.state_dict(), folder / "weight-norm.pt")


def programs(folder):
    """Files of PyTorch that hold a program."""
    net = small()
    torch.jit.save(torch.jit.trace(net, torch.ones(1, 3)), folder / "torchscript.pt")
    torch.export.save(torch.export.export(net, (torch.ones(1, 3),)), folder / "exported.pt2")


if __name__ == "__main__":
    torch.manual_seed(0)
    for name, write in (("pickles", pickles), ("checkpoints", checkpoints), ("weights", weights),
                        ("obstacles", obstacles), ("programs", programs)):
        folder = FIXTURES / name
        folder.mkdir(parents=True, exist_ok=True)
        write(folder)
