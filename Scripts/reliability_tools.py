"""What check-reliability.py needs: a library that kills a process before a write, a model behind HTTP, files, commands."""

import hashlib
import json
import os
import random
import struct
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# Ends the process before one of the calls that change files in a folder, or in the midst of it.
KILLER = Path(__file__).resolve().parent.parent / "Tests/Fixtures/programs/killer.c"


def make_killer(folder):
    """Compiles the library."""
    library = folder / "killer.so"
    if not library.exists():
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-o", library, KILLER], check=True)
    return library


class Model:
    """A linear model of 12 values and 4 classes behind HTTP, which notes the digests of all inputs that it is asked about."""

    def __init__(self, hangs_after=None):
        draw = random.Random(5)
        self.weights = [[draw.gauss(0, 1) for _ in range(12)] for _ in range(4)]
        self.asked = []
        self.hangs_after = hangs_after
        self.lock = threading.Lock()
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                rows = [flat(row) for row in json.loads(body)["inputs"]]
                with model.lock:
                    model.asked += [hashlib.sha256(struct.pack("<12f", *row)).digest() for row in rows]
                    hangs = model.hangs_after is not None and len(model.asked) > model.hangs_after
                if hangs:
                    threading.Event().wait(600)
                answer = json.dumps({"outputs": [model.scores(row) for row in rows]}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/p"

    def scores(self, row):
        return [sum(w * x for w, x in zip(weights, row)) for weights in self.weights]


def flat(value):
    """The numbers of nested lists."""
    return [number for part in value for number in flat(part)] if isinstance(value, list) else [value]


def write_npy(path, values, shape, kind):
    """Writes an array: `kind` is <f4 or <i8."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    code = {"<f4": "f", "<i8": "q"}[kind]
    Path(path).write_bytes(
        b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
        + struct.pack(f"<{len(values)}{code}", *values))


def write_examples(folder, model, count=8):
    """Writes examples that the model reads rightly, and returns the option that names them."""
    draw = random.Random(6)
    x = [[struct.unpack("f", struct.pack("f", draw.random()))[0] for _ in range(12)] for _ in range(count)]
    y = [max(range(4), key=model.scores(row).__getitem__) for row in x]
    write_npy(folder / "x.npy", [v for row in x for v in row], (count, 1, 3, 4), "<f4")
    write_npy(folder / "y.npy", y, (count,), "<i8")
    return ["--data", f"npy:{folder / 'x.npy'},{folder / 'y.npy'}"]


def records(path):
    """The whole records of a file of records, by their frames alone."""
    if not path.exists():
        return []
    bytes_ = path.read_bytes()
    place = bytes_.find(b"\n") + 1
    found = []
    while place and place + 16 <= len(bytes_) and bytes_[place:place + 4] == b"\x47\xebR\n":
        length = struct.unpack("<I", bytes_[place + 4:place + 8])[0]
        if place + 16 + length > len(bytes_):
            break
        found.append(bytes_[place + 8:place + 8 + length])
        place += 16 + length
    return found


def tensors(path):
    """The tensors of a safetensors file, but for their order, and what it says of the course of the training."""
    bytes_ = Path(path).read_bytes()
    size = struct.unpack("<Q", bytes_[:8])[0]
    header = json.loads(bytes_[8:8 + size])
    data = bytes_[8 + size:]
    found = {
        name: (tuple(entry["shape"]), data[slice(*entry["data_offsets"])])
        for name, entry in header.items() if name != "__metadata__"}
    return found, header["__metadata__"].get("metrics")


class Gibbon:
    """Runs the command."""

    def __init__(self, path, caches):
        self.path = str(path)
        self.environment = dict(os.environ, XDG_CACHE_HOME=str(caches))

    def start(self, words, folder, environment=None, **more):
        """Starts a run."""
        return subprocess.Popen(
            [self.path, *map(str, words)], cwd=folder, env=dict(self.environment, **(environment or {})),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)

    def run(self, words, folder, environment=None, **more):
        """Runs to the end; returns status, output and errors."""
        process = self.start(words, folder, environment, **more)
        output, errors = process.communicate(timeout=300)
        return process.returncode, output, errors
