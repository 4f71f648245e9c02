"""Small files that are made to break readers; needs nothing but Python.

Each folder is a format; a name says what is wrong with the file, and begins with `honest-`
where a reader may take it. The files are the same on every run.
"""

import json
import pickle
import struct
import zlib
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "hostile"


def write(name, data):
    path = FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def gzip(data, crc=None, size=None):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    crc = zlib.crc32(data) if crc is None else crc
    size = len(data) if size is None else size
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + packed + struct.pack("<II", crc, size)


def make_gzip():
    good = gzip(b"to be or not to be " * 5)
    write("gzip/bomb", gzip(bytes(2 << 20)))
    write("gzip/truncated", good[:-9])
    write("gzip/header-alone", good[:10])
    write("gzip/wrong-checksum", gzip(b"abc", crc=1))
    write("gzip/wrong-size", gzip(b"abc", size=1 << 31))
    write("gzip/something-behind", good + b"more")
    write("gzip/reserved-flags", good[:3] + b"\xff" + good[4:])


def entry(name, data, method=0, flags=0, size=None, packed=None, crc=None, offset=0):
    """A local header with its data, and the directory's entry."""
    body = data if packed is None else packed
    crc = zlib.crc32(data) if crc is None else crc
    size = len(data) if size is None else size
    common = struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 33, crc, len(body), size, len(name), 0)
    local = b"PK\x03\x04" + common + name + body
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, offset) + name
    return local, central


def zipped(entries, count=None):
    body = directory = b""
    for arguments in entries:
        local, central = entry(**arguments, offset=len(body)) if "offset" not in arguments else entry(**arguments)
        body += local
        directory += central
    count = len(entries) if count is None else count
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + end


