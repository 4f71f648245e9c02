"""Checks that nothing that was paid for is lost: runs that are killed, damaged files, two runs at once, full disks, signals.

Kills are made by a library (LD_PRELOAD) that ends the process before its n-th write, or amidst it, spread over all writes
of a run. Only Python's own library and a C compiler are needed; Linux.

    swift build -c release --product gibbon
    python3 Scripts/check-reliability.py [--gibbon PATH] [--kills 50] [--flips 1000] [--only NAME,...]
"""

import argparse
import json
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from reliability_tools import Gibbon, Model, make_killer, records, tensors, write_examples, write_npy

EVALUATION = ["evaluate", "mnist-robust", "--threat", "linf:0.3", "--count", "8", "--no-checks", "--attacks", "noise"]
CACHE, RESULT = ["--cache", "c.bin"], ["--json", "out.json"]
problems = []


def expect(condition, *words):
    """Notes what is not as it should be."""
    if not condition:
        problems.append(" ".join(str(word) for word in words))
        print("PROBLEM", problems[-1][:600], flush=True)


def examples(folder):
    """The verdicts of a result."""
    return json.loads((folder / "out.json").read_text())["examples"]


def attack(model, data, *more):
    """An attack on the model elsewhere that asks about some hundred inputs."""
    return ["attack", model.address, *data, "--threat", "linf:0.1", "--attack", "square", "--queries", "30",
            "--batch", "4", *CACHE, *more]


