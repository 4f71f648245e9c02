"""Compares what `gibbon` reads of tables that pandas writes with what pandas reads of them, and carries out what its messages
advise about those that it refuses.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-tables.txt
    .venv/bin/python Scripts/check-tables.py [--gibbon PATH] [--only WORD]

Frames with and without their index, with words and numbers for names of columns, with classes that are whole numbers, words,
categories and truth values, are written by `DataFrame.to_csv` with every option that changes the text. Each is read by
`pandas.read_csv` with the same options and by `gibbon predict` without any; values have to be the nearest ones of single
precision or next to them, as pandas rounds twice, and classes the same. A refusal has to be one line with status 2 whose advice,
once it is carried out with pandas, makes a table that is read so. The status is 1 if anything else is found.
"""

import argparse
import csv
import itertools
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy
import onnx
import pandas
from onnx import TensorProto, helper, numpy_helper

ROWS = 24
WORDS = ["naïve", "bee", "cat, or dog"]
# What is said of tables that are read, too.
NOTES = ("is taken for", "are numbered in their order")
# Options of `to_csv`, and those of `read_csv` that go with them where they are not the same.
FORMS = {
    "as it is": ({}, {}),
    "semicolons and decimal commas": ({"sep": ";", "decimal": ","}, None),
    "tabs and decimal commas": ({"sep": "\t", "decimal": ","}, None),
    "commas in quotes": ({"sep": ",", "decimal": ","}, None),
    "bars": ({"sep": "|"}, None),
    "spaces": ({"sep": " "}, None),
    "UTF-16": ({"encoding": "utf-16"}, None),
    "UTF-16, big end first": ({"encoding": "utf-16-be"}, None),
    "UTF-8 with a mark": ({"encoding": "utf-8-sig"}, None),
    "UTF-16 and tabs": ({"encoding": "utf-16", "sep": "\t"}, None),
    "three decimals": ({"float_format": "%.3f"}, {}),
    "three decimals after commas": ({"float_format": "%.3f", "sep": ";", "decimal": ","}, {"sep": ";", "decimal": ","}),
    "powers of ten": ({"float_format": "%.8e"}, {}),
    "powers of ten after commas": ({"float_format": "%.8e", "sep": ";", "decimal": ","}, {"sep": ";", "decimal": ","}),
    "six digits": ({"float_format": "%g"}, {}),
    "all in quotes": ({"quoting": csv.QUOTE_ALL}, {}),
    "words in quotes": ({"quoting": csv.QUOTE_NONNUMERIC}, {}),
    "lines of Windows": ({"lineterminator": "\r\n"}, {}),
    "gzip": ({"compression": "gzip"}, None),
}


def classes(kind):
    """A class for each row, all of them present."""
    numbers = numpy.arange(ROWS) % 3
    return {
        "whole numbers": numbers,
        "numbers from one": numbers + 1,
        "signs": numpy.where(numbers == 0, -1, 1),
        "fractions that are whole": (numbers % 2).astype(float),
        "words": numpy.array(WORDS)[numbers],
        "categories": pandas.Categorical(numpy.array(WORDS)[numbers], categories=WORDS[::-1], ordered=True),
        "truth values": numbers == 1,
    }[kind]


def features(random):
    """Columns of the kinds that frames have."""
    return {
        "size": random.normal(size=ROWS),
        "größe": (random.random(ROWS) * 1e6).astype(numpy.float32),
        "rate, net": random.random(ROWS) * 1e-5 - 5e-6,
        'the "best"': random.integers(-2000, 2_000_000, ROWS),
        "is new": random.integers(0, 2, ROWS) == 1,
        "Int64": pandas.array(random.integers(0, 5, ROWS), dtype="Int64"),
        "same": numpy.full(ROWS, 7.5),
    }


def frames(random):
    """Frames by their kind of names and of classes."""
    columns = features(random)
    for kind in ("whole numbers", "numbers from one", "signs", "fractions that are whole", "words", "categories",
                 "truth values"):
        label = classes(kind)
        yield f"names, {kind}", pandas.DataFrame({**columns, "label": label}), "label"
        yield f"names, {kind} first", pandas.DataFrame({"y": label, **columns}), "y"
        numbered = pandas.DataFrame(dict(enumerate(columns.values())))
        yield f"numbers, {kind}", numbered.assign(label=label), "label"
        numbered[len(columns)] = label
        yield f"numbers alone, {kind}", numbered, len(columns)


