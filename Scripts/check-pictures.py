"""Compares what `gibbon` reads of generated PNG and JPEG files with what Pillow reads, and carries out what its messages
advise about pictures that it does not read.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-pictures.txt
    .venv/bin/python Scripts/check-pictures.py [--gibbon PATH] [--djpeg PATH]
        [--cjpeg PATH] [--keep FOLDER]

PNG: every colour type and depth, with gamma, chromaticities, transparency, backgrounds and profiles, in rows and interlaced;
equal to Pillow's convert("RGB") and convert("L"). Grey of 16 bits without alpha, which Pillow clips at 255, has to be the
nearest level to value / 65535. JPEG: every sampling of colours, progressive, grey, with restarts, and every orientation; equal
to Pillow's, or at most 2 levels apart, and exactly what djpeg gives, if there is one. The status is 1 if anything else is found.
"""

import argparse
import io
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import warnings
import zlib

import numpy
import onnx
import pillow_heif
import png_file
import simplejpeg
from PIL import Image, ImageCms, ImageOps

# What messages advise, Python that is carried out here.
REMEDY = re.compile(
    r'(pillow_heif\.register_heif_opener\(\); )?Image\.open\("IN"\)\.convert\("RGB"\)\.save\("OUT\.png"\)')
warnings.simplefilter("ignore")
SIZES = [(1, 1), (3, 2), (5, 9), (8, 8), (17, 13)]


class Check:
    def __init__(self, gibbon, djpeg, cjpeg, folder):
        self.gibbon, self.djpeg, self.cjpeg, self.folder = gibbon, djpeg, cjpeg, folder
        self.faults = 0

    def fault(self, text):
        print("FAULT:", text)
        self.faults += 1

    def network(self, channels, height, width):
        """A network that hands its input on."""
        path = self.folder / f"same-{channels}x{height}x{width}.onnx"
        if not path.exists():
            shape = [None, channels, height, width]
            axes = {"x": shape, "y": [None, channels * height * width]}
            values = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, axes[name]) for name in axes]
            graph = onnx.helper.make_graph([onnx.helper.make_node("Flatten", ["x"], ["y"])], "same", values[:1], values[1:])
            model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
            onnx.save(model, path)
        return path

    def run(self, *words):
        return subprocess.run([self.gibbon, *map(str, words)], capture_output=True, text=True, cwd=self.folder)

    def read(self, files, channels, height, width):
        """The bytes that the command reads of files of one size, and its notes."""
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        (data / "0").mkdir(parents=True)
        for number, (name, content) in enumerate(files):
            (data / "0" / f"{number:04}-{name}").write_bytes(content)
        result = self.run("predict", self.network(channels, height, width), "--data", f"images:{data}", "--output", "out.npz")
        if result.returncode:
            self.fault(f"{result.stderr.strip()}")
            return None, result.stderr
        x = numpy.load(self.folder / "out.npz")["x"] * numpy.float32(255)
        # What is said of a network of so few outputs is not about the pictures.
        notes = [line for line in result.stderr.splitlines(True) if not line.startswith("gibbon: warning:")]
        return numpy.rint(x).astype(int).transpose(0, 2, 3, 1), "".join(notes)


def picture(generator, height, width, levels, channels):
    """Random samples, with both ends among them."""
    samples = generator.integers(0, levels, (height, width, channels))
    samples.flat[0], samples.flat[-1] = 0, levels - 1
    return samples


def profile():
    return ("iCCP", b"p\0\0" + zlib.compress(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()))


