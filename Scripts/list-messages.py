"""The messages of the sources (errors, notes, warnings, findings), with their printed lengths, the longest first.

A message is a string literal of several words, or a sum of them. A length is an estimate: an interpolation counts as
12 characters, and so does any other term of a sum. What only a programmer sees (`fatalError`, `precondition`) and
what is a page or a command's help is left out, and so are lists of names and the programs for checks.

    python3 Scripts/list-messages.py [--above 200] [FILE ...]

prints for each message its length, its file and line, the call that it is passed to, and its text. With `--above`,
only the messages longer than that are printed, and the script fails if there are any, but for those in COMMANDS:
remedies to be pasted into Python, which cannot be shorter.
"""

import argparse
import pathlib
import re
import sys

INTERPOLATION = 12
WORDS = 4
NOT_MESSAGES = {
    "fatalError", "precondition", "preconditionFailure", "assert", "assertionFailure", "available",
    "BuiltInRecipe", "Option", "Flag", "Argument", "ArgumentHelp", "CommandConfiguration", "OptionGroup", "paragraph", "help",
}
PAGES = ("Pages/", "Demo/", "Reports/", "GibbonCommand/Commands/Help", "onnx-check/", "gibbon-fuzz/")
COMMANDS = ("onnx.helper.make_node(", "skl2onnx.to_onnx(")
NAMES = re.compile(r"[a-z_ ]{400,}")
STEP = re.compile(r'(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<string>(?P<hashes>#*)(?:"""|"))|(?P<open>[\[({])|(?P<close>[\])}])',
                  re.DOTALL)


def literal(text, start, hashes):
    """The end of the literal whose quotes start at `start`, and its text with interpolations as `{expression}`."""
    quote = '"""' if text.startswith('"""', start) else '"'
    escape = "\\" + hashes
    place = start + len(quote)
    parts = []
    while not text.startswith(quote + hashes, place):
        if text.startswith(escape + "(", place):
            first = place + len(escape) + 1
            place = closing(text, first)
            parts.append(("value", text[first:place - 1]))
        elif text.startswith(escape, place):
            place += len(escape)
            character = text[place]
            place += 1
            parts.append(("text", {"n": "\n", "t": "\t", "\n": "\r"}.get(character, character)))
        else:
            parts.append(("text", text[place]))
            place += 1
        if place >= len(text):
            raise ValueError("a string without end")
    if len(quote) == 3:
        parts = unindented(parts)
    return place + len(quote) + len(hashes), parts


def unindented(parts):
    """The parts of a multi-line literal without indentation; `\\r` stands for an escaped end of line."""
    result, atStart = [], True
    for kind, value in parts:
        if kind == "text" and atStart and value in " \n":
            continue
        atStart = kind == "text" and value in "\n\r"
        if (kind, value) != ("text", "\r"):
            result.append((kind, value))
    while result and result[-1] == ("text", "\n"):
        result.pop()
    return result


def closing(text, place):
    """The place after the parenthesis that closes the one before `place`."""
    depth = 1
    while depth:
        match = STEP.search(text, place)
        if match["string"]:
            place = literal(text, match.end() - len(match["string"].lstrip("#")), match["hashes"])[0]
            continue
        place = match.end()
        depth += bool(match["open"]) - bool(match["close"])
    return place


def messages(text):
    """Each message: its place, the call around it, and its parts."""
    found, calls, place, end = [], [], 0, None
    while match := STEP.search(text, place):
        if match["string"]:
            start = match.start()
            place, parts = literal(text, match.end() - len(match["string"].lstrip("#")), match["hashes"])
            between = text[end:start] if end is not None else ""
            plus = re.fullmatch(r"\s*\+\s*(?:[\w.]+\s*\+\s*)?", between)
            if found and plus:
                found[-1][2].extend([("value", between.strip(" +\n"))] * (between.count("+") - 1) + parts)
            else:
                found.append((start, calls[-1] if calls else "", parts))
            end = place
            continue
        place = match.end()
        if match["open"]:
            name = re.search(r"([\w.]*)\??$", text[max(0, match.start() - 60):match.start()])[1]
            label = re.search(r"(\w+)\s+$", text[max(0, match.start() - 60):match.start()])
            calls.append(name.split(".")[-1] or (label[1] if label and match["open"] == "{" else calls[-1] if calls else ""))
        elif match["close"] and calls:
            calls.pop()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--above", type=int, metavar="LENGTH")
    parser.add_argument("files", nargs="*", type=pathlib.Path, metavar="FILE")
    arguments = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parent.parent
    rows = []
    for path in arguments.files or sorted((root / "Sources").rglob("*.swift")):
        path = path.resolve()
        name = str(path.relative_to(root) if path.is_relative_to(root) else path)
        if any(("Sources/" + page) in name for page in PAGES) or name.endswith(".pb.swift"):
            continue
        text = path.read_text()
        for place, call, parts in messages(text):
            shown = "".join(value if kind == "text" else "{" + " ".join(value.split()) + "}" for kind, value in parts)
            fixed = "".join(value for kind, value in parts if kind == "text")
            if len(fixed.split()) < WORDS or call in NOT_MESSAGES or NAMES.fullmatch(shown):
                continue
            length = sum(1 if kind == "text" else INTERPOLATION for kind, value in parts)
            rows.append((length, name, text.count("\n", 0, place) + 1, call, shown.replace("\n", "⏎")))
    if arguments.above is not None:
        rows = [row for row in rows if row[0] > arguments.above and not any(part in row[4] for part in COMMANDS)]
    for length, name, line, call, shown in sorted(rows, key=lambda row: (-row[0], row[1], row[2])):
        print(f"{length}\t{name}:{line}\t{call}\t{shown}")
    return 1 if arguments.above is not None and rows else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        sys.exit(0)
