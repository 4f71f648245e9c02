"""Arrays of every type, order and version as NumPy writes them, a batch of CIFAR in Python's form, and pictures with
what Pillow makes of them (requirements-data.txt)."""

import pathlib
import pickle

import numpy
import png_file
from PIL import Image

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures"
SHAPE = (2, 3, 2)


def arrays():
    """Element i in C's order is i % 2, i, i - 3 or (i - 3) / 4, by the kind of type."""
    folder = FIXTURES / "numpy"
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


def batches():
    folder = FIXTURES / "cifar"
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


def pngs():
    """Files of every colour type with what must change nothing: gamma, chromaticities, transparency, backgrounds."""
    generator = numpy.random.default_rng(3)
    files = {}
    for colour, depth, before, interlaced in [
        (png_file.RGB, 8, [png_file.gamma(100000), png_file.CHROMATICITIES], False),
        (png_file.RGB, 16, [png_file.SRGB], True),
        (png_file.GREY, 1, [png_file.gamma(100000)], True),
        (png_file.GREY, 2, [], False),
        (png_file.GREY, 4, [], True),
        (png_file.GREY, 8, [png_file.gamma(22728)], True),
        (png_file.GREY, 16, [png_file.gamma(100000)], True),
        (png_file.PALETTE, 2, [png_file.gamma(22728)], True),
        (png_file.PALETTE, 8, [], False),
        (png_file.GREY_ALPHA, 8, [png_file.gamma(100000)], False),
        (png_file.GREY_ALPHA, 16, [], True),
        (png_file.RGB_ALPHA, 8, [], True),
        (png_file.RGB_ALPHA, 16, [png_file.gamma(22728), png_file.CHROMATICITIES], False),
    ]:
        levels, between = 1 << depth, [png_file.background(colour)]
        if colour == png_file.PALETTE:
            before = before + [("PLTE", generator.integers(0, 256, 3 * levels, numpy.uint8).tobytes())]
        if colour not in (png_file.GREY_ALPHA, png_file.RGB_ALPHA):
            between.insert(0, png_file.transparency(colour, depth, levels))
        samples = generator.integers(0, levels, (7, 9, png_file.CHANNELS[colour]))
        files[f"type{colour}-{depth}"] = png_file.encoded(samples, colour, depth, before, between, interlaced)
    return files


def images():
    folder = FIXTURES / "images"
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

    for name, content in pngs().items():
        (folder / f"{name}.png").write_bytes(content)
    exif = Image.Exif()
    exif[0x0112] = 6
    colour.save(folder / "turned.jpg", exif=exif)
    colour.save(folder / "turned.png", exif=exif)
    for kind in ("webp", "gif", "bmp", "tiff", "avif", "ppm"):
        picture(5, 4).save(folder / f"other.{kind}")

    def expect(name, image):
        pixels = numpy.asarray(image)
        numpy.save(folder / f"{name}.npy", pixels if pixels.ndim == 3 else pixels[:, :, None])

    for path in sorted(folder.glob("*.png")) + sorted(folder.glob("*.jpg")):
        image = Image.open(path)
        if image.mode == "CMYK":
            continue
        if image.mode == "I;16":
            # Pillow would clip at 255.
            image = Image.fromarray(numpy.rint(numpy.asarray(image) / 257).astype(numpy.uint8))
        # Grey of 16 bits with alpha is RGBA to Pillow.
        mode = "L" if image.mode in ("1", "L", "LA") or path.stem == "type4-16" else "RGB"
        expect(f"{path.stem}-{path.suffix[1:]}", image.convert(mode))
    expect("luma", grey)
    for width, height in [(7, 5), (74, 46), (37, 5), (5, 23), (100, 3), (1, 1), (36, 22), (20, 40)]:
        expect(f"colour-{width}x{height}", colour.resize((width, height), Image.BILINEAR))
        expect(f"grey-{width}x{height}", grey.resize((width, height), Image.BILINEAR))
    # torchvision's Resize(side), then CenterCrop((height, width)).
    for side, height, width in [(16, 13, 14), (23, 23, 23), (40, 33, 38), (9, 9, 9)]:
        scaled = colour.resize((int(side * 37 / 23), side), Image.BILINEAR)
        top, left = int(round((scaled.height - height) / 2)), int(round((scaled.width - width) / 2))
        expect(f"cropped-{side}-{height}x{width}", scaled.crop((left, top, left + width, top + height)))


MAKERS = {"numpy": arrays, "cifar": batches, "images": images}
