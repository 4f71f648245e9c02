"""Counts lines of code, without comments and blanks, by folder of Sources, and the doc comments of public symbols.

    python3 Scripts/count-lines.py [--at COMMIT] [--attack NAME ...]

With `--at` the files are those of a commit. With `--attack PGD` the file of that attack is counted too: how many of its
lines declare options, names and defaults, and how many of them compute.
"""

import argparse
import collections
import re
import subprocess

PUBLIC = re.compile(r"^\s*(@\w+(\([^)]*\))?\s+)*(public|package|open)\s+(static |final |mutating |private\(set\) |internal\(set\) |indirect )*"
                    r"(struct|class|enum|protocol|func|var|let|init|subscript|case|typealias|extension)\b")


def files(commit):
    """Paths and texts of all Swift and C files of Sources that people wrote."""
    listed = subprocess.run(["git", "ls-tree", "-r", "--name-only", commit, "Sources"], capture_output=True, text=True, check=True)
    for path in listed.stdout.splitlines():
        if path.endswith((".swift", ".c", ".h")) and "ONNXMessages" not in path and ".pb." not in path:
            done = subprocess.run(["git", "show", f"{commit}:{path}"], capture_output=True, check=True)
            yield path, done.stdout.decode("utf-8", "replace")


def code(text):
    """The lines that are neither blank nor comments alone."""
    lines, isComment = [], False
    for line in text.splitlines():
        stripped = line.strip()
        if isComment:
            isComment = "*/" not in stripped
            continue
        if stripped.startswith("/*"):
            isComment = "*/" not in stripped
            continue
        if stripped and not stripped.startswith("//"):
            lines.append(line)
    return lines


def documented(text):
    """Public symbols, and those of them with a doc comment before them."""
    lines = text.splitlines()
    count = written = 0
    for place, line in enumerate(lines):
        if not PUBLIC.match(line) or " extension " in f" {line} ":
            continue
        count += 1
        before = place - 1
        while before >= 0 and lines[before].strip().startswith("@"):
            before -= 1
        written += before >= 0 and lines[before].strip().startswith("///")
    return count, written


def main():
    """Prints the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--at", default="HEAD")
    parser.add_argument("--attack", nargs="*", default=[])
    options = parser.parse_args()
    lines, counts = collections.Counter(), collections.Counter()
    number = small = 0
    for path, text in files(options.at):
        folder = path.split("/")[1]
        found = code(text)
        lines[folder] += len(found)
        number += 1
        small += len(text.splitlines()) < 40
        counts["all", folder] += len(text.splitlines())
        if path.endswith(".swift"):
            symbols, written = documented(text)
            counts["symbols"] += symbols
            counts["documented"] += written
        if path.split("/")[-1].removesuffix(".swift") in options.attack:
            body = next((place for place, line in enumerate(found) if "func maximize" in line), len(found))
            print(f"{path}: {len(found)} lines of code, {body} before the algorithm")
    for folder in sorted(lines):
        print(f"{folder:14} {lines[folder]:6} lines of code, {counts['all', folder]:6} in all")
    print(f"{'all':14} {sum(lines.values()):6} lines of code in {number} files, {small} of them under 40 lines")
    print(f"{counts['symbols']} public and package symbols, {counts['documented']} with a doc comment")


if __name__ == "__main__":
    main()
