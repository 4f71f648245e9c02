"""One workload of ours and of others, from the start of the processes to the row of the table."""

import os
import statistics
import time
from dataclasses import dataclass, field

from harness import compare, rounds
from harness.process import Failure, Process, Skipped

# Compilation can take minutes, which nobody is asked to wait for who only wants to see what it would bring.
PREPARATION = 90
# Nobody who counts needs as long; a contender that hangs shall not hold up the rest.
PATIENCE = 600


@dataclass
class Result:
    """A row of the table and the paragraph that goes with it."""
    name: str
    title: str
    asked: str
    ours: str = "-"
    peer: str = "-"
    ratio: str = "-"
    # Floating-point operations per second of ours.
    flops: float | None = None
    is_met: bool | None = None
    # Why there is no result.
    reason: str = ""
    failed: bool = False
    details: list = field(default_factory=list)


def milliseconds(seconds):
    return f"{1000 * seconds:.{max(0, 2 - len(str(int(1000 * seconds))) + 1)}f} ms"


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}..{max(values):.2f})"


def megabytes(count):
    return "unknown" if count is None else f"{count / 2**20:.0f} MiB"


class Bench:
    """What all workloads need: the commands, the inputs and the limits."""

    def __init__(self, ours, theirs, inputs, limits, without=()):
        self.ours, self.theirs, self.inputs, self.limits = ours, theirs, inputs, limits
        self.without = without
        self.versions = {}

    def start(self, contender, workload, network):
        """A contender's own process with its workload in it."""
        process = Process(contender.label, self.ours if contender.is_ours else self.theirs)
        suffix = f"/{contender.variant}" if contender.variant else ""
        entry = rounds.Entry(contender, process, workload + suffix, idle=process.memory())
        try:
            process.ask(f"load {entry.workload} {self.inputs(network)}", "loaded")
        except (Failure, Skipped):
            process.quit()
            raise
        self.versions[process.introduction["name"]] = process.versions()
        return entry

    def compare(self, comparison):
        """Runs a comparison."""
        result = Result(comparison.name, comparison.title, f"{comparison.asked:g}")
        entries = []
        try:
            ours = self.start(comparison.ours, comparison.workload, comparison.network)
            entries.append(ours)
            for contender in comparison.contenders:
                if contender.variant in self.without:
                    result.details.append(f"Left out as asked: {contender.label}.")
                    continue
                self.add(contender, comparison, entries, result)
            if not any(entry.contender.counts and not entry.contender.is_ours for entry in entries):
                raise Failure("nobody to compare with")
            self.check(comparison, entries, result)
            self.time(comparison, entries, result)
        except Skipped as reason:
            result.reason = f"skipped: {reason}"
        except Failure as reason:
            result.reason, result.failed = f"failed: {reason}", True
        finally:
            for entry in entries:
                entry.process.quit()
        return result

    def add(self, contender, comparison, entries, result):
        try:
            entries.append(self.start(contender, comparison.workload, comparison.network))
        except (Failure, Skipped) as reason:
            if isinstance(reason, Failure) and contender.counts:
                raise
            result.details.append(f"Left out: {reason}.")

    def check(self, comparison, entries, result):
        """Compares everybody's numbers with ours; who does not count may differ and is left out then."""
        inputs = self.inputs(comparison.network)
        paths = {}
        for number, entry in enumerate(entries):
            if entry is entries[0] or not entry.contender.is_ours:
                path = os.path.join(os.path.dirname(inputs), f"result-{number}.safetensors")
                try:
                    counts = entry.contender.counts or entry.contender.is_ours
                    limit = PATIENCE if counts else PREPARATION
                    start = time.monotonic()
                    entry.process.ask(f"check {entry.workload} {path}", "check", limit)
                    entry.check = time.monotonic() - start
                    paths[number] = path
                except Failure as reason:
                    self.leave_out(entry, reason, result)
        counting = [paths[number] for number in paths if number and entries[number].contender.counts]
        among_them = compare.differences(*counting[:2]) if len(counting) > 1 else {}
        for number in list(paths)[1:]:
            try:
                entries[number].agreement = compare.results(paths[0], paths[number], inputs, among_them)
            except Failure as reason:
                self.leave_out(entries[number], reason, result)
        entries[:] = [entry for entry in entries if entry.process.is_running]

    @staticmethod
    def leave_out(entry, reason, result):
        """Ends one that does not count; anybody else's failure is the comparison's."""
        if entry.contender.counts or entry.contender.is_ours:
            raise Failure(f"{entry.contender.label}: {reason}") from reason
        result.details.append(f"Left out: {entry.contender.label}: {reason}.")
        entry.process.quit()

    def time(self, comparison, entries, result):
        """Measures those that count, then the others, each time beside ours, and fills in the result."""
        ours = entries[0]
        main = [entry for entry in entries if entry.contender.counts or entry.contender.is_ours]
        count = rounds.measure(main, self.limits, comparison.title)
        fastest = min((entry for entry in main if not entry.contender.is_ours), key=lambda entry: entry.median)
        ratios = rounds.ratios(fastest, ours)
        result.ours, result.peer = milliseconds(ours.median), fastest.contender.label
        result.ratio = spread(ratios)
        result.is_met = statistics.median(ratios) >= comparison.asked
        metadata = compare.header(self.inputs(comparison.network))[0]["__metadata__"]
        flops = comparison.flops(int(metadata["macs"]), int(metadata["first_macs"]))
        result.flops = flops and flops / ours.median
        lines = [self.line(entry, ours) for entry in main]
        beside = [entry for entry in entries if entry not in main]
        if beside:
            again = rounds.Entry(ours.contender, ours.process, ours.workload, check=ours.check)
            limits = rounds.Limits(self.limits.least, min(3, self.limits.least), self.limits.seconds / 3)
            rounds.measure([again] + beside, limits, comparison.title + ", beside")
            lines += [self.line(entry, again) for entry in beside]
        result.details = [
            "| contender | median | its time / ours | peak memory | beforehand, ours and its |",
            "| --- | ---: | ---: | ---: | --- |", *lines, "",
            f"Rounds: {len(ours.seconds)}; steps to a turn: {count}.", *result.details]

    def line(self, entry, ours):
        ratio = "1" if entry is ours else spread(rounds.ratios(entry, ours))
        return (f"| {entry.contender.label} | {milliseconds(entry.median)} | {ratio} "
                f"| {megabytes(entry.process.memory())} | {entry.agreement} |")