def deflated(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def make_zip():
    zeros = bytes(2 << 20)
    good = zipped([{"name": b"a", "data": b"abc"}])
    write("zip/bomb.zip", zipped([{"name": b"a", "data": zeros, "method": 8, "packed": deflated(zeros)}]))
    write("zip/truncated.zip", good[:-10])
    write("zip/absurd-size.zip", zipped([{"name": b"a", "data": b"abc", "method": 8, "size": 0xFFFFFFF0,
                                          "packed": deflated(b"abc")}]))
    write("zip/smaller-than-said.zip", zipped([{"name": b"a", "data": b"abc", "method": 8, "size": 999,
                                                "packed": deflated(b"abc")}]))
    write("zip/wrong-checksum.zip", zipped([{"name": b"a", "data": b"abc", "crc": 1}]))
    write("zip/encrypted.zip", zipped([{"name": b"a", "data": b"abcdefghijklmnop", "flags": 1}]))
    write("zip/unknown-method.zip", zipped([{"name": b"a", "data": b"abc", "method": 97}]))
    write("zip/absurd-count.zip", zipped([{"name": b"a", "data": b"abc"}], count=0xFFFE))
    write("zip/offset-outside.zip", zipped([{"name": b"a", "data": b"abc", "offset": 1 << 30}]))


def npy(header, data=b"", version=1):
    text = header.encode()
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + data


def array(kind, shape, data):
    return npy("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n" % (kind, shape), data)


def make_numpy():
    write("npy/absurd-shape.npy", array("<f4", "(4611686018427387904, 4)", bytes(16)))
    write("npy/beyond-64-bits.npy", array("<f4", "(99999999999999999999,)", bytes(16)))
    write("npy/zero-times-absurd.npy", array("<f4", "(0, 9223372036854775807, 9)", b""))
    write("npy/more-than-there-is.npy", array("<f4", "(1000000,)", bytes(16)))
    write("npy/negative.npy", array("<f4", "(-4,)", bytes(16)))
    write("npy/objects.npy", array("|O", "(1,)", pickle.dumps([1], 2)))
    write("npy/nested.npy", npy("{'descr': " + "(" * 2000 + ", 'fortran_order': False, 'shape': (1,)}"))
    write("npy/absurd-header.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\x7f{'descr'")
    write("npy/truncated.npy", array("<f4", "(4,)", bytes(16))[:-3])
    write("npy/unknown-version.npy", npy("{}", version=1).replace(b"Y\x01", b"Y\x09"))
    x = array("<f4", "(2, 3)", bytes(24))
    y = array("<i8", "(2,)", bytes(16))

    def both(x, y, **more):
        return zipped([{"name": b"x.npy", "data": x, **more}, {"name": b"y.npy", "data": y}])

    write("npz/truncated.npz", both(x, y)[:-30])
    write("npz/no-labels.npz", zipped([{"name": b"x.npy", "data": x}]))
    write("npz/too-few-labels.npz", both(x, array("<i8", "(1,)", bytes(8))))
    write("npz/absurd-label.npz", both(x, array("<i8", "(2,)", b"\xff" * 7 + b"\x7f" + bytes(8))))
    write("npz/not-a-number-as-target.npz", both(x, array("<f4", "(2,)", b"\0\0\xc0\x7f" * 2)))
    write("npz/not-a-number.npz", both(array("<f4", "(2, 3)", b"\0\0\xc0\x7f" * 6), y))
    write("npz/no-targets-at-all.npz", both(x, array("<f4", "(2, 0)", b"")))
    zeros = array("<f4", "(2, 40000000)", bytes(1 << 16))
    write("npz/said-to-be-large.npz", both(zeros, y, method=8, size=0xFFFFFF0, packed=deflated(zeros)))


def make_tables():
    write("csv/unterminated.csv", b"a,label\n\"1,0\n2,1\n")
    write("csv/ragged.csv", b"a,label\n1,0\n1,2,3\n")
    write("csv/no-rows.csv", b"a,label\n")
    write("csv/zeros.csv", bytes(200))
    write("csv/infinite.csv", b"a,label\n1e999,0\n")
    write("csv/absurd-class.csv", b"a,label\n1,9223372036854775807\n")
    write("csv/infinite-target.csv", b"a,label\n1,0.5\n2,inf\n")
    write("csv/long-field.csv", b"a,label\n" + b"1" * 11000 + b",0\n")
    write("csv/many-quotes.csv", b"\"" * 501)


def make_idx():
    write("idx/absurd-extents", b"\0\0\x08\x03" + b"\xff" * 12 + bytes(8))
    write("idx/truncated", b"\0\0\x08\x03" + struct.pack(">III", 2, 2, 3) + bytes(11))
    write("idx/absurd-rank", b"\0\0\x08\xff" + bytes(64))
    write("idx/unknown-type", b"\0\0\x77\x01" + struct.pack(">I", 1) + b"\0")
    write("idx/header-alone", b"\0\0\x08\x03\0\0")


def make_cifar():
    write("cifar/truncated.bin", b"\x03" + bytes(700))
    write("cifar/no-such-class.bin", b"\x0b" + b"\x07" * 3072)
    cycle = {}
    cycle[b"data"] = cycle
    cycle[b"labels"] = cycle
    write("cifar/cyclic", pickle.dumps(cycle, 2))
    write("cifar/labels-alone", pickle.dumps({b"labels": [1, 2]}, 2))


def make_pickles():
    loop = []
    loop.append(loop)
    write("pickle/honest-cyclic.pkl", pickle.dumps(loop, 2))
    write("pickle/honest-deep.pkl", b"\x80\x02" + b"]" * 1000 + b"a" * 999 + b".")
    write("pickle/runs-code.pkl", b"cos\nsystem\n(S'true'\ntR.")
    write("pickle/absurd-text.pkl", b"\x80\x02X\xff\xff\xff\x7fabc.")
    write("pickle/absurd-bytes.pkl", b"\x80\x04\x8e" + b"\xff" * 7 + b"\x7fabc.")
    write("pickle/absurd-integer.pkl", b"\x80\x02\x8b\xff\xff\xff\x7f\x01.")
    write("pickle/absurd-frame.pkl", b"\x80\x04\x95" + b"\xff" * 8 + b"N.")
    write("pickle/no-such-memo.pkl", b"\x80\x02j\xff\xff\xff\x7f.")
    write("pickle/empty-stack.pkl", b"\x80\x02tR.")
    write("pickle/no-mark.pkl", b"\x80\x02NNe.")
    write("pickle/no-end.pkl", b"\x80\x02]q\x00")
    # Each tuple holds the one before it twice, by copies where a reader makes any.
    double = b"".join(b"(lq%c(h%ch%ce0" % (n + 1, n, n) for n in range(5))
    write("pickle/unknown-instruction.pkl", b"\x80\x02(lq\0" + double + b"\xff.")


def legacy(*parts, behind=b""):
    magic = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2)
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}
    return magic + pickle.dumps(system, 2) + b"".join(parts) + behind


