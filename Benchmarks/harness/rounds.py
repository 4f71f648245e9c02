"""Measurements in alternation."""

import statistics
import sys
import time
from dataclasses import dataclass, field

# OpenMP's threads spin for some milliseconds after their work; the next contestant shall not meet them.
PAUSE = 0.05
# A turn shall be long beside a clock's and a scheduler's irregularities.
TURN = 0.5
# What took at least this long to show its numbers is warm, and a step of it is a turn.
WARM = 4


@dataclass
class Limits:
    """How long to measure."""
    rounds: int = 15
    least: int = 5
    seconds: float = 60


@dataclass
class Entry:
    """A contender with its process and its times in seconds per step, one for each round."""
    contender: object
    process: object
    workload: str
    seconds: list = field(default_factory=list)
    # The seconds that the check of its numbers took, which warmed it up.
    check: float = 0
    # The memory of the process before it had any workload.
    idle: int | None = None
    agreement: str = ""

    def run(self, steps):
        return self.process.ask(f"run {self.workload} {steps}", "seconds")

    @property
    def median(self):
        return statistics.median(self.seconds)


def progress(text):
    """Shows where the measurement stands, if anybody looks."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def steps(entries):
    """Warms up all that are not; returns how many steps make a turn of the first, ours, long enough."""
    seconds = {}
    for entry in entries:
        if entry.check < WARM:
            seconds[entry.workload] = min(entry.run(1), entry.run(1))
    return max(1, min(100, round(TURN / max(seconds.get(entries[0].workload, WARM), 1e-6))))


def measure(entries, limits, title):
    """Lets the entries take turns, in an order that changes from round to round; returns the steps of a turn."""
    count = steps(entries)
    start = time.monotonic()
    number = 0
    while number < limits.least or number < limits.rounds and time.monotonic() - start < limits.seconds:
        shift = number // 2 % len(entries)
        order = entries[shift:] + entries[:shift]
        for entry in order if number % 2 == 0 else reversed(order):
            time.sleep(PAUSE)
            entry.seconds.append(entry.run(count))
        number += 1
        progress(f"{title}: round {number}, {time.monotonic() - start:.0f} s")
    progress("")
    return count


def ratios(theirs, ours):
    """Their times divided by ours, round by round."""
    return [a / b for a, b in zip(theirs.seconds, ours.seconds)]
