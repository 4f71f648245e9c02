#!/usr/bin/env python3
"""Compares equilibria and values of matrix games with linear programs solved by HiGHS.

    check-games.py [--gibbon COMMAND] [--count N] [--seed S]

Random payoffs of many kinds (continuous, whole, degenerate, skew-symmetric, badly scaled) are written to files, played by
`gibbon play matrix`, and solved by HiGHS. The value must agree, strategies must be probabilities, and their best responses
must gain nothing. Games of two payoffs are judged by best responses alone. Needs Scripts/requirements-games.txt.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
from scipy.optimize import linprog


def value_by_highs(payoffs):
    """The value of a zero-sum game: the largest v that some mixture of rows is sure of."""
    rows, columns = payoffs.shape
    cost = numpy.r_[numpy.zeros(rows), -1]
    sure = numpy.c_[-payoffs.T, numpy.ones(columns)]
    result = linprog(
        cost, A_ub=sure, b_ub=numpy.zeros(columns), A_eq=[numpy.r_[numpy.ones(rows), 0]], b_eq=[1],
        bounds=[(0, None)] * rows + [(None, None)], method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    assert result.status == 0, result.message
    return -result.fun


def draw(random, number):
    """Payoffs, and the second player's where there are some."""
    rows, columns = random.integers(2, 31, 2)
    payoffs = random.standard_normal((rows, columns))
    kind = number % 6
    if kind == 1:
        payoffs = payoffs.round()
    elif kind == 2:
        size = min(rows, columns)
        whole = payoffs[:size, :size].round()
        payoffs = whole - whole.T
    elif kind == 3:
        payoffs = payoffs * 10.0 ** random.integers(-6, 7)
    elif kind == 4:
        payoffs = (payoffs > 0) * 1.0
    elif kind == 5:
        rows, columns = min(rows, 10), min(columns, 10)
        return payoffs[:rows, :columns], random.standard_normal((rows, columns)).round(int(random.integers(0, 3)))
    return payoffs, None


def gains(payoffs, second, rows, columns):
    """How much each could gain."""
    first = payoffs @ columns
    other = rows @ second
    return first.max() - rows @ first, other.max() - other @ columns


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--gibbon", default=str(root / ".build/release/gibbon"))
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    random = numpy.random.default_rng(arguments.seed)
    failures, worst_value, worst_gain = [], 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        for number in range(arguments.count):
            payoffs, second = draw(random, number)
            numpy.savetxt(place / "a.csv", payoffs, delimiter=",", fmt="%.17g")
            command = [arguments.gibbon, "play", "matrix", "a.csv", "--rounds", "10", "--json", "out.json"]
            if second is not None:
                numpy.savetxt(place / "b.csv", second, delimiter=",", fmt="%.17g")
                command += ["--second", "b.csv"]
            run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
            if run.returncode != 0:
                failures.append(f"game {number}: {run.stderr.strip()}")
                continue
            found = json.loads((place / "out.json").read_text())["result"]["equilibrium"]
            rows, columns = numpy.array(found["rows"]), numpy.array(found["columns"])
            span = max(numpy.ptp(payoffs), 1e-300)
            gain = max(gains(payoffs, -payoffs if second is None else second, rows, columns)) / span
            worst_gain = max(worst_gain, gain)
            if gain > 1e-9 or min(rows.min(), columns.min()) < 0:
                failures.append(f"game {number}: a best response gains {gain} of the range")
            if second is None:
                error = abs(found["values"][0] - value_by_highs(payoffs)) / span
                worst_value = max(worst_value, error)
                if error > 1e-9:
                    failures.append(f"game {number}: the value differs from HiGHS's by {error} of the range")
    for failure in failures:
        print(failure)
    print(
        f"{arguments.count - len(failures)} of {arguments.count} games agree; values within {worst_value:.1e} of HiGHS's, "
        f"gains of best responses at most {worst_gain:.1e}, of the payoffs' range"
    )
    sys.exit(1 if failures else 0)


main()
