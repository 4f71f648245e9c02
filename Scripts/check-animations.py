"""Decodes the animated PNG files that `gibbon show morph` writes with Pillow, and compares them with the film strip.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-animations.txt
    .venv/bin/python Scripts/check-animations.py [--gibbon PATH]

The animation has to have 25 frames of one size that are played for ever, of which the first is the input for each network and
the last what the network sees as the class. Every third frame has to be the strip's. The status is 1 if anything else is
found.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy
from PIL import Image

FRAMES, SHOWN, GAP = 25, 9, 6


def cells(picture, rows, columns):
    """The pictures of a montage, by row and column."""
    values = numpy.asarray(picture.convert("RGB"))
    height = (values.shape[0] - GAP) // rows
    width = (values.shape[1] - GAP) // columns
    return [
        [values[GAP + row * height : (row + 1) * height, GAP + column * width : (column + 1) * width] for column in range(columns)]
        for row in range(rows)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gibbon", default=".build/release/gibbon")
    gibbon = str(pathlib.Path(parser.parse_args().gibbon).resolve())
    networks = ["mnist-standard", "mnist-robust"]
    complaints = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [gibbon, "show", "morph", *networks, "--to", "3", "--animation", "a.png", "--strip", "s.png"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        strip = cells(Image.open(f"{folder}/s.png"), len(networks), SHOWN)
        with Image.open(f"{folder}/a.png") as animation:
            if animation.n_frames != FRAMES:
                complaints.append(f"{animation.n_frames} frames, expected {FRAMES}")
            if animation.info.get("loop") != 0:
                complaints.append(f"played {animation.info.get('loop')} times, expected for ever")
            durations = []
            for frame in range(animation.n_frames):
                animation.seek(frame)
                durations.append(animation.info["duration"])
                if frame % 3:
                    continue
                found = cells(animation, 1, len(networks))[0]
                for row, own in enumerate(found):
                    if not numpy.array_equal(own, strip[row][frame // 3]):
                        complaints.append(f"frame {frame} of {networks[row]} is not the strip's")
            if durations[0] < 500 or durations[-1] < 500 or max(durations[1:-1]) > 200:
                complaints.append(f"frames stay for {durations} ms")
        for row in range(len(networks)):
            if not numpy.array_equal(strip[row][0], strip[0][0]):
                complaints.append("the networks do not begin with the same input")
    for complaint in complaints:
        print(complaint)
    print(f"{FRAMES} frames of {len(networks)} networks, {len(complaints)} complaints")
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
