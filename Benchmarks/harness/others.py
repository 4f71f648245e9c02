"""What is not a comparison of times with others: flatness, memory, start-up."""

import statistics
import subprocess
import time

from harness import rounds
from harness.catalogue import EAGER, Contender
from harness.comparison import Result, megabytes, milliseconds
from harness.process import Failure, Skipped

US = Contender("Gibbon", "", is_ours=True)
SIZES = [32, 64, 128, 256, 512]
LENGTHS = [10, 20, 40, 80]
FLATNESS = 0.15
# Fewer, since every round runs every size and length.
FLAT_ROUNDS = 5
STARTS = 20
START_LIMIT = 0.06
TRAINING_STEPS = 20


def guarded(name, title, asked, body):
    """A result whose failures are told in it."""
    result = Result(name, title, asked)
    try:
        body(result)
    except Skipped as reason:
        result.reason = f"skipped: {reason}"
    except Failure as reason:
        result.reason, result.failed = f"failed: {reason}", True
    return result


def flat(bench):
    """Whether an image's step costs the same in every batch, and a step in every attack."""
    def body(result):
        cases = [(rows, 10) for rows in SIZES] + [(128, length) for length in LENGTHS if length != 10]
        entries = []
        try:
            for rows, length in cases:
                entries.append(bench.start(US, f"pgd-{length}/mnist-madry/{rows}", "mnist-madry"))
            for entry in entries:
                entry.run(1)
            for number in range(max(2, min(FLAT_ROUNDS, bench.limits.rounds))):
                for entry in entries if number % 2 == 0 else reversed(entries):
                    time.sleep(rounds.PAUSE)
                    entry.seconds.append(entry.run(1))
                rounds.progress(f"flat: round {number + 1}")
            rounds.progress("")
        finally:
            for entry in entries:
                entry.process.quit()
        costs = {case: entry.median / case[0] / case[1] for case, entry in zip(cases, entries)}
        by_rows = [costs[rows, 10] for rows in SIZES]
        by_length = [costs[128, length] for length in LENGTHS]
        spreads = [max(values) / min(values) - 1 for values in (by_rows, by_length)]
        result.ours = " and ".join(f"{100 * value:.1f} %" for value in spreads)
        result.peer, result.is_met = "itself", max(spreads) <= FLATNESS
        result.details = ["| images | steps | microseconds per image and step |", "| ---: | ---: | ---: |"]
        result.details += [f"| {rows} | {length} | {1e6 * costs[rows, length]:.1f} |" for rows, length in cases]
        result.details += ["", "The largest over the smallest, less one, over batch sizes and over numbers of steps; "
                           "whole attacks, start to end, medians."]

    return guarded("flat", "PGD per image and step, Madry CNN: spread over N, over steps", "15 %", body)


def adversarial_training(bench, adversary, work):
    """How long a step of training against an adversary takes, and how much of it the engine is not at work."""
    def body(result):
        alone = Contender("Gibbon, the engine alone", "engine", is_ours=True)
        entries, outside = [], []
        try:
            for contender in (US, alone):
                entries.append(bench.start(contender, f"train-{adversary}/mnist-madry/128", "mnist-madry"))
            for number in range(max(2, bench.limits.rounds)):
                for entry in entries if number % 2 == 0 else reversed(entries):
                    time.sleep(rounds.PAUSE)
                    entry.seconds.append(entry.run(TRAINING_STEPS))
                outside.append(entries[0].seconds[-1] - entries[1].seconds[-1])
                rounds.progress(f"{result.name}: round {number + 1}")
            rounds.progress("")
        finally:
            for entry in entries:
                entry.process.quit()
        whole, engine = (entry.median for entry in entries)
        result.ours, result.peer, result.ratio = milliseconds(whole), alone.label, f"{engine / whole:.3f}"
        result.details = [f"The engine alone (passes of the adversary, the loss with its gradients, the descent): "
                          f"{milliseconds(engine)}; outside of it {milliseconds(statistics.median(outside))}, "
                          f"from {milliseconds(min(outside))} to {milliseconds(max(outside))}. "
                          f"Steps to a turn: {TRAINING_STEPS}."]

    return guarded(f"train-{adversary}-madry", f"training step against {work}, Madry CNN, N=128", "-", body)


def memory(bench):
    """The memory that a process needs which does nothing else."""
    def body(result):
        sizes, idle = {}, {}
        for contender in [US] + EAGER:
            entry = bench.start(contender, "pgd-step/resnet18-cifar/64", "resnet18-cifar")
            try:
                entry.run(3)
                sizes[contender.label] = entry.process.memory()
                idle[contender.label] = entry.idle
            finally:
                entry.process.quit()
        if None in sizes.values():
            raise Skipped("the system does not say how much memory a process needed")
        ours = sizes[US.label]
        peer = min((label for label in sizes if label != US.label), key=sizes.get)
        result.ours, result.peer = megabytes(ours), peer
        result.ratio, result.is_met = f"{sizes[peer] / ours:.2f}", sizes[peer] >= 2 * ours
        result.details = ["| contender | peak memory | of which before any network |", "| --- | ---: | ---: |"]
        result.details += [f"| {label} | {megabytes(size)} | {megabytes(idle[label])} |" for label, size in sizes.items()]

    return guarded("memory", "peak memory, PGD step, ResNet-18, N=64", "2", body)


def memory_training(bench):
    """The memory of training above what each process held before any network, since libraries differ in that alone."""
    def body(result):
        sizes = {}
        for contender in [US] + EAGER:
            variant = "from-example" if contender is US else contender.variant
            chosen = Contender(contender.label, variant, is_ours=contender is US)
            entry = bench.start(chosen, "train-pgd7/resnet18-cifar/64", "resnet18-cifar")
            try:
                entry.run(3)
                peak = entry.process.memory()
                sizes[contender.label] = None if peak is None or entry.idle is None else peak - entry.idle
            finally:
                entry.process.quit()
        if None in sizes.values():
            raise Skipped("the system does not say how much memory a process needed")
        ours = sizes[US.label]
        peer = min((label for label in sizes if label != US.label), key=sizes.get)
        result.ours, result.peer = megabytes(ours), peer
        result.ratio, result.is_met = f"{sizes[peer] / ours:.2f}", ours <= 0.7 * sizes[peer]
        result.details = ["| contender | peak memory above that before any network |", "| --- | ---: |"]
        result.details += [f"| {label} | {megabytes(size)} |" for label, size in sizes.items()]

    return guarded("memory-training", "memory of a training step against PGD-7, ResNet-18, N=64", "1.43", body)


def info(command):
    """How long the command takes that does the least."""
    def body(result):
        seconds = []
        for _ in range(STARTS + 1):
            start = time.perf_counter()
            try:
                done = subprocess.run([command, "info", "mnist-standard"], capture_output=True, check=False)
            except OSError as error:
                raise Failure(f"{command}: {error.strerror}") from error
            seconds.append(time.perf_counter() - start)
            if done.returncode != 0:
                raise Failure(f"{command} info mnist-standard: exit status {done.returncode}")
        # The first start reads the program from the disk.
        seconds = seconds[1:]
        result.ours = milliseconds(statistics.median(seconds))
        result.is_met = statistics.median(seconds) < START_LIMIT
        result.details = [f"Median of {STARTS} runs, from {milliseconds(min(seconds))} "
                          f"to {milliseconds(max(seconds))}."]

    return guarded("info", "`gibbon info mnist-standard`", "60 ms", body)

