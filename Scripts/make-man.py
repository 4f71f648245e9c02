#!/usr/bin/env python3
r"""Makes the manual page from the command's help.

    make-man.py [--gibbon COMMAND] [--output PAGE]

The text is what `gibbon --experimental-dump-help` says, in the macros of mdoc(7). The page keeps its date where nothing
else of it changes.
"""

import argparse
import datetime
import json
import pathlib
import re
import subprocess
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Lists of more values than this have a section of their own, since many options share them.
LONG = 8

PAPERS = [
    (
        ["Aleksander Madry", "Aleksandar Makelov", "Ludwig Schmidt", "Dimitris Tsipras", "Adrian Vladu"],
        "Towards deep learning models resistant to adversarial attacks", "2018", "https://arxiv.org/abs/1706.06083",
    ),
    (
        ["Francesco Croce", "Matthias Hein"],
        "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks", "2020",
        "https://arxiv.org/abs/2003.01690",
    ),
]


def escaped(text):
    """Text in which nothing is a request, and whose hyphens can be copied into a shell."""
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")


def prose(text):
    """Lines of a paragraph: each sentence begins one, as mdoc wants it, and code is bold."""
    # An ellipsis ends no sentence.
    sentences = re.split(r"(?<=[^.\s][.!?])\s+", " ".join(text.split()))
    lines = []
    for sentence in sentences:
        # Names are not divided at the ends of lines: what holds more than letters may be one.
        whole = " ".join(
            word if re.fullmatch(r"\(?[A-Za-z]+[,;:.)]*", word) else "\\%" + escaped(word) for word in sentence.split()
        )
        coded = re.sub(r"`([^`]+)`", r"\\fB\1\\fR", whole)
        lines += textwrap.wrap(coded, 78, break_long_words=False, break_on_hyphens=False)
    return lines


def words(text):
    """Arguments of a macro; what looks like a macro or a delimiter is none."""
    return " ".join(escaped(word) if len(word) > 2 else "\\&" + escaped(word) for word in text.split())


def paragraphs(text):
    """The paragraphs of a discussion; a line that is not indented begins one, too."""
    return [line for part in text.split("\n\n") for line in re.split(r"\n(?! )", part)]


def parts(text):
    """A discussion in three: what it explains, the command lines of its examples, and what it says of exit statuses."""
    explained, examples, status = [], [], None
    for part in text.split("\n\n"):
        if part.startswith("Examples:\n"):
            examples = [line.removeprefix("  ") for line in part.split("\n")[1:]]
        elif part.startswith("Exit status: "):
            status = part.removeprefix("Exit status: ")
        else:
            explained.append(part)
    return "\n\n".join(explained), examples, status


def shown(command):
    """The arguments that help shows, but for those that every verb has."""
    arguments = [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]
    return [argument for argument in arguments if argument["valueName"] not in ("help", "version")]


def verbs(root):
    """All verbs; one below another has both names, and follows it."""
    for command in root["subcommands"]:
        yield command
        for below in command.get("subcommands", []):
            if below["commandName"] != "help":
                yield {**below, "commandName": f"{command['commandName']} {below['commandName']}"}


def values(argument):
    """The values that can be given; completions that are only beginnings are none."""
    found = argument.get("allValues") or argument.get("completionKind", {}).get("list", {}).get("values", [])
    return [] if any(value.endswith((":", "@")) for value in found) else list(dict.fromkeys(found))


def flags(argument):
    """The spellings of an option as mdoc wants them, the long one last."""
    names = sorted(argument["names"], key=lambda name: name["kind"] == "long")
    return " , ".join("Fl " + escaped(("-" if name["kind"] == "long" else "") + name["name"]) for name in names)


def verbs(command, before=""):
    """The verbs below a command, and below each of these its own, which are called by both words."""
    for verb in command.get("subcommands", []):
        name = f"{before}{verb['commandName']}"
        yield {**verb, "commandName": name}
        yield from verbs(verb, name + " ")


def item(argument):
    """The head of an argument's entry."""
    more = " ..." if argument["isRepeating"] and argument["kind"] == "positional" else ""
    if argument["kind"] == "positional":
        return f".It Ar {words(argument['valueName'])}{more}"
    value = f" Ar {words(argument['valueName'])}" if argument["kind"] == "option" else ""
    return f".It {flags(argument)}{value}"