def tensor(key, count, offset, shape, strides):
    """The instructions that rebuild a view of a storage."""

    def integer(value):
        return b"\x8a\x08" + struct.pack("<q", value)

    def row(values):
        return b"(" + b"".join(map(integer, values)) + b"t"

    def text(value):
        return b"X" + struct.pack("<I", len(value)) + value

    storage = b"(" + text(b"storage") + b"ctorch\nFloatStorage\n" + text(key) + text(b"cpu") + integer(count) + b"NtQ"
    return (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + integer(offset) + row(shape) + row(strides)
            + b"\x89ccollections\nOrderedDict\n)RtR")


def state(view):
    return b"\x80\x02}X\x01\0\0\0w" + view + b"s."


def make_checkpoints():
    keys = pickle.dumps(["0"], 2)
    data = struct.pack("<q", 4) + bytes(16)
    honest = legacy(state(tensor(b"0", 4, 0, [4], [1])), keys, behind=data)
    write("pytorch/honest-old.pt", honest)
    write("pytorch/truncated.pt", honest[:-5])
    write("pytorch/absurd-storage.pt", legacy(state(tensor(b"0", 4, 0, [4], [1])), keys,
                                              behind=struct.pack("<q", 1 << 62) + bytes(16)))
    write("pytorch/view-outside.pt", legacy(state(tensor(b"0", 4, 3, [4], [1])), keys, behind=data))
    write("pytorch/negative-stride.pt", legacy(state(tensor(b"0", 4, 0, [4], [-1])), keys, behind=data))
    write("pytorch/absurd-shape.pt", legacy(state(tensor(b"0", 4, 0, [1 << 62, 4], [0, 0])), keys, behind=data))
    write("pytorch/expanded-bomb.pt", legacy(state(tensor(b"0", 4, 0, [1 << 33], [0])), keys, behind=data))
    write("pytorch/missing-storage.pt", legacy(state(tensor(b"7", 4, 0, [4], [1])), keys, behind=data))
    write("pytorch/runs-code.pt", legacy(b"\x80\x02cos\nsystem\n(X\x04\0\0\0truetR.", keys, behind=data))
    write("pytorch/another-pickle.pt", pickle.dumps([1, 2], 2))
    write("pytorch/no-state.pt", zipped([{"name": b"archive/version", "data": b"3\n"}]))
    many = b"".join(b"X\x02\0\0\0" + b"%02d" % n + b"h\0" for n in range(90))
    write("pytorch/honest-cyclic.pt", legacy(
        b"\x80\x02}q\0(" + many + b"X\x01\0\0\0w" + tensor(b"0", 4, 0, [4], [1]) + b"u.", keys, behind=data))
    write("pytorch/zip-truncated.pt", zipped([{"name": b"archive/data.pkl", "data": b"\x80\x02}."}])[:-25])
    write("pytorch/zip-missing-storage.pt",
          zipped([{"name": b"archive/data.pkl", "data": state(tensor(b"0", 4, 0, [4], [1]))}]))
    zeros = bytes(12 << 20)
    write("pytorch/zip-bomb.pt", zipped([
        {"name": b"archive/data.pkl", "data": state(tensor(b"0", 3 << 20, 0, [3 << 20], [1]))},
        {"name": b"archive/data/0", "data": zeros, "method": 8, "packed": deflated(zeros)}]))


def safetensors(header, data=b""):
    return struct.pack("<Q", len(header)) + header + data