def png_files():
    """Files by size: name, bytes, and for grey of 16 bits the samples."""
    generator = numpy.random.default_rng(15)
    files = {size: [] for size in SIZES}
    number = 0
    for colour, depths in png_file.DEPTHS.items():
        for depth in depths:
            levels = 1 << depth
            extras = {
                "plain": [],
                "linear": [png_file.gamma(100000)],
                "dark": [png_file.gamma(22728), png_file.CHROMATICITIES],
                "srgb": [png_file.SRGB, png_file.gamma(45455)],
                "profile": [profile()],
            }
            for name, before in extras.items():
                for interlaced in (False, True):
                    for isTransparent in (False, True):
                        # Alternately, so that 200 files hold every pair of properties.
                        if (number := number + 1) % 3 == 0 and name in ("srgb", "profile"):
                            continue
                        height, width = SIZES[number % len(SIZES)]
                        before_all, between = list(before), []
                        if colour == png_file.PALETTE:
                            before_all.append(("PLTE", generator.integers(0, 256, 3 * levels, numpy.uint8).tobytes()))
                        if isTransparent and colour not in (png_file.GREY_ALPHA, png_file.RGB_ALPHA):
                            between.append(png_file.transparency(colour, depth, levels))
                        if isTransparent:
                            between.append(png_file.background(colour))
                        samples = picture(generator, height, width, levels, png_file.CHANNELS[colour])
                        content = png_file.encoded(samples, colour, depth, before_all, between, interlaced)
                        title = f"type{colour}-{depth}-{name}{'-adam7' * interlaced}{'-trns' * isTransparent}.png"
                        grey16 = samples if (colour, depth) == (png_file.GREY, 16) else None
                        files[height, width].append((title, content, grey16))
    for name, content in odd_files(generator):
        files[8, 8].append((name, content, None))
    return files


def odd_files(generator):
    """Files of 8 x 8 pixels that are read although something is unusual about them."""
    colours, indices = generator.integers(0, 256, (8, 8, 3)), generator.integers(0, 16, (8, 8, 1))
    few = ("PLTE", generator.integers(0, 256, 30, numpy.uint8).tobytes())
    whole = png_file.encoded(colours, png_file.RGB, 8)
    start, end = whole[:33], whole[-12:]
    data = zlib.decompress(whole[41:-16])
    packed = zlib.compress(data)
    for depth in (4, 8):
        yield f"palette-too-short-{depth}.png", png_file.encoded(indices, png_file.PALETTE, depth, [few])
    yield "palette-of-colours.png", png_file.encoded(colours, png_file.RGB, 8, [few])
    parts = [png_file.chunk("IDAT", packed[place:place + 7]) for place in range(0, len(packed), 7)]
    yield "many-parts.png", start + b"".join(parts) + png_file.chunk("IDAT", b"") + end
    yield "more-than-needed.png", start + png_file.chunk("IDAT", zlib.compress(data + b"12345")) + end
    yield "without-end.png", whole[:-12]
    yield "something-behind.png", whole + b"something"
    frame = struct.pack(">IIIIIHHBB", 0, 8, 8, 0, 0, 1, 10, 0, 0)
    frames = png_file.chunk("acTL", struct.pack(">II", 1, 0)) + png_file.chunk("fcTL", frame)
    yield "animated.png", start + frames + whole[33:]


def check_png(check):
    compared = equal = clipped = 0
    for (height, width), files in png_files().items():
        for channels, mode in ((3, "RGB"), (1, "L")):
            found, notes = check.read([file[:2] for file in files], channels, height, width)
            if found is None:
                return
            if notes:
                check.fault(f"PNG: {notes}")
            for (name, content, grey16), pixels in zip(files, found):
                expected = numpy.asarray(Image.open(io.BytesIO(content)).convert(mode)).reshape(height, width, channels)
                if grey16 is not None:
                    clipped += int((expected == numpy.minimum(grey16, 255)).all())
                    expected = numpy.broadcast_to(numpy.rint(grey16 / 257), expected.shape)
                compared += 1
                if (pixels == expected).all():
                    equal += 1
                else:
                    check.fault(f"{mode} of {height}x{width} {name}: by {numpy.abs(pixels - expected).max()} levels")
    count = sum(len(files) for files in png_files().values())
    print(f"PNG: {count} files, {equal} of {compared} readings (RGB and L) equal; of grey of 16 bits without alpha the nearest"
          f" level, where Pillow clips {clipped} of the readings")


