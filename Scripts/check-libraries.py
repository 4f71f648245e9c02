"""Holds that no library names an option, writes to the terminal, asks the environment or takes signals, and that every
public error has a localised description.

    python3 Scripts/check-libraries.py

Looks at the code of all targets but the programs, without comments; says what it finds, and ends with 1 if that is
anything. Only Python's own library is needed.
"""

import pathlib
import re
import sys

PROGRAMS = {"GibbonCommand", "attribution-check", "gibbon-fuzz", "metrics-check", "onnx-check"}
FORBIDDEN = [
    (re.compile(r"\bprint\(|\bfputs\(|STD(OUT|ERR)_FILENO|\bstd(out|err)\b|FileHandle\.standard"), "writes to the terminal"),
    (re.compile(r"\bgetenv\(|ProcessInfo\b"), "asks the environment"),
    (re.compile(r"(?<![.\w])signal\(\w+,|\bsigaction\b|CommandLine\."), "is about the process"),
]
# Where measured algorithms are kept, and how OpenMP's threads wait, is for whoever runs the process to say.
EXEMPT = {"Engine/Algorithms/AlgorithmCache.swift", "Models/Threads/OpenMP.swift"}


def settings(root):
    """The options, which are the settings' names with dashes before them."""
    text = (root / "Settings" / "Setting.swift").read_text()
    names = [name for line in re.findall(r"^  case (.*)$", text, re.M) for name in line.split(", ")]
    return [re.sub("[A-Z]", lambda match: "-" + match.group().lower(), name) for name in names]


ERROR = re.compile(r"^ *public (?:enum|struct|final class) (\w+): (?:[^{]*\b)?Error\b", re.M)


def undescribed(root):
    """Public errors of libraries that LocalizedErrors.swift does not name."""
    named = (root / "Gibbon" / "LocalizedErrors.swift").read_text()
    for path in sorted(root.rglob("*.swift")):
        if path.relative_to(root).parts[0] in PROGRAMS:
            continue
        for name in ERROR.findall(path.read_text()):
            if not re.search(rf"^extension (\w+\.)?{name}: DescribedError", named, re.M):
                yield f"{path.relative_to(root)}: {name} is not in Gibbon/LocalizedErrors.swift"


def main():
    root = pathlib.Path(__file__).resolve().parent.parent / "Sources"
    option = re.compile(r"(?<![\w-])--(" + "|".join(sorted(settings(root), key=len, reverse=True)) + r")(?![\w-])")
    found = list(undescribed(root))
    for path in sorted(root.rglob("*.swift")):
        place = path.relative_to(root)
        if place.parts[0] in PROGRAMS:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            code = re.sub(r"(^|\s)//.*", "", line)
            # Options of other programs in remedies, and variables of style sheets.
            is_other = "tf2onnx" in code or "NAME:0" in code or place.parts[:2] == ("Reports", "HTML")
            if option.search(code) and not is_other:
                found.append(f"{place}:{number}: names the option {option.search(code).group()}")
            for pattern, words in FORBIDDEN:
                if pattern.search(code) and str(place) not in EXEMPT:
                    found.append(f"{place}:{number}: {words}: {code.strip()}")
    print("\n".join(found) if found else "no library names an option, prints, asks the environment or takes signals")
    sys.exit(1 if found else 0)


main()
