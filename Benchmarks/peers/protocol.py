"""How run.py talks to a contestant: lines on its standard input, each answered by one line of JSON.

    (at the start)        {"name": ..., "versions": {...}, "threads": ...}
    load WORKLOAD FILE    prepares a workload on the inputs of a file of inputs.py; {"loaded": WORKLOAD}, or
                          {"skip": REASON} where this contestant cannot do it
    run WORKLOAD STEPS    does it STEPS times in a row; {"seconds": of one step}
    check WORKLOAD PATH   writes its results to a safetensors file; {"check": PATH}
    quit                  ends

What goes wrong is {"error": ...}. A workload is KIND/NETWORK/ROWS or KIND/NETWORK/ROWS/VARIANT; the kinds, what a
step of each is, and what `check` writes:

    forward      scores of a batch                       logits
    pgd-step     a step of PGD: gradient and update      logits, dx: of the summed cross-entropy, at the images
    pgd-K        an attack of K steps, start to end      adversarial, logits: without a random start, and at its end
    train-step   a step of training on the batch         loss, change: of the network's first weight in one step
    train-pgd7   the same against PGD of seven steps     the same
    train-ibp    the same under interval bounds          the same
    train-trades the same of TRADES                      loss-reached: of one step, whose start is random
"""

import json
import sys


class Skip(Exception):
    """Why a workload cannot be done here."""


def answer(message):
    print(json.dumps(message), flush=True)


def respond(words, workloads, load, save):
    """The answer to a command."""
    command, name, argument = words
    if command == "load":
        try:
            workloads[name] = load(name, argument)
        except Skip as reason:
            return {"skip": str(reason)}
        return {"loaded": name}
    if name not in workloads:
        return {"error": f"{name} is not loaded"}
    if command == "check":
        save(argument, workloads[name].results())
        return {"check": argument}
    if command == "run" and argument.isdigit() and int(argument) > 0:
        return {"seconds": workloads[name].seconds(int(argument))}
    return {"error": f"expected load, run, check or quit, found {' '.join(words)!r}"}


def serve(introduction, load, save):
    """Answers commands until `quit` or the end of the input."""
    answer(introduction)
    workloads = {}
    for line in sys.stdin:
        words = line.strip().split(" ", 2)
        if words == ["quit"]:
            return
        if len(words) != 3:
            answer({"error": f"expected a command with two arguments, found {line.strip()!r}"})
            continue
        try:
            answer(respond(words, workloads, load, save))
        except Exception as error:  # whatever it is, the other contestants go on
            answer({"error": " ".join(f"{type(error).__name__}: {error}".split())})