def make_safetensors():
    def one(shape, begin, end, kind="F32"):
        return b'{"a":{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}}' % (
            kind.encode(), shape.encode(), begin, end)

    good = safetensors(one("[2]", 0, 8), bytes(8))
    write("safetensors/truncated.safetensors", good[:-3])
    write("safetensors/length-alone.safetensors", struct.pack("<Q", 2))
    write("safetensors/absurd-length.safetensors", struct.pack("<Q", 1 << 63) + b"{}")
    write("safetensors/absurd-shape.safetensors",
          safetensors(one("[4294967296,4294967296,4294967296]", 0, 8), bytes(8)))
    write("safetensors/negative-shape.safetensors", safetensors(one("[-2]", 0, 8), bytes(8)))
    write("safetensors/offsets-outside.safetensors", safetensors(one("[2]", 8, 16), bytes(8)))
    write("safetensors/hole.safetensors", safetensors(one("[2]", 8, 16), bytes(16)))
    write("safetensors/nested.safetensors", safetensors(b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}"))
    write("safetensors/unknown-type.safetensors", safetensors(one("[2]", 0, 8, "F31"), bytes(8)))
    write("safetensors/unterminated.safetensors", safetensors(b'{"a'))
    write("safetensors/twice.safetensors",
          safetensors(b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},'
                      b'"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', bytes(2)))


def field(number, data):
    def varint(value):
        out = b""
        while value > 127:
            out += bytes([value & 127 | 128])
            value >>= 7
        return out + bytes([value])

    if isinstance(data, int):
        return varint(number << 3) + varint(data)
    return varint(number << 3 | 2) + varint(len(data)) + data


def make_onnx():
    def value(name, *extents):
        dimensions = b"".join(field(1, field(1, extent)) for extent in extents)
        return field(1, name) + field(2, field(1, field(1, 1) + field(2, dimensions)))

    def model(graph, opset=17):
        return field(1, 8) + field(7, graph) + field(8, field(1, b"") + field(2, opset))

    def node(op, inputs, outputs, *attributes):
        return field(1, b"".join(field(1, name) for name in inputs) + b"".join(field(2, name) for name in outputs)
                     + field(4, op) + b"".join(field(5, attribute) for attribute in attributes))

    ends = field(11, value(b"x", 1, 4)) + field(12, value(b"y", 1, 4))
    honest = model(node(b"Relu", [b"x"], [b"y"]) + ends)
    write("onnx/honest-small.onnx", honest)
    write("onnx/truncated.onnx", honest[:-7])
    write("onnx/absurd-length.onnx", b"\x08\x08\x3a\xff\xff\xff\xff\x0f\x0a")
    write("onnx/nothing-in-it.onnx", field(1, 8))
    write("onnx/cyclic.onnx", model(node(b"Relu", [b"z"], [b"y"]) + node(b"Relu", [b"y"], [b"z"]) + ends))
    write("onnx/absurd-input.onnx",
          model(node(b"Relu", [b"x"], [b"y"]) + field(11, value(b"x", 1, 1 << 40, 1 << 40)) + field(12, value(b"y"))))
    absurd = field(1, 1 << 40) + field(1, 1 << 40) + field(2, 1) + field(8, b"w") + field(9, bytes(16))
    write("onnx/absurd-initializer.onnx",
          model(node(b"Add", [b"x", b"w"], [b"y"]) + field(5, absurd) + ends))
    outside = (field(1, 4) + field(2, 1) + field(8, b"w") + field(14, 1)
               + field(13, field(1, b"location") + field(2, b"../../../../../../etc/passwd")))
    write("onnx/file-outside.onnx", model(node(b"Add", [b"x", b"w"], [b"y"]) + field(5, outside) + ends))
    nested = b""
    for _ in range(300):
        nested = field(6, node(b"If", [b"x"], [b"y"])[0:0] + field(1, field(5, nested)))
    write("onnx/nested.onnx", model(node(b"If", [b"x"], [b"y"], nested) + ends))
    shape = field(1, 2) + field(2, 7) + field(8, b"s") + field(9, struct.pack("<qq", 1 << 40, 1 << 40))
    write("onnx/absurd-expansion.onnx",
          model(node(b"Expand", [b"x", b"s"], [b"y"]) + field(5, shape) + ends))

    # Functions that call themselves, double at each of sixty steps, or go a thousand deep; one that is honest.
    def call(name, given, result):
        return field(1, field(1, given) + field(2, result) + field(4, name) + field(7, b"f"))

    def body(name, *nodes):
        return field(25, field(1, name) + field(4, b"a") + field(5, b"b") + field(10, b"f")
                     + field(9, field(1, b"") + field(2, 17)) + b"".join(nodes))

    def inner(name, given, result):
        return field(7, field(1, given) + field(2, result) + field(4, name) + field(7, b"f"))

    start = model(call(b"f0", b"x", b"y") + ends)
    relu = field(7, field(1, b"a") + field(2, b"b") + field(4, b"Relu"))
    write("onnx/honest-function.onnx", start + body(b"f0", relu))
    write("onnx/function-of-itself.onnx", start + body(b"f0", inner(b"f0", b"a", b"b")))
    write("onnx/functions-doubling.onnx", start + body(b"f60", relu) + b"".join(
        body(b"f%d" % i, inner(b"f%d" % (i + 1), b"a", b"t"), inner(b"f%d" % (i + 1), b"t", b"b")) for i in range(60)))
    write("onnx/functions-doubling-of-nothing.onnx", start + body(b"f60") + b"".join(
        body(b"f%d" % i, inner(b"f%d" % (i + 1), b"a", b"t"), inner(b"f%d" % (i + 1), b"t", b"b")) for i in range(60)))
    write("onnx/functions-deep.onnx", start + body(b"f1000", relu) + b"".join(
        body(b"f%d" % i, inner(b"f%d" % (i + 1), b"a", b"b")) for i in range(1000)))
    lists = node(b"SequenceEmpty", [], [b"l0"]) + b"".join(
        node(b"SequenceInsert", [b"l%d" % i, b"x"], [b"l%d" % (i + 1)]) for i in range(800))
    write("onnx/endless-lists.onnx", model(lists + node(b"SequenceAt", [b"l800", b"x"], [b"y"]) + ends))
    index = field(1, 1) + field(1, 2) + field(2, 7) + field(8, b"i") + field(9, struct.pack("<qq", 0, 1 << 62))
    write("onnx/index-outside.onnx", model(node(b"GatherND", [b"x", b"i"], [b"y"]) + field(5, index) + ends))


