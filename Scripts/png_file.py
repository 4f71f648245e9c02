"""Writes PNG files of every colour type, depth and order of rows, with any other chunks, which Pillow does not."""

import struct
import zlib

import numpy

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}
DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGB_ALPHA: (8, 16)}
# First row, first column, and the steps between rows and columns of Adam7's passes.
ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]


def chunk(name, content):
    body = name.encode() + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def packed(row, depth):
    """The bytes of a row of samples."""
    values = row.reshape(-1)
    if depth == 16:
        return values.astype(">u2").tobytes()
    if depth == 8:
        return values.astype(numpy.uint8).tobytes()
    bits = (values[:, None] >> numpy.arange(depth - 1, -1, -1)) & 1
    return numpy.packbits(bits.reshape(-1).astype(numpy.uint8)).tobytes()


def filtered(lines, pixel):
    """Rows under the five filters in turn."""
    previous = bytes(len(lines[0])) if lines else b""
    result = bytearray()
    for number, line in enumerate(lines):
        kind = number % 5
        result.append(kind)
        for place, value in enumerate(line):
            left = line[place - pixel] if place >= pixel else 0
            up = previous[place]
            corner = previous[place - pixel] if place >= pixel else 0
            estimate = left + up - corner
            nearest = min((abs(estimate - left), 0, left), (abs(estimate - up), 1, up), (abs(estimate - corner), 2, corner))
            result.append((value - (0, left, up, (left + up) // 2, nearest[2])[kind]) & 255)
        previous = line
    return bytes(result)


def encoded(samples, colour, depth, before=(), between=(), interlaced=False):
    """The bytes of a file.

    `samples` is height x width x channels; `before` are chunks (name, content) in front of those that need the palette,
    the palette among them, and `between` those behind it.
    """
    height, width, _ = samples.shape
    pixel = max(1, CHANNELS[colour] * depth // 8)
    passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
    data = b""
    for row, column, rows, columns in passes:
        part = samples[row::rows, column::columns]
        if part.size:
            data += filtered([packed(line, depth) for line in part], pixel)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    chunks = [("IHDR", header), *before, *between, ("IDAT", zlib.compress(data)), ("IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks)


def gamma(value):
    """The exponent by which the samples are said to be made, in 100000ths."""
    return ("gAMA", struct.pack(">I", value))


# The corners of Adobe RGB, which are not those of sRGB.
CHROMATICITIES = ("cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000))
SRGB = ("sRGB", b"\0")


def transparency(colour, depth, levels):
    """A chunk that makes some of the samples transparent."""
    if colour == PALETTE:
        return ("tRNS", bytes(range(0, 256, 256 // levels))[:levels])
    return ("tRNS", struct.pack(">H", 1) * CHANNELS[colour])


def background(colour):
    """A chunk that says what transparent parts are to be laid on."""
    if colour == PALETTE:
        return ("bKGD", b"\1")
    return ("bKGD", struct.pack(">H", 1) * (3 if colour in (RGB, RGB_ALPHA) else 1))


def exif(orientation, big=False):
    """EXIF with nothing but an orientation."""
    order = ">" if big else "<"
    return (b"MM\0*" if big else b"II*\0") + struct.pack(order + "IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
