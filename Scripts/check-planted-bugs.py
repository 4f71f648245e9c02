#!/usr/bin/env python3
"""Plants the bugs of planted-bugs.toml and expects that the tests catch every one.

The repository's last commit is cloned to a scratch folder. There every expression becomes
`(plantedBug(7) ? (wrong) : (right))`, so that one build has all bugs, and the environment says which is on. The tests
must pass with none, then fail with each. Exit status 1 if a bug survives.

    Scripts/check-planted-bugs.py               # builds from nothing, about a quarter of an hour
    Scripts/check-planted-bugs.py --only 7 12   # these bugs
    Scripts/check-planted-bugs.py --list        # the bugs, after a look at whether their places are there
    Scripts/check-planted-bugs.py --in-place    # in this checkout, whose build is used and whose files are put back
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
FLAGS = ["-c", "release", "--disable-testable-imports", "--disable-xctest"]
LIMIT = 300

# Foundation would make modules visible that other files have to import.
SWITCH = '''#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private let planted = unsafe getenv("GIBBON_PLANTED_BUG").map { unsafe Int(atoi($0)) } ?? 0

/// Whether a bug of Scripts/planted-bugs.toml is on.
public func plantedBug(_ number: Int) -> Bool { planted == number }
'''


def bugs(only):
    """The bugs by number, from 1."""
    listed = tomllib.loads((HERE / "planted-bugs.toml").read_text())["bug"]
    return {number: bug for number, bug in enumerate(listed, 1) if not only or number in only}


def place(root, number, bug):
    """The file of a bug's expression and where it begins there."""
    start = root / bug["in"]
    paths = sorted(start.rglob("*.swift")) if start.is_dir() else [start]
    around = bug.get("within", bug["code"])
    found = [(path, path.read_text()) for path in paths if path.exists()]
    found = [(path, text) for path, text in found if around in text]
    count = sum(text.count(around) for _, text in found)
    if count != 1 or around.count(bug["code"]) != 1:
        sys.exit(
            f"bug {number} ({bug['words']}): {around!r} stands {count} times in {bug['in']}; expected once")
    path, text = found[0]
    return path, text.index(around) + around.index(bug["code"])


def plant(root, listed):
    """Wraps every expression; returns what the changed files held before."""
    before, edits = {}, {}
    for number, bug in listed.items():
        path, start = place(root, number, bug)
        edits.setdefault(path, []).append((start, number, bug))
    for path, changes in edits.items():
        text = before[path] = path.read_text()
        for start, number, bug in sorted(changes, key=lambda change: -change[0]):
            switch = f"(plantedBug({number}) ? ({bug['wrong']}) : ({bug['code']}))"
            text = text[:start] + switch + text[start + len(bug["code"]):]
        if not re.search(r"^(public |package )?import Tensors$", text, re.MULTILINE):
            text = re.sub(r"^(?=(public |package )?import )", "import Tensors\n", text, count=1, flags=re.MULTILINE)
        path.write_text(text)
    added = root / "Sources/Tensors/PlantedBug.swift"
    before[added] = None
    added.write_text(SWITCH)
    return before


def restore(before):
    for path, text in before.items():
        path.unlink() if text is None else path.write_text(text)


def run(root, number, tests, attack):
    """Runs tests with a bug on, 0 for none; returns what came of it, in a word, and its last lines."""
    environment = dict(os.environ, GIBBON_PLANTED_BUG=str(number), GIBBON_ATTACK=attack or "")
    # The product itself, where it is a file as on Linux: `swift test` would wait for other builds.
    product = next((path for path in (root / ".build/release").glob("*PackageTests.xctest") if path.is_file()), None)
    start = [product, "--testing-library", "swift-testing"] if product else ["swift", "test", "--skip-build", *FLAGS]
    try:
        done = subprocess.run(
            [*start, "--filter", tests], cwd=root, env=environment, capture_output=True, text=True, errors="replace", timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return "hung", ""
    text = done.stdout + done.stderr
    if done.returncode < 0 or "signal" in text.lower() and done.returncode:
        return "crashed", text[-2000:]
    if done.returncode:
        return "failed", text[-2000:]
    ran = re.search(r"Test run with (\d+) tests?", text)
    return ("passed" if ran and int(ran[1]) > 0 else "ran no test"), text[-2000:]


def check(root, listed):
    """Builds and runs; returns the numbers of the bugs that survive."""
    began = time.time()
    # `swift build` does not know all of the flags.
    built = subprocess.run(["swift", "test", *FLAGS, "--filter", "^$"], cwd=root, capture_output=True, text=True)
    if built.returncode:
        sys.exit("it does not build:\n" + (built.stdout + built.stderr)[-6000:])
    print(f"built in {time.time() - began:.0f} s", flush=True)
    for tests, attack in sorted({(bug["tests"], bug.get("attack")) for bug in listed.values()}, key=str):
        word, text = run(root, 0, tests, attack)
        if word != "passed":
            sys.exit(f"without a bug {tests} {attack or ''}: {word}\n{text}")
    print("without a bug all pass", flush=True)
    survivors = []
    for number, bug in listed.items():
        began = time.time()
        word, _ = run(root, number, bug["tests"], bug.get("attack"))
        is_caught = word in ("failed", "crashed", "hung")
        if not is_caught:
            survivors.append(number)
        filters = bug["tests"] + (f" ({bug['attack']})" if "attack" in bug else "")
        print(
            f"{number:3} {word if is_caught else 'SURVIVED':9} {time.time() - began:5.1f} s  {bug['words']}; {filters}",
            flush=True)
    return survivors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", type=int, nargs="+", metavar="N", help="numbers of bugs")
    parser.add_argument("--list", action="store_true", help="list the bugs and look for their places")
    parser.add_argument("--in-place", action="store_true", help="work in this checkout and put its files back")
    parser.add_argument("--scratch", help="where to clone to; a temporary folder by default")
    options = parser.parse_args()
    root = HERE.parent
    listed = bugs(options.only)
    if options.list:
        for number, bug in listed.items():
            path, _ = place(root, number, bug)
            print(f"{number:3} {bug['words']} ({path.relative_to(root)})")
        return
    if options.in_place:
        before = plant(root, listed)
        try:
            survivors = check(root, listed)
        finally:
            restore(before)
    else:
        with tempfile.TemporaryDirectory() as temporary:
            clone = pathlib.Path(options.scratch or temporary + "/gibbon")
            subprocess.run(["git", "clone", "--quiet", root, clone], check=True)
            plant(clone, listed)
            survivors = check(clone, listed)
    print(f"{len(listed) - len(survivors)} of {len(listed)} caught")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
