#!/usr/bin/env python3
"""Writes the folders of Tests/Fixtures again, or those that are named: files of other programs, and what they compute.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-fixtures.txt -r Scripts/requirements-data.txt
    .venv/bin/python Scripts/make-fixtures.py                  # all
    .venv/bin/python Scripts/make-fixtures.py networks cifar   # these
    .venv/bin/python Scripts/make-fixtures.py --list           # what there is

The modules below say what is in the folders. Files are the same on every run.
"""

import argparse
import importlib
import pathlib
import shutil

ROOT = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures"

# A module is loaded for its folders only, since each needs other libraries.
MODULES = {
    "operators": "pytorch_fixtures", "networks": "pytorch_fixtures", "optimizers": "pytorch_fixtures",
    "safetensors": "pytorch_fixtures", "numpy": "data_fixtures", "cifar": "data_fixtures", "images": "data_fixtures",
    "hostile": "hostile_fixtures", "training": "training_fixtures", "curves": "training_curves",
    "perception": "perception_fixtures",
    "corruptions": "corruption_fixtures",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="a folder of Tests/Fixtures; all by default")
    parser.add_argument("--list", action="store_true", help="list the folders and what writes them")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in MODULES]
    if unknown:
        parser.error(f"no fixtures are called {', '.join(unknown)}; expected {', '.join(MODULES)}")
    for name in options.names or MODULES:
        folder = ROOT / name
        if not options.list:
            make = importlib.import_module(MODULES[name]).MAKERS[name]
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            make()
        files = [path for path in folder.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
        print(f"{name}: {len(files)} files, {size} bytes ({MODULES[name]}.py)")


if __name__ == "__main__":
    main()