class Check:
    """All checks, in a folder of their own."""

    def __init__(self, options, root):
        self.kills, self.flips, self.root = options.kills, options.flips, root
        self.gibbon = Gibbon(Path(options.gibbon).resolve(), root / "caches")
        self.number = 0
        self.draw = random.Random(1)

    def folder(self):
        """A new folder."""
        self.number += 1
        path = self.root / f"run-{self.number}"
        path.mkdir()
        return path.resolve()

    def killed(self, words, prepare, verify):
        """Kills runs at places spread over all writes, and hands each one's folder to `verify` with what it said."""
        library = make_killer(self.root)
        folder, log = self.folder(), self.root / "log"
        log.unlink(missing_ok=True)
        prepare(folder)
        self.gibbon.run(
            words, folder, {"LD_PRELOAD": str(library), "KILL_FOLDER": str(folder), "KILL_LOG": str(log)})
        total = log.stat().st_size
        for kill in range(self.kills):
            folder = self.folder()
            prepare(folder)
            environment = {
                "LD_PRELOAD": str(library), "KILL_FOLDER": str(folder),
                "KILL_AT": str(1 + kill * total // self.kills)}
            # Every second one amidst the write.
            if kill % 2:
                environment["KILL_TORN"] = str(self.draw.choice([1, 30, 60, 99]))
            status, _, errors = self.gibbon.run(words, folder, environment)
            expect(status == -signal.SIGKILL, "was not killed:", environment, status, errors)
            verify(folder, errors)
            shutil.rmtree(folder)
        return f"{self.kills} kills over {total} writes"

    def whole(self, folder, words):
        """Runs to the end, and makes sure that nothing is left beside the results."""
        status, _, errors = self.gibbon.run(words, folder)
        expect(status == 0, "does not go on:", words[:2], status, errors)
        left = [path.name for path in folder.iterdir() if path.name.startswith(".tmp-") or path.suffix == ".lock"]
        expect(not left, "left behind:", left)
        return errors

    def kills_cache(self):
        """The file of answers."""
        model = Model()
        data = write_examples(self.root, model)
        first = self.folder()
        self.whole(first, attack(model, data, *RESULT))
        expected, once = examples(first), len(set(model.asked))

        def prepare(_):
            model.asked.clear()

        def verify(folder, _):
            before, known = set(model.asked), {record[:32] for record in records(folder / "c.bin")}
            # What was answered in the question under way is all that may be missing.
            expect(len(before - known) <= 4, "lost", len(before - known), "answers")
            model.asked.clear()
            self.whole(folder, attack(model, data, *RESULT))
            expect(not known & set(model.asked), "asked again:", len(known & set(model.asked)))
            expect(len(known | set(model.asked)) == once and examples(folder) == expected, "another result")

        return self.killed(attack(model, data), prepare, verify)

    def kills_state(self):
        """The state of an evaluation."""
        words = [*EVALUATION, "--resume", "state", "--json", "out.json"]
        first = self.folder()
        self.whole(first, words)
        expected = examples(first)

        def verify(folder, _):
            count = len(records(folder / "state"))
            errors = self.whole(folder, words)
            expect(
                count == 0 or f"going on with {count} of 8" in errors or (folder / "out.json").exists(),
                "lost verdicts:", count, errors)
            expect(examples(folder) == expected, "another result")

        return self.killed(words, lambda _: None, verify)

    def training(self, epochs):
        """A short training."""
        draw = random.Random(3)
        write_npy(self.root / "digits.npy", [draw.random() for _ in range(40 * 784)], (40, 1, 28, 28), "<f4")
        write_npy(self.root / "labels.npy", [draw.randrange(10) for _ in range(40)], (40,), "<i8")
        data = f"npy:{self.root / 'digits.npy'},{self.root / 'labels.npy'}"
        return ["train", "mnist-mlp", "--data", data, "--epochs", epochs, "--batch", 20, "--output", "net.safetensors"]

    def kills_training(self):
        """The state of a training, and its network."""
        words, first = self.training(4), self.folder()
        self.whole(first, words)
        expected = tensors(first / "net.safetensors")

        def verify(folder, errors):
            path = folder / "net.safetensors"
            told = errors.count("epoch ")
            kept = tensors(path)[1].count("\n") + 1 if path.exists() else 0
            expect(kept >= told, "told of", told, "epochs, but kept", kept)
            if kept < 4:
                self.whole(folder, words + (["--resume"] if kept else []))
            expect(tensors(path) == expected, "another network")

        return self.killed(words, lambda _: None, verify)

    def kills_output(self):
        """Results that replace others."""
        words = ["attack", "mnist-robust", "--threat", "linf:0.1", "--attack", "fgsm", "--count", "8", "--json",
                 "out.json", "--save", "out.npz", "--report", "out.html"]
        names = ["out.json", "out.npz", "out.html"]

        def prepare(folder):
            for name in names:
                (folder / name).write_text("old")

        def verify(folder, _):
            for name in names:
                bytes_ = (folder / name).read_bytes()
                # What each ends in: a bracket, a tag, the directory of an archive, which is 22 bytes long.
                end = {"out.json": b"}", "out.html": b"</html>", "out.npz": b"PK\x05\x06"}[name]
                expect(bytes_ == b"old" or end in bytes_[-24:], name, "is a part:", bytes_[-40:])
            self.whole(folder, words)

        return self.killed(words, prepare, verify)

    def flipped(self, name, make, run):
        """Flips bits of a file; `run` says whether a run found it ("found") or not ("same")."""
        original = make()
        counts = {"found": 0, "same": 0}

        def one(number):
            draw = random.Random(number)
            # Every fourth one near the beginning, where files say what they are.
            bit = draw.randrange(8 * (min(300, len(original)) if number % 4 == 0 else len(original)))
            bytes_ = bytearray(original)
            bytes_[bit // 8] ^= 1 << bit % 8
            folder = self.root / f"flip-{name}-{number}"
            folder.mkdir()
            result = run(folder.resolve(), bytes(bytes_))
            shutil.rmtree(folder)
            expect(result in counts, name, "bit", bit, ":", result)
            return result

        with ThreadPoolExecutor(2) as pool:
            for result in pool.map(one, range(self.flips)):
                if result in counts:
                    counts[result] += 1
        return f"{self.flips} flips: {counts['found']} found, {counts['same']} without effect"

    def flips_cache(self):
        """The file of answers."""
        model = Model()
        data = write_examples(self.root, model, 4)
        first = self.folder()
        self.whole(first, attack(model, data, *RESULT))
        expected = examples(first)

        def run(folder, bytes_):
            (folder / "c.bin").write_bytes(bytes_)
            status, _, errors = self.gibbon.run(attack(model, data, *RESULT), folder)
            if status == 2:
                return "found" if "c.bin: " in errors else errors
            return ("found" if errors else "same") if examples(folder) == expected else "another result: " + errors

        return self.flipped("cache", lambda: (first / "c.bin").read_bytes(), run)

    def flips_state(self):
        """The state of an evaluation."""
        first = self.folder()
        status, _, _ = self.gibbon.run([*EVALUATION, "--json", "/dev/full", "--resume", "state"], first)
        expect(status == 2, "a full disk is no error")
        words = [*EVALUATION, "--json", "out.json", "--resume", "state"]
        whole = self.folder()
        self.whole(whole, words)
        expected = examples(whole)

        def run(folder, bytes_):
            (folder / "state").write_bytes(bytes_)
            status, _, errors = self.gibbon.run(words, folder)
            if status == 2:
                return "found" if "state: " in errors else errors
            if examples(folder) != expected:
                return "another result: " + errors
            return "found" if "damaged" in errors or "with 7 of 8" in errors else "same"

        return self.flipped("state", lambda: (first / "state").read_bytes(), run)

    def flips_training(self):
        """The state of a training."""
        whole, first = self.folder(), self.folder()
        words = self.training(2)
        self.whole(whole, words)
        expected = tensors(whole / "net.safetensors")
        library = make_killer(self.root)
        for at in range(1, 99):
            # Killed where the first epoch was just kept.
            self.gibbon.run(
                words, first, {"LD_PRELOAD": str(library), "KILL_FOLDER": str(first), "KILL_AT": str(at)})
            path = first / "net.safetensors"
            if path.exists() and tensors(path)[1].count("\n") == 0:
                break

        def run(folder, bytes_):
            (folder / "net.safetensors").write_bytes(bytes_)
            status, _, errors = self.gibbon.run([*words, "--resume"], folder)
            if status == 2:
                unchanged = (folder / "net.safetensors").read_bytes() == bytes_
                return "found" if "net.safetensors" in errors and unchanged else errors
            return "same" if tensors(folder / "net.safetensors") == expected else "another network"

        return self.flipped("training", lambda: (first / "net.safetensors").read_bytes(), run)

    def flips_algorithms(self):
        """The algorithms that were measured on this machine."""
        network = self.folder() / "net.safetensors"
        self.whole(
            network.parent, ["train", "trades-smallcnn", "--count", "20", "--epochs", "1", "--batch", "10", "--output", network])
        words = ["attack", network, "--threat", "linf:0.1", "--attack", "fgsm", "--count", "4", *RESULT]
        whole = self.folder()
        self.whole(whole, words)
        file = next((self.root / "caches" / "gibbon").glob("algorithms-*"))

        def result(folder):
            value = json.loads((folder / "out.json").read_text())
            return value["examples"], value["engine"]["algorithms"]

        expected = result(whole)

        def run(folder, bytes_):
            own = folder / "caches" / "gibbon"
            own.mkdir(parents=True)
            (own / file.name).write_bytes(bytes_)
            status, _, errors = self.gibbon.run(words, folder, {"XDG_CACHE_HOME": str(folder / "caches")})
            if status != 0:
                return errors
            # One that was found is made anew.
            if (own / file.name).read_bytes() != bytes_:
                return "found"
            return "same" if result(folder) == expected else "another result"

        return self.flipped("algorithms", file.read_bytes, run)

    def shared_cache(self):
        """Two runs on one cache."""
        model = Model()
        data = write_examples(self.root, model)
        for _ in range(10):
            folder = self.folder()
            runs = [attack(model, data, "--seed", seed) for seed in (1, 2)]
            for process in [self.gibbon.start(words, folder) for words in runs]:
                process.communicate()
                expect(process.returncode == 0, "a run failed")
            model.asked.clear()
            for words in runs:
                self.whole(folder, words)
            expect(not model.asked, "asked again:", len(model.asked))
        return "10 pairs of runs, after which nothing was asked again"

    def full_disk(self):
        """Limits on the size of files, and a full file system where one may be mounted."""
        count = 0
        for size in [1, 100, 1000, 3000, 6000, 10_000, 20_000]:
            folder = self.folder()
            status, output, errors = self.gibbon.run(
                [*EVALUATION, "--json", "out.json"], folder,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
            expect("robust accuracy" in output, size, "no result:", errors)
            if status == 2:
                expect(errors.count("out.json.state: cannot write") <= 1 and "out.json: cannot" in errors, size, errors)
                self.whole(folder, [*EVALUATION, "--json", "out.json"])
                count += 1
        mounted = "no file system could be mounted"
        folder = self.folder()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True).returncode == 0:
            try:
                (folder / "fill").write_bytes(bytes(60_000))
                status, output, errors = self.gibbon.run([*EVALUATION, "--json", "out.json"], folder)
                expect(status == 2 and "robust accuracy" in output, "a full file system:", status, errors)
                (folder / "fill").unlink()
                self.whole(folder, [*EVALUATION, "--json", "out.json"])
                mounted = "a full file system"
            finally:
                subprocess.run(["umount", folder])
        return f"{count} of 7 limits met, {mounted}"

    def signals(self):
        """How long a run takes to end, whatever it does."""
        slow = Model(hangs_after=40)
        data = write_examples(self.root, slow)
        draw = random.Random(2)
        write_npy(self.root / "big-x.npy", [draw.random() for _ in range(256 * 3072)], (256, 3, 32, 32), "<f4")
        write_npy(self.root / "big-y.npy", [draw.randrange(10) for _ in range(256)], (256,), "<i8")
        big = ["--data", f"npy:{self.root / 'big-x.npy'},{self.root / 'big-y.npy'}"]
        cases = {
            "a server that hangs": (attack(slow, data, "--timeout", "500"), 1.5),
            "long steps of training": (
                ["train", "wideresnet-28-10", *big, "--batch", "128", "--epochs", "9", "--output", "net.safetensors"], 12),
            "an evaluation": (["evaluate", "mnist-robust", "--threat", "linf:0.3", "--json", "out.json"], 4),
            "the beginning": (["evaluate", "mnist-robust", "--threat", "linf:0.3", "--json", "out.json"], 0.2),
        }
        longest, words_of = 0, []
        for name, (words, delay) in cases.items():
            for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
                slow.asked.clear()
                folder = self.folder()
                process = self.gibbon.start(words, folder)
                time.sleep(delay)
                began = time.monotonic()
                process.send_signal(number)
                _, errors = process.communicate(timeout=100)
                seconds = time.monotonic() - began
                longest = max(longest, seconds)
                # Before the program has begun the system ends it, which shells report as the same status.
                ended = [128 + number, -number] if name == "the beginning" else [128 + number]
                expect(process.returncode in ended, name, number, process.returncode, errors)
                expect(seconds < 2.5, name, "took", seconds, "s to end")
                words_of.append(f"\n    {name}: {seconds:.2f} s: {errors.strip().splitlines()[-1:]}")
                shutil.rmtree(folder)
        return f"longest {longest:.2f} s" + "".join(words_of)


def main():
    """Runs the checks that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gibbon", default=".build/release/gibbon")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--flips", type=int, default=1000)
    parser.add_argument("--only")
    options = parser.parse_args()
    names = [name for name in vars(Check) if name.split("_")[0] in ("kills", "flips", "shared", "full", "signals")]
    with tempfile.TemporaryDirectory() as root:
        check = Check(options, Path(root).resolve())
        for name in options.only.split(",") if options.only else names:
            began = time.monotonic()
            print(f"{name}: {getattr(check, name)()} ({time.monotonic() - began:.0f} s)", flush=True)
    print(f"{len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