def make_images():
    def chunk(name, data, crc=None):
        crc = zlib.crc32(name + data) if crc is None else crc
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)

    def png(width, height, data, depth=8, colour=0):
        header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")

    pixels = zlib.compress(b"\0\x80\x80\0\x80\x80")
    write("png/truncated.png", png(2, 2, pixels)[:-25])
    write("png/absurd-size.png", png(0x7FFFFFFF, 0x7FFFFFFF, pixels))
    write("png/large-and-empty.png", png(60000, 60000, zlib.compress(bytes(1 << 16))))
    write("png/no-size.png", png(0, 0, pixels))
    write("png/unknown-colour.png", png(2, 2, pixels, colour=5))
    write("png/signature-alone.png", b"\x89PNG\r\n\x1a\n")
    frame = struct.pack(">BHHB", 8, 65500, 65500, 1) + b"\x01\x11\0"
    write("jpeg/absurd-size.jpg", b"\xff\xd8\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9")
    write("jpeg/start-alone.jpg", b"\xff\xd8\xff")
    write("jpeg/absurd-segment.jpg", b"\xff\xd8\xff\xe0\xff\xff" + b"JFIF")
    write("jpeg/no-frame.jpg", b"\xff\xd8\xff\xd9")


def make_shards():
    def index(files):
        return json.dumps({"weight_map": files}).encode()

    write("shards/itself.index.json", index({"a": "itself.index.json"}))
    write("shards/outside.index.json", index({"a": "../safetensors/hole.safetensors"}))
    write("shards/absent.index.json", index({"a": "part-00001-of-00002.safetensors"}))
    write("shards/no-name.index.json", b'{"weight_map": {"a": 1}}')
    write("shards/nested.index.json", b'{"weight_map": ' + b"[" * 2000 + b"]" * 2000 + b"}")
    write("shards/truncated.index.json", index({"a": "b"})[:-3])
    write("shards/no-tensors.index.json", b'{"weight_map": {}}')


def hostile():
    for make in [
        make_gzip, make_zip, make_numpy, make_tables, make_idx, make_cifar, make_pickles, make_checkpoints,
        make_safetensors, make_shards, make_onnx, make_images,
    ]:
        make()


MAKERS = {"hostile": hostile}
