"""The results as Markdown."""

import datetime

HEAD = """\
# Benchmarks

Written by `make bench`. Each workload was run by all contenders in turn, in an order that changes from round to round,
on the same weights and images, on all processors, after they had proved to compute the same numbers. A ratio is a
contender's time divided by ours in the same round, given as median (smallest..largest); the contender that counts is
the fastest of those that a user gets without changing the network. Weights are frozen but in training and where the
libraries' users do not freeze them.
"""

COLUMNS = ["workload", "ours (median)", "peer", "ratio, median (min..max)", "asked", "GF/s, ours", "of the peak"]


def row(result, peak):
    """A result as a line of the table."""
    if result.reason:
        return f"| {result.title} | {result.reason} | | | {result.asked} | | |"
    verdict = "" if result.is_met is None else " (met)" if result.is_met else " (not met)"
    rate = f"{result.flops / 1e9:.1f}" if result.flops else "-"
    share = f"{100 * result.flops / peak[1]:.0f} %" if result.flops and peak else "-"
    return (f"| {result.title} | {result.ours} | {result.peer} | {result.ratio} | {result.asked}{verdict} "
            f"| {rate} | {share} |")


def peak_line(label, peak):
    """A measured peak on one line."""
    if peak is None:
        return f"- {label}: not measured, there is no C compiler"
    return (f"- {label}: {peak[0] / 1e9:.1f} GF/s by one thread, {peak[1] / 1e9:.1f} GF/s by all "
            "(multiply-adds on registers in single precision)")


def text(results, machine, peaks, versions, seconds):
    """The whole report; `peaks` are those before and after the measurements, of which the larger one counts."""
    best = max(filter(None, peaks), key=lambda peak: peak[1], default=None)
    lines = [HEAD, "## The machine", ""]
    lines += [f"- {what}: {value}" for what, value in machine]
    lines += [peak_line("measured peak", peaks[0]), peak_line("measured peak, at the end", peaks[1])]
    lines += [f"- {line}" for line in sorted(versions.values())]
    lines += [f"- {datetime.date.today().isoformat()}, {seconds / 60:.0f} minutes", "", "## Results", ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "| --- | ---: | --- | ---: | ---: | ---: | ---: |"]
    lines += [row(result, best) for result in results]
    lines += ["", "Floating-point operations are counted from the network: two for each multiplication of its "
              "convolutions and linear layers, forward, the same again for the gradient with respect to the input, "
              "and again for the weights'.", ""]
    for result in results:
        if result.details:
            lines += [f"### {result.title} (`{result.name}`)", "", *result.details, ""]
    return "\n".join(lines)