class Page:
    """The page as it grows."""

    def __init__(self, root, version):
        self.root = root
        self.version = version
        self.verbs = list(verbs(root))
        self.lines = []
        self.lists = {}
        for verb in self.verbs:
            for argument in shown(verb):
                if len(values(argument)) > LONG:
                    self.lists.setdefault(argument["valueName"].rstrip("s"), values(argument))

    def add(self, *lines):
        self.lines += lines

    def explain(self, text):
        for number, paragraph in enumerate(paragraphs(text)):
            if number:
                self.add(".Pp")
            self.add(*prose(paragraph))

    def possible(self, argument):
        """What is said of an argument's values and its default."""
        text = argument.get("abstract", "") + argument.get("discussion", "")
        found, said = values(argument), []
        name = argument["valueName"].rstrip("s")
        if len(found) > LONG:
            # Lists of a name differ by little.
            added = [value for value in found if value not in self.lists[name]]
            left = [value for value in self.lists[name] if value not in found]
            yield "The values are those in"
            yield f".Sx {name.upper()}S" + ("" if added or left else " .")
            if added or left:
                difference = [f"and {', '.join(added)}"] * bool(added) + [f"but not {', '.join(left)}"] * bool(left)
                yield from prose(", ".join(difference) + ".")
            found = []
        if found and not all(value in text for value in found):
            said.append(f"Values: {', '.join(found)}.")
        if "defaultValue" in argument and f"{argument['defaultValue']} by default" not in text:
            said.append(f"Default: {argument['defaultValue']}.")
        if not argument["isOptional"] and argument["kind"] == "option":
            said.append("Required.")
        yield from map(escaped, said)

    def arguments(self, found):
        self.add(".Bl -tag -width Ds")
        for argument in found:
            self.add(item(argument), *prose(argument.get("abstract", "")))
            if argument.get("discussion"):
                self.add(".Pp", *prose(argument["discussion"]))
            self.add(*self.possible(argument))
        self.add(".El")

    def usage(self, verb):
        found = shown(verb)
        self.add(".Nm", f".Cm {verb['commandName']}")
        for argument in found:
            if argument["kind"] == "option" and not argument["isOptional"]:
                self.add(f".{flags(argument)} Ar {words(argument['valueName'])}")
        if any(argument["kind"] != "positional" and argument["isOptional"] for argument in found):
            self.add(".Op Ar options")
        for argument in found:
            if argument["kind"] == "positional":
                name = words(argument["valueName"]) + (" ..." if argument["isRepeating"] else "")
                self.add(f".Op Ar {name}" if argument["isOptional"] else f".Ar {name}")

    def make(self):
        explained, _, status = parts(self.root["discussion"])
        abstract = self.root["abstract"]
        self.add(".Dt GIBBON 1", f".Os Gibbon {self.version}")
        self.add(".Sh NAME", ".Nm gibbon", f".Nd {escaped(abstract[0].lower() + abstract[1:].rstrip('.'))}")
        self.add(".Sh SYNOPSIS")
        for verb in self.verbs:
            if not verb.get("subcommands"):
                self.usage(verb)
        self.add(".Sh DESCRIPTION")
        self.explain(explained)
        self.add(".Pp", "The verbs are:", ".Pp", ".Bl -tag -width evaluate -compact")
        for verb in self.verbs:
            self.add(f".It Cm {verb['commandName']}", *prose(verb["abstract"]))
        self.add(".El", ".Pp", "Every verb takes these options:")
        self.arguments([a for a in self.root["arguments"] if a["shouldDisplay"]])
        examples = []
        for verb in self.verbs:
            explained, lines, _ = parts(verb.get("discussion", ""))
            examples.append(lines)
            self.add(f".Sh GIBBON {verb['commandName'].upper()}", *prose(verb["abstract"]))
            if explained:
                self.add(".Pp")
                self.explain(explained)
            if shown(verb):
                self.arguments(shown(verb))
        for name, found in sorted(self.lists.items()):
            self.add(f".Sh {name.upper()}S", *prose(", ".join(found) + "."))
        self.add(".Sh EXIT STATUS", ".Bl -tag -width Ds")
        # A status is a number after a comma; those that a signal makes belong to 128.
        for entry in re.split(r", (?=(?:0|1|2|128) )", status.rstrip(".")):
            code, meaning = entry.split(" ", 1)
            self.add(f".It {code}", *prose(meaning))
        self.add(".El", ".Sh EXAMPLES")
        for lines in filter(None, examples):
            self.add(".Bd -literal -offset indent", *map(escaped, lines), ".Ed")
        self.add(".Sh SEE ALSO")
        for authors, title, year, address in PAPERS:
            self.add(".Rs", *(f".%A {author}" for author in authors), f".%T {escaped(title)}")
            self.add(f".%D {year}", f".%U {address}", ".Re")
        return "\n".join(self.lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description="Makes the manual page from the command's help.")
    parser.add_argument("--gibbon", default=str(ROOT / ".build/release/gibbon"))
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "Documentation/gibbon.1")
    settings = parser.parse_args()

    def said(option):
        return subprocess.run([settings.gibbon, option], check=True, capture_output=True, text=True).stdout

    text = Page(json.loads(said("--experimental-dump-help"))["command"], said("--version").strip()).make()
    note = '.\\" Made by Scripts/make-man.py from the help; make man makes it anew.\n'
    old = settings.output.read_text() if settings.output.exists() else ""
    today = datetime.date.today()
    date = f".Dd {today:%B} {today.day}, {today.year}\n"
    kept = re.search(r"^\.Dd .*\n", old, re.MULTILINE)
    if kept and old == note + kept.group() + text:
        date = kept.group()
    settings.output.write_text(note + date + text)


if __name__ == "__main__":
    main()