class Check:
    def __init__(self, gibbon, folder):
        self.gibbon, self.folder = gibbon, folder
        self.counts = {"equal": 0, "bit for bit": 0, "remedies": 0, "faults": 0}

    def fault(self, name, text):
        self.counts["faults"] += 1
        print(f"FAULT  {name}: {text}", flush=True)

    def network(self, width):
        """A network that hands its input on, with an output for every class at least."""
        path = self.folder / f"same-{width}.onnx"
        if not path.exists():
            outputs = max(width, 4)
            values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", count])
                      for name, count in (("x", width), ("y", outputs))]
            graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "same", values[:1], values[1:],
                                      [numpy_helper.from_array(numpy.eye(width, outputs, dtype=numpy.float32), "w")])
            onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
        return path

    def read(self, path, width, *options):
        """What the command reads of a table, or its message."""
        result = subprocess.run(
            [self.gibbon, "predict", self.network(width), "--data", f"csv:{path}", "--output", self.folder / "out.npz",
             *options], capture_output=True, text=True)
        if result.returncode:
            return result, None
        with numpy.load(self.folder / "out.npz") as file:
            return result, dict(file)

    def compare(self, name, found, frame, label):
        """Whether the command has read what a frame holds."""
        wanted = frame.drop(columns=label).to_numpy(numpy.float64)
        own = found["x"].reshape(found["x"].shape[0], -1).astype(numpy.float64)
        if own.shape != wanted.shape:
            return self.fault(name, f"values are {own.shape}, pandas reads {wanted.shape}")
        single = wanted.astype(numpy.float32)
        off = numpy.abs(own - single.astype(numpy.float64)) > numpy.spacing(numpy.abs(single))
        if off.any():
            row, column = numpy.argwhere(off)[0]
            return self.fault(name, f"row {row}, column {column} is {own[row, column]!r}, for pandas {wanted[row, column]!r}")
        given = frame[label]
        numbers = given.dtype.kind in "iuf" and bool((given >= 0).all())
        labels = given.to_numpy().astype(int) if numbers else numpy.unique(given.to_numpy(), return_inverse=True)[1]
        if "y" not in found or not numpy.array_equal(found["y"], labels):
            return self.fault(name, f"classes are {found.get('y')}, for pandas {labels}")
        self.counts["equal"] += 1
        self.counts["bit for bit"] += int(numpy.array_equal(own, single))
        return None

    def written(self, name, frame, label, write, read, options=()):
        """Writes a table, reads it by both and compares."""
        path = self.folder / ("table.csv.gz" if write.get("compression") else "table.csv")
        frame.to_csv(path, **write)
        read = {key: value for key, value in write.items() if key in ("sep", "decimal", "encoding", "compression")} \
            if read is None else read
        back = pandas.read_csv(path, **{"index_col": 0 if write.get("index", True) else None, **read})
        label = label if label in back.columns else str(label)
        result, found = self.read(path, len(back.columns) - 1, *options)
        if found is None:
            return self.fault(name, result.stderr.strip())
        return self.compare(name, found, back, label)

    def refused(self, name, write, word, remedy, width):
        """A table that is refused by a message, and the frame that its advice makes, with options of both programs."""
        path = self.folder / name
        write(path)
        result, found = self.read(path, width)
        notes = [line for line in result.stderr.splitlines() if not any(note in line for note in NOTES)]
        message = notes[-1] if notes else ""
        if found is not None or result.returncode != 2 or len(notes) != 1 or not re.search(word, message):
            return self.fault(name, f"status {result.returncode}, expected '{word}' in: {result.stderr.strip()}")
        frame, label, options, written = remedy
        faults = self.counts["faults"]
        self.written(f"{name}, once it is mended", frame, label, {"index": False, **written}, None, options)
        self.counts["remedies"] += int(self.counts["faults"] == faults)
        return None


def check_forms(check, random, only):
    for (kind, frame, label), index, form in itertools.product(frames(random), (True, False), FORMS):
        name = f"{kind}, {'with' if index else 'without'} its index, {form}"
        if only is None or only in name:
            write, read = FORMS[form]
            check.written(name, frame, label, {"index": index, **write}, read)