def scene(height, width, noise=0):
    """Smooth shapes with edges, as in photographs, and noise of a size."""
    y, x = numpy.mgrid[0:height, 0:width]
    edges = numpy.where((x // 8 + y // 6) % 2, 220, 30)
    planes = [128 + 100 * numpy.sin(x / 5 + y / 9), 128 + 100 * numpy.cos(x / 7 - y / 6), edges]
    values = numpy.stack(planes, -1) + numpy.random.default_rng(height).integers(-noise, noise + 1, (height, width, 3))
    return numpy.clip(values, 0, 255).astype(numpy.uint8)


def saved(image, **options):
    file = io.BytesIO()
    image.save(file, **options)
    return file.getvalue()


def jpeg_files(height, width):
    # Noise as large as it gets shows differences that photographs hide.
    pixels = scene(height, width, noise=255 if width % 2 else 4)
    colour = Image.fromarray(pixels)
    for sampling in ("444", "422", "420", "440", "411"):
        for quality in (35, 75, 96):
            yield f"{sampling}-{quality}.jpg", simplejpeg.encode_jpeg(pixels, quality, "RGB", sampling)
    for sampling in (0, 1, 2):
        yield f"progressive-{sampling}.jpg", saved(colour, format="JPEG", subsampling=sampling, progressive=True)
        yield f"restarts-{sampling}.jpg", saved(colour, format="JPEG", subsampling=sampling, restart_marker_blocks=1)
        yield f"restart-rows-{sampling}.jpg", saved(
            colour, format="JPEG", subsampling=sampling, restart_marker_rows=1, progressive=True)
    yield "kept.jpg", saved(colour, format="JPEG", keep_rgb=True)
    for name, options in (("plain", {}), ("progressive", {"progressive": True}), ("restarts", {"restart_marker_blocks": 1})):
        yield f"grey-{name}.jpg", saved(colour.convert("L"), format="JPEG", **options)


def check_jpeg(check):
    differences, by_djpeg = {}, 0
    count = 0
    for height, width in ((8, 8), (23, 37), (64, 48), (65, 33)):
        files = list(jpeg_files(height, width))
        found, notes = check.read(files, 3, height, width)
        if found is None:
            return
        if notes:
            check.fault(f"JPEG: {notes}")
        for (name, content), pixels in zip(files, found):
            expected = numpy.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)
            apart = int(numpy.abs(pixels - expected).max())
            count += 1
            if apart:
                differences[f"{height}x{width} {name}"] = apart
            if apart > 2:
                check.fault(f"{height}x{width} {name}: by {apart} levels")
            if check.djpeg:
                output = subprocess.run([check.djpeg, "-pnm"], input=content, capture_output=True, check=True).stdout
                other = numpy.asarray(Image.open(io.BytesIO(output)).convert("RGB")).astype(int)
                by_djpeg += int((pixels == other).all())
    print(f"JPEG: {count} files, {count - len(differences)} equal to Pillow's; apart, by so many levels: {differences}")
    if check.djpeg:
        print(f"JPEG: {by_djpeg} of {count} equal to djpeg's")
        if by_djpeg < count:
            check.fault("differences that djpeg does not have")


def check_orientations(check):
    pixels = scene(24, 40)
    for kind in ("JPEG", "PNG", "PNG of the other order of bytes"):
        for orientation in range(1, 9):
            exif = Image.Exif()
            exif[0x0112] = orientation
            if len(kind) <= 4:
                content = saved(Image.fromarray(pixels), format=kind, exif=exif)
            else:
                note = ("eXIf", png_file.exif(orientation, big=exif.endian == "<"))
                content = png_file.encoded(pixels, png_file.RGB, 8, [note])
            name = f"turned.{kind[:4].lower().strip()}"
            found, notes = check.read([(name, content)], 3, 24, 40)
            stored = numpy.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)
            if found is None or numpy.abs(found[0] - stored).max() > 2:
                check.fault(f"{kind} of orientation {orientation} is not as it is stored")
            if notes.count("\n") != (orientation != 1) or (orientation != 1 and f"EXIF {orientation}" not in notes):
                check.fault(f"{kind} of orientation {orientation}: {notes!r}")
            # What the note names.
            turned = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
            again, notes = check.read([("turned.png", saved(turned, format="PNG"))], 3, *turned.size[::-1])
            if notes or not (again[0] == numpy.asarray(turned)).all():
                check.fault(f"{kind} of orientation {orientation} once it is turned: {notes}")
    print("orientations: 1 to 8 in JPEG and twice in PNG, one note for each but 1, and none once it is turned by Pillow")


