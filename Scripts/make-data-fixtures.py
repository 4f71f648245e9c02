"""Writes Tests/Fixtures/numpy, Tests/Fixtures/cifar and Tests/Fixtures/images: arrays of every type, order and version
as NumPy writes them, a batch of CIFAR in Python's form, and pictures with what Pillow makes of them.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-data.txt
    .venv/bin/python Scripts/make-data-fixtures.py
"""

import pathlib
import pickle

import numpy
from PIL import Image

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures"
SHAPE = (2, 3, 2)


def arrays(folder):
    """Element i in C's order is i % 2, i, i - 3 or (i - 3) / 4, by the kind of type."""
    index = numpy.arange(12)
    kinds = {"b": index % 2, "u": index, "i": index - 3, "f": (index - 3) / 4}
    names = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]
    for name in names:
        values = kinds[name[0]].reshape(SHAPE)
        for order, sign in (("little", "<"), ("big", ">")):
            array = values.astype(numpy.dtype(sign + name))
            for layout in ("C", "F"):
                for version in (1, 2, 3):
                    if version > 1 and (name != "f4" or layout == "F"):
                        continue
                    path = folder / f"{name}-{order}-{layout}-{version}.npy"
                    with open(path, "wb") as file:
                        numpy.lib.format.write_array(file, numpy.asarray(array, order=layout), (version, 0))
    x = (numpy.arange(24) / 23).astype(numpy.float32).reshape(3, 2, 2, 2)
    y = numpy.array([0, 2, 1])
    numpy.savez(folder / "stored.npz", x=x, y=y)
    numpy.savez_compressed(folder / "compressed.npz", x=x, y=y)
    # A thousand times as large as the file.
    numpy.savez_compressed(folder / "bomb.npz", x=numpy.zeros((1, 80 << 20), numpy.uint8), y=numpy.zeros(1, int))
    numpy.save(folder / "records.npy", numpy.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
    numpy.save(folder / "complex.npy", numpy.zeros(2, dtype=numpy.complex64))
    numpy.save(folder / "objects.npy", numpy.array([{}, []], dtype=object), allow_pickle=True)


def batches(folder):
    pixels = (numpy.arange(2 * 3072) * 7 % 256).astype(numpy.uint8).reshape(2, 3072)
    for protocol in (2, 5):
        batch = {"data": pixels, "labels": [3, 9], "batch_label": "testing", "filenames": ["a.png", "b.png"]}
        # Keys and texts of CIFAR's own files are Python 2's strings, which are bytes to Python 3.
        if protocol == 2:
            batch = {key.encode(): value for key, value in batch.items()}
        (folder / f"batch-{protocol}").write_bytes(pickle.dumps(batch, protocol=protocol))


def picture(width, height):
    """Smooth shapes with edges and some noise, in three channels that differ."""
    y, x = numpy.mgrid[0:height, 0:width]
    noise = (x * 7919 + y * 104729) % 61
    planes = [
        128 + 100 * numpy.sin(x / 3 + y / 7) + noise - 30,
        128 + 100 * numpy.cos(x / 5 - y / 4) - noise + 30,
        numpy.where((x // 4 + y // 3) % 2, 230, 20) + noise / 3,
    ]
    return Image.fromarray(numpy.clip(numpy.stack(planes, -1), 0, 255).astype(numpy.uint8), "RGB")


def images(folder):
    colour = picture(37, 23)
    grey = colour.convert("L")
    colour.save(folder / "colour.png")
    grey.save(folder / "grey.png")
    colour.convert("P", palette=Image.ADAPTIVE, colors=16).save(folder / "palette.png")
    colour.save(folder / "colour.jpg", quality=90)
    colour.save(folder / "full.jpg", quality=95, subsampling=0)
    colour.save(folder / "progressive.jpg", quality=80, progressive=True)
    grey.save(folder / "grey.jpg", quality=85)
    colour.convert("CMYK").save(folder / "print.jpg")

    def expect(name, image):
        pixels = numpy.asarray(image)
        numpy.save(folder / f"{name}.npy", pixels if pixels.ndim == 3 else pixels[:, :, None])

    for path in sorted(folder.glob("*.png")) + sorted(folder.glob("*.jpg")):
        image = Image.open(path)
        if image.mode == "CMYK":
            continue
        expect(f"{path.stem}-{path.suffix[1:]}", image if image.mode == "L" else image.convert("RGB"))
    expect("luma", grey)
    for width, height in [(7, 5), (74, 46), (37, 5), (5, 23), (100, 3), (1, 1), (36, 22), (20, 40)]:
        expect(f"colour-{width}x{height}", colour.resize((width, height), Image.BILINEAR))
        expect(f"grey-{width}x{height}", grey.resize((width, height), Image.BILINEAR))
    # torchvision's Resize(side), then CenterCrop((height, width)).
    for side, height, width in [(16, 13, 14), (23, 23, 23), (40, 33, 38), (9, 9, 9)]:
        scaled = colour.resize((int(side * 37 / 23), side), Image.BILINEAR)
        top, left = int(round((scaled.height - height) / 2)), int(round((scaled.width - width) / 2))
        expect(f"cropped-{side}-{height}x{width}", scaled.crop((left, top, left + width, top + height)))


for name, make in (("numpy", arrays), ("cifar", batches), ("images", images)):
    folder = FIXTURES / name
    folder.mkdir(parents=True, exist_ok=True)
    make(folder)
