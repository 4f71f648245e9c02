"""Safetensors files of float32 tensors and int64 arrays, read and written with PyTorch."""

import json

import torch

TYPES = {"F32": torch.float32, "I64": torch.int64}


def write(path, tensors, metadata=None):
    """Writes named tensors, and strings by name."""
    header, data = {"__metadata__": metadata or {}}, bytearray()
    kinds = {dtype: name for name, dtype in TYPES.items()}
    for name, tensor in sorted(tensors.items()):
        values = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": kinds[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)
    with open(path, "wb") as file:
        file.write(len(encoded).to_bytes(8, "little") + encoded)
        file.write(data)


def read(path):
    """Tensors by name, and the strings."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        dtype = TYPES[entry["dtype"]]
        values = torch.frombuffer(data, dtype=dtype, offset=begin, count=(end - begin) // dtype.itemsize)
        # A copy, so that the file's bytes can go.
        tensors[name] = values.reshape(entry["shape"]).clone()
    return tensors, metadata