def check_refusals(check):
    image = Image.fromarray(scene(16, 16))
    files = {"print.jpg": saved(image.convert("CMYK"), format="JPEG"), "print.JPG": saved(image.convert("CMYK"), format="JPEG")}
    if check.cjpeg:
        pnm = saved(image, format="PPM")
        for sampling in ("3x1", "4x2", "2x2,2x1,1x1", "1x1,2x2,2x2"):
            files[f"sampled-{sampling.replace(',', '-')}.jpg"] = subprocess.run(
                [check.cjpeg, "-sample", sampling], input=pnm, capture_output=True, check=True).stdout
    file = io.BytesIO()
    pillow_heif.from_pillow(image).save(file)
    files["picture.heic"] = file.getvalue()
    for kind in ("WEBP", "GIF", "BMP", "TIFF", "PPM", "ICO", "JPEG2000", "AVIF", "QOI"):
        try:
            files[f"picture.{kind.lower()}"] = saved(image, format=kind)
        except (KeyError, OSError):
            print(f"{kind}: this Pillow does not write it")
    carried = 0
    for name, content in files.items():
        for words in (("classify", name), ("predict", "--data")):
            (check.folder / name).write_bytes(content)
            data = check.folder / "data"
            shutil.rmtree(data, ignore_errors=True)
            (data / "0").mkdir(parents=True)
            (data / "0" / name).write_bytes(content)
            network = check.network(3, 16, 16)
            if words[0] == "classify":
                result = check.run("classify", network, name)
            else:
                result = check.run("predict", network, "--data", f"images:{data}", "--output", "out.npz")
            message = result.stderr
            if result.returncode == 0 and name.startswith("sampled"):
                carried += 1  # Later versions of TurboJPEG read these.
                continue
            remedy = REMEDY.search(message)
            if result.returncode != 2 or message.count("\n") != 1 or not remedy or name not in message:
                check.fault(f"{words[0]} {name}: {result.returncode} {message}")
                continue
            line = remedy[0].replace("IN", str(data / "0" / name)).replace("OUT.png", str(data / "0" / "ours.png"))
            exec(line, {"Image": Image, "pillow_heif": pillow_heif})
            (data / "0" / name).unlink()
            result = check.run("predict", network, "--data", f"images:{data}", "--output", "out.npz")
            if result.returncode:
                check.fault(f"{name} once it is converted: {result.stderr}")
                continue
            expected = numpy.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(numpy.float32)
            x = numpy.load(check.folder / "out.npz")["x"][0].transpose(1, 2, 0) * 255
            carried += int(numpy.abs(x - expected).max() < 0.01)
    print(f"refusals: {carried} of {2 * len(files)} remedies carried out with the same pixels")
    if carried < 2 * len(files):
        check.fault("remedies that do not work")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gibbon", default=".build/release/gibbon")
    parser.add_argument("--djpeg", default=shutil.which("djpeg"))
    parser.add_argument("--cjpeg", default=shutil.which("cjpeg"))
    parser.add_argument("--keep", type=pathlib.Path, help="work in this folder and leave it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        folder = arguments.keep or pathlib.Path(directory)
        folder.mkdir(exist_ok=True)
        check = Check(str(pathlib.Path(arguments.gibbon).resolve()), arguments.djpeg, arguments.cjpeg, folder.resolve())
        for work in (check_png, check_jpeg, check_orientations, check_refusals):
            work(check)
    sys.exit(int(check.faults > 0))


main()