def check_indices(check, random, only):
    """Indices other than numbers in their order, and other ways of writing."""
    frame = pandas.DataFrame({**features(random), "label": classes("words")})
    shuffled = frame.sample(frac=1, random_state=3)
    named = frame.rename_axis("id")
    texts = frame.set_axis([f"row {number}" for number in range(ROWS)])
    dates = frame.set_axis(pandas.date_range("2024-01-30", periods=ROWS))
    levels = frame.set_axis(pandas.MultiIndex.from_product([["a", "b"], range(ROWS // 2)]))
    for name, table, write, read in [
        ("shuffled rows", shuffled, {}, {}), ("an index of a name", named, {}, {}), ("an index of texts", texts, {}, {}),
        ("an index of dates", dates, {}, {}), ("an index of two levels", levels, {}, {"index_col": [0, 1]}),
        ("an index of dates and semicolons", dates, {"sep": ";", "decimal": ","}, None),
        ("values to mark what is missing", frame, {"na_rep": "NA"}, {}),
        ("columns in another order", frame, {"columns": ["label", *frame.columns[:-1]], "index": False}, {}),
    ]:
        if only is None or only in name:
            check.written(name, table, "label", write, read)
    plain = pandas.DataFrame(random.normal(size=(ROWS, 4))).assign(label=classes("whole numbers"))
    path = check.folder / "plain.csv"
    for index in (True, False):
        name = f"no names of columns, {'with' if index else 'without'} its index"
        if only is not None and only not in name:
            continue
        plain.to_csv(path, header=False, index=index)
        back = pandas.read_csv(path, header=None, index_col=0 if index else None)
        result, found = check.read(path, 4)
        if found is None:
            check.fault(name, result.stderr.strip())
        else:
            check.compare(name, found, back, back.columns[-1])


def check_refusals(check, random, only):
    base = pandas.DataFrame({"size": random.normal(size=ROWS), "weight": random.normal(size=ROWS) * 90,
                             "label": classes("words")})
    colours = base.assign(colour=numpy.array(["red", "green"])[numpy.arange(ROWS) % 2])
    holes = base.mask(numpy.eye(ROWS, 3, dtype=bool) & [True, True, False])
    nameless = base.mask(numpy.eye(ROWS, 3, dtype=bool) & [False, False, True])
    endless = base.replace({"size": {base["size"][3]: numpy.inf}})
    dated = base.assign(day=pandas.date_range("2024-01-30", periods=ROWS))
    shuffled = base.sample(frac=1, random_state=2).rename_axis("id")
    chosen = shuffled[: ROWS // 2]
    thousands = base.assign(size=1 + random.random(ROWS), weight=2 + random.random(ROWS))
    usual = base.assign(label=classes("whole numbers")).rename(columns={"label": "kind"})
    levels = base.set_axis(pandas.MultiIndex.from_tuples([("size", "mean"), ("weight", "mean"), ("label", "kind")]), axis=1)

    def mended(frame, label="label", options=(), **written):
        return frame, label, options, written

    def table(frame, **written):
        return lambda path: frame.to_csv(path, **{"index": False, **written})

    save = r"to_csv\(index=False\)"
    rows = [
        ("texts.csv", table(colours), r"pandas\.get_dummies", mended(pandas.get_dummies(colours, columns=["colour"])), 3),
        ("missing.csv", table(holes), "fillna", mended(holes.fillna({"size": 0, "weight": 0})), 2),
        ("missing-rows.csv", table(holes, na_rep="NaN"), "dropna", mended(holes.dropna()), 2),
        ("missing-classes.csv", table(nameless), "dropna", mended(nameless.dropna()), 2),
        ("infinite.csv", table(endless), "leave such rows out", mended(endless[numpy.isfinite(endless["size"])]), 2),
        ("dates.csv", table(dated), "days since the first",
         mended(dated.assign(day=(dated["day"] - dated["day"].min()).dt.days)), 3),
        ("shuffled.csv", table(shuffled, index=True), save, mended(shuffled), 2),
        ("chosen.csv", table(chosen, index=True), save, mended(chosen), 2),
        ("chosen-numbers.csv", table(chosen, index=True, sep=";", decimal=","), save, mended(chosen, sep=";", decimal=","), 2),
        ("chosen-dates.csv", table(dated.set_index("day"), index=True), "leave dates out", mended(base), 2),
        ("thousandths.csv", table(thousands, sep=";", decimal=",", float_format="%.3f"), "with a decimal point",
         mended(thousands, sep=";", float_format="%.3f"), 2),
        ("which-class.csv", table(usual), "Say so by --target-column; there are size, weight, kind",
         mended(usual, "kind", ("--target-column", "kind")), 2),
        ("two-lines-of-names.csv", table(levels), "remove it if it repeats the names", mended(base), 2),
        ("columns.json", base.to_json, save, mended(base), 2),
        ("records.json", lambda path: base.to_json(path, orient="records"), save, mended(base), 2),
        ("table.html", base.to_html, save, mended(base), 2),
        ("table.pkl", base.to_pickle, save, mended(base), 2),
        ("utf-32.csv", table(base, encoding="utf-32"), "expected UTF-8", mended(base, encoding="utf-8"), 2),
        ("quotes.csv", table(base, quotechar="'"), 'write quotes as "', mended(base), 2),
        ("quoted-names.csv", table(base[base["label"] == "bee"], quoting=csv.QUOTE_ALL, quotechar="'"),
         "Say so by --target-column", mended(base, quoting=csv.QUOTE_ALL), 2),
        ("escaped.csv", table(base.rename(columns={"size": '"size", in m'}), doublequote=False, escapechar="\\"),
         "is written twice", mended(base.rename(columns={"size": '"size", in m'})), 2),
    ]
    for name, write, word, remedy, width in rows:
        if only is None or only in name:
            check.refused(name, write, word, remedy, width)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gibbon", default=".build/release/gibbon")
    parser.add_argument("--only", help="the cases whose name has this in it")
    arguments = parser.parse_args()
    random = numpy.random.default_rng(7)
    with tempfile.TemporaryDirectory() as directory:
        check = Check(str(pathlib.Path(arguments.gibbon).resolve()), pathlib.Path(directory))
        for work in (check_forms, check_indices, check_refusals):
            work(check, random, arguments.only)
    print(", ".join(f"{count} {key}" for key, count in check.counts.items()))
    sys.exit(int(check.counts["faults"] > 0 or check.counts["equal"] == 0))


if __name__ == "__main__":
    main()
