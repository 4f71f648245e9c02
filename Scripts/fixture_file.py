"""Writes safetensors files that are the same bytes on every run."""

import json

import torch
from safetensors.torch import save


def text(value):
    """An attribute as a flat string: true, 1.5, or 1,2,3."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(map(text, value))
    return str(value)


def write(path, tensors, metadata, keep=()):
    """Writes tensors as float32, but for those to keep as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = {
        name: (t.detach() if name in keep else t.detach().to(torch.float32)).contiguous().clone()
        for name, t in tensors.items()
    }
    written = save(data, metadata={key: text(value) for key, value in metadata.items()})
    path.write_bytes(sorted_metadata(written))


def sorted_metadata(file):
    """The same file with its metadata in order; the library's order changes from run to run."""
    length = int.from_bytes(file[:8], "little")
    header = json.loads(file[8:8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    encoded = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    encoded += b" " * (-len(encoded) % 8)
    return len(encoded).to_bytes(8, "little") + encoded + file[8 + length:]
